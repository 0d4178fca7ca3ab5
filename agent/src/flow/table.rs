//! The flows of one IP version in fixed memory, with a bound for everything that is done to them.
//!
//! A flow is found by its hash: all flows of one hash are in a chain, which never has more than [`LONGEST`] of them.
//!
//! When there is no room for a flow, another one gives way: the lightest of a few that are looked at, each time the next
//! ones. Those that came last are treated apart. The very last has had no chance yet: a flow of many small packets would otherwise be
//! displaced by every newcomer and never grow. And those that came before it are always looked at: in a flood of small flows
//! they are some of these, so that they displace each other, and no heavy flow however many there are.

use defender_message::flow::Flow;

use super::address::Address;
use super::aggregate::Aggregates;
use super::slot::{Bytes, Key, Link, Slot, Totals};

/// Flows in a chain. With random hashes, one of 100,000 full tables of 1,024 flows would need a longer one.
const LONGEST: usize = 8;

/// Slots that are looked at when a flow has to give way, beside those of the flows that came before the last.
const SAMPLE: usize = 2;

/// Slots that are looked at for the next flow of a collection before others may have the table.
const STEP: usize = 8;

/// At most `N` flows, and what could not be kept apart. As bytes, an empty one is all zeros.
pub(super) struct Table<A, const N: usize> {
    slots: [Slot<A>; N],
    /// The first flow of each chain: two chains a slot, so that most have one flow or none.
    chains: [[Link; 2]; N],
    /// The first of the slots that were freed, which are chained, too.
    free: Link,
    /// Slots from here on were not used since the table was empty.
    fresh: u16,
    used: u16,
    /// Slots that are not to be used, by the limit.
    spared: u16,
    /// The slot to look at next when a flow has to give way.
    hand: u16,
    /// The flows that came last, the newest first.
    recent: [Link; 3],
    seed: u32,
    /// The seed from the next flow of an empty table on.
    next_seed: u32,
    pub aggregates: Aggregates<A>,
}

/// How a search for the next flow of a collection ended.
pub(super) enum Step<A> {
    Found(Flow<A>),
    /// Not yet.
    More,
    End,
}

impl<A: Address, const N: usize> Table<A, N> {
    const CAPACITY: u16 = {
        assert!(N > 0, "a flow table needs at least one slot");
        assert!(
            N < u16::MAX as usize,
            "a flow table has at most 65,534 slots"
        );
        N as u16
    };

    pub const fn new() -> Self {
        Self {
            slots: [Slot::VACANT; N],
            chains: [[Link::NONE; 2]; N],
            free: Link::NONE,
            fresh: 0,
            used: 0,
            spared: 0,
            hand: 0,
            recent: [Link::NONE; 3],
            seed: 0,
            next_seed: 0,
            aggregates: Aggregates::new(),
        }
    }

    /// Makes the place of a flow unpredictable for those who would fill one chain, from when the table is empty next.
    pub fn set_seed(&mut self, seed: u32) {
        self.next_seed = seed;
    }

    pub fn set_limit(&mut self, limit: usize) {
        self.spared = (N - limit.clamp(1, N)) as u16;
    }

    /// Flows in slots.
    pub fn len(&self) -> usize {
        usize::from(self.used)
    }

    pub fn is_empty(&self) -> bool {
        self.used == 0 && self.aggregates.is_empty()
    }

    /// Adds a packet's bytes to its flow, if it is there.
    #[inline(always)]
    pub fn count_known(&mut self, key: &Key<A>, bytes: Bytes) -> bool {
        self.search(key, bytes).is_none()
    }

    /// Adds a packet's bytes to its flow. If it is not there, the length of the chain that it would be in.
    #[inline(always)]
    fn search(&mut self, key: &Key<A>, bytes: Bytes) -> Option<usize> {
        let mut at = self.first(self.chain(key));
        let mut length = 0;
        while let Some(slot) = self.slots.get_mut(at.slot()) {
            if slot.holds(key) {
                slot.count(bytes, &mut self.aggregates);
                return None;
            }
            length += 1;
            at = slot.next;
        }
        Some(length)
    }

    /// Adds a flow, for which there has been [made room](Self::make_room). Where there is none, its bytes go to the aggregate, and
    /// it returns false.
    #[inline(always)]
    pub fn count_new(&mut self, key: &Key<A>, bytes: Bytes) -> bool {
        if self.used == 0 {
            self.begin();
        }
        // It may have come meanwhile.
        let Some(length) = self.search(key, bytes) else {
            return true;
        };
        if length >= LONGEST || self.used >= Self::CAPACITY {
            self.aggregates.add(key.protocol, key.local, bytes.into());
            return false;
        }
        let chain = self.chain(key);
        let next = self.first(chain);
        let at = self.allocate();
        if let Some(slot) = self.slots.get_mut(at.slot()) {
            slot.fill(key, bytes, next);
        }
        self.set_first(chain, at);
        self.used += 1;
        let [first, second, _] = self.recent;
        self.recent = [at, first, second];
        true
    }

    /// The first flow of an empty table comes.
    fn begin(&mut self) {
        // Odd, so that multiplying by it loses nothing.
        self.seed = self.next_seed | 1;
        self.free = Link::NONE;
        self.fresh = 0;
    }

    /// A vacant slot, of which there is one.
    #[inline(always)]
    fn allocate(&mut self) -> Link {
        let at = self.free;
        if let Some(slot) = self.slots.get(at.slot()) {
            self.free = slot.next;
            return at;
        }
        self.fresh += 1;
        Link::before(self.fresh)
    }

    /// Lets a flow give way if there are as many as there may be. Returns its bytes. None is found where the limit was lowered and
    /// few slots are in use: then there are more than the limit for a while.
    pub fn make_room(&mut self) -> Option<Totals> {
        if self.used < Self::CAPACITY - self.spared {
            return None;
        }
        let at = self.lightest_of_some();
        let slot = self.slots.get(at.slot())?;
        let totals = slot.totals();
        self.aggregates.add(slot.protocol(), slot.local, totals);
        self.remove(at);
        Some(totals)
    }

    /// The flow that gives way: the newest only if it is the only one.
    #[inline(always)]
    fn lightest_of_some(&mut self) -> Link {
        let [newest, second, third] = self.recent;
        let mut hand = self.hand;
        let mut turn = || {
            hand = if hand < self.fresh { hand + 1 } else { 1 };
            Link::before(hand)
        };
        let looked_at: [Link; 2 + SAMPLE] = [second, third, turn(), turn()];
        self.hand = hand;
        let mut lightest = if self.used == 1 { newest } else { Link::NONE };
        let mut least = u32::MAX;
        for at in looked_at {
            if let Some(slot) = self.slots.get(at.slot())
                && slot.is_used()
                && at != newest
            {
                let weight = slot.weight();
                // Of equals the recent one stays: it has had less time to grow.
                if weight <= least {
                    (lightest, least) = (at, weight);
                }
            }
        }
        lightest
    }

    /// Looks for the next flow from slot `from` on, and takes it out, or as much of it as one flow of a message can state. Moves
    /// `from` on accordingly.
    pub fn take(&mut self, from: &mut usize) -> Step<A> {
        for _ in 0..STEP {
            let at = *from;
            if at >= usize::from(self.fresh) {
                return Step::End;
            }
            *from += 1;
            if let Some(slot) = self.slots.get_mut(at)
                && slot.is_used()
            {
                let flow = slot.report();
                if slot.is_reported() {
                    self.remove(Link::to(at));
                } else {
                    *from = at;
                }
                return Step::Found(flow);
            }
        }
        Step::More
    }

    /// Frees the slot of a flow.
    fn remove(&mut self, at: Link) {
        let Some(slot) = self.slots.get(at.slot()) else {
            return;
        };
        let (chain, next) = (self.chain(&slot.key()), slot.next);
        let (mut before, mut link) = (Link::NONE, self.first(chain));
        while link != at {
            let Some(slot) = self.slots.get(link.slot()) else {
                return;
            };
            (before, link) = (link, slot.next);
        }
        match self.slots.get_mut(before.slot()) {
            Some(slot) => slot.next = next,
            None => self.set_first(chain, next),
        }
        if let Some(slot) = self.slots.get_mut(at.slot()) {
            slot.vacate(self.free);
        }
        self.free = at;
        self.used -= 1;
        let [newest, second, third] = self.recent;
        if newest == at {
            self.recent = [Link::NONE, second, third];
        } else if second == at {
            self.recent = [newest, third, Link::NONE];
        } else if third == at {
            self.recent = [newest, second, Link::NONE];
        }
    }

    #[inline(always)]
    fn first(&self, chain: usize) -> Link {
        let chains = self.chains.as_flattened();
        chains.get(chain).copied().unwrap_or(Link::NONE)
    }

    #[inline(always)]
    fn set_first(&mut self, chain: usize, first: Link) {
        if let Some(link) = self.chains.as_flattened_mut().get_mut(chain) {
            *link = first;
        }
    }

    /// The chain of a flow.
    #[inline(always)]
    pub fn chain(&self, key: &Key<A>) -> usize {
        ((u64::from(key.hash(self.seed)) * (2 * N as u64)) >> 32) as usize
    }
}
