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
//! What has nothing to do with addresses is there once, for both IP versions ([`Core`]).

use defender_message::flow::{Flow, Protocol};

use super::address::Address;
use super::aggregate::Aggregates;
use super::mark::{Marker, Oriented, way};
use super::slot::{Link, Slot, Totals};
use super::{Look, Sample, Taken};
use crate::packet::{Direction, Observation, Seen};

/// Flows in a chain. With random hashes, one of 100,000 full tables of 1,024 flows would need a longer one.
const LONGEST: usize = 8;

/// Slots that are looked at when a flow has to give way, beside those of the flows that came before the last.
const SAMPLE: usize = 2;

/// Slots that are looked at for the next flow of a collection before others may have the table.
const STEP: usize = 4;

/// A seed for those who have none.
const SEED: u32 = 0x9E37_79B1;

/// At most `N` flows, and what could not be kept apart. As bytes, an empty one is all zeros.
#[repr(C)]
pub(super) struct Table<A: Address, const N: usize> {
    state: State,
    /// The local addresses of the aggregates.
    locals: [A::Words; Protocol::ALL.len()],
    /// The first flow of each chain: two chains a slot, so that most have one flow or none.
    chains: [[Link; 2]; N],
    slots: [Slot; N],
    /// Local and remote address of the flow in each slot.
    addresses: [[A::Words; 2]; N],
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

impl<A: Address, const N: usize> Table<A, N> {
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
            locals: [A::ZERO; Protocol::ALL.len()],
            chains: [[Link::NONE; 2]; N],
            slots: [Slot::VACANT; N],
            addresses: [[A::ZERO; 2]; N],
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
    pub fn chain<S: Seen<Address = A>>(
        &self,
        direction: Direction,
        seen: &S,
        chains: usize,
    ) -> usize {
        chain(self.mark(direction, seen), self.state.seed, chains)
    }

    /// The ports with which a flow has the mark of another one.
    pub fn look_alike<S: Seen<Address = A>>(&self, direction: Direction, of: &S, seen: &S) -> u32 {
        let packet = Oriented { direction, seen };
        packet
            .marker(self.state.seed)
            .ports(self.mark(direction, of))
    }

    #[inline(always)]
    fn mark<S: Seen<Address = A>>(&self, direction: Direction, seen: &S) -> u32 {
        let packet = Oriented { direction, seen };
        packet.marker(self.state.seed).mark(packet.ports())
    }

    /// The slot of a flow.
    #[inline(always)]
    fn find(&self, packet: &Observation<A>, mark: u32) -> Option<usize> {
        let chains = self.chains.as_flattened();
        let mut at = *chains.get(chain(mark, self.state.seed, 2 * N))?;
        while let Some(slot) = self.slots.get(at.slot()) {
            if slot.mark == mark {
                // No other one has the mark, so that one comparison is enough.
                let is_it = is_of(self.addresses.get(at.slot())?, Direction::Out, packet);
                return (is_it && slot.is_of(packet.protocol())).then_some(at.slot());
            }
            at = slot.next;
        }
        None
    }

    /// Adds bytes of a flow with this local address to the aggregate of its protocol.
    #[inline(never)]
    fn aggregate(&mut self, protocol: Protocol, local: A::Words, bytes: Totals) {
        let kept = &mut self.locals[protocol as usize];
        let is_new = self.state.aggregates.add(protocol, bytes);
        if is_new {
            *kept = local;
        } else if !is_same(kept, |word| local.as_ref().get(word).copied().unwrap_or(0)) {
            *kept = A::ZERO;
        }
    }

    /// Looks for the next flow from slot `from` on, and takes it out, or as much of it as one flow of a message can state. Moves
    /// `from` on accordingly.
    ///
    /// Of the aggregates, it takes out the first one from `from` on, likewise. `from` moves behind an aggregate that was taken as a
    /// whole, so that what is added to it meanwhile waits for the next collection.
    #[inline(never)]
    pub fn take(&mut self, of_aggregates: bool, from: &mut usize) -> Taken {
        let at = *from;
        let (flow, local, remote) = if of_aggregates {
            let (Some(protocol), Some(local)) = (Protocol::ALL.get(at), self.locals.get(at)) else {
                return Taken::End;
            };
            let aggregates = &mut self.state.aggregates;
            if !aggregates.is_used(*protocol) {
                *from += 1;
                return Taken::More;
            }
            let flow = flow(*protocol, 0, aggregates.take(*protocol));
            *from += usize::from(!aggregates.is_used(*protocol));
            (flow, *local, A::ZERO)
        } else {
            let at = match self.core().next(from) {
                Some(at) => at,
                None if *from < usize::from(self.state.fresh) => return Taken::More,
                None => return Taken::End,
            };
            let (Some(slot), Some([local, remote])) =
                (self.slots.get_mut(at), self.addresses.get(at))
            else {
                return Taken::End;
            };
            let (local, remote, protocol) = (*local, *remote, slot.protocol());
            let marker = Marker::of::<A>(&local, &remote, protocol, self.state.seed);
            let ports = marker.ports(slot.mark);
            let (bytes, is_all) = slot.take();
            if is_all {
                self.core().remove(Link::to(at));
            } else {
                *from = at;
            }
            (flow(protocol, ports, bytes), local, remote)
        };
        Taken::Flow(A::flow(flow, &local, &remote))
    }

    #[inline(always)]
    fn core(&mut self) -> Core<'_> {
        Core {
            state: &mut self.state,
            chains: self.chains.as_flattened_mut(),
            slots: &mut self.slots,
        }
    }
}

/// What is done with the flows of one IP version, however many there may be.
pub trait Flows {
    /// `Ipv4Addr` or `Ipv6Addr`.
    type Address: Address;

    /// Adds a packet's bytes to its flow, if that is found at once.
    fn count_usual<S: Seen<Address = Self::Address>>(
        &mut self,
        direction: Direction,
        seen: &S,
    ) -> Look;

    /// Adds a packet's bytes to its flow, if that is there.
    fn count_known(&mut self, sample: &Sample<Self::Address>) -> bool;

    /// Adds a packet of a flow, for which there has been [made room](Self::choose). Where there is none, its bytes go to the
    /// aggregate, and it returns false.
    fn count_new(&mut self, sample: &Sample<Self::Address>) -> bool;

    /// The flow that is to give way, if there are as many as there may be. None is found where the limit was lowered and few slots
    /// are in use: then there are more than the limit for a while.
    fn choose(&mut self) -> Link;

    /// Lets the flow that was [chosen](Self::choose) give way, if it is still there. Returns its bytes.
    fn give_way(&mut self, at: Link) -> Option<u64>;
}

impl<A: Address, const N: usize> Flows for Table<A, N> {
    type Address = A;

    #[inline(always)]
    fn count_usual<S: Seen<Address = A>>(&mut self, direction: Direction, seen: &S) -> Look {
        let mark = self.mark(direction, seen);
        let chains = self.chains.as_flattened();
        let Some(mut at) = chains.get(chain(mark, self.state.seed, 2 * N)).copied() else {
            return Look::Unknown;
        };
        while let Some(slot) = self.slots.get_mut(at.slot()) {
            if slot.mark == mark {
                let addresses = self.addresses.get(at.slot());
                let is_it = addresses.is_some_and(|addresses| is_of(addresses, direction, seen))
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

    #[inline(never)]
    fn count_known(&mut self, sample: &Sample<A>) -> bool {
        let mark = self.mark(Direction::Out, &sample.packet);
        let Some(at) = self.find(&sample.packet, mark) else {
            return false;
        };
        let Some(slot) = self.slots.get_mut(at) else {
            return false;
        };
        let (way, bytes) = (way(sample.direction), sample.packet.bytes);
        if !slot.count(way, bytes) {
            let protocol = slot.protocol();
            if let Some(had) = slot.carry(way, bytes)
                && let Some([local, _]) = self.addresses.get(at).copied()
            {
                self.aggregate(protocol, local, had);
            }
        }
        true
    }

    #[inline(never)]
    fn count_new(&mut self, sample: &Sample<A>) -> bool {
        if self.state.used == 0 {
            self.core().begin();
        }
        let Sample { direction, packet } = sample;
        let mark = self.mark(Direction::Out, packet);
        match self.core().room_for(mark) {
            Room::Free => {
                let at = self.core().add(mark, packet.protocol);
                if let (Some([local, remote]), Some(slot)) =
                    (self.addresses.get_mut(at), self.slots.get_mut(at))
                {
                    *local = A::words_of(|word| packet.source(word));
                    *remote = A::words_of(|word| packet.destination(word));
                    slot.count(way(*direction), packet.bytes);
                }
                return true;
            }
            // It has come meanwhile, or it is another one.
            Room::SameMark => {
                if self.count_known(sample) {
                    return true;
                }
            }
            Room::None => {}
        }
        let bytes = match way(*direction) {
            0 => [packet.bytes.into(), 0],
            _ => [0, packet.bytes.into()],
        };
        let local = A::words_of(|word| packet.source(word));
        self.aggregate(packet.protocol, local, bytes);
        false
    }

    fn choose(&mut self) -> Link {
        if self.len() + usize::from(self.state.spared) < N {
            return Link::NONE;
        }
        self.core().lightest_of_some()
    }

    #[inline(never)]
    fn give_way(&mut self, at: Link) -> Option<u64> {
        let slot = self.slots.get(at.slot())?;
        let [local, _] = *self.addresses.get(at.slot())?;
        if !slot.is_used() {
            return None;
        }
        let totals = slot.totals();
        self.aggregate(slot.protocol(), local, totals);
        self.core().remove(at);
        let [received, sent] = totals;
        Some(received + sent)
    }
}

/// The chain of a mark.
#[inline(always)]
fn chain(mark: u32, seed: u32, chains: usize) -> usize {
    ((u64::from(mark.wrapping_mul(seed)) * chains as u64) >> 32) as usize
}

/// Whether there is room for a flow in its chain.
enum Room {
    Free,
    /// There is one of the same mark.
    SameMark,
    None,
}

/// The flows of one IP version, whichever it is, without their addresses.
struct Core<'a> {
    state: &'a mut State,
    chains: &'a mut [Link],
    slots: &'a mut [Slot],
}

impl Core<'_> {
    /// The first flow of an empty table comes.
    fn begin(&mut self) {
        // Odd, so that multiplying by it loses nothing.
        self.state.seed = (self.state.next_seed ^ SEED) | 1;
        self.state.free = Link::NONE;
        self.state.fresh = 0;
    }

    /// The next slot that is used from `from` on, of a few, and moves `from` behind what was looked at.
    fn next(&self, from: &mut usize) -> Option<usize> {
        let begin = *from;
        // As most are.
        if self.slots.get(begin).is_some_and(Slot::is_used) {
            *from += 1;
            return Some(begin);
        }
        let end = usize::from(self.state.fresh).min(begin + STEP);
        let found = self.slots.get(begin..end)?.iter().position(Slot::is_used);
        *from = found.map_or(end, |found| begin + found + 1);
        found.map(|found| begin + found)
    }

    /// Whether there is room for a flow.
    #[inline(never)]
    fn room_for(&self, mark: u32) -> Room {
        let chain = chain(mark, self.state.seed, 2 * self.slots.len());
        let mut at = self.chains.get(chain).copied().unwrap_or(Link::NONE);
        let mut length = 0;
        while let Some(slot) = self.slots.get(at.slot()) {
            if slot.mark == mark {
                return Room::SameMark;
            }
            length += 1;
            at = slot.next;
        }
        if length < LONGEST && usize::from(self.state.used) < self.slots.len() {
            Room::Free
        } else {
            Room::None
        }
    }

    /// Adds a flow without bytes, and returns its slot. There is room.
    #[inline(never)]
    fn add(&mut self, mark: u32, protocol: Protocol) -> usize {
        let at = self.allocate();
        let first = self
            .chains
            .get_mut(chain(mark, self.state.seed, 2 * self.slots.len()));
        let next = first.map_or(Link::NONE, |first| core::mem::replace(first, at));
        if let Some(slot) = self.slots.get_mut(at.slot()) {
            *slot = Slot::new(mark, protocol, next);
        }
        self.state.used += 1;
        let [first, second, third] = self.state.recent;
        // Where the newest was taken out, this one has its place.
        self.state.recent = if first == Link::NONE {
            [at, second, third]
        } else {
            [at, first, second]
        };
        at.slot()
    }

    /// A vacant slot, of which there is one.
    fn allocate(&mut self) -> Link {
        let at = self.state.free;
        if let Some(slot) = self.slots.get(at.slot()) {
            self.state.free = slot.next;
            return at;
        }
        self.state.fresh += 1;
        Link::before(self.state.fresh)
    }

    /// The flow that gives way: the newest only if it is the only one.
    #[inline(never)]
    fn lightest_of_some(&mut self) -> Link {
        let [newest, second, third] = self.state.recent;
        let (mut hand, fresh) = (self.state.hand, self.state.fresh);
        let mut turn = || {
            hand = if hand < fresh { hand + 1 } else { 1 };
            Link::before(hand)
        };
        let looked_at: [Link; 2 + SAMPLE] = [second, third, turn(), turn()];
        self.state.hand = hand;
        let mut lightest = if self.state.used == 1 {
            newest
        } else {
            Link::NONE
        };
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

    /// Frees the slot of a flow.
    #[inline(never)]
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
        let [newest, second, third] = self.state.recent;
        self.state.recent = if newest == at {
            [Link::NONE, second, third]
        } else if second == at {
            [newest, third, Link::NONE]
        } else if third == at {
            [newest, second, Link::NONE]
        } else {
            return;
        };
    }
}

/// Whether these are the addresses of a packet's flow.
#[inline(always)]
fn is_of<S: Seen>(
    [local, remote]: &[<S::Address as Address>::Words; 2],
    direction: Direction,
    seen: &S,
) -> bool {
    let packet = Oriented { direction, seen };
    is_same(remote, |word| packet.remote(word)) && is_same(local, |word| packet.local(word))
}

/// Whether an address has these words. Without a loop, which takes as long again.
#[inline(always)]
fn is_same<W: AsRef<[u32]>>(address: &W, word: impl Fn(usize) -> u32) -> bool {
    match address.as_ref() {
        [first] => *first == word(0),
        [first, second, third, fourth] => {
            *fourth == word(3) && *third == word(2) && *second == word(1) && *first == word(0)
        }
        _ => false,
    }
}

/// A flow as it goes into a message, without its addresses; with its ports as they stand in a packet that the device sends.
#[inline(always)]
fn flow(protocol: Protocol, ports: u32, [bytes_in, bytes_out]: [u32; 2]) -> Flow<()> {
    let ports = u32::from_be(ports);
    Flow {
        protocol,
        local_address: (),
        local_port: (ports >> 16) as u16,
        remote_address: (),
        remote_port: ports as u16,
        bytes_in,
        bytes_out,
    }
}
