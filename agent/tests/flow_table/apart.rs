//! How rarely a flow is not told apart though there is room for it, over many seeds.

use defender_agent::packet::Direction;
use defender_agent::{Entropy, FlowTable, Protocol};

use crate::drain;
use crate::support::entropy::TestEntropy;
use crate::support::samples::{Sample, is_aggregate};

const SEEDS: u32 = if cfg!(miri) { 4 } else { 4_000 };
const FLOWS: u16 = 64;

/// In how many of the tables not all flows are told apart. `ends` says by its number what a flow's local port, its remote host and its remote
/// port are.
fn tables_with_an_aggregate(version: u8, ends: fn(u16) -> (u16, u8, u16)) -> u32 {
    let mut random = TestEntropy {
        state: 1,
        broken: false,
    };
    let mut table: FlowTable<{ FLOWS as usize }, { FLOWS as usize }> = FlowTable::new();
    let mut tables = 0;
    for _ in 0..SEEDS {
        let mut seed = [0; 4];
        random.fill(&mut seed).unwrap();
        table.set_seed(u32::from_ne_bytes(seed));
        for number in 0..FLOWS {
            let (local_port, remote_host, remote_port) = ends(number);
            let sample = Sample {
                version,
                protocol: Protocol::Tcp,
                direction: Direction::Out,
                local: (2, local_port),
                remote: (remote_host, remote_port),
                bytes: 100,
            };
            table.observe(sample.direction, &sample.packet());
        }
        tables += u32::from(drain(&mut table).iter().any(is_aggregate));
    }
    tables
}

#[test]
fn hosts_are_told_apart() {
    none_is_in_sum(|number| (50_000, number as u8, 443));
}

#[test]
fn connections_from_consecutive_ports_are_told_apart() {
    none_is_in_sum(|number| (50_000 + number, 1, 443));
}

#[test]
fn consecutive_ports_of_a_host_are_told_apart() {
    none_is_in_sum(|number| (50_000, 1, 1 + number));
}

fn none_is_in_sum(ends: fn(u16) -> (u16, u8, u16)) {
    for version in [4, 6] {
        let tables = tables_with_an_aggregate(version, ends);
        assert_eq!(tables, 0, "of {SEEDS}, IPv{version}");
    }
}
