//! The worst that can be found for each step of a flow table between which others may have it: a table is prepared, and then one
//! step is measured. Without `std`, so that a program for a microcontroller can measure the same.

use core::hint::black_box;
use core::net::{Ipv4Addr, Ipv6Addr};

use defender_agent::flow::{Chosen, Cursor, Sample, Taken};
use defender_agent::packet::{Direction, Observation, Packet, Rejection};
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
    /// The flows that are to give way.
    chosen: [Option<Chosen>; 2],
    cursor: Cursor,
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
        subject.chosen = [
            Some(table.choose::<Ipv4Addr>()),
            Some(table.choose::<Ipv6Addr>()),
        ];
        subject
    }
}

/// All of them.
pub const fn cases<const N: usize>() -> [Case<N>; 27] {
    [
        case("IPv4, known flow, alone", alone, known_v4),
        case("IPv6, known flow, alone", alone, known_v6),
        case(
            "IPv4, known flow, last of a full chain",
            last_of_chain,
            known_v4,
        ),
        case(
            "IPv6, known flow, last of a full chain",
            last_of_chain,
            known_v6,
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
        case("IPv4, unknown flow of a full chain", full_chain, known_v4),
        case("IPv6, unknown flow of a full chain", full_chain, known_v6),
        case("IPv4, newcomer, empty table", empty, new_v4),
        case("IPv6, newcomer, empty table", empty, new_v6),
        case("IPv4, newcomer, chain almost full", chain_with_room, new_v4),
        case("IPv6, newcomer, chain almost full", chain_with_room, new_v6),
        case("IPv4, newcomer, chain full", full_chain, new_v4),
        case("IPv6, newcomer, chain full", full_chain, new_v6),
        case(
            "IPv4, who gives way in a table of full chains, all flows grew",
            full_table,
            choose_v4,
        ),
        case(
            "IPv6, who gives way in a table of full chains, all flows grew",
            full_table,
            choose_v6,
        ),
        case(
            "IPv4, room in a table of full chains, all flows grew",
            full_table,
            room_v4,
        ),
        case(
            "IPv6, room in a table of full chains, all flows grew",
            full_table,
            room_v6,
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
    black_box(table.observe_usual(Direction::Out, &flow.ipv4));
}

fn usual_v6<const N: usize>(table: &mut FlowTable<N, N>, flow: &mut Subject) {
    black_box(table.observe_usual(Direction::Out, &flow.ipv6));
}

fn known_v4<const N: usize>(table: &mut FlowTable<N, N>, flow: &mut Subject) {
    black_box(table.observe_known(&Sample::new(Direction::Out, &flow.ipv4)));
}

fn known_v6<const N: usize>(table: &mut FlowTable<N, N>, flow: &mut Subject) {
    black_box(table.observe_known(&Sample::new(Direction::Out, &flow.ipv6)));
}

fn new_v4<const N: usize>(table: &mut FlowTable<N, N>, flow: &mut Subject) {
    black_box(table.observe_new(&Sample::new(Direction::Out, &flow.ipv4)));
}

fn new_v6<const N: usize>(table: &mut FlowTable<N, N>, flow: &mut Subject) {
    black_box(table.observe_new(&Sample::new(Direction::Out, &flow.ipv6)));
}

fn choose_v4<const N: usize>(table: &mut FlowTable<N, N>, _: &mut Subject) {
    black_box(table.choose::<Ipv4Addr>());
}

fn choose_v6<const N: usize>(table: &mut FlowTable<N, N>, _: &mut Subject) {
    black_box(table.choose::<Ipv6Addr>());
}

fn room_v4<const N: usize>(table: &mut FlowTable<N, N>, flow: &mut Subject) {
    if let [Some(chosen), _] = flow.chosen {
        table.give_way::<Ipv4Addr>(chosen);
    }
}

fn room_v6<const N: usize>(table: &mut FlowTable<N, N>, flow: &mut Subject) {
    if let [_, Some(chosen)] = flow.chosen {
        table.give_way::<Ipv6Addr>(chosen);
    }
}

fn take<const N: usize>(table: &mut FlowTable<N, N>, subject: &mut Subject) {
    black_box(table.take_step(&mut subject.cursor));
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
    let of = |pick: fn((u32, u32)) -> u32| Subject {
        chosen: [None; 2],
        cursor: Cursor::START,
        ipv4: flow(pick(found[0])).ipv4,
        ipv6: flow(pick(found[1])).ipv6,
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
    flow(0)
}

/// Such a table of which a collection has come to the IPv6 flows.
fn only_ipv6<const N: usize>(table: &mut FlowTable<N, N>) -> Subject {
    let mut subject = full_table(table);
    let mut flows = 0;
    while flows < N {
        let taken = table.take_step(&mut subject.cursor);
        flows += usize::from(matches!(taken, Taken::Flow(_)));
    }
    // The end of the slots, the aggregates one by one, their end.
    for _ in 0..5 {
        black_box(table.take_step(&mut subject.cursor));
    }
    subject
}

/// A table without flows whose slots were all used, but for the last flow of each IP version.
fn emptied<const N: usize>(table: &mut FlowTable<N, N>) -> Subject {
    let subject = full_table(table);
    let mut cursor = Cursor::START;
    while table.len() > N + 1 {
        table.take_step(&mut cursor);
    }
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
    Subject {
        ipv4: observation(
            Ipv4Addr::new(10, 0, 0, 1),
            Ipv4Addr::from_bits(0xC000_0000 + number),
        ),
        ipv6: observation(
            Ipv6Addr::from_bits(0xFD00 << 112),
            Ipv6Addr::from_bits(0x2001_0DB8 << 96 | u128::from(number) << 64 | 1),
        ),
        chosen: [None; 2],
        cursor: Cursor::START,
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
