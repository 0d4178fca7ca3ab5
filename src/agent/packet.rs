//! Reads what a flow is made of out of an IP packet.
//!
//! Nothing here trusts a length that a packet claims: every header is read through a slice, and every claim is
//! held against the packet's real length first. Ports come from a transport header that is really there:
//! a fragment that does not begin with one has ports 0.

use core::net::{Ipv4Addr, Ipv6Addr};

use defender_message::flow::Protocol;

/// Which way a packet goes, seen from the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Received, for the device alone: the destination is local.
    In,
    /// Received, for a group that the device belongs to: multicast, or broadcast. See [`Packet::incoming`].
    InGroup,
    /// Sent: the source is local.
    Out,
}

/// How the 32-bit words of the fixed IP header stand in memory.
///
/// NetX Duo swaps them to host order before it hands a received packet to a transport protocol. What follows
/// the fixed header (options, extension headers, transport header) stays in network order.
pub trait HeaderOrder {
    /// The value of a word of the header.
    fn word(bytes: [u8; 4]) -> u32;

    /// A word of the header as it goes over the wire.
    fn wire(bytes: [u8; 4]) -> [u8; 4];
}

/// A header as it goes over the wire.
#[derive(Clone, Copy, Debug)]
pub struct NetworkOrder;

/// A header whose words were swapped to the order of this processor.
#[derive(Clone, Copy, Debug)]
pub struct HostOrder;

impl HeaderOrder for NetworkOrder {
    #[inline(always)]
    fn word(bytes: [u8; 4]) -> u32 {
        u32::from_be_bytes(bytes)
    }

    #[inline(always)]
    fn wire(bytes: [u8; 4]) -> [u8; 4] {
        bytes
    }
}

impl HeaderOrder for HostOrder {
    #[inline(always)]
    fn word(bytes: [u8; 4]) -> u32 {
        u32::from_ne_bytes(bytes)
    }

    #[inline(always)]
    fn wire(bytes: [u8; 4]) -> [u8; 4] {
        u32::from_ne_bytes(bytes).to_be_bytes()
    }
}

/// What a packet says about its flow. `A` is [`Ipv4Addr`] or [`Ipv6Addr`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Observation<A> {
    /// The transport protocol; ICMPv6 counts as ICMP.
    pub protocol: Protocol,
    /// The sender.
    pub source: A,
    /// The receiver.
    pub destination: A,
    /// 0 for ICMP and for a fragment without transport header.
    pub source_port: u16,
    /// 0 for ICMP and for a fragment without transport header.
    pub destination_port: u16,
    /// Bytes behind the IP header and its extension headers.
    pub bytes: u32,
}

/// A packet of either IP version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packet {
    /// IPv4.
    V4(Observation<Ipv4Addr>),
    /// IPv6.
    V6(Observation<Ipv6Addr>),
}

impl Packet {
    /// The direction of a packet that was received, as far as its destination tells: the broadcast address of a subnet looks
    /// like that of a host.
    pub fn incoming(&self) -> Direction {
        let to_group = match self {
            Self::V4(packet) => {
                packet.destination.is_multicast() || packet.destination.is_broadcast()
            }
            Self::V6(packet) => packet.destination.is_multicast(),
        };
        if to_group {
            Direction::InGroup
        } else {
            Direction::In
        }
    }
}

/// Why a packet makes no flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Rejection {
    /// Neither TCP, UDP nor ICMP, or a later fragment that does not say which.
    #[error("the packet is neither TCP, UDP nor ICMP")]
    OtherProtocol,
    /// It is shorter than its headers claim, or no IP packet at all.
    #[error("the packet is malformed: shorter than its headers claim, or not IP")]
    Malformed,
    /// The headers reach beyond `head`, but not beyond the packet: ask again with more of it.
    #[error("the headers reach beyond the first {given} bytes")]
    HeadTooShort {
        /// Length of `head`.
        given: usize,
    },
}

/// Reads a packet of `length` bytes of which `head` is the beginning, from the IP header on.
///
/// `head` may be shorter than the packet (a chain of buffers), as long as it holds the headers. Bytes behind
/// the length that the IP header claims (Ethernet padding) do not count.
///
/// # Errors
/// [`Rejection`] says why the packet makes no flow.
pub fn parse<O: HeaderOrder>(head: &[u8], length: usize) -> Result<Packet, Rejection> {
    let reader = Reader { head, length };
    match reader.word::<O>(0)? >> 28 {
        4 => parse_v4::<O>(head, length).map(Packet::V4),
        6 => parse_v6::<O>(head, length).map(Packet::V6),
        _ => Err(Rejection::Malformed),
    }
}

/// [`parse`] for a packet that claims to be IPv4.
///
/// # Errors
/// [`Rejection`] says why the packet makes no flow.
pub fn parse_v4<O: HeaderOrder>(
    head: &[u8],
    length: usize,
) -> Result<Observation<Ipv4Addr>, Rejection> {
    let reader = Reader { head, length };
    let header = reader.head.first_chunk::<IPV4_HEADER>();
    let header = header.ok_or_else(|| reader.missing(IPV4_HEADER))?;
    let first = word::<O>(header, 0);
    let header_length = ((first >> 24) & 0xF) as usize * 4;
    let total_length = (first & 0xFFFF) as usize;
    if header_length < IPV4_HEADER || total_length < header_length || total_length > reader.length {
        return Err(Rejection::Malformed);
    }
    let fragment_offset = word::<O>(header, 4) & 0x1FFF;
    let protocol = match (word::<O>(header, 8) >> 16) as u8 {
        number::TCP => Protocol::Tcp,
        number::UDP => Protocol::Udp,
        number::ICMP => Protocol::Icmp,
        _ => return Err(Rejection::OtherProtocol),
    };
    let transport = Transport {
        offset: header_length,
        bytes: total_length - header_length,
        whole: fragment_offset == 0,
    };
    let ports = transport.ports(reader, protocol)?;
    Ok(observe_v4::<O>(header, protocol, ports, transport.bytes))
}

/// [`parse`] for the most frequent IPv4 packets in network order, in the fewest steps: no options, no later fragment, all
/// headers at hand. `None` says nothing about a packet.
#[inline(always)]
pub fn parse_usual_v4(head: &[u8], length: usize) -> Option<Observation<Ipv4Addr>> {
    let header = head.first_chunk::<{ IPV4_HEADER + PORTS }>()?;
    if header[0] != 0x45 {
        return None;
    }
    let total_length = usize::from(u16::from_be_bytes([header[2], header[3]]));
    if total_length > length {
        return None;
    }
    if total_length < IPV4_HEADER + PORTS {
        return None;
    }
    if u16::from_ne_bytes([header[6], header[7]]) & u16::from_be(0x1FFF) != 0 {
        return None;
    }
    let protocol = USUAL_V4[usize::from(header[9])]?;
    let ports = usual_ports(protocol, four(header, IPV4_HEADER));
    let bytes = total_length - IPV4_HEADER;
    Some(observe_v4::<NetworkOrder>(header, protocol, ports, bytes))
}

/// [`parse`] for the most frequent IPv6 packets in network order, in the fewest steps: no extension headers, all headers at
/// hand. `None` says nothing about a packet.
#[inline(always)]
pub fn parse_usual_v6(head: &[u8], length: usize) -> Option<Observation<Ipv6Addr>> {
    let header = head.first_chunk::<{ IPV6_HEADER + PORTS }>()?;
    if header[0] >> 4 != 6 {
        return None;
    }
    let bytes = usize::from(u16::from_be_bytes([header[4], header[5]]));
    if IPV6_HEADER + bytes > length {
        return None;
    }
    if bytes < PORTS {
        return None;
    }
    let protocol = USUAL_V6[usize::from(header[6])]?;
    let ports = usual_ports(protocol, four(header, IPV6_HEADER));
    Some(observe_v6::<NetworkOrder>(header, protocol, ports, bytes))
}

/// A packet that a stack has taken apart already, as NetX Duo does for the receive functions of its transport protocols.
#[derive(Clone, Copy, Debug)]
pub struct Delivered<'a> {
    /// What the stack took it for.
    pub protocol: Protocol,
    /// Everything from the IP header to the transport header. IPv4 options may have been removed, so the length that the
    /// IP header claims is not looked at.
    pub headers: &'a [u8],
    /// The beginning of the transport header; no more bytes than there are of it.
    pub transport: &'a [u8],
    /// Bytes from the transport header on, in all.
    pub length: usize,
}

/// Reads a packet that a stack has taken apart already.
///
/// # Errors
/// [`Rejection`] says why the packet makes no flow.
pub fn parse_delivered<O: HeaderOrder>(packet: Delivered<'_>) -> Result<Packet, Rejection> {
    let first = packet.headers.first_chunk::<4>();
    match first.map(|&first| O::word(first) >> 28) {
        Some(4) => parse_delivered_v4::<O>(packet).map(Packet::V4),
        Some(6) => parse_delivered_v6::<O>(packet).map(Packet::V6),
        _ => Err(Rejection::Malformed),
    }
}

/// [`parse_delivered`] for the most frequent IPv4 packets, in the fewest steps: no later fragment, all headers at hand.
/// `None` says nothing about a packet.
#[inline(always)]
pub fn parse_usual_delivered_v4<O: HeaderOrder>(
    packet: Delivered<'_>,
) -> Option<Observation<Ipv4Addr>> {
    let header = packet.headers.first_chunk::<IPV4_HEADER>()?;
    if word::<O>(header, 0) >> 28 != 4 || word::<O>(header, 4) & 0x1FFF != 0 {
        return None;
    }
    let ports = packet.usual_ports()?;
    Some(observe_v4::<O>(
        header,
        packet.protocol,
        ports,
        packet.length,
    ))
}

/// [`parse_delivered`] for the most frequent IPv6 packets, in the fewest steps: no extension headers, all headers at hand.
/// `None` says nothing about a packet.
#[inline(always)]
pub fn parse_usual_delivered_v6<O: HeaderOrder>(
    packet: Delivered<'_>,
) -> Option<Observation<Ipv6Addr>> {
    let header: &[u8; IPV6_HEADER] = packet.headers.try_into().ok()?;
    if word::<O>(header, 0) >> 28 != 6 {
        return None;
    }
    let ports = packet.usual_ports()?;
    Some(observe_v6::<O>(
        header,
        packet.protocol,
        ports,
        packet.length,
    ))
}

fn parse_delivered_v4<O: HeaderOrder>(
    packet: Delivered<'_>,
) -> Result<Observation<Ipv4Addr>, Rejection> {
    let header = packet.headers.first_chunk::<IPV4_HEADER>();
    let header = header.ok_or(Rejection::Malformed)?;
    let ports = packet.ports(word::<O>(header, 4) & 0x1FFF == 0)?;
    Ok(observe_v4::<O>(
        header,
        packet.protocol,
        ports,
        packet.length,
    ))
}

fn parse_delivered_v6<O: HeaderOrder>(
    packet: Delivered<'_>,
) -> Result<Observation<Ipv6Addr>, Rejection> {
    let header = packet.headers.first_chunk::<IPV6_HEADER>();
    let header = header.ok_or(Rejection::Malformed)?;
    let ports = packet.ports(packet.is_whole_v6(word::<O>(header, 4))?)?;
    Ok(observe_v6::<O>(
        header,
        packet.protocol,
        ports,
        packet.length,
    ))
}

impl Delivered<'_> {
    /// Source and destination port of a packet that is no later fragment, if they are at hand.
    #[inline(always)]
    fn usual_ports(&self) -> Option<(u16, u16)> {
        let first = self.transport.first_chunk::<PORTS>()?;
        Some(usual_ports(self.protocol, *first))
    }

    /// Source and destination port, of a packet or first fragment (`whole`).
    fn ports(&self, whole: bool) -> Result<(u16, u16), Rejection> {
        let body = Transport {
            offset: 0,
            bytes: self.length,
            whole,
        };
        let reader = Reader {
            head: self.transport,
            length: self.length,
        };
        body.ports(reader, self.protocol)
    }

    /// Whether the headers say that a transport header follows them, and not a later part of a packet. `second` is the
    /// second word of the IP header.
    fn is_whole_v6(&self, second: u32) -> Result<bool, Rejection> {
        let expected = match self.protocol {
            Protocol::Tcp => number::TCP,
            Protocol::Udp => number::UDP,
            Protocol::Icmp => number::ICMPV6,
        };
        let next = (second >> 8) as u8;
        // Without any extension header there is none that could make it a fragment, so the stack is believed.
        if next == expected || self.headers.len() == IPV6_HEADER {
            return Ok(true);
        }
        let reader = Reader {
            head: self.headers,
            length: self.headers.len(),
        };
        let (_, transport) = walk_extensions(reader, next, self.headers.len() - IPV6_HEADER)?;
        Ok(transport.whole)
    }
}

const IPV4_HEADER: usize = 20;
const IPV6_HEADER: usize = 40;

/// What is needed of a transport header.
const PORTS: usize = 4;

/// IANA's protocol numbers.
mod number {
    pub const HOP_BY_HOP: u8 = 0;
    pub const ICMP: u8 = 1;
    pub const TCP: u8 = 6;
    pub const UDP: u8 = 17;
    pub const ROUTING: u8 = 43;
    pub const FRAGMENT: u8 = 44;
    pub const AUTHENTICATION: u8 = 51;
    pub const ICMPV6: u8 = 58;
    pub const DESTINATION_OPTIONS: u8 = 60;
}

/// The protocols that are counted, by their number in an IPv4 header.
static USUAL_V4: [Option<Protocol>; 256] = {
    let mut protocols = [None; 256];
    protocols[number::TCP as usize] = Some(Protocol::Tcp);
    protocols[number::UDP as usize] = Some(Protocol::Udp);
    protocols[number::ICMP as usize] = Some(Protocol::Icmp);
    protocols
};

/// The same for IPv6.
static USUAL_V6: [Option<Protocol>; 256] = {
    let mut protocols = [None; 256];
    protocols[number::TCP as usize] = Some(Protocol::Tcp);
    protocols[number::UDP as usize] = Some(Protocol::Udp);
    protocols[number::ICMPV6 as usize] = Some(Protocol::Icmp);
    protocols
};

#[inline(always)]
fn observe_v4<O: HeaderOrder>(
    header: &[u8],
    protocol: Protocol,
    (source_port, destination_port): (u16, u16),
    bytes: usize,
) -> Observation<Ipv4Addr> {
    Observation {
        protocol,
        source: Ipv4Addr::from(O::wire(four(header, 12))),
        destination: Ipv4Addr::from(O::wire(four(header, 16))),
        source_port,
        destination_port,
        bytes: bytes as u32,
    }
}

/// [`parse`] for a packet that claims to be IPv6.
///
/// # Errors
/// [`Rejection`] says why the packet makes no flow.
pub fn parse_v6<O: HeaderOrder>(
    head: &[u8],
    length: usize,
) -> Result<Observation<Ipv6Addr>, Rejection> {
    let reader = Reader { head, length };
    let header = reader.head.first_chunk::<IPV6_HEADER>();
    let header = header.ok_or_else(|| reader.missing(IPV6_HEADER))?;
    let second = word::<O>(header, 4);
    let payload_length = (second >> 16) as usize;
    if IPV6_HEADER + payload_length > reader.length {
        return Err(Rejection::Malformed);
    }
    let (protocol, transport) = walk_extensions(reader, (second >> 8) as u8, payload_length)?;
    let ports = transport.ports(reader, protocol)?;
    Ok(observe_v6::<O>(header, protocol, ports, transport.bytes))
}

#[inline(always)]
fn observe_v6<O: HeaderOrder>(
    header: &[u8],
    protocol: Protocol,
    (source_port, destination_port): (u16, u16),
    bytes: usize,
) -> Observation<Ipv6Addr> {
    let address = |at: usize| {
        let mut octets = [0; 16];
        for (index, word) in octets.chunks_exact_mut(4).enumerate() {
            word.copy_from_slice(&O::wire(four(header, at + 4 * index)));
        }
        Ipv6Addr::from(octets)
    };
    Observation {
        protocol,
        source: address(8),
        destination: address(24),
        source_port,
        destination_port,
        bytes: bytes as u32,
    }
}

/// Goes from the fixed IPv6 header to the transport header.
#[inline(always)]
fn walk_extensions(
    reader: Reader<'_>,
    mut next: u8,
    payload_length: usize,
) -> Result<(Protocol, Transport), Rejection> {
    let mut transport = Transport {
        offset: IPV6_HEADER,
        bytes: payload_length,
        whole: true,
    };
    loop {
        let protocol = match next {
            number::TCP => Protocol::Tcp,
            number::UDP => Protocol::Udp,
            number::ICMPV6 => Protocol::Icmp,
            // What follows a fragment header that is not the first is payload, not another header.
            _ if !transport.whole => return Err(Rejection::OtherProtocol),
            number::HOP_BY_HOP
            | number::DESTINATION_OPTIONS
            | number::ROUTING
            | number::FRAGMENT
            | number::AUTHENTICATION => {
                let [following, length, high, low] = transport.word(reader)?;
                let length = match next {
                    number::FRAGMENT => 8,
                    number::AUTHENTICATION => (usize::from(length) + 2) * 4,
                    _ => (usize::from(length) + 1) * 8,
                };
                if length > transport.bytes {
                    return Err(Rejection::Malformed);
                }
                if next == number::FRAGMENT {
                    transport.whole = u16::from_be_bytes([high, low]) >> 3 == 0;
                }
                transport.offset += length;
                transport.bytes -= length;
                next = following;
                continue;
            }
            _ => return Err(Rejection::OtherProtocol),
        };
        return Ok((protocol, transport));
    }
}

/// Where the transport header begins, and how much there is from there on.
struct Transport {
    offset: usize,
    bytes: usize,
    /// It does begin here: this is no later fragment.
    whole: bool,
}

impl Transport {
    /// Source and destination port.
    #[inline(always)]
    fn ports(&self, reader: Reader<'_>, protocol: Protocol) -> Result<(u16, u16), Rejection> {
        if protocol == Protocol::Icmp || !self.whole {
            return Ok((0, 0));
        }
        self.word(reader).map(ports)
    }

    /// The first four bytes.
    #[inline(always)]
    fn word(&self, reader: Reader<'_>) -> Result<[u8; 4], Rejection> {
        if self.bytes < PORTS {
            return Err(Rejection::Malformed);
        }
        reader.bytes(self.offset)
    }
}

/// The beginning of a packet, and how long the whole is.
#[derive(Clone, Copy)]
struct Reader<'a> {
    head: &'a [u8],
    length: usize,
}

impl Reader<'_> {
    #[inline(always)]
    fn bytes(self, at: usize) -> Result<[u8; 4], Rejection> {
        self.head
            .get(at..at + 4)
            .and_then(|bytes| bytes.first_chunk::<4>())
            .copied()
            .ok_or_else(|| self.missing(at + 4))
    }

    #[inline(always)]
    fn word<O: HeaderOrder>(self, at: usize) -> Result<u32, Rejection> {
        self.bytes(at).map(O::word)
    }

    /// Why the bytes up to `end` are not in the head.
    #[cold]
    fn missing(self, end: usize) -> Rejection {
        if end > self.length {
            Rejection::Malformed
        } else {
            Rejection::HeadTooShort {
                given: self.head.len(),
            }
        }
    }
}

/// Source and destination port, from the beginning of a TCP or UDP header.
#[inline(always)]
fn ports(header: [u8; PORTS]) -> (u16, u16) {
    usual_ports(Protocol::Tcp, header)
}

/// Source and destination port, from the beginning of any transport header.
#[inline(always)]
fn usual_ports(protocol: Protocol, header: [u8; PORTS]) -> (u16, u16) {
    // One word for as long as possible: both ports are one word in a flow table, too.
    let word = match protocol {
        Protocol::Tcp | Protocol::Udp => u32::from_be_bytes(header),
        Protocol::Icmp => 0,
    };
    ((word >> 16) as u16, word as u16)
}

/// The word at `at` of a header whose length is proven.
#[inline(always)]
fn word<O: HeaderOrder>(header: &[u8], at: usize) -> u32 {
    O::word(four(header, at))
}

/// The same as it stands there.
#[inline(always)]
fn four(header: &[u8], at: usize) -> [u8; 4] {
    let mut word = [0; 4];
    word.copy_from_slice(&header[at..at + 4]);
    word
}
