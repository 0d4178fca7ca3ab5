//! What was really there: to compare with what an agent reports and a detector finds.

use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use defender_message::flow::Protocol;
use etherparse::{NetSlice, SlicedPacket, TransportSlice};
use serde::Serialize;

use super::Label;

/// Everything about one run of a scenario, for JSON. Times are whole seconds of Unix time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Truth {
    /// The scenario's name.
    pub scenario: &'static str,
    /// Whether somebody means harm in it.
    pub label: Label,
    /// What happens in it, in a sentence.
    pub summary: &'static str,
    /// What decided where chance does.
    pub seed: u64,
    /// The device's own addresses.
    pub device_addresses: Vec<IpAddr>,
    /// When it begins.
    pub start: u64,
    /// When it ends.
    pub end: u64,
    /// How many packets there are.
    pub packets: u64,
    /// What happens when.
    pub happenings: Vec<Happening>,
    /// Every flow that the device's packet hooks see, sorted.
    pub flows: Vec<TrueFlow>,
}

/// Something that happens in a scenario, such as an attack that begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Happening {
    /// When.
    pub time: u64,
    /// What, in a few words.
    pub what: String,
    /// Who takes part beside the device.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peer: Option<IpAddr>,
    /// At which port.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
}

impl Happening {
    pub(super) fn new(time: Duration, what: &str, peer: Option<SocketAddr>) -> Self {
        Self {
            time: time.as_secs(),
            what: what.to_owned(),
            peer: peer.map(|peer| peer.ip()),
            port: peer.map(|peer| peer.port()).filter(|port| *port != 0),
        }
    }
}

/// A flow with all its bytes: IP payload, as the agent counts them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TrueFlow {
    /// The transport protocol.
    pub protocol: Protocol,
    /// The device's own address.
    pub local_address: IpAddr,
    /// The device's own port; 0 for ICMP.
    pub local_port: u16,
    /// The peer's address.
    pub remote_address: IpAddr,
    /// The peer's port; 0 for ICMP.
    pub remote_port: u16,
    /// Bytes received.
    pub bytes_in: u64,
    /// Bytes sent.
    pub bytes_out: u64,
}

/// Counts packets and flows. It reads the finished packets with a parser that is not the agent's, so that the two can be
/// compared. Its memory grows with the number of flows.
#[derive(Clone, Debug)]
pub struct Ledger {
    device: IpAddr,
    packets: u64,
    flows: BTreeMap<Key, (u64, u64)>,
}

/// IP version, protocol by name, local and remote endpoint: the order of a message's flows.
type Key = (bool, &'static str, SocketAddr, SocketAddr);

impl Ledger {
    pub(super) fn new(device: IpAddr) -> Self {
        Self {
            device,
            packets: 0,
            flows: BTreeMap::new(),
        }
    }

    /// Counts an IP packet of the scenario.
    pub fn count(&mut self, ip: &[u8]) {
        self.packets += 1;
        let Some((protocol, source, destination, bytes)) = read(ip) else {
            return;
        };
        let (local, remote) = if source.ip() == self.device {
            (source, destination)
        } else if destination.ip() == self.device {
            (destination, source)
        } else {
            // Multicast from others: the agent counts unicast only.
            return;
        };
        let key = (local.is_ipv6(), protocol.name(), local, remote);
        let (bytes_in, bytes_out) = self.flows.entry(key).or_default();
        if local == source {
            *bytes_out += bytes;
        } else {
            *bytes_in += bytes;
        }
    }

    pub(super) fn packets(&self) -> u64 {
        self.packets
    }

    pub(super) fn into_flows(self) -> Vec<TrueFlow> {
        let protocol = |name| {
            [Protocol::Tcp, Protocol::Udp, Protocol::Icmp]
                .into_iter()
                .find(|protocol| protocol.name() == name)
        };
        let flow = |((_, name, local, remote), (bytes_in, bytes_out)): (Key, _)| {
            Some(TrueFlow {
                protocol: protocol(name)?,
                local_address: local.ip(),
                local_port: local.port(),
                remote_address: remote.ip(),
                remote_port: remote.port(),
                bytes_in,
                bytes_out,
            })
        };
        self.flows.into_iter().filter_map(flow).collect()
    }
}

/// Protocol, endpoints and bytes of IP payload.
fn read(ip: &[u8]) -> Option<(Protocol, SocketAddr, SocketAddr, u64)> {
    let packet = SlicedPacket::from_ip(ip).ok()?;
    let (source, destination, length): (IpAddr, IpAddr, usize) = match packet.net? {
        NetSlice::Ipv4(packet) => (
            packet.header().source_addr().into(),
            packet.header().destination_addr().into(),
            packet.payload().payload.len(),
        ),
        NetSlice::Ipv6(packet) => (
            packet.header().source_addr().into(),
            packet.header().destination_addr().into(),
            packet.payload().payload.len(),
        ),
        NetSlice::Arp(_) => return None,
    };
    let (protocol, from, to) = match packet.transport? {
        TransportSlice::Tcp(tcp) => (Protocol::Tcp, tcp.source_port(), tcp.destination_port()),
        TransportSlice::Udp(udp) => (Protocol::Udp, udp.source_port(), udp.destination_port()),
        TransportSlice::Icmpv4(_) | TransportSlice::Icmpv6(_) => (Protocol::Icmp, 0, 0),
        _ => return None,
    };
    Some((
        protocol,
        SocketAddr::new(source, from),
        SocketAddr::new(destination, to),
        length as u64,
    ))
}
