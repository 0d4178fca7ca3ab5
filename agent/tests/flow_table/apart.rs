//! Flows are told apart while there is room for them, over many seeds.

use defender_agent::packet::Direction;
use defender_agent::{Entropy, FlowTable, Protocol};

use crate::drain;
use crate::support::entropy::TestEntropy;
use crate::support::samples::{Sample, is_aggregate};

const SEEDS: u32 = if cfg!(miri) { 4 } else { 4_000 };
const FLOWS: u16 = 64;

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

/// `ends` says by its number what a flow's local port, its remote host and its remote port are.
fn none_is_in_sum(ends: fn(u16) -> (u16, u8, u16)) {
    let mut random = TestEntropy {
        state: 1,
        broken: false,
    };
    let mut table: FlowTable<{ FLOWS as usize }, { FLOWS as usize }> = FlowTable::new();
    for version in [4, 6] {
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
            let flows = drain(&mut table);
            assert!(!flows.iter().any(is_aggregate), "IPv{version}, {seed:?}");
        }
    }
}
