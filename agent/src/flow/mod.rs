//! The flow table: which hosts the device talks to, and how many bytes go each way.
//!
//! Memory is fixed. What finds no room is not lost: the flow with the fewest bytes gives way, and its bytes go to
//! an aggregate flow of its protocol and IP version (remote address unspecified, ports 0).

mod address;
mod aggregate;
mod table;

use core::net::{Ipv4Addr, Ipv6Addr};

use defender_message::flow::{FlowV4, FlowV6, Protocol};

use self::address::Address;
use self::table::{Bytes, Key, Table};
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

/// What of the settings concerns single packets.
#[derive(Clone, Copy)]
struct Filter {
    protocols: [bool; Protocol::ALL.len()],
    unicast_only: bool,
}

impl<const V4: usize, const V6: usize> FlowTable<V4, V6> {
    /// An empty table that counts what the default settings say.
    pub const fn new() -> Self {
        Self {
            ipv4: Table::new(),
            ipv6: Table::new(),
            filter: Filter {
                protocols: [true; Protocol::ALL.len()],
                unicast_only: true,
            },
            statistics: PacketStatistics::new(),
        }
    }

    /// Forgets all flows and statistics.
    pub fn clear(&mut self) {
        let mut cursor = Cursor::START;
        while FlowSource::take(self, &mut cursor).is_some() {}
        self.statistics = PacketStatistics::new();
    }

    /// Counts from now on what `settings` say.
    pub fn apply(&mut self, settings: &Settings) {
        let network = settings.collector_enabled(Collector::NetworkActivity);
        for protocol in Protocol::ALL {
            self.filter.protocols[protocol as usize] =
                network && settings.protocol_enabled(protocol);
        }
        self.filter.unicast_only = settings.unicast_only();
        let (ipv4, ipv6) = settings.flow_limits();
        self.ipv4.set_limit(ipv4);
        self.ipv6.set_limit(ipv6);
    }

    /// Makes it unpredictable where in the table a flow stands, so that nobody can choose flows that slow the packet
    /// hook down. Has an effect while the table is empty.
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
        let Self {
            ipv4,
            filter,
            statistics,
            ..
        } = self;
        observe(ipv4, filter, statistics, direction, packet)
    }

    /// [`observe`](Self::observe) for an IPv6 packet.
    #[inline(always)]
    pub fn observe_v6(&mut self, direction: Direction, packet: &Observation<Ipv6Addr>) -> Verdict {
        let Self {
            ipv6,
            filter,
            statistics,
            ..
        } = self;
        observe(ipv6, filter, statistics, direction, packet)
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
        self.statistics
    }
}

/// Adds a packet's bytes to its flow in the table of its IP version, if the settings want them.
#[inline(always)]
fn observe<A: Address, const N: usize>(
    table: &mut Table<A, N>,
    filter: &Filter,
    statistics: &mut PacketStatistics,
    direction: Direction,
    packet: &Observation<A>,
) -> Verdict {
    if !filter.wants(direction, packet.protocol) {
        statistics.packets_ignored += 1;
        return Verdict::Ignored;
    }
    let (key, bytes) = oriented(direction, packet);
    statistics.packets_counted += 1;
    if !table.count_known(&key, bytes) {
        let Key {
            protocol,
            local,
            remote,
            ports,
        } = key;
        add_flow(table, statistics, (protocol, ports), local, remote, bytes);
    }
    Verdict::Counted
}

/// A new flow. The key comes in single values, so that a known flow does not pay for one in memory.
#[inline(never)]
fn add_flow<A: Address, const N: usize>(
    table: &mut Table<A, N>,
    statistics: &mut PacketStatistics,
    (protocol, ports): (Protocol, u32),
    local: A,
    remote: A,
    bytes: Bytes,
) {
    let key = Key {
        protocol,
        local,
        remote,
        ports,
    };
    let displaced = table.insert(&key, bytes);
    statistics.displace(displaced);
}

impl PacketStatistics {
    fn displace(&mut self, displaced: Option<Bytes>) {
        if let Some(had) = displaced {
            self.packets_without_room += 1;
            self.flows_aggregated += 1;
            self.bytes_aggregated += u64::from(had.received) + u64::from(had.sent);
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
    fn wants(&self, direction: Direction, protocol: Protocol) -> bool {
        self.protocols[protocol as usize] && !(direction == Direction::InGroup && self.unicast_only)
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
    slot: usize,
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
    pub const START: Self = Self {
        section: Section::SlotsV4,
        slot: 0,
    };

    fn enter(&mut self, section: Section) {
        *self = Self { section, slot: 0 };
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

impl<const V4: usize, const V6: usize> FlowSource for FlowTable<V4, V6> {
    fn take(&mut self, cursor: &mut Cursor) -> Option<Flow> {
        loop {
            match cursor.section {
                Section::SlotsV4 => match take_slot(&mut self.ipv4, &mut cursor.slot) {
                    Some(flow) => return Some(Flow::V4(flow)),
                    None => cursor.enter(Section::AggregatesV4),
                },
                Section::AggregatesV4 => match self.ipv4.aggregates.take(&mut cursor.slot) {
                    Some(flow) => return Some(Flow::V4(flow)),
                    None => cursor.enter(Section::SlotsV6),
                },
                Section::SlotsV6 => match take_slot(&mut self.ipv6, &mut cursor.slot) {
                    Some(flow) => return Some(Flow::V6(flow)),
                    None => cursor.enter(Section::AggregatesV6),
                },
                Section::AggregatesV6 => match self.ipv6.aggregates.take(&mut cursor.slot) {
                    Some(flow) => return Some(Flow::V6(flow)),
                    None => cursor.enter(Section::End),
                },
                Section::End => return None,
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

fn take_slot<A: Address, const N: usize>(
    table: &mut Table<A, N>,
    slot: &mut usize,
) -> Option<defender_message::flow::Flow<A>> {
    while *slot < N {
        let taken = table.take(*slot);
        *slot += 1;
        if let Some((key, bytes)) = taken {
            return Some(defender_message::flow::Flow {
                protocol: key.protocol,
                local_address: key.local,
                local_port: (key.ports >> 16) as u16,
                remote_address: key.remote,
                remote_port: key.ports as u16,
                bytes_in: bytes.received,
                bytes_out: bytes.sent,
            });
        }
    }
    None
}
