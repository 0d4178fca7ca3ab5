//! The flow table against sums: no byte is lost or doubled, no flow is made up, and what it counts of itself is true.

#![no_main]

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use arbitrary::Arbitrary;
use defender_agent::flow::{Cursor, Taken, Verdict};
use defender_agent::packet::{Direction, Observation, Packet};
use defender_agent::{Collector, Flow, FlowSource, FlowTable, Protocol, Settings};
use defender_message::flow;
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Clone, Copy, Debug)]
enum Bytes {
    Few(u8),
    Usual(u16),
    Most(u8),
    Any(u32),
}

#[derive(Arbitrary, Debug)]
enum Event {
    Packet(Sample),
    Burst(u8, Sample),
    /// Steps of a collection, a new one or the one before.
    Take(u8, bool),
    Limits(u8, u8),
    Protocol(u8, bool),
    Unicast(bool),
    Network(bool),
    Seed(u32),
    Clear,
}

#[derive(Arbitrary, Clone, Copy, Debug)]
struct Sample {
    v6: bool,
    protocol: u8,
    direction: u8,
    host: u8,
    port: u8,
    local: u8,
    bytes: Bytes,
}

type Key = (Protocol, IpAddr, u16, IpAddr, u16);
type Sums = BTreeMap<(bool, Protocol), (u128, u128)>;

struct Course<const N: usize> {
    table: FlowTable<N, N>,
    settings: Settings,
    cursor: Cursor,
    fed: Sums,
    taken: Sums,
    known: BTreeSet<Key>,
    counted: u64,
    ignored: u64,
}

impl<const N: usize> Course<N> {
    fn new(seed: u32) -> Self {
        let mut table = FlowTable::new();
        table.set_seed(seed);
        Self {
            table,
            settings: Settings::new(),
            cursor: Cursor::START,
            fed: Sums::new(),
            taken: Sums::new(),
            known: BTreeSet::new(),
            counted: 0,
            ignored: 0,
        }
    }

    fn happen(&mut self, event: &Event) {
        match *event {
            Event::Packet(sample) => self.packet(sample),
            Event::Burst(count, mut sample) => {
                for _ in 0..count {
                    sample.host = sample.host.wrapping_add(1);
                    sample.protocol = sample.protocol.wrapping_add(sample.host % 2);
                    self.packet(sample);
                }
            }
            Event::Take(steps, anew) => {
                if anew {
                    self.cursor = Cursor::START;
                }
                for _ in 0..steps {
                    let mut flow = Flow::NONE;
                    if let Taken::Flow = self.table.take_step(&mut self.cursor, &mut flow) {
                        self.count_taken(flow);
                    }
                }
            }
            Event::Limits(ipv4, ipv6) => {
                let limits = (ipv4.max(1).into(), ipv6.max(1).into());
                self.settings.set_flow_limits(limits.0, limits.1).unwrap();
            }
            Event::Protocol(number, enabled) => {
                self.settings
                    .set_protocol_enabled(protocol(number), enabled);
            }
            Event::Unicast(only) => self.settings.set_unicast_only(only),
            Event::Network(enabled) => self
                .settings
                .set_collector_enabled(Collector::NetworkActivity, enabled),
            Event::Seed(seed) => self.table.set_seed(seed),
            Event::Clear => {
                self.table.clear();
                assert!(self.table.is_empty() && self.table.len() == 0);
                self.fed.clear();
                self.taken.clear();
                self.known.clear();
                (self.counted, self.ignored) = (0, 0);
            }
        }
        self.table.apply(&self.settings);
        assert!(self.table.len() <= (2 * N).min(self.known.len()));
    }

    fn packet(&mut self, sample: Sample) {
        let (packet, direction) = (sample.packet(), sample.direction());
        let flow = named(direction, &packet);
        let wanted = self.settings.collector_enabled(Collector::NetworkActivity)
            && self.settings.protocol_enabled(flow.protocol)
            && !(direction == Direction::InGroup && self.settings.unicast_only());
        let verdict = self.table.observe(direction, &packet);
        assert_eq!(verdict == Verdict::Counted, wanted);
        if wanted {
            self.counted += 1;
            add(&mut self.fed, &flow);
            self.known.insert(key(&flow));
        } else {
            self.ignored += 1;
        }
    }

    fn count_taken(&mut self, flow: Flow) -> flow::Flow<IpAddr> {
        let flow = flow::Flow::from(flow);
        add(&mut self.taken, &flow);
        assert!(flow.remote_address.is_unspecified() || self.known.contains(&key(&flow)));
        flow
    }

    fn end(mut self) {
        let statistics = self.table.statistics();
        assert_eq!(statistics.packets_counted, self.counted);
        assert_eq!(statistics.packets_ignored, self.ignored);
        let held = self.table.len();
        let mut seen = BTreeMap::new();
        let mut cursor = Cursor::START;
        while let Some(flow) = self.table.take(&mut cursor) {
            let flow = self.count_taken(flow);
            if flow.remote_address.is_unspecified() {
                continue;
            }
            // Again only where the part before was all that can be stated.
            if let Some(states) = seen.insert(key(&flow), flow.bytes_in.max(flow.bytes_out)) {
                assert_eq!(states, u32::MAX, "a flow is there twice");
            }
        }
        assert_eq!(seen.len(), held);
        self.fed.retain(|_, sum| *sum != (0, 0));
        self.taken.retain(|_, sum| *sum != (0, 0));
        assert_eq!(self.fed, self.taken);
        assert!(self.table.is_empty());
    }
}

impl Sample {
    fn direction(self) -> Direction {
        [Direction::In, Direction::Out, Direction::InGroup][usize::from(self.direction) % 3]
    }

    fn packet(self) -> Packet {
        let protocol = protocol(self.protocol);
        let (local, remote) = match protocol {
            Protocol::Icmp => (0, 0),
            _ => (5000 + u16::from(self.local % 2), u16::from(self.port % 8)),
        };
        let host = u32::from(self.host) + 1;
        if self.v6 {
            let local_address = 0xFD77 << 112 | u128::from(self.local % 4);
            let remote_address = 0x2001 << 112 | u128::from(host);
            Packet::V6(self.observed(
                (Ipv6Addr::from_bits(local_address), local),
                (Ipv6Addr::from_bits(remote_address), remote),
            ))
        } else {
            let local_address = 0x0A00_0001 + u32::from(self.local % 4);
            Packet::V4(self.observed(
                (Ipv4Addr::from_bits(local_address), local),
                (Ipv4Addr::from_bits(0xC000_0000 | host), remote),
            ))
        }
    }

    fn observed<A>(self, local: (A, u16), remote: (A, u16)) -> Observation<A> {
        let (source, destination) = match self.direction() {
            Direction::Out => (local, remote),
            _ => (remote, local),
        };
        Observation {
            protocol: protocol(self.protocol),
            source: source.0,
            destination: destination.0,
            source_port: source.1,
            destination_port: destination.1,
            bytes: match self.bytes {
                Bytes::Few(bytes) => u32::from(bytes % 4),
                Bytes::Usual(bytes) => bytes.into(),
                Bytes::Most(less) => u32::MAX - u32::from(less),
                Bytes::Any(bytes) => bytes,
            },
        }
    }
}

fn protocol(number: u8) -> Protocol {
    Protocol::ALL[usize::from(number) % Protocol::ALL.len()]
}

/// The packet as a flow of its own.
fn named(direction: Direction, packet: &Packet) -> flow::Flow<IpAddr> {
    fn of<A: Into<IpAddr> + Copy>(out: bool, packet: &Observation<A>) -> flow::Flow<IpAddr> {
        let source = (packet.source.into(), packet.source_port);
        let destination = (packet.destination.into(), packet.destination_port);
        let (local, remote) = if out {
            (source, destination)
        } else {
            (destination, source)
        };
        flow::Flow {
            protocol: packet.protocol,
            local_address: local.0,
            local_port: local.1,
            remote_address: remote.0,
            remote_port: remote.1,
            bytes_in: if out { 0 } else { packet.bytes },
            bytes_out: if out { packet.bytes } else { 0 },
        }
    }
    let out = direction == Direction::Out;
    match packet {
        Packet::V4(packet) => of(out, packet),
        Packet::V6(packet) => of(out, packet),
    }
}

fn key(flow: &flow::Flow<IpAddr>) -> Key {
    (
        flow.protocol,
        flow.local_address,
        flow.local_port,
        flow.remote_address,
        flow.remote_port,
    )
}

fn add(sums: &mut Sums, flow: &flow::Flow<IpAddr>) {
    let sum = sums.entry((flow.local_address.is_ipv6(), flow.protocol));
    let (received, sent) = sum.or_default();
    *received += u128::from(flow.bytes_in);
    *sent += u128::from(flow.bytes_out);
}

fn run<const N: usize>(seed: u32, events: &[Event]) {
    let mut course = Course::<N>::new(seed);
    for event in events {
        course.happen(event);
    }
    course.end();
}

fuzz_target!(|input: (u8, u32, Vec<Event>)| {
    let (size, seed, events) = input;
    match size % 6 {
        0 => run::<1>(seed, &events),
        1 => run::<2>(seed, &events),
        2 => run::<3>(seed, &events),
        3 => run::<5>(seed, &events),
        4 => run::<17>(seed, &events),
        _ => run::<64>(seed, &events),
    }
});
