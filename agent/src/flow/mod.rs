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
//!   unlucky seed with which one flow goes to the aggregate; of tables of 64 flows, one of two millions. Where all 1,024 are connections
//!   from consecutive ports of the device to one port of one host, it is one of 500, and some flows.)
//! - Beyond that, the flow that gives way is the lightest of some. It is not the newest one, so that this has the time to grow. And it
//!   is no heavier than the two newcomers before that one, if they are still there: a flood of small flows displaces none that has
//!   grown.
//! - Everything here takes a bounded number of instructions, fewer than 300 on a Cortex-M4F, whatever is in the
//!   table and however large it is, but for what says that it does several steps: [`FlowTable::observe`], [`FlowTable::clear`],
//!   [`FlowSource::take`]. So each step may be done with interrupts off, and others in between.

mod aggregate;
mod mark;
mod slot;
mod table;

use defender_message::flow::Protocol;

/// A flow of either IP version, as it goes into a message.
pub use defender_message::flow::PackedFlow as Flow;

use self::slot::{Link, VACANT};
use self::table::{Flows, Table, WIDTH_V4, WIDTH_V6};
use super::packet::{Direction, Packet, Rejection, Sample, Seen, protocol_bits};
use super::settings::{Collector, Settings};
use super::statistics::PacketStatistics;

/// How far a packet has come on its way into a table, see [`FlowTable::count_step`].
#[derive(Clone, Copy, Debug)]
pub struct Counting {
    next: Step,
    /// The flow that is to give way, if any.
    chosen: Link,
    /// The mark of its flow, and the seed by which it is that; 0: none.
    mark: u32,
    seed: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// Its flow may be there.
    First,
    /// It is not and the table is full: another flow is to give way.
    Choose,
    /// That flow gives way.
    GiveWay,
    /// Its flow is probably new.
    New,
    /// It cannot have a flow of its own: its bytes go to the aggregate.
    Apart,
}

impl Counting {
    /// At the beginning.
    pub const START: Self = Self::at(Step::First);

    /// Of a packet that is to go to the aggregate, for those who measure what that costs.
    #[doc(hidden)]
    pub const APART: Self = Self::at(Step::Apart);

    const fn at(next: Step) -> Self {
        Self {
            next,
            chosen: Link::NONE,
            mark: 0,
            seed: 0,
        }
    }
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
    ipv4: Table<V4, WIDTH_V4>,
    ipv6: Table<V6, WIDTH_V6>,
}

/// What of the settings concerns single packets. All zeros are the defaults.
#[derive(Clone, Copy)]
#[repr(C)]
struct Filter {
    /// By [the bits of the protocol](protocol_bits): 0, or [`VACANT`], which no flow has, if its packets are not counted.
    left_out: [u8; 4],
    with_groups: bool,
}

impl<const V4: usize, const V6: usize> FlowTable<V4, V6> {
    /// An empty table that counts what the default settings say. As bytes it is all zeros: a static of it takes no room in an
    /// image.
    pub const fn new() -> Self {
        Self {
            filter: Filter {
                left_out: [0; 4],
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
            let is_left_out = !(network && settings.protocol_enabled(protocol));
            self.filter.left_out[protocol_bits(protocol) as usize] = VACANT * u8::from(is_left_out);
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
        let sample = Sample::new(direction, packet);
        let mut counting = Counting::START;
        loop {
            if let Some(verdict) = self.count_step(&sample, &mut counting) {
                return verdict;
            }
        }
    }

    /// A step of counting a packet, between which others may have the table; `None` when another one is to follow.
    pub fn count_step(&mut self, sample: &Sample, counting: &mut Counting) -> Option<Verdict> {
        let Sample {
            direction,
            protocol,
            is_v6,
            ..
        } = *sample;
        if !self.filter.wants(direction, protocol_bits(protocol)) {
            self.statistics.packets_ignored += 1;
            return Some(Verdict::Ignored);
        }
        let (mut flows, statistics) = self.flows(is_v6);
        flows.count(sample, counting, statistics).then(|| {
            statistics.packets_counted += 1;
            Verdict::Counted
        })
    }

    /// The flows of an IP version, and what is counted about both.
    #[inline(always)]
    fn flows(&mut self, is_v6: bool) -> (Flows<'_>, &mut PacketStatistics) {
        let flows = if is_v6 {
            self.ipv6.flows()
        } else {
            self.ipv4.flows()
        };
        (flows, &mut self.statistics)
    }

    /// The shortest way for a packet of a known flow, as the headers stand in the packet. False when nothing has been done.
    #[inline(always)]
    pub fn observe_usual<S: Seen>(&mut self, direction: Direction, seen: &S) -> bool {
        if direction == Direction::InGroup && !self.filter.with_groups {
            return false;
        }
        let is_counted = if S::WORDS == 1 {
            self.ipv4.count_usual(direction, seen, &self.filter)
        } else {
            self.ipv6.count_usual(direction, seen, &self.filter)
        };
        if is_counted {
            self.statistics.packets_counted += 1;
        }
        is_counted
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
        let sample = Sample::new(direction, packet);
        if sample.is_v6 {
            self.ipv6.chain(&sample, chains)
        } else {
            self.ipv4.chain(&sample, chains)
        }
    }

    /// The ports with which `packet` has the mark of the packet `of`, so that they are told apart by their addresses only: for those
    /// who measure what that costs. As they stand in a packet that the device sends.
    #[doc(hidden)]
    pub fn look_alike(&self, direction: Direction, of: &Packet, packet: &Packet) -> u32 {
        let [of, sample] = [of, packet].map(|packet| Sample::new(direction, packet));
        let marker = |sample: &Sample| {
            if sample.is_v6 {
                self.ipv6.marker(sample)
            } else {
                self.ipv4.marker(sample)
            }
        };
        marker(&sample).ports(marker(&of).mark(of.ports))
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
    /// 0: packets of a protocol, given as its bits, are counted.
    #[inline(always)]
    fn left_out(&self, protocol: u32) -> u32 {
        self.left_out[protocol as usize & 3].into()
    }

    #[inline(always)]
    fn wants(&self, direction: Direction, protocol: u32) -> bool {
        self.left_out(protocol) == 0 && (direction != Direction::InGroup || self.with_groups)
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
    /// Takes the next flow at or behind `cursor` out of the table, into `flow`; false at the end. A flow that comes behind the
    /// cursor meanwhile is left for the next collection, so that every collection ends.
    fn take_into(&mut self, cursor: &mut Cursor, flow: &mut Flow) -> bool;

    /// Whether there is nothing to take.
    fn is_empty(&mut self) -> bool;

    /// [`FlowTable::set_seed`].
    fn set_seed(&mut self, seed: u32);

    /// Takes the next flow at or behind `cursor` out of the table; `None` at the end.
    fn take(&mut self, cursor: &mut Cursor) -> Option<Flow> {
        let mut flow = Flow::NONE;
        self.take_into(cursor, &mut flow).then_some(flow)
    }
}

/// How a step of a collection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// With a flow, which is out of the table.
    Flow,
    /// Without one: another step is to follow.
    More,
    /// At the end.
    End,
}

impl<const V4: usize, const V6: usize> FlowTable<V4, V6> {
    /// A step of [`FlowSource::take_into`].
    pub fn take_step(&mut self, cursor: &mut Cursor, flow: &mut Flow) -> Taken {
        if cursor.section > 3 {
            return Taken::End;
        }
        flow.is_v6 = cursor.section > 1;
        let (mut flows, _) = self.flows(flow.is_v6);
        let taken = if cursor.section & 1 == 0 {
            flows.take(&mut cursor.next, flow)
        } else {
            flows.take_aggregate(&mut cursor.next, flow)
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
    fn take_into(&mut self, cursor: &mut Cursor, flow: &mut Flow) -> bool {
        loop {
            match self.take_step(cursor, flow) {
                Taken::Flow => return true,
                Taken::More => {}
                Taken::End => return false,
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
