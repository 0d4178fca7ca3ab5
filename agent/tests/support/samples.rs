//! Packets as the parser says them, from a small world of hosts and ports, and what they add up to.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use defender_agent::packet::{Direction, Observation, Packet};
use defender_agent::{Flow, Protocol};
use defender_message::flow;
use proptest::prelude::*;

use super::packets::{any_protocol, flow as flow_of};

/// A flow of either IP version.
pub type AnyFlow = flow::Flow<IpAddr>;

pub fn any_version(flow: Flow) -> AnyFlow {
    flow.into()
}

pub fn is_aggregate(flow: &AnyFlow) -> bool {
    flow.remote_address.is_unspecified()
}

/// A packet, as its observation is made.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    pub version: u8,
    pub protocol: Protocol,
    pub direction: Direction,
    /// Hosts and ports of both sides, from a space that the test chooses.
    pub local: (u8, u16),
    pub remote: (u8, u16),
    pub bytes: u32,
}

impl Sample {
    pub fn packet(&self) -> Packet {
        let (local, remote) = (self.local, self.remote);
        let (local_port, remote_port) = match self.protocol {
            Protocol::Icmp => (0, 0),
            _ => (local.1, remote.1),
        };
        let outgoing = self.direction == Direction::Out;
        let order = |local, remote| {
            if outgoing {
                (local, remote)
            } else {
                (remote, local)
            }
        };
        let (source_host, destination_host) = order(
            u32::from(local.0) | 0x0A00_0100,
            u32::from(remote.0) | 0xC0A8_0000,
        );
        let (source_port, destination_port) = if outgoing {
            (local_port, remote_port)
        } else {
            (remote_port, local_port)
        };
        let ipv6 = |host: u32| Ipv6Addr::from_bits(0xFD77 << 112 | u128::from(host));
        if self.version == 4 {
            Packet::V4(Observation {
                protocol: self.protocol,
                source: Ipv4Addr::from_bits(source_host),
                destination: Ipv4Addr::from_bits(destination_host),
                source_port,
                destination_port,
                bytes: self.bytes,
            })
        } else {
            Packet::V6(Observation {
                protocol: self.protocol,
                source: ipv6(source_host),
                destination: ipv6(destination_host),
                source_port,
                destination_port,
                bytes: self.bytes,
            })
        }
    }

    pub fn flow(&self) -> AnyFlow {
        flow_of(self.direction, &self.packet())
    }
}

pub fn any_direction() -> impl Strategy<Value = Direction> {
    prop_oneof![Just(Direction::In), Just(Direction::Out)]
}

/// Few hosts and few ports: most packets meet a flow, or a chain, that is there already.
pub fn any_sample() -> impl Strategy<Value = Sample> {
    let bytes = prop_oneof![
        8 => 0..2000_u32,
        6 => 0..4_u32,
        1 => (u32::MAX - 2000)..=u32::MAX,
    ];
    (
        prop_oneof![3 => Just(4_u8), 1 => Just(6_u8)],
        any_protocol(),
        any_direction(),
        (0..2_u8, 0..2_u16),
        (0..8_u8, 0..4_u16),
        bytes,
    )
        .prop_map(
            |(version, protocol, direction, local, remote, bytes)| Sample {
                version,
                protocol,
                direction,
                local,
                remote,
                bytes,
            },
        )
}

/// A datagram that the device sends from host 0 to port 53 of a remote host.
pub fn sent_to(host: u8, bytes: u32) -> Sample {
    Sample {
        version: 4,
        protocol: Protocol::Udp,
        direction: Direction::Out,
        local: (0, 5000),
        remote: (host, 53),
        bytes,
    }
}

/// Bytes by IP version, protocol and direction.
pub fn totals<'a>(
    flows: impl Iterator<Item = &'a AnyFlow>,
) -> BTreeMap<(bool, Protocol), (u64, u64)> {
    let mut totals = BTreeMap::<_, (u64, u64)>::new();
    for flow in flows {
        let entry = totals.entry((flow.local_address.is_ipv6(), flow.protocol));
        let (received, sent) = entry.or_default();
        *received += u64::from(flow.bytes_in);
        *sent += u64::from(flow.bytes_out);
    }
    totals
}
