//! The flows of one IP version in fixed memory, with a bound for everything that is done to them.
//!
//! The slots in use come first, without gaps. A flow is found by its hash: all flows of one hash are in a chain, which never has
//! more than [`LONGEST`] of them.
//!
//! When there is no room for a flow, another one gives way: the lightest of a few that are looked at, each time the next
//! ones. Two are treated apart. The one that came last has had no chance yet: a flow of many small packets would otherwise be
//! displaced by every newcomer and never grow. And the one that came before it is always looked at: in a flood of small flows
//! it is one of these, so that they displace each other, and no heavy flow however many there are.

use defender_message::flow::Flow;

use super::address::Address;
use super::aggregate::Aggregates;
use super::slot::{Bytes, Key, Link, Slot, Totals};

/// Flows in a chain. With random hashes, one of 100,000 full tables of 1,024 flows would need a longer one.
const LONGEST: usize = 8;

/// Flows that are looked at when one has to give way, beside the one that came before the last.
const SAMPLE: usize = 4;

/// At most `N` flows, and what could not be kept apart. As bytes, an empty one is all zeros.
pub(super) struct Table<A, const N: usize> {
    slots: [Slot<A>; N],
    /// The first flow of each chain: two chains a slot, so that most have one flow or none.
    chains: [[Link; 2]; N],
    used: u16,
    /// Slots that are not to be used, by the limit.
    spared: u16,
    /// The slot to look at next when a flow has to give way.
    hand: u16,
    /// The flow that came last.
    newest: Link,
    /// The flow that came before it.
    candidate: Link,
    seed: u32,
    /// The seed from the next flow of an empty table on.
    next_seed: u32,
    pub aggregates: Aggregates<A>,
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
            slots: [Slot::UNUSED; N],
            chains: [[Link::NONE; 2]; N],
            used: 0,
            spared: 0,
            hand: 0,
            newest: Link::NONE,
            candidate: Link::NONE,
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
        let mut at = self.first(self.chain(key));
        while let Some(slot) = self.slots.get_mut(at.slot()) {
            if slot.holds(key) {
                slot.count(bytes, &mut self.aggregates);
                return true;
            }
            at = slot.next;
        }
        false
    }

    /// Adds a packet's bytes to its flow, wherever it is to be. When that makes another flow give way, returns its bytes.
    pub fn count(&mut self, key: &Key<A>, bytes: Bytes) -> Option<Totals> {
        if self.used == 0 {
            // Odd, so that multiplying by it loses nothing.
            self.seed = self.next_seed | 1;
        }
        let chain = self.chain(key);
        let (mut at, mut length, mut lightest) = (self.first(chain), 0, Lightest::of(self.newest));
        while let Some(slot) = self.slots.get_mut(at.slot()) {
            if slot.holds(key) {
                slot.count(bytes, &mut self.aggregates);
                return None;
            }
            lightest.look(at, slot, self.newest);
            length += 1;
            at = slot.next;
        }
        let is_full = self.used >= Self::CAPACITY - self.spared;
        // A long chain is sample enough, and nothing has to be unchained.
        let in_chain = length >= LONGEST || is_full && length >= SAMPLE;
        let at = if in_chain {
            lightest.at
        } else if is_full {
            self.lightest_of_some()
        } else {
            self.used += 1;
            Link::to(self.len() - 1)
        };
        let displaced = if in_chain || is_full {
            let slot = self.slots.get(at.slot())?;
            let totals = slot.totals();
            self.aggregates.add(slot.protocol(), slot.local, totals);
            Some(totals)
        } else {
            None
        };
        if !in_chain {
            if is_full {
                self.unchain(at);
            }
            let first = self.first(chain);
            self.set_first(chain, at);
            self.slots.get_mut(at.slot())?.next = first;
        }
        let slot = self.slots.get_mut(at.slot())?;
        *slot = Slot::new(key, bytes, slot.next);
        self.candidate = self.newest;
        self.newest = at;
        displaced
    }

    /// Takes out the last flow below slot `below`, or as much of it as one flow of a message can state; lowers `below`
    /// accordingly. Flows that come meanwhile stand above.
    pub fn take(&mut self, below: &mut usize) -> Option<Flow<A>> {
        let at = (*below).min(self.len()).checked_sub(1)?;
        let slot = self.slots.get_mut(at)?;
        let flow = slot.report();
        let is_done = slot.is_empty();
        *below = at + usize::from(!is_done);
        if is_done {
            self.remove(Link::to(at));
        }
        Some(flow)
    }

    /// Frees a slot. The last flow moves into it.
    fn remove(&mut self, at: Link) {
        self.unchain(at);
        let last = Link::to(self.len() - 1);
        if at != last {
            self.relink(last, at);
            if let Some(&moved) = self.slots.get(last.slot())
                && let Some(slot) = self.slots.get_mut(at.slot())
            {
                *slot = moved;
            }
        }
        self.used -= 1;
        for recent in [&mut self.newest, &mut self.candidate] {
            if *recent == at {
                *recent = Link::NONE;
            } else if *recent == last {
                *recent = at;
            }
        }
    }

    /// The flow that gives way in a table that is full.
    fn lightest_of_some(&mut self) -> Link {
        let mut lightest = Lightest::of(self.newest);
        if let Some(slot) = self.slots.get(self.candidate.slot()) {
            lightest.look(self.candidate, slot, self.newest);
        }
        for _ in 0..SAMPLE {
            if self.hand >= self.used {
                self.hand = 0;
            }
            let at = Link::to(self.hand.into());
            self.hand += 1;
            if let Some(slot) = self.slots.get(at.slot()) {
                lightest.look(at, slot, self.newest);
            }
        }
        lightest.at
    }

    /// Takes a flow out of its chain.
    fn unchain(&mut self, at: Link) {
        if let Some(slot) = self.slots.get(at.slot()) {
            self.relink(at, slot.next);
        }
    }

    /// Lets what leads to a flow lead somewhere else.
    fn relink(&mut self, at: Link, to: Link) {
        let Some(slot) = self.slots.get(at.slot()) else {
            return;
        };
        let chain = self.chain(&slot.key());
        let (mut before, mut link) = (Link::NONE, self.first(chain));
        while link != at {
            let Some(slot) = self.slots.get(link.slot()) else {
                return;
            };
            (before, link) = (link, slot.next);
        }
        match self.slots.get_mut(before.slot()) {
            Some(slot) => slot.next = to,
            None => self.set_first(chain, to),
        }
    }

    #[inline(always)]
    fn first(&self, chain: usize) -> Link {
        let chains = self.chains.as_flattened();
        chains.get(chain).copied().unwrap_or(Link::NONE)
    }

    fn set_first(&mut self, chain: usize, first: Link) {
        if let Some(link) = self.chains.as_flattened_mut().get_mut(chain) {
            *link = first;
        }
    }

    /// The chain of a flow.
    #[inline(always)]
    fn chain(&self, key: &Key<A>) -> usize {
        ((u64::from(key.hash(self.seed)) * (2 * N as u64)) >> 32) as usize
    }
}

/// The lightest of the flows that have been looked at.
struct Lightest {
    at: Link,
    weight: u32,
}

impl Lightest {
    /// Before any has been: the newest flow has to give way if it is the only one.
    fn of(newest: Link) -> Self {
        Self {
            at: if newest == Link::NONE {
                Link::to(0)
            } else {
                newest
            },
            weight: u32::MAX,
        }
    }

    /// Looks at a flow, which has come before others of its weight: these have had less time to grow.
    #[inline(always)]
    fn look<A: Address>(&mut self, at: Link, slot: &Slot<A>, newest: Link) {
        let weight = slot.weight();
        if weight <= self.weight && at != newest {
            *self = Self { at, weight };
        }
    }
}
