//! Who talks to whom: the packets of it, and what a hub is told about it.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use defender_message::SecurityMessage;
use defender_message::decode::Payload;
use etherparse::PacketBuilder;
use threadx_defender::agent::Protocol;
use threadx_defender::agent::packet::Direction;

/// What makes a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Talk {
    pub protocol: Protocol,
    pub local: SocketAddr,
    pub remote: SocketAddr,
}

/// Bytes in and out by flow.
pub type Tally = BTreeMap<Talk, (u64, u64)>;

/// A flow between two addresses with ports, which are 0 for ICMP.
pub fn talk(protocol: Protocol, local: &str, remote: &str) -> Talk {
    Talk {
        protocol,
        local: local.parse().expect("an address with a port"),
        remote: remote.parse().expect("an address with a port"),
    }
}

impl Talk {
    /// An IP packet of this flow with so many bytes of data.
    pub fn packet(&self, direction: Direction, data: usize) -> Vec<u8> {
        let (source, destination) = match direction {
            Direction::Out => (self.local, self.remote),
            _ => (self.remote, self.local),
        };
        let ip = match (source.ip(), destination.ip()) {
            (IpAddr::V4(source), IpAddr::V4(destination)) => {
                PacketBuilder::ipv4(source.octets(), destination.octets(), 64)
            }
            (IpAddr::V6(source), IpAddr::V6(destination)) => {
                PacketBuilder::ipv6(source.octets(), destination.octets(), 64)
            }
            _ => panic!("two IP versions in one flow"),
        };
        let data = vec![0xA5; data];
        let mut packet = Vec::new();
        let (from, to) = (source.port(), destination.port());
        let written = match self.protocol {
            Protocol::Udp => ip.udp(from, to).write(&mut packet, &data),
            Protocol::Tcp => ip.tcp(from, to, 7, 512).write(&mut packet, &data),
            Protocol::Icmp if source.is_ipv4() => {
                ip.icmpv4_echo_request(1, 2).write(&mut packet, &data)
            }
            Protocol::Icmp => ip.icmpv6_echo_request(1, 2).write(&mut packet, &data),
        };
        written.expect("a packet within its limits");
        packet
    }

    /// What counts of such a packet: all behind the IP header.
    pub fn bytes(&self, data: usize) -> u64 {
        let header = match self.protocol {
            Protocol::Tcp => 20,
            Protocol::Udp | Protocol::Icmp => 8,
        };
        header + data as u64
    }
}

/// Adds such a packet.
pub fn count(tally: &mut Tally, talk: &Talk, direction: Direction, data: usize) {
    let (bytes_in, bytes_out) = tally.entry(*talk).or_default();
    match direction {
        Direction::Out => *bytes_out += talk.bytes(data),
        _ => *bytes_in += talk.bytes(data),
    }
}

/// What messages say about flows, all together.
pub fn tally<'a>(messages: impl IntoIterator<Item = &'a SecurityMessage>) -> Tally {
    let mut tally = Tally::new();
    for event in messages.into_iter().flat_map(|message| &message.events) {
        let Payload::NetworkActivity { flows } = &event.payload else {
            continue;
        };
        for flow in flows {
            let talk = Talk {
                protocol: flow.protocol,
                local: (flow.local_address, flow.local_port).into(),
                remote: (flow.remote_address, flow.remote_port).into(),
            };
            let (bytes_in, bytes_out) = tally.entry(talk).or_default();
            *bytes_in += u64::from(flow.bytes_in);
            *bytes_out += u64::from(flow.bytes_out);
        }
    }
    tally
}

/// The bytes by protocol and IP version (4 or 6): what is the same whether flows were kept apart or not.
pub fn totals(tally: &Tally) -> BTreeMap<(Protocol, u8), (u64, u64)> {
    let mut totals = BTreeMap::new();
    for (talk, bytes) in tally {
        let version = if talk.local.is_ipv4() { 4 } else { 6 };
        let total: &mut (u64, u64) = totals.entry((talk.protocol, version)).or_default();
        total.0 += bytes.0;
        total.1 += bytes.1;
    }
    totals
}
