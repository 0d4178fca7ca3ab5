//! The flows of one IP version in fixed memory.
//!
//! A hash index with chains finds a known flow. When every slot is taken, the flow with the fewest bytes gives
//! way, but for the one that came last: it has had no chance yet, and a flow of many small packets would otherwise be
//! displaced by every newcomer and never grow. To find it without looking at every slot, the slots stand in groups, and
//! each group has a lower bound of its smallest flow. Bytes only grow, so a bound can only be too low: counting a known
//! flow need not touch it, and the search corrects the bounds that it relies on.

use defender_message::flow::Protocol;

use super::address::Address;
use super::aggregate::Aggregates;

/// No slot: the end of a chain.
const NONE: u16 = u16::MAX;

/// How many groups the slots stand in. With 64 slots, 4 slots a group.
const GROUPS: usize = 16;

/// What makes a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Key<A> {
    pub protocol: Protocol,
    pub local: A,
    pub remote: A,
    /// Local port in the high half, remote port in the low one.
    pub ports: u32,
}

impl<A: Address> Key<A> {
    #[inline(always)]
    fn hash(&self, seed: u32) -> u32 {
        let remote = self.remote.mix(seed);
        // Flows that differ in nothing but the protocol or the local address are rare; they share a chain.
        (remote.rotate_left(15) ^ self.ports).wrapping_mul(0x9E37_79B1)
    }
}

/// Bytes of a packet or a flow, both ways.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Bytes {
    pub received: u32,
    pub sent: u32,
}

impl Bytes {
    /// What a flow matters; below the bound of a group without flows.
    #[inline(always)]
    fn weight(self) -> u32 {
        self.received.saturating_add(self.sent).min(u32::MAX - 1)
    }
}

#[derive(Clone, Copy)]
struct Slot<A> {
    local: A,
    remote: A,
    ports: u32,
    bytes: Bytes,
    /// The next slot of the hash chain, or of the list of free ones.
    next: u16,
    /// `None`: the slot is free.
    protocol: Option<Protocol>,
}

impl<A: Address> Slot<A> {
    const FREE: Self = Self {
        local: A::UNSPECIFIED,
        remote: A::UNSPECIFIED,
        ports: 0,
        bytes: Bytes {
            received: 0,
            sent: 0,
        },
        next: NONE,
        protocol: None,
    };

    #[inline(always)]
    fn holds(&self, key: &Key<A>) -> bool {
        self.ports == key.ports
            && self.remote.same(&key.remote)
            && self.local.same(&key.local)
            && self.protocol == Some(key.protocol)
    }

    fn flow(&self) -> Option<(Key<A>, Bytes)> {
        let protocol = self.protocol?;
        let key = Key {
            protocol,
            local: self.local,
            remote: self.remote,
            ports: self.ports,
        };
        Some((key, self.bytes))
    }
}

/// A number of bytes and the place that it belongs to, in one word, so that the least of several is found with few
/// instructions.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Bound(u64);

impl Bound {
    const MAX: Self = Self(u64::MAX);

    /// Groups without flows.
    const NONE: [Self; GROUPS] = {
        let mut bounds = [Self::MAX; GROUPS];
        let mut group = 0;
        while group < GROUPS {
            bounds[group] = Self::new(u32::MAX, group);
            group += 1;
        }
        bounds
    };

    #[inline(always)]
    const fn new(weight: u32, place: usize) -> Self {
        Self((weight as u64) << 16 | place as u64)
    }

    #[inline(always)]
    fn place(self) -> usize {
        usize::from(self.0 as u16)
    }

    #[inline(always)]
    fn weight(self) -> u32 {
        (self.0 >> 16) as u32
    }
}

/// At most `N` flows, and what could not be kept apart.
pub(super) struct Table<A, const N: usize> {
    slots: [Slot<A>; N],
    /// First slot of each hash chain.
    chains: [u16; N],
    /// No flow of a group has fewer bytes than its bound, but for the newest and the candidate.
    bounds: [Bound; GROUPS],
    /// No bound is below it.
    floor: u32,
    /// The slot of the flow that came last.
    newest: u16,
    /// The slot of the flow that came before it: in a flood of small flows the next one to give way, and then known without
    /// a search.
    candidate: u16,
    free: u16,
    /// Slots from here on were never used.
    fresh: u16,
    used: u16,
    limit: u16,
    seed: u32,
    pub aggregates: Aggregates<A>,
}

impl<A: Address, const N: usize> Table<A, N> {
    const CAPACITY: u16 = {
        assert!(N > 0, "a flow table needs at least one slot");
        assert!(N < NONE as usize, "a flow table has at most 65,534 slots");
        N as u16
    };
    const SPAN: usize = N.div_ceil(GROUPS);

    pub const fn new() -> Self {
        Self {
            slots: [Slot::FREE; N],
            chains: [NONE; N],
            bounds: Bound::NONE,
            floor: u32::MAX,
            newest: NONE,
            candidate: NONE,
            free: NONE,
            fresh: 0,
            used: 0,
            limit: Self::CAPACITY,
            seed: 1,
            aggregates: Aggregates::new(),
        }
    }

    /// Makes the place of a flow unpredictable for those who would fill one chain. Call it while the table is empty.
    pub fn set_seed(&mut self, seed: u32) {
        if self.used == 0 {
            // Odd, so that multiplying by it loses nothing.
            self.seed = seed | 1;
        }
    }

    pub fn set_limit(&mut self, limit: usize) {
        self.limit = limit.clamp(1, N) as u16;
    }

    /// Flows in slots.
    pub fn len(&self) -> usize {
        usize::from(self.used)
    }

    pub fn is_empty(&self) -> bool {
        self.used == 0 && self.aggregates.is_empty()
    }

    /// Adds a packet's bytes to its flow, if there is one.
    #[inline(always)]
    pub fn count_known(&mut self, key: &Key<A>, bytes: Bytes) -> bool {
        let mut at = self.chains[Self::chain(key.hash(self.seed))];
        while let Some(slot) = self.slots.get_mut(usize::from(at)) {
            if slot.holds(key) {
                let received = slot.bytes.received.checked_add(bytes.received);
                let sent = slot.bytes.sent.checked_add(bytes.sent);
                match (received, sent) {
                    (Some(received), Some(sent)) => slot.bytes = Bytes { received, sent },
                    _ => self.overflow(at, bytes),
                }
                return true;
            }
            at = slot.next;
        }
        false
    }

    /// A flow's bytes do not fit its counters: what it had goes to the aggregate, and it counts anew.
    #[cold]
    fn overflow(&mut self, at: u16, bytes: Bytes) {
        let at = usize::from(at);
        if let Some((key, had)) = self.slots[at].flow() {
            self.aggregates.add(key.protocol, key.local, had);
            self.slots[at].bytes = bytes;
            // The one case in which a flow gets smaller.
            self.lower_bound(at, bytes.weight());
        }
    }

    /// Adds a flow that is not there. When that makes another one give way, returns the bytes of that one.
    pub fn insert(&mut self, key: &Key<A>, bytes: Bytes) -> Option<Bytes> {
        let mut displaced = None;
        let at = if self.used < self.limit {
            self.used += 1;
            self.rank_candidate();
            self.allocate()
        } else {
            let at = self.victim();
            if let Some((key, had)) = self.unlink(at) {
                self.aggregates.add(key.protocol, key.local, had);
                displaced = Some(had);
            }
            at
        };
        let chain = Self::chain(key.hash(self.seed));
        self.slots[at] = Slot {
            local: key.local,
            remote: key.remote,
            ports: key.ports,
            bytes,
            next: self.chains[chain],
            protocol: Some(key.protocol),
        };
        self.chains[chain] = at as u16;
        self.candidate = self.newest;
        self.newest = at as u16;
        displaced
    }

    /// Takes the flow out of slot `at`, if there is one.
    pub fn take(&mut self, at: usize) -> Option<(Key<A>, Bytes)> {
        self.slots.get(at)?.protocol?;
        let flow = self.unlink(at);
        self.slots[at].next = self.free;
        self.free = at as u16;
        self.used -= 1;
        for recent in [&mut self.newest, &mut self.candidate] {
            if usize::from(*recent) == at {
                *recent = NONE;
            }
        }
        flow
    }

    /// A free slot; there is one when `used` was below `limit`.
    fn allocate(&mut self) -> usize {
        if let Some(slot) = self.slots.get(usize::from(self.free)) {
            let at = usize::from(self.free);
            self.free = slot.next;
            return at;
        }
        let at = usize::from(self.fresh);
        self.fresh += 1;
        at
    }

    /// Removes the flow of a slot from its chain and marks the slot free.
    #[inline(always)]
    fn unlink(&mut self, at: usize) -> Option<(Key<A>, Bytes)> {
        let (key, bytes) = self.slots[at].flow()?;
        let chain = Self::chain(key.hash(self.seed));
        let after = self.slots[at].next;
        let mut before = usize::from(self.chains[chain]);
        if before == at {
            self.chains[chain] = after;
        } else {
            while let Some(slot) = self.slots.get_mut(before) {
                if usize::from(slot.next) == at {
                    slot.next = after;
                    break;
                }
                before = usize::from(slot.next);
            }
        }
        self.slots[at].protocol = None;
        Some((key, bytes))
    }

    /// The flow that gives way: the one with the fewest bytes, not counting the newest if there is another. Only for a table
    /// with flows.
    #[inline(always)]
    fn victim(&mut self) -> usize {
        let candidate = self.slots.get(usize::from(self.candidate));
        if candidate.is_some_and(|candidate| candidate.bytes.weight() <= self.floor) {
            return usize::from(self.candidate);
        }
        self.rank_candidate();
        if self.used == 1 && self.newest != NONE {
            return usize::from(self.newest);
        }
        self.smallest()
    }

    /// The candidate is one of many from now on.
    fn rank_candidate(&mut self) {
        let at = usize::from(self.candidate);
        if let Some(candidate) = self.slots.get(at) {
            self.lower_bound(at, candidate.bytes.weight());
            self.candidate = NONE;
        }
    }

    /// The slot with the fewest bytes, not counting the newest. Only for a table with another flow, and without candidate.
    #[inline(never)]
    fn smallest(&mut self) -> usize {
        loop {
            let least = self
                .bounds
                .iter()
                .fold(Bound::MAX, |least, &bound| least.min(bound));
            let group = least.place();
            let (first, second) = self.two_smallest(group);
            if first.weight() <= least.weight() {
                // Every other group's smallest is at least its bound, and no bound is below this one.
                self.bounds[group] = Bound::new(second.weight(), group);
                self.floor = first.weight();
                return first.place();
            }
            self.bounds[group] = Bound::new(first.weight(), group);
        }
    }

    /// The two flows of a group with the fewest bytes, not counting the newest.
    #[inline(always)]
    fn two_smallest(&self, group: usize) -> (Bound, Bound) {
        let start = (group * Self::SPAN).min(N);
        let end = (start + Self::SPAN).min(N);
        let mut first = Bound::MAX;
        let mut second = Bound::MAX;
        for (at, slot) in (start..end).zip(&self.slots[start..end]) {
            if slot.protocol.is_none() || at == usize::from(self.newest) {
                continue;
            }
            let bound = Bound::new(slot.bytes.weight(), at);
            second = second.min(first.max(bound));
            first = first.min(bound);
        }
        (first, second)
    }

    /// A flow of this weight is in slot `at` from now on.
    #[inline(always)]
    fn lower_bound(&mut self, at: usize, weight: u32) {
        let group = at / Self::SPAN;
        let bound = &mut self.bounds[group];
        *bound = Bound::new(weight, group).min(*bound);
        self.floor = self.floor.min(weight);
    }

    #[inline(always)]
    fn chain(hash: u32) -> usize {
        ((u64::from(hash) * N as u64) >> 32) as usize
    }
}
