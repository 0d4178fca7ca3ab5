//! The flows of one IP version in fixed memory, with a bound for everything that is done to them.
//!
//! A flow is found by a word that its addresses, protocol and ports make, its mark: all flows whose marks lead to one place are
//! in a chain, which never has more than [`LONGEST`] of them, and not two of the same mark.
//!
//! When there is no room for a flow, another one gives way: the lightest of a few that are looked at, each time the next
//! ones. Those that came last are treated apart. The very last has had no chance yet: a flow of many small packets would otherwise be
//! displaced by every newcomer and never grow. And those that came before it are always looked at: in a flood of small flows
//! they are some of these, so that they displace each other, and no heavy flow however many there are.
//!
//! What is done for every packet is there for each IP version ([`Table`]), all the rest once for both ([`Flows`]). A step is in one piece
//! on processors of 64 bits, where the time counts that others have to wait for the table; on smaller ones code counts, too, and the
//! parts that several steps have are there once.

use defender_message::flow::Protocol;

use super::aggregate::Aggregates;
use super::mark::{Marker, Oriented, way};
use super::slot::{Link, Slot, Totals};
use super::{Flow, Look, Taken};
use crate::packet::{Direction, Sample, Seen};

/// Flows in a chain. With random hashes, one of 100,000 full tables of 1,024 flows would need a longer one.
const LONGEST: usize = 8;

/// Slots that are looked at when a flow has to give way, beside those of the flows that came before the last.
const SAMPLE: usize = 2;

/// Slots that are looked at for the next flow of a collection before others may have the table.
const STEP: usize = 4;

/// A seed for those who have none.
const SEED: u32 = 0x9E37_79B1;

/// At most `N` flows, whose addresses have `WORDS` words each, and what could not be kept apart. As bytes, an empty one is all zeros.
#[repr(C)]
pub(super) struct Table<const N: usize, const WORDS: usize> {
    state: State,
    /// The local addresses of the aggregates.
    locals: [[u32; WORDS]; Protocol::ALL.len()],
    /// The first flow of each chain: two chains a slot, so that most have one flow or none.
    chains: [[Link; 2]; N],
    slots: [Slot; N],
    /// Local and remote address of the flow in each slot.
    addresses: [[[u32; WORDS]; 2]; N],
}

struct State {
    seed: u32,
    /// The seed from the next flow of an empty table on.
    next_seed: u32,
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
    aggregates: Aggregates,
}

impl<const N: usize, const WORDS: usize> Table<N, WORDS> {
    const VALID: () = {
        assert!(N > 0, "a flow table needs at least one slot");
        assert!(
            N < u16::MAX as usize,
            "a flow table has at most 65,534 slots"
        );
    };

    pub const fn new() -> Self {
        let () = Self::VALID;
        Self {
            state: State {
                seed: 0,
                next_seed: 0,
                free: Link::NONE,
                fresh: 0,
                used: 0,
                spared: 0,
                hand: 0,
                recent: [Link::NONE; 3],
                aggregates: Aggregates::new(),
            },
            locals: [[0; WORDS]; Protocol::ALL.len()],
            chains: [[Link::NONE; 2]; N],
            slots: [Slot::VACANT; N],
            addresses: [[[0; WORDS]; 2]; N],
        }
    }

    /// Makes the place of a flow unpredictable for those who would fill one chain, from when the table is empty next.
    pub fn set_seed(&mut self, seed: u32) {
        self.state.next_seed = seed;
    }

    pub fn set_limit(&mut self, limit: usize) {
        self.state.spared = N.saturating_sub(limit.max(1)) as u16;
    }

    /// Flows in slots.
    pub fn len(&self) -> usize {
        self.state.used.into()
    }

    pub fn is_empty(&self) -> bool {
        self.state.used == 0 && self.state.aggregates.is_empty()
    }

    /// The chain of a flow, of so many.
    pub fn chain(&self, sample: &Sample, chains: usize) -> usize {
        let mark = self.marker(sample).mark(sample.ports);
        chain(mark, self.state.seed, chains)
    }

    /// What the mark of a flow is made of.
    pub fn marker(&self, sample: &Sample) -> Marker {
        Marker::of(sample.addresses(), sample.protocol, self.state.seed)
    }

    /// Adds a packet's bytes to its flow, if that is found at once.
    #[inline(always)]
    pub fn count_usual<S: Seen>(&mut self, direction: Direction, seen: &S) -> Look {
        let packet = Oriented { direction, seen };
        let mark = packet.marker(self.state.seed).mark(packet.ports());
        let chains = self.chains.as_flattened();
        let Some(mut at) = chains.get(chain(mark, self.state.seed, 2 * N)).copied() else {
            return Look::Unknown;
        };
        while let Some(slot) = self.slots.get_mut(at.slot()) {
            if slot.mark == mark {
                let Some([local, remote]) = self.addresses.get(at.slot()) else {
                    return Look::Unclear;
                };
                let is_it = is_same(remote, |word| packet.remote(word))
                    && is_same(local, |word| packet.local(word))
                    && slot.is_of(seen.protocol());
                if is_it && slot.count(way(direction), seen.bytes()) {
                    return Look::Counted;
                }
                return Look::Unclear;
            }
            at = slot.next;
        }
        Look::Unknown
    }

    /// Its flows, as they are whatever the IP version is.
    #[inline(always)]
    pub fn flows(&mut self) -> Flows<'_> {
        Flows {
            state: &mut self.state,
            locals: self.locals.as_flattened_mut(),
            chains: self.chains.as_flattened_mut(),
            slots: &mut self.slots,
            addresses: self.addresses.as_flattened_mut().as_flattened_mut(),
            words: 2 * WORDS,
        }
    }
}

/// The mark of a flow, and the seed by which it is that.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Marked {
    mark: u32,
    seed: u32,
}

/// The flows of one IP version, whichever it is, however many there may be.
pub(super) struct Flows<'a> {
    state: &'a mut State,
    locals: &'a mut [u32],
    chains: &'a mut [Link],
    slots: &'a mut [Slot],
    addresses: &'a mut [u32],
    /// Words of the two addresses of a flow.
    words: usize,
}

impl Flows<'_> {
    /// Adds a packet's bytes to its flow, if that is there. Where another one has its mark, which no two may have, that is unclear.
    #[inline(never)]
    pub fn count_known(&mut self, sample: &Sample) -> Look {
        let Ok(at) = self.look(self.mark(sample)) else {
            return Look::Unknown;
        };
        let addresses = part(self.addresses, at.slot(), self.words);
        let Some(slot) = self.slots.get_mut(at.slot()) else {
            return Look::Unknown;
        };
        if !is_equal(addresses, sample.addresses()) || slot.protocol() != sample.protocol {
            return Look::Unclear;
        }
        let way = way(sample.direction);
        if !slot.count(way, sample.bytes)
            && let Some(had) = slot.carry(way, sample.bytes)
        {
            aggregate(self.state, self.locals, sample.protocol, addresses, had);
        }
        Look::Counted
    }

    /// Adds a packet of a flow, for which there has been [made room](Self::choose). Where there is none, that is unclear; unknown where
    /// a flow has its mark.
    #[inline(never)]
    pub fn count_new(&mut self, sample: &Sample, marked: Marked) -> Look {
        let state = &mut *self.state;
        if state.used == 0 {
            // Odd, so that multiplying by it loses nothing.
            state.seed = (state.next_seed ^ SEED) | 1;
            state.free = Link::NONE;
            state.fresh = 0;
        }
        let is_full = usize::from(state.used) >= self.slots.len();
        let mark = if marked.seed == state.seed {
            marked.mark
        } else {
            self.mark(sample)
        };
        match self.look(mark) {
            Ok(_) => Look::Unknown,
            Err(length) if length < LONGEST && !is_full => {
                self.add(mark, sample);
                Look::Counted
            }
            Err(_) => Look::Unclear,
        }
    }

    /// Adds a packet's bytes to the aggregate.
    pub fn count_apart(&mut self, sample: &Sample) {
        let mut bytes = [0; 2];
        bytes[way(sample.direction)] = sample.bytes.into();
        let addresses = sample.addresses();
        aggregate(self.state, self.locals, sample.protocol, addresses, bytes);
    }

    /// The flow that is to give way, if there are as many as there may be. None is found where the limit was lowered and few slots
    /// are in use: then there are more than the limit for a while. The newest is it only if it is the only one.
    #[inline(never)]
    pub fn choose(&mut self) -> Link {
        let State {
            used,
            spared,
            fresh,
            recent: [newest, second, third],
            ..
        } = *self.state;
        if usize::from(used) + usize::from(spared) < self.slots.len() {
            return Link::NONE;
        }
        let hand = &mut self.state.hand;
        let mut turn = || {
            *hand = if *hand < fresh { *hand + 1 } else { 1 };
            Link::before(*hand)
        };
        let looked_at: [Link; 2 + SAMPLE] = [second, third, turn(), turn()];
        let mut lightest = if used == 1 { newest } else { Link::NONE };
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

    /// Lets the flow that was [chosen](Self::choose) give way, if it is still there. Returns its bytes.
    #[inline(never)]
    pub fn give_way(&mut self, at: Link) -> Option<u64> {
        let slot = self.slots.get(at.slot()).filter(|slot| slot.is_used())?;
        let (protocol, totals) = (slot.protocol(), slot.totals());
        let addresses = part(self.addresses, at.slot(), self.words);
        aggregate(self.state, self.locals, protocol, addresses, totals);
        self.remove(at);
        let [received, sent] = totals;
        Some(received + sent)
    }

    /// Looks for the next flow from slot `from` on, and takes it out, or as much of it as one flow of a message can state. Moves
    /// `from` on accordingly.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    pub fn take(&mut self, from: &mut usize, flow: &mut Flow) -> Taken {
        let fresh = usize::from(self.state.fresh);
        let end = fresh.min(*from + STEP);
        let at = loop {
            let at = *from;
            if at >= end {
                return if at < fresh { Taken::More } else { Taken::End };
            }
            *from += 1;
            if self.slots.get(at).is_some_and(Slot::is_used) {
                break at;
            }
        };
        let addresses = part(self.addresses, at, self.words);
        let Some(slot) = self.slots.get_mut(at) else {
            return Taken::End;
        };
        flow.protocol = slot.protocol();
        let ports = Marker::of(addresses, flow.protocol, self.state.seed).ports(slot.mark);
        flow.ports = u32::from_be(ports);
        copy(&mut flow.addresses, addresses);
        let (bytes, is_all) = slot.take();
        flow.bytes = bytes;
        if is_all {
            self.remove(Link::to(at));
        } else {
            *from = at;
        }
        Taken::Flow
    }

    /// Takes out the first aggregate from `from` on, or as much of it as one flow of a message can state. `from` moves behind one that
    /// was taken as a whole, so that what is added to it meanwhile waits for the next collection.
    #[inline(never)]
    pub fn take_aggregate(&mut self, from: &mut usize, flow: &mut Flow) -> Taken {
        let Some(protocol) = Protocol::ALL.get(*from).copied() else {
            return Taken::End;
        };
        let aggregates = &mut self.state.aggregates;
        if !aggregates.is_used(protocol) {
            *from += 1;
            return Taken::More;
        }
        *flow = Flow {
            protocol,
            is_v6: flow.is_v6,
            bytes: aggregates.take(protocol),
            ..Flow::NONE
        };
        *from += usize::from(!aggregates.is_used(protocol));
        let local = part(self.locals, protocol as usize, self.words / 2);
        copy(&mut flow.addresses, local);
        Taken::Flow
    }

    /// The mark of a packet's flow, which holds as long as the seed.
    pub fn marked(&self, sample: &Sample) -> Marked {
        Marked {
            mark: self.mark(sample),
            seed: self.state.seed,
        }
    }

    /// The mark of a packet's flow.
    fn mark(&self, sample: &Sample) -> u32 {
        Marker::of(sample.addresses(), sample.protocol, self.state.seed).mark(sample.ports)
    }

    /// The flow with a mark, or else how many flows its chain has.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    fn look(&self, mark: u32) -> Result<Link, usize> {
        let chain = chain(mark, self.state.seed, self.chains.len());
        let mut at = self.chains.get(chain).copied().unwrap_or(Link::NONE);
        let mut length = 0;
        while let Some(slot) = self.slots.get(at.slot()) {
            if slot.mark == mark {
                return Ok(at);
            }
            length += 1;
            at = slot.next;
        }
        Err(length)
    }

    /// Adds the flow of a packet. There is room.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    fn add(&mut self, mark: u32, sample: &Sample) {
        let state = &mut *self.state;
        let mut at = state.free;
        if let Some(slot) = self.slots.get(at.slot()) {
            state.free = slot.next;
        } else {
            state.fresh += 1;
            at = Link::before(state.fresh);
        }
        let first = self
            .chains
            .get_mut(chain(mark, state.seed, self.chains.len()));
        let next = first.map_or(Link::NONE, |first| core::mem::replace(first, at));
        if let Some(slot) = self.slots.get_mut(at.slot()) {
            *slot = Slot::new(mark, sample.protocol, next);
            slot.count(way(sample.direction), sample.bytes);
        }
        let addresses = part(self.addresses, at.slot(), self.words);
        copy(addresses, sample.addresses());
        state.used += 1;
        let [first, second, third] = state.recent;
        // Where the newest was taken out, this one has its place.
        state.recent = if first == Link::NONE {
            [at, second, third]
        } else {
            [at, first, second]
        };
    }

    /// Frees the slot of a flow.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    fn remove(&mut self, at: Link) {
        let Some(slot) = self.slots.get_mut(at.slot()) else {
            return;
        };
        let (mark, next) = (slot.mark, slot.next);
        slot.vacate(self.state.free);
        self.state.free = at;
        self.state.used -= 1;
        let chain = chain(mark, self.state.seed, self.chains.len());
        let mut link = self.chains.get_mut(chain);
        while let Some(to) = link {
            if *to == at {
                *to = next;
                break;
            }
            let slot = to.slot();
            link = self.slots.get_mut(slot).map(|slot| &mut slot.next);
        }
        let [newest, second, third] = &mut self.state.recent;
        if *newest == at {
            *newest = Link::NONE;
        } else if *second == at {
            (*second, *third) = (*third, Link::NONE);
        } else if *third == at {
            *third = Link::NONE;
        }
    }
}

/// The chain of a mark.
#[inline(always)]
fn chain(mark: u32, seed: u32, chains: usize) -> usize {
    ((u64::from(mark.wrapping_mul(seed)) * chains as u64) >> 32) as usize
}

/// Adds bytes of a flow with these addresses to the aggregate of its protocol.
#[inline(never)]
fn aggregate(
    state: &mut State,
    locals: &mut [u32],
    protocol: Protocol,
    addresses: &[u32],
    bytes: Totals,
) {
    let is_new = state.aggregates.add(protocol, bytes);
    let kept = part(locals, protocol as usize, addresses.len() / 2);
    if is_new {
        copy(kept, addresses);
    } else if !is_equal(kept, addresses) {
        kept.fill(0);
    }
}

/// Copies words, as many as there are of both.
#[cfg_attr(target_pointer_width = "64", inline(always))]
#[cfg_attr(not(target_pointer_width = "64"), inline(never))]
fn copy(to: &mut [u32], from: &[u32]) {
    // Without a loop, which takes longer. Two addresses of IPv6, one of IPv6 or two of IPv4, one of IPv4.
    if let (Some(to), Some(from)) = (to.first_chunk_mut::<8>(), from.first_chunk()) {
        *to = *from;
    } else if let (Some(to), Some(from)) = (to.first_chunk_mut::<4>(), from.first_chunk()) {
        *to = *from;
    } else if let (Some(to), Some(from)) = (to.first_chunk_mut::<2>(), from.first_chunk()) {
        *to = *from;
    } else if let ([to, ..], [from, ..]) = (to, from) {
        *to = *from;
    }
}

/// Whether as many words as there are of both are equal.
fn is_equal(a: &[u32], b: &[u32]) -> bool {
    let words = a.iter().zip(b);
    words.fold(0, |differ, (a, b)| differ | (a ^ b)) == 0
}

/// One of the parts of `words` that have this length.
fn part(words: &mut [u32], index: usize, length: usize) -> &mut [u32] {
    let part = words.get_mut(index.wrapping_mul(length)..);
    let part = part.and_then(|part| part.get_mut(..length));
    part.unwrap_or_default()
}

/// Whether an address has these words. Without a loop, which takes as long again.
#[inline(always)]
fn is_same<const WORDS: usize>(address: &[u32; WORDS], word: impl Fn(usize) -> u32) -> bool {
    match address.as_slice() {
        [first] => *first == word(0),
        [first, second, third, fourth] => {
            *fourth == word(3) && *third == word(2) && *second == word(1) && *first == word(0)
        }
        _ => false,
    }
}
