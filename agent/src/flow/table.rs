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

use super::aggregate::Aggregates;
use super::mark::{Marker, Oriented, way};
use super::slot::{HEAD, Link, Slot};
use super::{Counting, Filter, Flow, Step, Taken};
use crate::packet::{Direction, Sample, Seen, pair};
use crate::statistics::PacketStatistics;
use defender_message::flow::Protocol;

/// Flows in a chain. With random hashes, one of 100,000 full tables of 1,024 flows would need a longer one.
const LONGEST: usize = 8;

/// Flows in a chain that is looked through soon.
const SHORT: usize = 1;

/// Slots that are looked at when a flow has to give way, beside those of the flows that came before the last.
const SAMPLE: usize = 2;

/// Slots that are looked at for the next flow of a collection before others may have the table.
const STEP: usize = 4;

/// A seed for those who have none, and the bits of it that every seed has: they make it 1/64 to 1/32 of 2²⁴. One port more on the device, which is
/// 2⁸ more in a [mark](super::mark::Marker), leads by that part of all chains further on. So connections with consecutive ports are not in one
/// chain, as they would be with one of a hundred seeds, and seldom two of 64.
const SEED: u32 = 0x9E07_79B1;
const FIXED: u32 = 0x00FC_0000;
const _: () = assert!(SEED & FIXED == (1 << 24) / 64);

/// Words of a slot of an IPv4 flow: its [head](Slot), its local and its remote address.
pub(super) const WIDTH_V4: usize = HEAD + 2;
/// Of an IPv6 flow.
pub(super) const WIDTH_V6: usize = HEAD + 8;

/// At most `N` flows of one IP version, in slots of so many words, and what could not be kept apart. As bytes, an empty one is all
/// zeros.
#[repr(C)]
pub(super) struct Table<const N: usize, const WIDTH: usize> {
    state: State,
    /// The first flow of each chain: two chains a slot, so that most have one flow or none.
    chains: [[Link; 2]; N],
    slots: [[u32; WIDTH]; N],
}

/// The smallest fields first, which takes the shortest instructions.
#[repr(C)]
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

impl<const N: usize, const WIDTH: usize> Table<N, WIDTH> {
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
            chains: [[Link::NONE; 2]; N],
            slots: [[0; WIDTH]; N],
        }
    }

    /// Makes the place of a flow unpredictable for those who would fill one chain, from when the table is empty next.
    #[inline(always)]
    pub fn set_seed(&mut self, seed: u32) {
        self.state.next_seed = seed & !FIXED;
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
    pub fn count_usual<S: Seen>(
        &mut self,
        direction: Direction,
        seen: &S,
        filter: &Filter,
    ) -> bool {
        let packet = Oriented { direction, seen };
        let mark = packet.marker(self.state.seed).mark(packet.ports());
        let chains = self.chains.as_flattened();
        let first = chains.get(chain(mark, self.state.seed, 2 * N));
        let mut at = first.copied().unwrap_or(Link::NONE);
        while let Some(slot) = self.slots.get_mut(at.slot()) {
            let Some((head, addresses)) = slot.split_first_chunk_mut() else {
                break;
            };
            let mut slot = Slot(head);
            if slot.mark() == mark {
                // Without a loop, which takes as long again, and with one question for all words: of eight, registers are short.
                let difference = match *addresses {
                    [a, b] => pair(a, b) ^ packet.pair(0),
                    [a, b, c, d, e, f, g, h] => {
                        let local = (pair(a, b) ^ packet.pair(0)) | (pair(c, d) ^ packet.pair(2));
                        local | (pair(e, f) ^ packet.pair(4)) | (pair(g, h) ^ packet.pair(6))
                    }
                    _ => u64::MAX,
                };
                return difference == 0
                    && slot.is_usual_of(seen.protocol() | filter.left_out(seen.protocol()))
                    && slot.count(way(direction), seen.bytes());
            }
            at = slot.next();
        }
        false
    }

    /// Its flows, as they are whatever the IP version is.
    #[inline(always)]
    pub fn flows(&mut self) -> Flows<'_> {
        Flows {
            state: &mut self.state,
            chains: self.chains.as_flattened_mut(),
            slots: self.slots.as_flattened_mut(),
            is_v6: WIDTH == WIDTH_V6,
        }
    }
}

/// The flows of one IP version, whichever it is, however many there may be.
pub(super) struct Flows<'a> {
    state: &'a mut State,
    chains: &'a mut [Link],
    slots: &'a mut [u32],
    is_v6: bool,
}

impl Flows<'_> {
    fn slot(&mut self, at: Link) -> Option<(Slot<'_>, &mut [u32])> {
        slot(self.slots, self.is_v6, at)
    }

    /// Does a step of counting a packet. False when another one is to follow.
    #[inline(never)]
    pub fn count(
        &mut self,
        sample: &Sample,
        counting: &mut Counting,
        statistics: &mut PacketStatistics,
    ) -> bool {
        let state = &mut *self.state;
        let next = counting.next;
        if next == Step::First && state.used == 0 {
            // Odd, so that multiplying by it loses nothing.
            state.seed = SEED ^ state.next_seed | 1;
            state.free = Link::NONE;
            state.fresh = 0;
        }
        if counting.seed != state.seed {
            counting.seed = state.seed;
            let marker = Marker::of(sample.addresses(), sample.protocol, state.seed);
            counting.mark = marker.mark(sample.ports);
            // There it is inline, and with what follows it would be the longest step.
            if cfg!(target_pointer_width = "64") {
                return false;
            }
        }
        counting.next = Step::Apart;
        if let Step::First | Step::New = next {
            let length = match self.look(counting.mark) {
                Ok(at) => return self.count_known(at, sample),
                Err(length) => length,
            };
            if next == Step::New || !self.is_full() {
                return length < LONGEST && self.add(counting.mark, sample);
            }
            // Where the look was short, the choice is part of the same step.
            if length > SHORT {
                counting.next = Step::Choose;
                return false;
            }
        }
        match next {
            Step::First | Step::New | Step::Choose => {
                counting.chosen = self.choose();
                counting.next = Step::GiveWay;
                false
            }
            Step::GiveWay => {
                counting.next = Step::New;
                let at = counting.chosen;
                if let Some((slot, addresses)) = slot(self.slots, self.is_v6, at)
                    && slot.is_used()
                {
                    let aggregates = &mut self.state.aggregates;
                    aggregates.add(slot.protocol(), addresses, &slot.totals(), statistics);
                    self.remove(at);
                }
                false
            }
            Step::Apart => {
                let bytes = sample.bytes.into();
                let totals = match sample.direction {
                    Direction::Out => [0, bytes],
                    _ => [bytes, 0],
                };
                let aggregates = &mut self.state.aggregates;
                aggregates.add(sample.protocol, sample.addresses(), &totals, statistics);
                true
            }
        }
    }

    /// Adds a packet's bytes to a flow that has its mark. False where that is another one, as no two may have the same mark, or has
    /// all that it can have.
    #[inline(always)]
    fn count_known(&mut self, at: Link, sample: &Sample) -> bool {
        let Some((mut slot, addresses)) = slot(self.slots, self.is_v6, at) else {
            return false;
        };
        if !is_equal(addresses, sample.addresses()) || slot.protocol() != sample.protocol {
            return false;
        }
        let way = way(sample.direction);
        slot.count(way, sample.bytes) || slot.carry(way, sample.bytes)
    }

    /// Whether there are as many flows as there may be.
    #[inline(always)]
    fn is_full(&self) -> bool {
        2 * (usize::from(self.state.used) + usize::from(self.state.spared)) >= self.chains.len()
    }

    /// The flow that is to give way. None is found where the limit was lowered and few slots are in use: then there are more than the
    /// limit for a while. The newest is it only if it is the only one.
    #[inline(always)]
    fn choose(&mut self) -> Link {
        let State {
            used,
            fresh,
            recent: [newest, second, third],
            ref mut hand,
            ..
        } = *self.state;
        let mut turn = || {
            *hand = if *hand < fresh { *hand + 1 } else { 1 };
            Link::before(*hand)
        };
        let looked_at: [Link; 2 + SAMPLE] = [second, third, turn(), turn()];
        let mut lightest = if used == 1 { newest } else { Link::NONE };
        let mut least = u32::MAX;
        for at in looked_at {
            let Some((slot, _)) = self.slot(at).filter(|_| at != newest) else {
                continue;
            };
            let weight = if slot.is_usual() {
                slot.weight()
            } else if slot.is_used() {
                u32::MAX
            } else {
                continue;
            };
            // Of equals the recent one stays: it has had less time to grow.
            if weight <= least {
                (lightest, least) = (at, weight);
            }
        }
        lightest
    }

    /// Looks for the next flow from slot `from` on, and takes it out, or as much of it as one flow of a message can state. Moves
    /// `from` on accordingly.
    #[inline(never)]
    pub fn take(&mut self, from: &mut usize, flow: &mut Flow) -> Taken {
        let end = usize::from(self.state.fresh);
        for at in *from..end.min(*from + STEP) {
            let found = slot(self.slots, self.is_v6, Link::to(at));
            let Some((mut slot, addresses)) = found else {
                break;
            };
            if slot.is_used() {
                flow.protocol = slot.protocol();
                let marker = Marker::of(addresses, flow.protocol, self.state.seed);
                flow.ports = u32::from_be(marker.ports(slot.mark()));
                copy(&mut flow.addresses, addresses);
                let is_all;
                (flow.bytes, is_all) = slot.take();
                *from = at;
                if is_all {
                    *from += 1;
                    return self.remove(Link::to(at));
                }
                return Taken::Flow;
            }
        }
        *from += STEP;
        if *from < end { Taken::More } else { Taken::End }
    }

    /// Takes out the first aggregate from `from` on, or as much of it as one flow of a message can state. `from` moves behind one that
    /// was taken as a whole, so that what is added to it meanwhile waits for the next collection.
    #[inline(never)]
    pub fn take_aggregate(&mut self, from: &mut usize, flow: &mut Flow) -> Taken {
        let Some(protocol) = Protocol::ALL.get(*from).copied() else {
            return Taken::End;
        };
        let Some((bytes, local)) = self.state.aggregates.take(protocol) else {
            *from += 1;
            return Taken::More;
        };
        flow.protocol = protocol;
        flow.ports = 0;
        flow.bytes = bytes;
        let [a, b, c, d] = *local;
        flow.addresses = [a, b, c, d, 0, 0, 0, 0];
        *from += usize::from(!self.state.aggregates.is_used(protocol));
        Taken::Flow
    }

    /// The flow with a mark, or else how many flows its chain has.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    fn look(&mut self, mark: u32) -> Result<Link, usize> {
        let chain = chain(mark, self.state.seed, self.chains.len());
        let mut at = self.chains.get(chain).copied().unwrap_or(Link::NONE);
        let mut length = 0;
        while let Some((slot, _)) = self.slot(at) {
            if slot.mark() == mark {
                return Ok(at);
            }
            length += 1;
            at = slot.next();
        }
        Err(length)
    }

    /// Adds the flow of a packet. False if there is no room.
    #[inline(always)]
    fn add(&mut self, mark: u32, sample: &Sample) -> bool {
        let state = &mut *self.state;
        let is_fresh = state.free == Link::NONE;
        let at = if is_fresh {
            Link::before(state.fresh + 1)
        } else {
            state.free
        };
        let chain = chain(mark, state.seed, self.chains.len());
        let slot = slot(self.slots, self.is_v6, at);
        let (Some((mut slot, addresses)), Some(first)) = (slot, self.chains.get_mut(chain)) else {
            return false;
        };
        if is_fresh {
            state.fresh += 1;
        } else {
            state.free = slot.next();
        }
        slot.fill(mark, sample.protocol, core::mem::replace(first, at));
        slot.count(way(sample.direction), sample.bytes);
        state.used += 1;
        let [first, second, third] = state.recent;
        // Where the newest was taken out, this one has its place.
        state.recent = if first == Link::NONE {
            [at, second, third]
        } else {
            [at, first, second]
        };
        copy(addresses, sample.addresses());
        true
    }

    /// Frees the slot of a flow. What it returns is what a step ends with whose last call it is, which takes no stack then.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    fn remove(&mut self, at: Link) -> Taken {
        let Some((mut gone, _)) = slot(self.slots, self.is_v6, at) else {
            return Taken::Flow;
        };
        let (mark, next) = (gone.mark(), gone.next());
        gone.vacate(self.state.free);
        self.state.free = at;
        self.state.used -= 1;
        let chain = chain(mark, self.state.seed, self.chains.len());
        if let Some(first) = self.chains.get_mut(chain) {
            let mut before = *first;
            if before == at {
                *first = next;
            } else {
                while let Some((mut slot, _)) = slot(self.slots, self.is_v6, before) {
                    before = slot.next();
                    if before == at {
                        slot.set_next(next);
                        break;
                    }
                }
            }
        }
        let [newest, second, third] = &mut self.state.recent;
        if *newest == at {
            *newest = Link::NONE;
        } else if *second == at {
            (*second, *third) = (*third, Link::NONE);
        } else if *third == at {
            *third = Link::NONE;
        }
        Taken::Flow
    }
}

/// The chain of a mark.
#[inline(always)]
fn chain(mark: u32, seed: u32, chains: usize) -> usize {
    ((u64::from(mark.wrapping_mul(seed)) * chains as u64) >> 32) as usize
}

/// The slot, and the addresses of its flow.
#[inline(always)]
fn slot(slots: &mut [u32], is_v6: bool, at: Link) -> Option<(Slot<'_>, &mut [u32])> {
    const { assert!(WIDTH_V6 == 2 * WIDTH_V4) };
    let width = WIDTH_V4 << u32::from(is_v6);
    let begin = usize::from(at.index()) * width;
    let (head, addresses) = slots
        .get_mut(begin..begin + width)?
        .split_first_chunk_mut()?;
    Some((Slot(head), addresses))
}

/// Copies the addresses of a flow. Without a loop, which takes longer.
#[inline(always)]
fn copy(to: &mut [u32], from: &[u32]) {
    if let (Some(to), Some(from)) = (to.first_chunk_mut::<8>(), from.first_chunk()) {
        *to = *from;
    } else if let (Some(to), Some(from)) = (to.first_chunk_mut::<2>(), from.first_chunk()) {
        *to = *from;
    }
}

/// Whether as many pairs of words as there are of both are equal.
#[inline(always)]
fn is_equal(a: &[u32], b: &[u32]) -> bool {
    let mut differ = 0;
    for ([a, b], [c, d]) in a.as_chunks().0.iter().zip(b.as_chunks().0) {
        differ |= (a ^ c) | (b ^ d);
    }
    differ == 0
}
