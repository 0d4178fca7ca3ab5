//! Packets built header by header with `etherparse`, and what the parser is to say of them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use defender_agent::Protocol;
use defender_agent::packet::{Direction, Observation, Packet};
use defender_message::flow::Flow;
use etherparse::{
    IpAuthHeader, IpFragOffset, IpNumber, Ipv4Header, Ipv4Options, Ipv6FragmentHeader, Ipv6Header,
    Ipv6RawExtHeader, TcpHeader, UdpHeader,
};
use proptest::prelude::*;

/// Source and destination.
pub fn addresses(packet: &Packet) -> (IpAddr, IpAddr) {
    match packet {
        Packet::V4(seen) => (seen.source.into(), seen.destination.into()),
        Packet::V6(seen) => (seen.source.into(), seen.destination.into()),
    }
}

/// The flow that consists of this packet only.
pub fn flow(direction: Direction, packet: &Packet) -> Flow<IpAddr> {
    let (protocol, source_port, destination_port, bytes) = match packet {
        Packet::V4(seen) => (
            seen.protocol,
            seen.source_port,
            seen.destination_port,
            seen.bytes,
        ),
        Packet::V6(seen) => (
            seen.protocol,
            seen.source_port,
            seen.destination_port,
            seen.bytes,
        ),
    };
    let (source, destination) = addresses(packet);
    if direction == Direction::Out {
        Flow {
            protocol,
            local_address: source,
            local_port: source_port,
            remote_address: destination,
            remote_port: destination_port,
            bytes_in: 0,
            bytes_out: bytes,
        }
    } else {
        Flow {
            protocol,
            local_address: destination,
            local_port: destination_port,
            remote_address: source,
            remote_port: source_port,
            bytes_in: bytes,
            bytes_out: 0,
        }
    }
}

/// A packet as it goes over the wire, and what it says.
#[derive(Clone, Debug)]
pub struct Built {
    pub bytes: Vec<u8>,
    pub says: Packet,
    /// How many of its first bytes say all of that.
    pub head: usize,
    /// Where the transport header begins, or the data of a later fragment.
    pub transport: usize,
}

impl Built {
    /// The packet as NetX Duo hands it to a transport protocol: the words of the fixed header in host order.
    pub fn in_host_order(&self) -> Vec<u8> {
        let mut bytes = self.bytes.clone();
        let fixed = if bytes[0] >> 4 == 4 { 20 } else { 40 };
        for word in bytes[..fixed].chunks_exact_mut(4) {
            let value = u32::from_be_bytes([word[0], word[1], word[2], word[3]]);
            word.copy_from_slice(&value.to_ne_bytes());
        }
        bytes
    }
}

/// What stands in front of a transport header, or of the middle of one's data.
#[derive(Clone, Copy, Debug)]
pub enum Fragment {
    /// With more to follow.
    First,
    /// At this offset, in units of 8 bytes.
    Later(u16),
}

/// An IPv6 extension header, without the fragment header. Its content is nothing but ones.
#[derive(Clone, Copy, Debug)]
pub enum Extension {
    /// With so many bytes behind the first eight, in units of 8.
    HopByHop(u8),
    DestinationOptions(u8),
    Routing(u8),
    /// With so many bytes of the integrity check value, in units of 4.
    Authentication(u8),
}

impl Extension {
    fn number(self) -> IpNumber {
        match self {
            Self::HopByHop(_) => IpNumber::IPV6_HEADER_HOP_BY_HOP,
            Self::DestinationOptions(_) => IpNumber::IPV6_DESTINATION_OPTIONS,
            Self::Routing(_) => IpNumber::IPV6_ROUTE_HEADER,
            Self::Authentication(_) => IpNumber::AUTHENTICATION_HEADER,
        }
    }

    fn write(self, next: IpNumber, out: &mut Vec<u8>) {
        match self {
            Self::HopByHop(units) | Self::DestinationOptions(units) | Self::Routing(units) => {
                let content = vec![1; 6 + 8 * usize::from(units)];
                let header = Ipv6RawExtHeader::new_raw(next, &content).unwrap();
                header.write(out).unwrap();
            }
            Self::Authentication(units) => {
                let check = vec![1; 4 * usize::from(units)];
                IpAuthHeader::new(next, 1, 1, &check)
                    .unwrap()
                    .write(out)
                    .unwrap();
            }
        }
    }
}

/// What a packet carries.
#[derive(Clone, Copy, Debug)]
pub struct Content {
    pub protocol: Protocol,
    pub ports: (u16, u16),
    /// Bytes behind the transport header; all the bytes there are in a later fragment.
    pub data: usize,
}

impl Content {
    /// Transport header and data, or only data.
    fn write(&self, whole: bool, out: &mut Vec<u8>) {
        let (source, destination) = self.ports;
        if whole {
            match self.protocol {
                Protocol::Tcp => TcpHeader::new(source, destination, 7, 512)
                    .write(out)
                    .unwrap(),
                Protocol::Udp => UdpHeader {
                    source_port: source,
                    destination_port: destination,
                    length: 8 + self.data as u16,
                    checksum: 0,
                }
                .write(out)
                .unwrap(),
                // Type, code and checksum of an echo request; an ICMP header has no length of its own.
                Protocol::Icmp => out.extend([8, 0, 0, 0]),
            }
        }
        out.resize(out.len() + self.data, 0xA5);
    }

    fn says<A>(&self, source: A, destination: A, whole: bool, bytes: usize) -> Observation<A> {
        let has_ports = whole && self.protocol != Protocol::Icmp;
        let (source_port, destination_port) = if has_ports { self.ports } else { (0, 0) };
        Observation {
            protocol: self.protocol,
            source,
            destination,
            source_port,
            destination_port,
            bytes: bytes as u32,
        }
    }

    fn needs_ports(&self, whole: bool) -> bool {
        whole && self.protocol != Protocol::Icmp
    }
}

/// An IPv4 packet with `options` words of options.
pub fn build_v4(
    (source, destination): (Ipv4Addr, Ipv4Addr),
    options: usize,
    fragment: Option<Fragment>,
    content: &Content,
) -> Built {
    let whole = !matches!(fragment, Some(Fragment::Later(_)));
    let mut payload = Vec::new();
    content.write(whole, &mut payload);
    let number = match content.protocol {
        Protocol::Tcp => IpNumber::TCP,
        Protocol::Udp => IpNumber::UDP,
        Protocol::Icmp => IpNumber::ICMP,
    };
    let mut header = Ipv4Header::new(
        payload.len() as u16,
        64,
        number,
        source.octets(),
        destination.octets(),
    )
    .unwrap();
    header.dont_fragment = fragment.is_none();
    header.more_fragments = matches!(fragment, Some(Fragment::First));
    if let Some(Fragment::Later(offset)) = fragment {
        header.fragment_offset = IpFragOffset::try_new(offset).unwrap();
    }
    // The option "no operation", which is one byte long.
    header.options = Ipv4Options::try_from(&vec![1; 4 * options][..]).unwrap();
    header.set_payload_len(payload.len()).unwrap();
    let mut bytes = Vec::new();
    header.write(&mut bytes).unwrap();
    let offset = bytes.len();
    bytes.extend(&payload);
    Built {
        says: Packet::V4(content.says(source, destination, whole, payload.len())),
        head: if content.needs_ports(whole) {
            offset + 4
        } else {
            20
        },
        transport: offset,
        bytes,
    }
}

/// An IPv6 packet. A fragment header comes behind the extension headers `before` it; those `behind` it are there
/// only if it is none of a later fragment.
pub fn build_v6(
    (source, destination): (Ipv6Addr, Ipv6Addr),
    before: &[Extension],
    fragment: Option<Fragment>,
    behind: &[Extension],
    content: &Content,
) -> Built {
    let whole = !matches!(fragment, Some(Fragment::Later(_)));
    let behind = if whole { behind } else { &[] };
    let mut headers: Vec<Option<Extension>> = before.iter().copied().map(Some).collect();
    if fragment.is_some() {
        headers.push(None);
    }
    headers.extend(behind.iter().copied().map(Some));
    let transport = match content.protocol {
        Protocol::Tcp => IpNumber::TCP,
        Protocol::Udp => IpNumber::UDP,
        Protocol::Icmp => IpNumber::IPV6_ICMP,
    };
    let number = |at: usize| match headers.get(at) {
        Some(Some(extension)) => extension.number(),
        Some(None) => IpNumber::IPV6_FRAGMENTATION_HEADER,
        None => transport,
    };

    let mut payload = Vec::new();
    let mut last_header = None;
    for (at, header) in headers.iter().enumerate() {
        last_header = Some(payload.len());
        let next = number(at + 1);
        match (header, fragment) {
            (Some(extension), _) => extension.write(next, &mut payload),
            (None, Some(Fragment::Later(offset))) => {
                let offset = IpFragOffset::try_new(offset).unwrap();
                let header = Ipv6FragmentHeader::new(next, offset, false, 9);
                header.write(&mut payload).unwrap();
            }
            (None, _) => {
                let header = Ipv6FragmentHeader::new(next, IpFragOffset::ZERO, true, 9);
                header.write(&mut payload).unwrap();
            }
        }
    }
    let extensions = payload.len();
    content.write(whole, &mut payload);
    let header = Ipv6Header {
        payload_length: payload.len() as u16,
        next_header: number(0),
        hop_limit: 64,
        source: source.octets(),
        destination: destination.octets(),
        ..Ipv6Header::default()
    };
    let mut bytes = Vec::new();
    header.write(&mut bytes).unwrap();
    bytes.extend(&payload);
    let head = if content.needs_ports(whole) {
        40 + extensions + 4
    } else {
        last_header.map_or(40, |at| 40 + at + 4)
    };
    let transport_bytes = payload.len() - extensions;
    Built {
        says: Packet::V6(content.says(source, destination, whole, transport_bytes)),
        head,
        transport: 40 + extensions,
        bytes,
    }
}

/// Any transport protocol.
pub fn any_protocol() -> impl Strategy<Value = Protocol> {
    prop_oneof![
        Just(Protocol::Tcp),
        Just(Protocol::Udp),
        Just(Protocol::Icmp)
    ]
}

fn any_content() -> impl Strategy<Value = Content> {
    (any_protocol(), any::<(u16, u16)>(), 0..48_usize).prop_map(|(protocol, ports, data)| Content {
        protocol,
        ports,
        data,
    })
}

fn any_fragment() -> impl Strategy<Value = Option<Fragment>> {
    prop_oneof![
        3 => Just(None),
        1 => Just(Some(Fragment::First)),
        1 => (1..0x2000_u16).prop_map(|offset| Some(Fragment::Later(offset))),
    ]
}

fn any_extensions() -> impl Strategy<Value = Vec<Extension>> {
    let extension = prop_oneof![
        (0..3_u8).prop_map(Extension::HopByHop),
        (0..3_u8).prop_map(Extension::DestinationOptions),
        (0..3_u8).prop_map(Extension::Routing),
        (0..5_u8).prop_map(Extension::Authentication),
    ];
    proptest::collection::vec(extension, 0..4)
}

/// Any valid packet of either IP version that makes a flow.
pub fn any_packet() -> impl Strategy<Value = Built> {
    prop_oneof![any_v4(), any_v6()]
}

fn any_v4() -> impl Strategy<Value = Built> {
    (
        any::<[u8; 4]>(),
        any::<[u8; 4]>(),
        0..=10_usize,
        any_fragment(),
        any_content(),
    )
        .prop_map(|(source, destination, options, fragment, content)| {
            build_v4(
                (source.into(), destination.into()),
                options,
                fragment,
                &content,
            )
        })
}

fn any_v6() -> impl Strategy<Value = Built> {
    (
        any::<[u8; 16]>(),
        any::<[u8; 16]>(),
        any_extensions(),
        any_fragment(),
        any_extensions(),
        any_content(),
    )
        .prop_map(|(source, destination, before, fragment, behind, content)| {
            build_v6(
                (source.into(), destination.into()),
                &before,
                fragment,
                &behind,
                &content,
            )
        })
}
