//! The way of an incoming packet from a network interface to a transport protocol, as a device's IP stack goes it.
//!
//! The agent's hooks stand at its end; so what the stack drops on the way, they do not see.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use defender_agent::{
    Protocol,
    packet::{Delivered, Direction, NetworkOrder, Packet, Rejection, parse_delivered},
};

use crate::local::Identity;

const IPV4_HEADER: usize = 20;
const IPV6_HEADER: usize = 40;

/// A stack looks for headers in the first buffer of a packet only; this is how much of one is in it.
pub const FIRST_BUFFER: usize = 1584;

/// What becomes of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reception {
    /// The hook of a transport protocol sees it.
    Seen(Direction, Result<Packet, Rejection>),
    /// It is for somebody else, or for a protocol without a hook.
    NotOurs,
    /// It is broken, and dropped before a hook sees it.
    Broken,
}

/// What becomes of an incoming packet.
pub fn receive(packet: &[u8], device: &Identity) -> Reception {
    match packet.first().map(|first| first >> 4) {
        Some(4) => receive_v4(packet, device),
        Some(6) => receive_v6(packet, device),
        _ => Reception::Broken,
    }
}

fn receive_v4(packet: &[u8], device: &Identity) -> Reception {
    let Some(header) = packet.first_chunk::<IPV4_HEADER>() else {
        return Reception::Broken;
    };
    let header_length = usize::from(header[0] & 0xf) * 4;
    let total_length = usize::from(u16::from_be_bytes([header[2], header[3]]));
    // A stack wants at least one byte behind the header.
    if total_length > packet.len() || header_length < IPV4_HEADER || total_length <= header_length {
        return Reception::Broken;
    }
    let destination = Ipv4Addr::from([header[16], header[17], header[18], header[19]]);
    let Some(direction) = direction_v4(destination, device) else {
        return Reception::NotOurs;
    };
    let protocol = match header[9] {
        1 => Protocol::Icmp,
        6 => Protocol::Tcp,
        17 => Protocol::Udp,
        _ => return Reception::NotOurs,
    };
    deliver(
        protocol,
        direction,
        header,
        &packet[header_length..total_length],
    )
}

/// Whether an IPv4 packet is for the device, and how.
fn direction_v4(destination: Ipv4Addr, device: &Identity) -> Option<Direction> {
    const ALL_HOSTS: Ipv4Addr = Ipv4Addr::new(224, 0, 0, 1);

    let own = device.addresses();
    if own.iter().any(|own| own.address == IpAddr::V4(destination)) {
        return Some(Direction::In);
    }
    if own.iter().any(|own| own.is_broadcast(destination)) {
        return Some(Direction::InGroup);
    }
    let is_for_all = destination.is_broadcast() || destination == ALL_HOSTS;
    let is_for_anybody = destination.is_unspecified() || destination.is_loopback();
    (is_for_all || is_for_anybody).then(|| Direction::incoming_v4(destination))
}

fn receive_v6(packet: &[u8], device: &Identity) -> Reception {
    let Some(header) = packet.first_chunk::<IPV6_HEADER>() else {
        return Reception::Broken;
    };
    let total_length = IPV6_HEADER + usize::from(u16::from_be_bytes([header[4], header[5]]));
    let Some(packet) = packet.get(..total_length) else {
        return Reception::Broken;
    };
    let mut destination = [0; 16];
    destination.copy_from_slice(&header[24..]);
    let destination = Ipv6Addr::from(destination);
    let is_for_device = device.addresses().iter().any(|own| match own.address {
        IpAddr::V6(own) => own == destination || is_node_group(destination, own),
        IpAddr::V4(_) => false,
    });
    if !is_for_device {
        return Reception::NotOurs;
    }
    let Some((protocol, at)) = behind_extensions(packet, header[6]) else {
        return Reception::Broken;
    };
    let protocol = match protocol {
        6 => Protocol::Tcp,
        17 => Protocol::Udp,
        58 => Protocol::Icmp,
        _ => return Reception::NotOurs,
    };
    let direction = Direction::incoming_v6(destination);
    deliver(protocol, direction, &packet[..at], &packet[at..])
}

/// Whether `group` is that of all nodes of a link, or that through which neighbours look for `address`.
fn is_node_group(group: Ipv6Addr, address: Ipv6Addr) -> bool {
    const ALL_NODES: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 1);
    const SOLICITED: u128 = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 1, 0xff00, 0).to_bits();
    group == ALL_NODES || group.to_bits() == SOLICITED | (address.to_bits() & 0xff_ffff)
}

/// The transport protocol of an IPv6 packet, and where it begins; `None` when a header is broken.
fn behind_extensions(packet: &[u8], mut protocol: u8) -> Option<(u8, usize)> {
    let end = packet.len().min(FIRST_BUFFER);
    let mut at = IPV6_HEADER;
    loop {
        let header = packet.get(at..end).unwrap_or_default();
        let second = match header {
            [_, second, ..] => Some(usize::from(*second)),
            _ => None,
        };
        let length = match protocol {
            0 | 43 | 60 => second.map_or(8, |words| (words + 1) * 8),
            51 => second.map_or(8, |words| (words + 2) * 4),
            44 => 8,
            _ => return Some((protocol, at)),
        };
        // A header that ends its packet, or its buffer, has nothing behind it.
        if length >= header.len() {
            return None;
        }
        protocol = header[0];
        at += length;
    }
}

fn deliver(
    protocol: Protocol,
    direction: Direction,
    headers: &[u8],
    transport: &[u8],
) -> Reception {
    let parsed = parse_delivered::<NetworkOrder>(Delivered {
        protocol,
        headers,
        transport,
        length: transport.len(),
    });
    Reception::Seen(direction, parsed)
}
