//! Reads what a flow is made of out of an IP packet.
//!
//! Nothing here trusts a length that a packet claims: every header is read through a slice, and every claim is
//! held against the packet's real length first. Ports come from a transport header that is really there:
//! a fragment that does not begin with one has ports 0.

use defender_message::flow::Protocol;

/// Which way a packet goes, seen from the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Received: the destination is local, or a group that the device belongs to.
    In,
    /// Received as a broadcast of the device's subnet, which the address alone does not tell.
    InBroadcast,
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
}

impl HeaderOrder for HostOrder {
    #[inline(always)]
    fn word(bytes: [u8; 4]) -> u32 {
        u32::from_ne_bytes(bytes)
    }
}

/// What a packet says about its flow. `A` is [`V4`] or [`V6`].
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

/// An IPv4 address as a number: 10.0.0.1 is 0x0A00_0001.
pub type V4 = u32;

/// An IPv6 address as the numbers of its four words, first word first.
pub type V6 = [u32; 4];

/// A packet of either IP version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packet {
    /// IPv4.
    V4(Observation<V4>),
    /// IPv6.
    V6(Observation<V6>),
}

/// Why a packet makes no flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Rejection {
    /// Neither TCP, UDP nor ICMP.
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
#[inline]
pub fn parse<O: HeaderOrder>(head: &[u8], length: usize) -> Result<Packet, Rejection> {
    let reader = Reader { head, length };
    let first = reader.word::<O>(0)?;
    match first >> 28 {
        4 => parse_v4::<O>(reader, first).map(Packet::V4),
        6 => parse_v6::<O>(reader).map(Packet::V6),
        _ => Err(Rejection::Malformed),
    }
}

/// Reads a packet that a stack has taken apart already, as NetX Duo does for the receive functions of its transport
/// protocols.
///
/// `headers` is everything from the IP header to the transport header; IPv4 options may have been removed from it,
/// so the length that the IP header claims is not looked at. `transport` is the beginning of the transport header, of
/// `length` bytes that follow in all, and `protocol` what the stack took it for.
#[inline]
pub fn parse_delivered<O: HeaderOrder>(
    protocol: Protocol,
    headers: &[u8],
    transport: &[u8],
    length: usize,
) -> Result<Packet, Rejection> {
    let first = *headers.first_chunk::<4>().ok_or(Rejection::Malformed)?;
    let body = Transport {
        offset: 0,
        bytes: length,
        whole: !is_later_fragment::<O>(protocol, headers)?,
    };
    let reader = Reader {
        head: transport,
        length,
    };
    let ports = body.ports(reader, protocol)?;
    match O::word(first) >> 28 {
        4 => {
            let header = headers.first_chunk::<IPV4_HEADER>();
            let header = header.ok_or(Rejection::Malformed)?;
            Ok(Packet::V4(observe_v4::<O>(header, protocol, ports, length)))
        }
        6 => {
            let header = headers.first_chunk::<IPV6_HEADER>();
            let header = header.ok_or(Rejection::Malformed)?;
            Ok(Packet::V6(observe_v6::<O>(header, protocol, ports, length)))
        }
        _ => Err(Rejection::Malformed),
    }
}

/// Whether the headers say that what follows them is no transport header, but a later part of a packet.
#[inline(always)]
fn is_later_fragment<O: HeaderOrder>(
    protocol: Protocol,
    headers: &[u8],
) -> Result<bool, Rejection> {
    let reader = Reader {
        head: headers,
        length: headers.len(),
    };
    let second = reader.word::<O>(4)?;
    if reader.word::<O>(0)? >> 28 == 4 {
        return Ok(second & 0x1FFF != 0);
    }
    let next = (second >> 8) as u8;
    let expected = match protocol {
        Protocol::Tcp => number::TCP,
        Protocol::Udp => number::UDP,
        Protocol::Icmp => number::ICMPV6,
    };
    if next == expected {
        return Ok(false);
    }
    let extensions = headers.len().saturating_sub(IPV6_HEADER);
    let (_, transport) = walk_extensions(reader, next, extensions)?;
    Ok(!transport.whole)
}

const IPV4_HEADER: usize = 20;
const IPV6_HEADER: usize = 40;

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

#[inline(always)]
fn parse_v4<O: HeaderOrder>(reader: Reader<'_>, first: u32) -> Result<Observation<V4>, Rejection> {
    let header = reader.head.first_chunk::<IPV4_HEADER>();
    let header = header.ok_or_else(|| reader.missing(IPV4_HEADER))?;
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

#[inline(always)]
fn observe_v4<O: HeaderOrder>(
    header: &[u8; IPV4_HEADER],
    protocol: Protocol,
    (source_port, destination_port): (u16, u16),
    bytes: usize,
) -> Observation<V4> {
    Observation {
        protocol,
        source: word::<O>(header, 12),
        destination: word::<O>(header, 16),
        source_port,
        destination_port,
        bytes: bytes as u32,
    }
}

#[inline(always)]
fn parse_v6<O: HeaderOrder>(reader: Reader<'_>) -> Result<Observation<V6>, Rejection> {
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
    header: &[u8; IPV6_HEADER],
    protocol: Protocol,
    (source_port, destination_port): (u16, u16),
    bytes: usize,
) -> Observation<V6> {
    let address = |at: usize| {
        [
            word::<O>(header, at),
            word::<O>(header, at + 4),
            word::<O>(header, at + 8),
            word::<O>(header, at + 12),
        ]
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
        let [a, b, c, d] = self.word(reader)?;
        Ok((u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d])))
    }

    /// The first four bytes.
    #[inline(always)]
    fn word(&self, reader: Reader<'_>) -> Result<[u8; 4], Rejection> {
        if self.bytes < 4 {
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
            .get(at..)
            .and_then(|rest| rest.first_chunk::<4>())
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

/// The word at `at` of a header whose length is proven.
#[inline(always)]
fn word<O: HeaderOrder>(header: &[u8], at: usize) -> u32 {
    O::word([header[at], header[at + 1], header[at + 2], header[at + 3]])
}
