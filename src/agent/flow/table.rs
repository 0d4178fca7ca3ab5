//! The flows of one IP version in fixed memory.
//!
//! A hash index with chains finds a known flow. When every slot is taken, the flow with the fewest bytes gives
//! way. To find it without looking at every slot, the slots stand in groups, and each group has a lower bound
//! of its smallest flow. Bytes only grow, so a bound can only be too low: counting a known flow need not touch it,
//! and the search corrects the bounds that it relies on.

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
        let seeded = (seed ^ self.ports).wrapping_mul(seed | 1);
        let remote = self.remote.mix(seeded, seed | 1);
        let local = self.local.mix(remote, seed | 1);
        (local ^ self.protocol as u32).wrapping_mul(0x9E37_79B1)
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
            && self.remote == key.remote
            && self.local == key.local
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

/// What became of a packet's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Counted {
    /// They are in a slot, and no flow had to give way.
    InSlot,
    /// They are in a slot; the flow that gave way to it had these bytes.
    Displaced(Bytes),
}

/// At most `N` flows, and what could not be kept apart.
pub(super) struct Table<A, const N: usize> {
    slots: [Slot<A>; N],
    /// First slot of each hash chain.
    chains: [u16; N],
    /// No flow of a group has fewer bytes than its bound.
    bounds: [u32; GROUPS],
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
            bounds: [u32::MAX; GROUPS],
            free: NONE,
            fresh: 0,
            used: 0,
            limit: Self::CAPACITY,
            seed: 0,
            aggregates: Aggregates::new(),
        }
    }

    /// Makes the place of a flow unpredictable for those who would fill one chain. Call it while the table is empty.
    pub fn set_seed(&mut self, seed: u32) {
        if self.used == 0 {
            self.seed = seed;
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

    /// Adds a packet's bytes to its flow.
    #[inline(always)]
    pub fn count(&mut self, key: &Key<A>, bytes: Bytes) -> Counted {
        let chain = Self::chain(key.hash(self.seed));
        let mut at = self.chains[chain];
        while let Some(slot) = self.slots.get_mut(usize::from(at)) {
            if slot.holds(key) {
                let received = slot.bytes.received.checked_add(bytes.received);
                let sent = slot.bytes.sent.checked_add(bytes.sent);
                match (received, sent) {
                    (Some(received), Some(sent)) => slot.bytes = Bytes { received, sent },
                    _ => self.overflow(at, bytes),
                }
                return Counted::InSlot;
            }
            at = slot.next;
        }
        self.insert(key, bytes, chain)
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

    #[inline(never)]
    fn insert(&mut self, key: &Key<A>, bytes: Bytes, chain: usize) -> Counted {
        let (at, counted) = if self.used < self.limit {
            self.used += 1;
            (self.allocate(), Counted::InSlot)
        } else {
            let at = self.smallest();
            let displaced = self.unlink(at);
            match displaced {
                Some((key, had)) => {
                    self.aggregates.add(key.protocol, key.local, had);
                    (at, Counted::Displaced(had))
                }
                None => (at, Counted::InSlot),
            }
        };
        self.slots[at] = Slot {
            local: key.local,
            remote: key.remote,
            ports: key.ports,
            bytes,
            next: self.chains[chain],
            protocol: Some(key.protocol),
        };
        self.chains[chain] = at as u16;
        self.lower_bound(at, bytes.weight());
        counted
    }

    /// Takes the flow out of slot `at`, if there is one.
    pub fn take(&mut self, at: usize) -> Option<(Key<A>, Bytes)> {
        self.slots.get(at)?.protocol?;
        let flow = self.unlink(at);
        self.slots[at].next = self.free;
        self.free = at as u16;
        self.used -= 1;
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

    /// The slot with the fewest bytes. Only for a table with flows.
    #[inline(always)]
    fn smallest(&mut self) -> usize {
        loop {
            let mut group = 0;
            for candidate in 1..GROUPS {
                if self.bounds[candidate] < self.bounds[group] {
                    group = candidate;
                }
            }
            let start = group * Self::SPAN;
            let mut found = (start, u32::MAX);
            let mut second = u32::MAX;
            for (at, slot) in self.slots.iter().enumerate().skip(start).take(Self::SPAN) {
                let weight = match slot.protocol {
                    Some(_) => slot.bytes.weight(),
                    None => continue,
                };
                if weight < found.1 {
                    second = found.1;
                    found = (at, weight);
                } else if weight < second {
                    second = weight;
                }
            }
            if found.1 == self.bounds[group] {
                // Every other group's smallest is at least its bound, and no bound is below this one.
                self.bounds[group] = second;
                return found.0;
            }
            self.bounds[group] = found.1;
        }
    }

    #[inline(always)]
    fn lower_bound(&mut self, at: usize, weight: u32) {
        let bound = &mut self.bounds[at / Self::SPAN];
        *bound = weight.min(*bound);
    }

    #[inline(always)]
    fn chain(hash: u32) -> usize {
        ((u64::from(hash) * N as u64) >> 32) as usize
    }
}
