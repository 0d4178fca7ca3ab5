//! The rules one by one.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use defender_agent::flow::{Cursor, Verdict};
use defender_agent::packet::{Direction, Observation, Packet};
use defender_agent::{Collector, FlowSource, FlowTable, Protocol, Settings};

use crate::drain;
use crate::support::samples::{AnyFlow, Sample, is_aggregate, sent_to};

fn observe<const V4: usize, const V6: usize>(table: &mut FlowTable<V4, V6>, sample: Sample) {
    let verdict = table.observe(sample.direction, &sample.packet());
    assert_eq!(verdict, Verdict::Counted);
}

#[test]
fn a_flow_counts_both_ways() {
    let mut table = FlowTable::<4, 4>::new();
    let query = sent_to(1, 30);
    let answer = Sample {
        direction: Direction::In,
        bytes: 90,
        ..query
    };
    for _ in 0..3 {
        observe(&mut table, query);
        observe(&mut table, answer);
    }
    assert_eq!(table.len(), 1);
    let flows = drain(&mut table);
    assert_eq!((flows[0].bytes_in, flows[0].bytes_out), (270, 90));
    assert_eq!((flows[0].local_port, flows[0].remote_port), (5000, 53));
}

#[test]
fn the_smallest_flow_gives_way_and_the_heavy_ones_stay() {
    let mut table = FlowTable::<4, 4>::new();
    for (host, bytes) in [(1, 900), (2, 100), (3, 800), (4, 700)] {
        observe(&mut table, sent_to(host, bytes));
    }
    for host in 5..=8 {
        observe(&mut table, sent_to(host, 10));
    }
    let statistics = table.statistics();
    assert_eq!(statistics.packets_without_room, 4);
    assert_eq!(statistics.flows_aggregated, 4);
    // When the sixth comes, the fifth is the newest: the smallest of the others has 700.
    assert_eq!(statistics.bytes_aggregated, 100 + 700 + 10 + 10);
    let flows = drain(&mut table);
    let mut sent: Vec<u32> = flows.iter().map(|flow| flow.bytes_out).collect();
    sent.sort_unstable();
    assert_eq!(sent, [10, 10, 800, 820, 900]);
    let aggregate = flows.iter().find(|flow| is_aggregate(flow)).unwrap();
    assert_eq!(aggregate.remote_address, IpAddr::from([0, 0, 0, 0]));
    assert_eq!(aggregate.local_address, IpAddr::from([10, 0, 1, 0]));
    assert_eq!((aggregate.local_port, aggregate.remote_port), (0, 0));
}

#[test]
fn flows_of_one_hash_are_bounded_and_lose_nothing() {
    let mut table = FlowTable::<64, 64>::new();
    let mut alike: Vec<Sample> = Vec::new();
    for port in 1..60_000 {
        let sample = Sample {
            remote: (1, port),
            ..sent_to(1, 100)
        };
        let packet = sample.packet();
        let first = alike.first().unwrap_or(&sample).packet();
        if table.chain(sample.direction, &packet) == table.chain(sample.direction, &first) {
            observe(&mut table, sample);
            alike.push(sample);
        }
        if alike.len() == 20 {
            break;
        }
    }
    assert_eq!((alike.len(), table.len()), (20, 8));
    assert_eq!(table.statistics().packets_without_room, 12);
    // Known ones go on counting.
    observe(&mut table, alike[0]);
    observe(&mut table, alike[7]);
    let flows = drain(&mut table);
    let bytes: u32 = flows.iter().map(|flow| flow.bytes_out).sum();
    assert_eq!((flows.len(), bytes), (9, 2200));
    let aggregate = flows.iter().find(|flow| is_aggregate(flow)).unwrap();
    assert_eq!(aggregate.bytes_out, 1200);
}

#[test]
fn a_full_table_has_each_flow_apart_whatever_the_seed() {
    for seed in 0..if cfg!(miri) { 1 } else { 200 } {
        let mut table = FlowTable::<64, 64>::new();
        table.set_seed(seed * 0x0123_4567);
        for host in 0..64 {
            let flow = sent_to(host, 100);
            observe(&mut table, flow);
            observe(&mut table, Sample { version: 6, ..flow });
        }
        assert_eq!((table.len(), drain(&mut table).len()), (128, 128));
    }
}

#[test]
fn a_flow_of_small_packets_has_the_time_to_grow_in_a_flood() {
    let mut table = FlowTable::<4, 4>::new();
    for host in 1..=3 {
        observe(&mut table, sent_to(host, 100));
    }
    observe(&mut table, sent_to(4, 60));
    // Each of these is heavier than the flow was at first, and lighter than it becomes.
    for host in 5..=200 {
        observe(&mut table, sent_to(host, 100));
        observe(&mut table, sent_to(4, 60));
    }
    let flows = drain(&mut table);
    let small = IpAddr::from([192, 168, 0, 4]);
    let grown = flows.iter().find(|flow| flow.remote_address == small);
    assert_eq!(grown.map(|flow| flow.bytes_out), Some(60 + 196 * 60));
}

#[test]
fn an_aggregate_of_several_local_addresses_has_none() {
    let mut table = FlowTable::<1, 1>::new();
    for local in [1, 2, 1] {
        let sample = Sample {
            local: (local, 5000),
            ..sent_to(local, 10)
        };
        observe(&mut table, sample);
    }
    let flows = drain(&mut table);
    let aggregate = flows.iter().find(|flow| is_aggregate(flow)).unwrap();
    assert_eq!(aggregate.local_address, IpAddr::from([0, 0, 0, 0]));
    assert_eq!(aggregate.bytes_out, 20);
}

#[test]
fn no_port_makes_one_protocol_look_like_another() {
    let with = |protocol, port| Sample {
        protocol,
        remote: (1, port),
        ..sent_to(1, 10)
    };
    for port in (0..=u16::MAX).step_by(if cfg!(miri) { 4099 } else { 1 }) {
        // 53, and any other port.
        let mut table = FlowTable::<4, 4>::new();
        observe(&mut table, with(Protocol::Tcp, 53));
        observe(&mut table, with(Protocol::Udp, port));
        assert_eq!(table.len(), 2, "port {port}");
    }
}

#[test]
fn an_aggregate_that_no_flow_can_state_becomes_several() {
    let mut table = FlowTable::<1, 1>::new();
    // Each packet displaces the flow before it, so that five of six flows end up in the aggregate.
    for host in 0..6 {
        observe(&mut table, sent_to(host, u32::MAX));
    }
    let flows = drain(&mut table);
    assert_eq!(flows.iter().filter(|flow| is_aggregate(flow)).count(), 5);
    assert!(flows.iter().all(|flow| flow.bytes_out == u32::MAX));
}

#[test]
fn a_flow_of_more_than_a_message_can_state_keeps_its_name() {
    let mut table = FlowTable::<4, 4>::new();
    let answer = Sample {
        direction: Direction::In,
        ..sent_to(1, u32::MAX - 1)
    };
    for _ in 0..5 {
        observe(&mut table, sent_to(1, u32::MAX));
        observe(&mut table, answer);
    }
    observe(&mut table, sent_to(2, 7));
    assert_eq!(table.len(), 2);
    let flows = drain(&mut table);
    assert!(!flows.iter().any(is_aggregate));
    let (parts, other): (Vec<&AnyFlow>, Vec<&AnyFlow>) =
        flows.iter().partition(|flow| flow.bytes_in > 0);
    assert_eq!((other.len(), other[0].bytes_out), (1, 7));
    let name = sent_to(1, 0).flow();
    let mut bytes = (0, 0);
    for part in &parts {
        assert_eq!(
            (part.remote_address, part.remote_port),
            (name.remote_address, 53)
        );
        bytes.0 += u64::from(part.bytes_in);
        bytes.1 += u64::from(part.bytes_out);
    }
    let full = u64::from(u32::MAX);
    assert_eq!((parts.len(), bytes), (5, (5 * (full - 1), 5 * full)));
}

#[test]
fn a_flow_of_more_than_a_message_can_state_is_the_heaviest() {
    let mut table = FlowTable::<3, 3>::new();
    for bytes in [u32::MAX, u32::MAX, 7] {
        observe(&mut table, sent_to(1, bytes));
    }
    observe(&mut table, sent_to(2, 1000));
    observe(&mut table, sent_to(3, 2000));
    for host in 4..50 {
        observe(&mut table, sent_to(host, 50));
    }
    let flows = drain(&mut table);
    let of_it = |host: u8| {
        let host = IpAddr::from([192, 168, 0, host]);
        let flows = flows.iter().filter(move |flow| flow.remote_address == host);
        flows.map(|flow| u64::from(flow.bytes_out)).sum::<u64>()
    };
    assert_eq!(of_it(1), 2 * u64::from(u32::MAX) + 7);
    // In a table of three, of which the newest is spared, the others had no chance.
    assert_eq!((of_it(2), of_it(3)), (0, 0));
}

#[test]
fn what_a_table_cannot_count_for_a_flow_goes_to_the_aggregate() {
    let mut table = FlowTable::<4, 4>::new();
    let (packets, mut bytes) = (300, 0);
    for _ in 0..packets {
        observe(&mut table, sent_to(1, u32::MAX));
    }
    let flows = drain(&mut table);
    let mut aggregated = 0;
    for flow in &flows {
        bytes += u64::from(flow.bytes_out);
        if is_aggregate(flow) {
            aggregated += u64::from(flow.bytes_out);
        }
    }
    assert_eq!(bytes, packets * u64::from(u32::MAX));
    assert!(aggregated > 500 << 30, "{aggregated}");
    // A little less than 512 GiB.
    assert_eq!(bytes - aggregated, 128 * u64::from(u32::MAX));
}

#[test]
fn a_flow_of_as_much_as_a_counter_states_gives_way_if_no_other_can() {
    let mut table = FlowTable::<2, 2>::new();
    observe(&mut table, sent_to(1, u32::MAX));
    // The newest is spared.
    observe(&mut table, sent_to(2, 7));
    observe(&mut table, sent_to(3, 8));
    let flows = drain(&mut table);
    let bytes = |wanted: bool| {
        let flows = flows
            .iter()
            .filter(move |flow| is_aggregate(flow) == wanted);
        flows.map(|flow| flow.bytes_out).collect::<BTreeSet<_>>()
    };
    assert_eq!(bytes(true), BTreeSet::from([u32::MAX]));
    assert_eq!(bytes(false), BTreeSet::from([7, 8]));
}

#[test]
fn the_heaviest_flow_gives_way_if_it_is_the_only_one() {
    let mut table = FlowTable::<4, 4>::new();
    observe(&mut table, sent_to(1, 5));
    observe(&mut table, sent_to(2, u32::MAX));
    // Leaves the heavy one.
    let mut cursor = Cursor::START;
    assert!(table.take(&mut cursor).is_some());
    let mut settings = Settings::new();
    settings.set_flow_limits(1, 1).unwrap();
    table.apply(&settings);
    observe(&mut table, sent_to(3, 6));
    assert_eq!(table.len(), 1);
    let flows = drain(&mut table);
    let bytes: Vec<u32> = flows.iter().map(|flow| flow.bytes_out).collect();
    assert_eq!(bytes, [6, u32::MAX]);
}

#[test]
fn a_lower_limit_holds_from_the_next_collection_on() {
    let mut table = FlowTable::<8, 8>::new();
    let fill = |table: &mut FlowTable<8, 8>| {
        for host in 0..8 {
            observe(table, sent_to(host, 10 + u32::from(host)));
        }
        table.len()
    };
    assert_eq!(fill(&mut table), 8);
    let mut settings = Settings::new();
    settings.set_flow_limits(3, 8).unwrap();
    table.apply(&settings);
    assert_eq!(table.len(), 8);
    drain(&mut table);
    assert_eq!(fill(&mut table), 3);
    settings.set_flow_limits(100, 1).unwrap();
    table.apply(&settings);
    assert_eq!(fill(&mut table), 8);
}

#[test]
fn what_comes_behind_the_cursor_is_left_for_the_next_collection() {
    let mut table = FlowTable::<1, 1>::new();
    observe(&mut table, sent_to(1, 10));
    let mut cursor = Cursor::START;
    assert!(table.take(&mut cursor).is_some());
    observe(&mut table, sent_to(2, 20));
    assert_eq!(table.take(&mut cursor), None);
    assert_eq!(drain(&mut table).len(), 1);
}

#[test]
fn aggregates_that_grow_behind_the_cursor_do_not_hold_a_collection_up() {
    let mut table = FlowTable::<1, 1>::new();
    let mut host = 0;
    let mut displace = |table: &mut FlowTable<1, 1>| {
        for _ in 0..2 {
            host = (host + 1) % 200;
            observe(table, sent_to(host, 10));
        }
    };
    displace(&mut table);
    let mut cursor = Cursor::START;
    let mut taken = 0;
    while table.take(&mut cursor).is_some() {
        taken += 1;
        assert!(
            taken <= 4,
            "every flow that is taken is followed by another"
        );
        displace(&mut table);
    }
}

#[test]
fn the_settings_say_what_is_counted() {
    let mut table = FlowTable::<4, 4>::new();
    let mut settings = Settings::new();
    let udp = sent_to(1, 10);
    let ping = Sample {
        protocol: Protocol::Icmp,
        version: 6,
        ..udp
    };

    settings.set_protocol_enabled(Protocol::Udp, false);
    table.apply(&settings);
    assert_eq!(
        table.observe(udp.direction, &udp.packet()),
        Verdict::Ignored
    );
    assert_eq!(
        table.observe(ping.direction, &ping.packet()),
        Verdict::Counted
    );

    settings.set_protocol_enabled(Protocol::Udp, true);
    settings.set_collector_enabled(Collector::NetworkActivity, false);
    table.apply(&settings);
    for sample in [udp, ping] {
        let verdict = table.observe(sample.direction, &sample.packet());
        assert_eq!(verdict, Verdict::Ignored);
    }

    settings.set_collector_enabled(Collector::NetworkActivity, true);
    table.apply(&settings);
    assert_eq!(
        table.observe(udp.direction, &udp.packet()),
        Verdict::Counted
    );
    let statistics = table.statistics();
    assert_eq!(statistics.packets_ignored, 3);
    assert_eq!(statistics.packets_counted, 2);
    assert_eq!(statistics.packets_seen(), 5);
    assert_eq!(drain(&mut table).len(), 2);
}

#[test]
fn unicast_only_leaves_out_what_comes_for_groups() {
    let v4 = |destination: [u8; 4]| {
        Packet::V4(Observation {
            protocol: Protocol::Udp,
            source: Ipv4Addr::new(192, 168, 0, 1),
            destination: destination.into(),
            source_port: 5353,
            destination_port: 5353,
            bytes: 10,
        })
    };
    let v6 = |first| {
        Packet::V6(Observation {
            protocol: Protocol::Udp,
            source: Ipv6Addr::new(0xFE80, 0, 0, 0, 0, 0, 0, 1),
            destination: Ipv6Addr::new(first, 0, 0, 0, 0, 0, 0, 1),
            source_port: 5353,
            destination_port: 5353,
            bytes: 10,
        })
    };
    let groups = [
        v4([224, 0, 0, 251]),
        v4([239, 255, 255, 250]),
        v4([255, 255, 255, 255]),
        v6(0xFF02),
    ];
    let hosts = [
        v4([10, 0, 0, 2]),
        v4([223, 255, 255, 255]),
        v4([240, 0, 0, 1]),
        v6(0xFD77),
        v6(0xFE80),
    ];

    let mut table = FlowTable::<16, 16>::new();
    for packet in &groups {
        assert_eq!(packet.incoming(), Direction::InGroup);
        // What the device sends to a group is its own doing, and counts.
        assert_eq!(table.observe(Direction::Out, packet), Verdict::Counted);
    }
    for packet in &hosts {
        assert_eq!(packet.incoming(), Direction::In);
    }
    // It takes the caller's word, who may know that an address is the broadcast address of a subnet.
    for packet in groups.iter().chain(&hosts) {
        assert_eq!(table.observe(Direction::InGroup, packet), Verdict::Ignored);
        assert_eq!(table.observe(Direction::In, packet), Verdict::Counted);
    }

    let mut settings = Settings::new();
    settings.set_unicast_only(false);
    table.apply(&settings);
    for packet in groups.iter().chain(&hosts) {
        assert_eq!(table.observe(Direction::In, packet), Verdict::Counted);
        assert_eq!(table.observe(Direction::InGroup, packet), Verdict::Counted);
    }
}

#[test]
fn a_seed_changes_places_and_nothing_else() {
    let samples: Vec<Sample> = (0..12).map(|host| sent_to(host, 10)).collect();
    let collect = |seed| {
        let mut table = FlowTable::<64, 64>::new();
        table.set_seed(seed);
        for sample in &samples {
            observe(&mut table, *sample);
        }
        // For when it is empty: it would lose the flows that are there.
        table.set_seed(!seed);
        for sample in &samples {
            observe(&mut table, *sample);
        }
        drain(&mut table)
    };
    for seed in [0, 1, 0x8000_0000, u32::MAX] {
        let flows = collect(seed);
        assert_eq!(flows.len(), 12);
        assert!(flows.iter().all(|flow| flow.bytes_out == 20));
    }
}
