//! IP packets between a device and its peers.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use proptest::{prelude::*, sample::select};

use crate::frames::Version;

const DEVICE_V4: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 2);
const DEVICE_V6: Ipv6Addr = Ipv6Addr::new(0xfd00, 0, 0, 0, 0, 0, 0, 2);
/// The device's addresses.
pub const DEVICE: [IpAddr; 2] = [IpAddr::V4(DEVICE_V4), IpAddr::V6(DEVICE_V6)];

/// What an IP packet carries.
#[derive(Clone, Copy, Debug)]
pub enum Carried {
    Tcp,
    Udp,
    Icmp,
    /// Nothing that is counted.
    Gre,
}

/// An IP packet between the device and a peer.
#[derive(Clone, Debug)]
pub struct Ip {
    pub version: Version,
    pub peer: u8,
    pub is_outgoing: bool,
    pub carried: Carried,
    /// Bytes behind the transport header.
    pub data: usize,
    /// Options of IPv4 in words, or extension headers of IPv6.
    pub options: u8,
}

impl Ip {
    fn transport(&self) -> (u8, Vec<u8>) {
        let ports = if self.is_outgoing {
            [0xc0, 0, 0x30, 0x39]
        } else {
            [0x30, 0x39, 0xc0, 0]
        };
        let (protocol, mut bytes) = match self.carried {
            Carried::Tcp => (
                6,
                [&ports[..], &[0; 8], &[0x50, 0x10, 0xff, 0xff, 0, 0, 0, 0]].concat(),
            ),
            Carried::Udp => (
                17,
                [&ports[..], &((8 + self.data) as u16).to_be_bytes(), &[0, 0]].concat(),
            ),
            Carried::Icmp if self.version == Version::V4 => (1, vec![8, 0, 0, 0, 0, 1, 0, 1]),
            Carried::Icmp => (58, vec![128, 0, 0, 0, 0, 1, 0, 1]),
            Carried::Gre => (47, vec![0, 0, 0x88, 0x0b]),
        };
        bytes.resize(bytes.len() + self.data, 0xa5);
        (protocol, bytes)
    }

    pub fn bytes(&self) -> Vec<u8> {
        let (protocol, transport) = self.transport();
        let (mut packet, from, to) = match self.version {
            Version::V4 => {
                let words = 5 + self.options;
                let total = (usize::from(words) * 4 + transport.len()) as u16;
                let mut packet = vec![0x40 | words, 0];
                packet.extend(total.to_be_bytes());
                packet.extend([0, 7, 0, 0, 64, protocol, 0, 0]);
                (
                    packet,
                    DEVICE_V4.octets().to_vec(),
                    vec![198, 18, 0, self.peer],
                )
            }
            Version::V6 => {
                let payload = (usize::from(self.options) * 8 + transport.len()) as u16;
                let mut packet = vec![0x60, 0, 0, 0];
                packet.extend(payload.to_be_bytes());
                // Hop-by-hop options, a routing header and destination options, in that order.
                let first = if self.options > 0 { 0 } else { protocol };
                packet.extend([first, 64]);
                let mut peer = vec![0x20, 1, 0x0d, 0xb8];
                peer.extend([0; 11]);
                peer.push(self.peer);
                (packet, DEVICE_V6.octets().to_vec(), peer)
            }
        };
        let (from, to) = if self.is_outgoing {
            (from, to)
        } else {
            (to, from)
        };
        packet.extend(from);
        packet.extend(to);
        if self.version == Version::V4 {
            packet.resize(packet.len() + usize::from(self.options) * 4, 1);
        } else {
            for header in 0..self.options {
                let next = if header + 1 == self.options {
                    protocol
                } else {
                    [43, 60][usize::from(header)]
                };
                // Six bytes of padding; in a routing header, a type that nobody knows, and no segments left.
                packet.extend(if header == 1 {
                    [next, 0, 200, 0, 0, 0, 0, 0]
                } else {
                    [next, 0, 1, 4, 0, 0, 0, 0]
                });
            }
        }
        packet.extend(transport);
        packet
    }
}

/// Packets of every kind.
pub fn ip() -> impl Strategy<Value = Ip> {
    let carried = vec![Carried::Tcp, Carried::Udp, Carried::Icmp, Carried::Gre];
    (
        select(vec![Version::V4, Version::V6]),
        0..40_u8,
        any::<bool>(),
        select(carried),
        prop_oneof![4 => 0..60_usize, 4 => 60..1400_usize, 1 => 1400..9000_usize],
        prop_oneof![3 => Just(0_u8), 1 => 0..4_u8],
    )
        .prop_map(|(version, peer, is_outgoing, carried, data, options)| Ip {
            version,
            peer,
            is_outgoing,
            carried,
            data,
            options,
        })
}
