//! The worst that can be found for each step of a flow table between which others may have it: a table is prepared, and then one
//! step is measured. Without `std`, so that a program for a microcontroller can measure the same.

use core::hint::black_box;
use core::net::{Ipv4Addr, Ipv6Addr};

use defender_agent::flow::{Counting, Cursor, Flow, Taken};
use defender_agent::packet::{
    Direction, Observation, Packet, Rejection, Sample, parse_usual_v4, parse_usual_v6,
};
use defender_agent::{FlowTable, Protocol, Settings};

/// Instructions that no step may exceed, on any processor.
pub const BUDGET: u32 = 300;

/// Flows of which none fits the chain any more.
const LONGEST: usize = 8;

/// One step.
pub struct Case<const N: usize> {
    /// What it is.
    pub name: &'static str,
    prepare: fn(&mut FlowTable<N, N>) -> Subject,
    /// What is to be measured.
    pub step: fn(&mut FlowTable<N, N>, &mut Subject),
}

/// What it is to be measured with: a flow of each IP version, and how far a collection has come.
pub struct Subject {
    ipv4: Observation<Ipv4Addr>,
    ipv6: Observation<Ipv6Addr>,
    /// The same flow of each IP version as a table looks at it.
    samples: [Sample; 2],
    /// And the beginning of its packet.
    heads: ([u8; 24], [u8; 44]),
    /// Their packets when their marks are known, which is a step of its own on 64 bits: those of a flow that may be there, and of one
    /// that goes to the aggregate.
    known: [Counting; 2],
    apart: [Counting; 2],
    /// And as new ones of a full table, when another flow is to give way, and when it is known which.
    displacing: [Counting; 2],
    chosen: [Counting; 2],
    cursor: Cursor,
    /// Where a flow goes that is taken out.
    flow: Flow,
}

impl<const N: usize> Case<N> {
    /// Gets a table ready, whatever it was used for, and says with what the step is to be measured.
    pub fn ready(&self, table: &mut FlowTable<N, N>) -> Subject {
        table.clear();
        table.apply(&Settings::new());
        table.set_seed(0x1234_5677);
        // The seed is that of the next flow.
        alone(table);
        table.clear();
        let mut subject = (self.prepare)(table);
        for (version, sample) in subject.samples.iter().enumerate() {
            table.count_step(sample, &mut subject.known[version]);
            table.count_step(sample, &mut subject.apart[version]);
        }
        subject
    }
}

/// Places of the IP versions in a [`Subject`].
const V4: usize = 0;
const V6: usize = 1;

/// All of them.
pub const fn cases<const N: usize>() -> [Case<N>; 29] {
    [
        case("IPv4, the mark of a flow", alone, mark::<N, V4>),
        case("IPv6, the mark of a flow", alone, mark::<N, V6>),
        case("IPv4, known flow, alone", alone, known::<N, V4>),
        case("IPv6, known flow, alone", alone, known::<N, V6>),
        case(
            "IPv4, known flow, last of a full chain",
            last_of_chain,
            known::<N, V4>,
        ),
        case(
            "IPv6, known flow, last of a full chain",
            last_of_chain,
            known::<N, V6>,
        ),
        case("IPv4, the short way, alone", alone, usual_v4),
        case("IPv6, the short way, alone", alone, usual_v6),
        case(
            "IPv4, the short way, last of a full chain",
            last_of_chain,
            usual_v4,
        ),
        case(
            "IPv6, the short way, last of a full chain",
            last_of_chain,
            usual_v6,
        ),
        case(
            "IPv4, the short way, unknown flow of a full chain",
            full_chain,
            usual_v4,
        ),
        case(
            "IPv6, the short way, unknown flow of a full chain",
            full_chain,
            usual_v6,
        ),
        case(
            "IPv4, unknown flow of a full chain",
            full_chain,
            known::<N, V4>,
        ),
        case(
            "IPv6, unknown flow of a full chain",
            full_chain,
            known::<N, V6>,
        ),
        case("IPv4, newcomer, empty table", empty, known::<N, V4>),
        case("IPv6, newcomer, empty table", empty, known::<N, V6>),
        case(
            "IPv4, newcomer, chain almost full",
            chain_with_room,
            known::<N, V4>,
        ),
        case(
            "IPv6, newcomer, chain almost full",
            chain_with_room,
            known::<N, V6>,
        ),
        case("IPv4, newcomer, apart", full_chain, apart::<N, V4>),
        case("IPv6, newcomer, apart", full_chain, apart::<N, V6>),
        case(
            "IPv4, who gives way in a table of full chains, all flows grew",
            full_table,
            choose::<N, V4>,
        ),
        case(
            "IPv6, who gives way in a table of full chains, all flows grew",
            full_table,
            choose::<N, V6>,
        ),
        case(
            "IPv4, room in a table of full chains, all flows grew",
            full_table,
            give_way::<N, V4>,
        ),
        case(
            "IPv6, room in a table of full chains, all flows grew",
            full_table,
            give_way::<N, V6>,
        ),
        case("IPv4, taking a flow out of a full chain", full_table, take),
        case("IPv6, taking a flow out of a full chain", only_ipv6, take),
        case(
            "taking a flow out of a table that was emptied",
            emptied,
            take,
        ),
        case("settings", full_table, settings),
        case(
            "statistics, is_empty, a rejection, a seed",
            full_table,
            others,
        ),
    ]
}

const fn case<const N: usize>(
    name: &'static str,
    prepare: fn(&mut FlowTable<N, N>) -> Subject,
    step: fn(&mut FlowTable<N, N>, &mut Subject),
) -> Case<N> {
    Case {
        name,
        prepare,
        step,
    }
}

fn usual_v4<const N: usize>(table: &mut FlowTable<N, N>, flow: &mut Subject) {
    if let Some(packet) = parse_usual_v4(&flow.heads.0, 2000) {
        black_box(table.observe_usual(Direction::Out, &packet));
    }
}

fn usual_v6<const N: usize>(table: &mut FlowTable<N, N>, flow: &mut Subject) {
    if let Some(packet) = parse_usual_v6(&flow.heads.1, 2000) {
        black_box(table.observe_usual(Direction::Out, &packet));
    }
}

fn mark<const N: usize, const V: usize>(table: &mut FlowTable<N, N>, flow: &mut Subject) {
    let mut begin = Counting::START;
    black_box(table.count_step(&flow.samples[V], &mut begin));
}

fn known<const N: usize, const V: usize>(table: &mut FlowTable<N, N>, flow: &mut Subject) {
    black_box(table.count_step(&flow.samples[V], &mut flow.known[V]));
}

fn apart<const N: usize, const V: usize>(table: &mut FlowTable<N, N>, flow: &mut Subject) {
    black_box(table.count_step(&flow.samples[V], &mut flow.apart[V]));
}

fn choose<const N: usize, const V: usize>(table: &mut FlowTable<N, N>, flow: &mut Subject) {
    black_box(table.count_step(&flow.samples[V], &mut flow.displacing[V]));
}

fn give_way<const N: usize, const V: usize>(table: &mut FlowTable<N, N>, flow: &mut Subject) {
    black_box(table.count_step(&flow.samples[V], &mut flow.chosen[V]));
}

fn take<const N: usize>(table: &mut FlowTable<N, N>, subject: &mut Subject) {
    black_box(table.take_step(&mut subject.cursor, &mut subject.flow));
}

fn settings<const N: usize>(table: &mut FlowTable<N, N>, _: &mut Subject) {
    let mut settings = Settings::new();
    let _ = settings.set_flow_limits(1, N);
    table.apply(black_box(&settings));
}

fn others<const N: usize>(table: &mut FlowTable<N, N>, _: &mut Subject) {
    table.reject(Rejection::Malformed);
    table.set_seed(1);
    black_box((table.statistics(), table.is_empty()));
}

fn empty<const N: usize>(_: &mut FlowTable<N, N>) -> Subject {
    flow(0)
}

fn alone<const N: usize>(table: &mut FlowTable<N, N>) -> Subject {
    table.observe(Direction::Out, &Packet::V4(flow(0).ipv4));
    table.observe(Direction::Out, &Packet::V6(flow(0).ipv6));
    flow(0)
}

/// One chain of each IP version gets so many flows; the flow that was added first, and one that is not there.
fn chain<const N: usize>(table: &mut FlowTable<N, N>, count: usize) -> (Subject, Subject) {
    let mut numbers = [0; 2];
    let mut found = [(0, 0); 2];
    for version in [0, 1] {
        let packet = |number| packet(version, number);
        table.observe(Direction::Out, &packet(0));
        let wanted = table.chain(Direction::Out, &packet(0));
        let mut added = 1;
        found[version] = loop {
            numbers[version] += 1;
            let next = packet(numbers[version]);
            if table.chain(Direction::Out, &next) != wanted {
                continue;
            }
            if added == count {
                break (0, numbers[version]);
            }
            table.observe(Direction::Out, &next);
            added += 1;
        };
    }
    let of = |pick: fn((u32, u32)) -> u32| {
        let [v4, v6] = found.map(|numbers| flow(pick(numbers)));
        Subject::of(v4.ipv4, v6.ipv6)
    };
    (of(|(first, _)| first), of(|(_, missing)| missing))
}

fn last_of_chain<const N: usize>(table: &mut FlowTable<N, N>) -> Subject {
    chain(table, LONGEST).0
}

fn full_chain<const N: usize>(table: &mut FlowTable<N, N>) -> Subject {
    chain(table, LONGEST).1
}

fn chain_with_room<const N: usize>(table: &mut FlowTable<N, N>) -> Subject {
    chain(table, LONGEST - 1).1
}

/// A table in which every chain that is used is full, and whose flows then grew, the earlier the more.
fn full_table<const N: usize>(table: &mut FlowTable<N, N>) -> Subject {
    // A sixteenth of the chains.
    let is_used = |chain: usize| chain % 16 == 3;
    for version in [0, 1] {
        let held = table.len();
        let mut number = 0;
        let mut grown = N as u32;
        while table.len() < held + N {
            number += 1;
            let next = packet(version, number);
            if is_used(table.chain(Direction::Out, &next)) {
                table.observe(Direction::Out, &next);
            }
        }
        for number in 1..=number {
            let mut next = packet(version, number);
            match &mut next {
                Packet::V4(packet) => packet.bytes += grown,
                Packet::V6(packet) => packet.bytes += grown,
            }
            if is_used(table.chain(Direction::Out, &next)) {
                black_box(table.observe(Direction::Out, &next));
                grown = grown.saturating_sub(1);
            }
        }
    }
    let mut subject = flow(0);
    for (version, sample) in subject.samples.iter().enumerate() {
        // Its mark, and that it is not there.
        for _ in 0..2 {
            table.count_step(sample, &mut subject.displacing[version]);
        }
        subject.chosen[version] = subject.displacing[version];
        table.count_step(sample, &mut subject.chosen[version]);
    }
    subject
}

/// Such a table of which a collection has come to the IPv6 flows.
fn only_ipv6<const N: usize>(table: &mut FlowTable<N, N>) -> Subject {
    let mut subject = full_table(table);
    let mut flows = 0;
    while flows < N {
        let taken = table.take_step(&mut subject.cursor, &mut subject.flow);
        flows += usize::from(matches!(taken, Taken::Flow));
    }
    // The end of the slots, the aggregates one by one, their end.
    for _ in 0..5 {
        black_box(table.take_step(&mut subject.cursor, &mut subject.flow));
    }
    subject
}

/// A table without flows whose slots were all used, but for the last flow of each IP version.
fn emptied<const N: usize>(table: &mut FlowTable<N, N>) -> Subject {
    let mut subject = full_table(table);
    while table.len() > N + 1 {
        table.take_step(&mut subject.cursor, &mut subject.flow);
    }
    subject.cursor = Cursor::START;
    subject
}

fn packet(version: usize, number: u32) -> Packet {
    if version == 0 {
        Packet::V4(flow(number).ipv4)
    } else {
        Packet::V6(flow(number).ipv6)
    }
}

/// Flows that differ where a comparison looks last.
fn flow(number: u32) -> Subject {
    Subject::of(
        observation(
            Ipv4Addr::new(10, 0, 0, 1),
            Ipv4Addr::from_bits(0xC000_0000 + number),
        ),
        observation(
            Ipv6Addr::from_bits(0xFD00 << 112),
            Ipv6Addr::from_bits(0x2001_0DB8 << 96 | u128::from(number) << 64 | 1),
        ),
    )
}

impl Subject {
    fn of(ipv4: Observation<Ipv4Addr>, ipv6: Observation<Ipv6Addr>) -> Self {
        let mut heads = ([0; 24], [0; 44]);
        let ports = [ipv4.source_port, ipv4.destination_port].map(u16::to_be_bytes);
        let head = &mut heads.0;
        head[0] = 0x45;
        head[2..4].copy_from_slice(&(20 + ipv4.bytes as u16).to_be_bytes());
        head[9] = 17;
        head[12..16].copy_from_slice(&ipv4.source.octets());
        head[16..20].copy_from_slice(&ipv4.destination.octets());
        head[20..].copy_from_slice(ports.as_flattened());
        let head = &mut heads.1;
        head[0] = 0x60;
        head[4..6].copy_from_slice(&(ipv6.bytes as u16).to_be_bytes());
        head[6] = 17;
        head[8..24].copy_from_slice(&ipv6.source.octets());
        head[24..40].copy_from_slice(&ipv6.destination.octets());
        head[40..].copy_from_slice(ports.as_flattened());
        Self {
            ipv4,
            ipv6,
            samples: [Packet::V4(ipv4), Packet::V6(ipv6)]
                .map(|packet| Sample::new(Direction::Out, &packet)),
            heads,
            known: [Counting::START; 2],
            apart: [Counting::APART; 2],
            displacing: [Counting::START; 2],
            chosen: [Counting::START; 2],
            cursor: Cursor::START,
            flow: Flow::NONE,
        }
    }
}

fn observation<A>(source: A, destination: A) -> Observation<A> {
    Observation {
        protocol: Protocol::Udp,
        source,
        destination,
        source_port: 5000,
        destination_port: 53,
        bytes: 100,
    }
}
