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
//! - As long as there are no more flows than the limit, each is reported apart. (Of 100,000 tables of 1,024 flows, about one has an
//!   unlucky seed with which one flow goes to the aggregate.)
//! - Beyond that, the flow that gives way is the lightest of some. It is not the newest one, so that this has the time to grow. And it
//!   is no heavier than the two newcomers before that one, if they are still there: a flood of small flows displaces none that has
//!   grown.
//! - Everything here takes a bounded number of instructions, fewer than 300 on a Cortex-M4F, whatever is in the
//!   table and however large it is, but for what says that it does several steps: [`FlowTable::observe`], [`FlowTable::clear`],
//!   [`FlowSource::take`]. So each step may be done with interrupts off, and others in between.

mod address;
mod aggregate;
mod slot;
mod table;

use core::net::{Ipv4Addr, Ipv6Addr};

use defender_message::flow::{FlowV4, FlowV6, Protocol};

use self::address::Address;
use self::slot::{Bytes, Key, Totals};
use self::table::{Step, Table};
use super::packet::{Direction, Observation, Packet, Rejection};
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
pub struct FlowTable<const V4: usize = 64, const V6: usize = 64> {
    ipv4: Table<Ipv4Addr, V4>,
    ipv6: Table<Ipv6Addr, V6>,
    filter: Filter,
    statistics: PacketStatistics,
}

/// What of the settings concerns single packets. All zeros are the defaults.
#[derive(Clone, Copy)]
struct Filter {
    left_out: [bool; Protocol::ALL.len()],
    with_groups: bool,
}

impl<const V4: usize, const V6: usize> FlowTable<V4, V6> {
    /// An empty table that counts what the default settings say. As bytes it is all zeros: a static of it takes no room in an
    /// image.
    pub const fn new() -> Self {
        Self {
            ipv4: Table::new(),
            ipv6: Table::new(),
            filter: Filter {
                left_out: [false; Protocol::ALL.len()],
                with_groups: false,
            },
            statistics: PacketStatistics::new(),
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
            self.filter.left_out[protocol as usize] =
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
            Packet::V4(observation) => self.observe_v4(direction, observation),
            Packet::V6(observation) => self.observe_v6(direction, observation),
        }
    }

    /// [`observe`](Self::observe) for an IPv4 packet.
    #[inline(always)]
    pub fn observe_v4(&mut self, direction: Direction, packet: &Observation<Ipv4Addr>) -> Verdict {
        self.observe_known_v4(direction, packet).unwrap_or_else(|| {
            self.make_room_v4();
            self.observe_new_v4(direction, packet)
        })
    }

    /// [`observe`](Self::observe) for an IPv6 packet.
    #[inline(always)]
    pub fn observe_v6(&mut self, direction: Direction, packet: &Observation<Ipv6Addr>) -> Verdict {
        self.observe_known_v6(direction, packet).unwrap_or_else(|| {
            self.make_room_v6();
            self.observe_new_v6(direction, packet)
        })
    }

    /// The first step of [`observe_v4`](Self::observe_v4), and the only one unless the flow is new: `None` says that nothing has been
    /// done, and that [`make_room_v4`](Self::make_room_v4) and [`observe_new_v4`](Self::observe_new_v4) are to follow.
    #[inline(always)]
    pub fn observe_known_v4(
        &mut self,
        direction: Direction,
        packet: &Observation<Ipv4Addr>,
    ) -> Option<Verdict> {
        let Self {
            ipv4: table,
            filter,
            statistics,
            ..
        } = self;
        observe_known(table, filter, statistics, direction, packet)
    }

    /// The first step of [`observe_v6`](Self::observe_v6); see [`observe_known_v4`](Self::observe_known_v4).
    #[inline(always)]
    pub fn observe_known_v6(
        &mut self,
        direction: Direction,
        packet: &Observation<Ipv6Addr>,
    ) -> Option<Verdict> {
        let Self {
            ipv6: table,
            filter,
            statistics,
            ..
        } = self;
        observe_known(table, filter, statistics, direction, packet)
    }

    /// The second step: if the table is full, an IPv4 flow gives way.
    #[inline(never)]
    pub fn make_room_v4(&mut self) {
        make_room(&mut self.ipv4, &mut self.statistics);
    }

    /// The third step: adds a packet of an IPv4 flow that is probably new. Where others have taken the room meanwhile, its bytes go
    /// to the aggregate.
    #[inline(never)]
    pub fn observe_new_v4(
        &mut self,
        direction: Direction,
        packet: &Observation<Ipv4Addr>,
    ) -> Verdict {
        observe_new(&mut self.ipv4, &mut self.statistics, direction, packet)
    }

    /// The second step: if the table is full, an IPv6 flow gives way.
    #[inline(never)]
    pub fn make_room_v6(&mut self) {
        make_room(&mut self.ipv6, &mut self.statistics);
    }

    /// The third step: adds a packet of an IPv6 flow that is probably new; see [`observe_new_v4`](Self::observe_new_v4).
    #[inline(never)]
    pub fn observe_new_v6(
        &mut self,
        direction: Direction,
        packet: &Observation<Ipv6Addr>,
    ) -> Verdict {
        observe_new(&mut self.ipv6, &mut self.statistics, direction, packet)
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
        match packet {
            Packet::V4(packet) => self.ipv4.chain(&oriented(direction, packet).0),
            Packet::V6(packet) => self.ipv6.chain(&oriented(direction, packet).0),
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

#[inline(always)]
fn observe_known<A: Address, const N: usize>(
    table: &mut Table<A, N>,
    filter: &Filter,
    statistics: &mut PacketStatistics,
    direction: Direction,
    packet: &Observation<A>,
) -> Option<Verdict> {
    if !filter.wants(direction, packet.protocol) {
        statistics.packets_ignored += 1;
        return Some(Verdict::Ignored);
    }
    let (key, bytes) = oriented(direction, packet);
    table.count_known(&key, bytes).then(|| {
        statistics.packets_counted += 1;
        Verdict::Counted
    })
}

#[inline(always)]
fn make_room<A: Address, const N: usize>(
    table: &mut Table<A, N>,
    statistics: &mut PacketStatistics,
) {
    if let Some(Totals { received, sent }) = table.make_room() {
        statistics.flows_aggregated += 1;
        statistics.bytes_aggregated += received + sent;
    }
}

#[inline(always)]
fn observe_new<A: Address, const N: usize>(
    table: &mut Table<A, N>,
    statistics: &mut PacketStatistics,
    direction: Direction,
    packet: &Observation<A>,
) -> Verdict {
    let (key, bytes) = oriented(direction, packet);
    statistics.packets_counted += 1;
    if !table.count_new(&key, bytes) {
        statistics.flows_aggregated += 1;
        statistics.bytes_aggregated += u64::from(packet.bytes);
    }
    Verdict::Counted
}

impl<const V4: usize, const V6: usize> Default for FlowTable<V4, V6> {
    fn default() -> Self {
        Self::new()
    }
}

impl Filter {
    #[inline(always)]
    fn wants(&self, direction: Direction, protocol: Protocol) -> bool {
        !self.left_out[protocol as usize] && (direction != Direction::InGroup || self.with_groups)
    }
}

/// A packet seen from the device.
#[inline(always)]
fn oriented<A: Address>(direction: Direction, packet: &Observation<A>) -> (Key<A>, Bytes) {
    let ports = |local: u16, remote: u16| u32::from(local) << 16 | u32::from(remote);
    match direction {
        Direction::Out => (
            Key {
                protocol: packet.protocol,
                local: packet.source,
                remote: packet.destination,
                ports: ports(packet.source_port, packet.destination_port),
            },
            Bytes {
                received: 0,
                sent: packet.bytes,
            },
        ),
        Direction::In | Direction::InGroup => (
            Key {
                protocol: packet.protocol,
                local: packet.destination,
                remote: packet.source,
                ports: ports(packet.destination_port, packet.source_port),
            },
            Bytes {
                received: packet.bytes,
                sent: 0,
            },
        ),
    }
}

/// How far a collection has come through the flow table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    section: Section,
    /// The next slot or aggregate of that section.
    next: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Section {
    SlotsV4,
    AggregatesV4,
    SlotsV6,
    AggregatesV6,
    End,
}

impl Cursor {
    /// Before the first flow.
    pub const START: Self = Self::of(Section::SlotsV4);

    const fn of(section: Section) -> Self {
        Self { section, next: 0 }
    }
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

impl<A> Step<A> {
    fn map(self, flow: impl FnOnce(defender_message::flow::Flow<A>) -> Flow) -> Option<Taken> {
        match self {
            Self::Found(found) => Some(Taken::Flow(flow(found))),
            Self::More => Some(Taken::More),
            Self::End => None,
        }
    }
}

impl<const V4: usize, const V6: usize> FlowTable<V4, V6> {
    /// A step of [`FlowSource::take`].
    pub fn take_step(&mut self, cursor: &mut Cursor) -> Taken {
        let next = &mut cursor.next;
        let (taken, then) = match cursor.section {
            Section::SlotsV4 => (self.ipv4.take(next).map(Flow::V4), Section::AggregatesV4),
            Section::AggregatesV4 => {
                let taken = self.ipv4.aggregates.take(next).map(Flow::V4);
                (taken, Section::SlotsV6)
            }
            Section::SlotsV6 => (self.ipv6.take(next).map(Flow::V6), Section::AggregatesV6),
            Section::AggregatesV6 => {
                let taken = self.ipv6.aggregates.take(next).map(Flow::V6);
                (taken, Section::End)
            }
            Section::End => return Taken::End,
        };
        taken.unwrap_or_else(|| {
            *cursor = Cursor::of(then);
            Taken::More
        })
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
