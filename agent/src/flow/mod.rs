//! The flow table: which hosts the device talks to, and how many bytes go each way.
//!
//! Memory is fixed. What finds no room is not lost: a light flow gives way, and its bytes go to an aggregate flow of its
//! protocol and IP version (remote address unspecified, ports 0). A flow of more than 4 GiB, which is more than a message can state
//! in one flow, is reported in several.
//!
//! # What is guaranteed
//!
//! - No byte is lost. Those of a known flow count for it, whatever comes; only beyond 512 GiB one way between two collections
//!   they go to the aggregate.
//! - As long as there are no more flows than the limit, each is reported apart. (Of 8,000 tables of 1,024 flows, about one has an
//!   unlucky seed with which one flow goes to the aggregate; of tables of 64 flows, one of two millions.)
//! - Beyond that, the flow that gives way is the lightest of some. It is not the newest one, so that this has the time to grow. And it
//!   is no heavier than the two newcomers before that one, if they are still there: a flood of small flows displaces none that has
//!   grown.
//! - Everything here takes a bounded number of instructions, fewer than 300 on a Cortex-M4F, whatever is in the
//!   table and however large it is, but for what says that it does several steps: [`FlowTable::observe`], [`FlowTable::clear`],
//!   [`FlowSource::take`]. So each step may be done with interrupts off, and others in between.

mod address;
mod aggregate;
mod mark;
mod slot;
mod table;

use core::net::{Ipv4Addr, Ipv6Addr};

use defender_message::flow::{FlowV4, FlowV6, Protocol};

pub use self::address::Address;

use self::slot::Link;
use self::table::{Flows, Table};
use super::packet::{Direction, Observation, Packet, Rejection, Seen, protocol_bits};
use super::settings::{Collector, Settings};
use super::statistics::PacketStatistics;

/// A flow of either IP version, as it goes into a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// IPv4.
    V4(FlowV4),
    /// IPv6.
    V6(FlowV6),
}

/// A packet, seen from the device.
#[derive(Clone, Copy, Debug)]
pub struct Sample<A> {
    direction: Direction,
    /// With the local address as its source.
    packet: Observation<A>,
}

impl<A: Copy> Sample<A> {
    /// A packet on its way in that direction.
    pub fn new(direction: Direction, packet: &Observation<A>) -> Self {
        let mut packet = *packet;
        if direction != Direction::Out {
            core::mem::swap(&mut packet.source, &mut packet.destination);
            core::mem::swap(&mut packet.source_port, &mut packet.destination_port);
        }
        Self { direction, packet }
    }
}

/// The flow that is to give way, if any: see [`FlowTable::choose`].
#[derive(Clone, Copy, Debug)]
pub struct Chosen(Link);

impl Chosen {
    /// Whether there is room without that.
    pub fn is_nobody(self) -> bool {
        self.0 == Link::NONE
    }
}

/// What came of the [shortest way](FlowTable::observe_usual).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Look {
    /// The packet is counted.
    Counted,
    /// Nothing has been done: the flow is new, and [`FlowTable::choose`] is to follow.
    Unknown,
    /// Nothing has been done: [`FlowTable::observe_known`] is to follow.
    Unclear,
}

/// Whether a packet was counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// Its bytes are in the table.
    Counted,
    /// The settings leave it out: its protocol, its direction to a group, or network activity as a whole.
    Ignored,
}

/// Flows of IPv4 and IPv6, `V4` and `V6` of them at most, and the settings that decide what is counted.
///
/// It is what packet hooks write and collections empty; whoever shares it between threads locks it for one call
/// at a time.
#[repr(C)]
pub struct FlowTable<const V4: usize = 64, const V6: usize = 64> {
    filter: Filter,
    statistics: PacketStatistics,
    ipv4: Table<Ipv4Addr, V4>,
    ipv6: Table<Ipv6Addr, V6>,
}

/// What of the settings concerns single packets. All zeros are the defaults.
#[derive(Clone, Copy)]
struct Filter {
    /// By [the bits of the protocol](protocol_bits).
    left_out: [bool; 4],
    with_groups: bool,
}

impl<const V4: usize, const V6: usize> FlowTable<V4, V6> {
    /// An empty table that counts what the default settings say. As bytes it is all zeros: a static of it takes no room in an
    /// image.
    pub const fn new() -> Self {
        Self {
            filter: Filter {
                left_out: [false; 4],
                with_groups: false,
            },
            statistics: PacketStatistics::new(),
            ipv4: Table::new(),
            ipv6: Table::new(),
        }
    }

    /// Forgets all flows and statistics. That takes longer the more flows there are: where others wait, [take](FlowSource::take)
    /// the flows out one by one, and then [reset the statistics](Self::reset_statistics).
    pub fn clear(&mut self) {
        let mut cursor = Cursor::START;
        while FlowSource::take(self, &mut cursor).is_some() {}
        self.reset_statistics();
    }

    /// Forgets the statistics, and no flow.
    pub fn reset_statistics(&mut self) {
        self.statistics = PacketStatistics::new();
    }

    /// Counts from now on what `settings` say.
    pub fn apply(&mut self, settings: &Settings) {
        let network = settings.collector_enabled(Collector::NetworkActivity);
        for protocol in Protocol::ALL {
            self.filter.left_out[protocol_bits(protocol) as usize] =
                !(network && settings.protocol_enabled(protocol));
        }
        self.filter.with_groups = !settings.unicast_only();
        let (ipv4, ipv6) = settings.flow_limits();
        self.ipv4.set_limit(ipv4);
        self.ipv6.set_limit(ipv6);
    }

    /// Makes it unpredictable where in the table a flow stands, so that nobody can choose flows that displace each other. Has an
    /// effect from when the table is empty next.
    pub fn set_seed(&mut self, seed: u32) {
        self.ipv4.set_seed(seed);
        self.ipv6.set_seed(seed);
    }

    /// Adds a packet's bytes to its flow, if the settings want them.
    ///
    /// A known flow costs the same however many there are.
    pub fn observe(&mut self, direction: Direction, packet: &Packet) -> Verdict {
        match packet {
            Packet::V4(packet) => self.observe_any(direction, packet),
            Packet::V6(packet) => self.observe_any(direction, packet),
        }
    }

    fn observe_any<A: Address>(
        &mut self,
        direction: Direction,
        packet: &Observation<A>,
    ) -> Verdict {
        let sample = Sample::new(direction, packet);
        self.observe_known(&sample).unwrap_or_else(|| {
            let chosen = self.choose::<A>();
            self.give_way::<A>(chosen);
            self.observe_new(&sample)
        })
    }

    /// The shortest way for a packet of a known flow, as the headers stand in the packet.
    #[inline(always)]
    pub fn observe_usual<S: Seen>(&mut self, direction: Direction, seen: &S) -> Look {
        if !self.filter.wants(direction, seen.protocol()) {
            return Look::Unclear;
        }
        let look = S::Address::flows(self).count_usual(direction, seen);
        if let Look::Counted = look {
            self.statistics.packets_counted += 1;
        }
        look
    }

    /// The first step of [`observe`](Self::observe), and the only one unless the flow is new: `None` says that nothing has been
    /// done, and that [`choose`](Self::choose), [`give_way`](Self::give_way) and [`observe_new`](Self::observe_new) are to follow.
    pub fn observe_known<A: Address>(&mut self, sample: &Sample<A>) -> Option<Verdict> {
        if !self
            .filter
            .wants(sample.direction, sample.packet.protocol())
        {
            self.statistics.packets_ignored += 1;
            return Some(Verdict::Ignored);
        }
        A::flows(self).count_known(sample).then(|| {
            self.statistics.packets_counted += 1;
            Verdict::Counted
        })
    }

    /// The second step: if the table is full, the flow that is to give way.
    pub fn choose<A: Address>(&mut self) -> Chosen {
        Chosen(A::flows(self).choose())
    }

    /// The third step: that flow gives way.
    pub fn give_way<A: Address>(&mut self, chosen: Chosen) {
        if let Some(bytes) = A::flows(self).give_way(chosen.0) {
            self.statistics.flows_aggregated += 1;
            self.statistics.bytes_aggregated += bytes;
        }
    }

    /// The fourth step: adds a packet of a flow that is probably new. Where others have taken the room meanwhile, its bytes go
    /// to the aggregate.
    pub fn observe_new<A: Address>(&mut self, sample: &Sample<A>) -> Verdict {
        self.statistics.packets_counted += 1;
        if !A::flows(self).count_new(sample) {
            self.statistics.flows_aggregated += 1;
            self.statistics.bytes_aggregated += u64::from(sample.packet.bytes);
        }
        Verdict::Counted
    }

    /// Counts a packet that makes no flow, by its reason.
    pub fn reject(&mut self, reason: Rejection) {
        match reason {
            Rejection::OtherProtocol => self.statistics.packets_ignored += 1,
            Rejection::Malformed | Rejection::HeadTooShort { .. } => {
                self.statistics.packets_malformed += 1;
            }
        }
    }

    /// The chain of a flow, for those who measure what flows of one chain cost.
    #[doc(hidden)]
    pub fn chain(&self, direction: Direction, packet: &Packet) -> usize {
        let slots = match packet {
            Packet::V4(_) => V4,
            Packet::V6(_) => V6,
        };
        self.chain_of(2 * slots, direction, packet)
    }

    /// The same in a table of so many chains with the same seed.
    #[doc(hidden)]
    pub fn chain_of(&self, chains: usize, direction: Direction, packet: &Packet) -> usize {
        match packet {
            Packet::V4(packet) => self.ipv4.chain(direction, packet, chains),
            Packet::V6(packet) => self.ipv6.chain(direction, packet, chains),
        }
    }

    /// The ports with which `packet` has the mark of the packet `of`, so that they are told apart by their addresses only: for those
    /// who measure what that costs. As they stand in a packet that the device sends.
    #[doc(hidden)]
    pub fn look_alike(&self, direction: Direction, of: &Packet, packet: &Packet) -> u32 {
        match (of, packet) {
            (Packet::V4(of), Packet::V4(packet)) => self.ipv4.look_alike(direction, of, packet),
            (Packet::V6(of), Packet::V6(packet)) => self.ipv6.look_alike(direction, of, packet),
            _ => 0,
        }
    }

    /// How many flows it holds; aggregates do not count.
    pub fn len(&self) -> usize {
        self.ipv4.len() + self.ipv6.len()
    }

    /// Whether there is nothing to report.
    pub fn is_empty(&self) -> bool {
        self.ipv4.is_empty() && self.ipv6.is_empty()
    }

    /// What has been counted since the table was made.
    pub fn statistics(&self) -> PacketStatistics {
        PacketStatistics {
            // One flow gives way to each, or has no chance.
            packets_without_room: self.statistics.flows_aggregated,
            ..self.statistics
        }
    }
}

impl<const V4: usize, const V6: usize> Default for FlowTable<V4, V6> {
    fn default() -> Self {
        Self::new()
    }
}

impl Filter {
    #[inline(always)]
    fn wants(&self, direction: Direction, protocol: u32) -> bool {
        !self.left_out[protocol as usize & 3]
            && (direction != Direction::InGroup || self.with_groups)
    }
}

/// How far a collection has come through the flow table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// Slots of IPv4, aggregates of IPv4, the same of IPv6, the end.
    section: u8,
    /// The next slot or aggregate of that section.
    next: usize,
}

impl Cursor {
    /// Before the first flow.
    pub const START: Self = Self {
        section: 0,
        next: 0,
    };
}

/// What a collection takes flows from: a [`FlowTable`], or one behind a lock.
pub trait FlowSource {
    /// Takes the next flow at or behind `cursor` out of the table; `None` at the end. A flow that comes behind the
    /// cursor meanwhile is left for the next collection, so that every collection ends.
    fn take(&mut self, cursor: &mut Cursor) -> Option<Flow>;

    /// Whether there is nothing to take.
    fn is_empty(&mut self) -> bool;

    /// [`FlowTable::set_seed`].
    fn set_seed(&mut self, seed: u32);
}

/// How a step of a collection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// With a flow, which is out of the table.
    Flow(Flow),
    /// Without one: another step is to follow.
    More,
    /// At the end.
    End,
}

impl<const V4: usize, const V6: usize> FlowTable<V4, V6> {
    /// A step of [`FlowSource::take`].
    pub fn take_step(&mut self, cursor: &mut Cursor) -> Taken {
        let next = &mut cursor.next;
        let taken = match cursor.section {
            part @ 0..=1 => self.ipv4.take(part == 1, next),
            part @ 2..=3 => self.ipv6.take(part == 3, next),
            _ => return Taken::End,
        };
        if let Taken::End = taken {
            *cursor = Cursor {
                section: cursor.section + 1,
                next: 0,
            };
            return Taken::More;
        }
        taken
    }
}

impl<const V4: usize, const V6: usize> FlowSource for FlowTable<V4, V6> {
    fn take(&mut self, cursor: &mut Cursor) -> Option<Flow> {
        loop {
            match self.take_step(cursor) {
                Taken::Flow(flow) => return Some(flow),
                Taken::More => {}
                Taken::End => return None,
            }
        }
    }

    fn is_empty(&mut self) -> bool {
        FlowTable::is_empty(self)
    }

    fn set_seed(&mut self, seed: u32) {
        FlowTable::set_seed(self, seed);
    }
}
