//! Packets as they go over the wire, from the IP header on.

use core::net::{Ipv4Addr, Ipv6Addr};

use defender_message::flow::Protocol;

use super::read::{Header, IPV4_HEADER, IPV6_HEADER, Reader, Transport, number, walk_extensions};
use super::{HeaderOrder, Observation, Packet, Rejection};

/// Reads a packet of `length` bytes of which `head` is the beginning, from the IP header on.
///
/// `head` may be shorter than the packet (a chain of buffers), as long as it holds the headers. Bytes behind
/// the length that the IP header claims (Ethernet padding) do not count.
///
/// # Errors
/// [`Rejection`] says why the packet makes no flow.
pub fn parse<O: HeaderOrder>(head: &[u8], length: usize) -> Result<Packet, Rejection> {
    let reader = Reader { head, length };
    match O::word(reader.bytes(0)?) >> 28 {
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
    let header = Header::read::<O>(head, IPV4_HEADER);
    let header = header.ok_or_else(|| reader.missing(IPV4_HEADER))?;
    let first = header.word(0);
    let header_length = ((first >> 24) & 0xF) as usize * 4;
    let total_length = (first & 0xFFFF) as usize;
    if header_length < IPV4_HEADER || total_length < header_length || total_length > reader.length {
        return Err(Rejection::Malformed);
    }
    let fragment_offset = header.word(1) & 0x1FFF;
    let protocol = match (header.word(2) >> 16) as u8 {
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
    Ok(header.observe_v4(protocol, ports, transport.bytes))
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
    let header = Header::read::<O>(head, IPV6_HEADER);
    let header = header.ok_or_else(|| reader.missing(IPV6_HEADER))?;
    let second = header.word(1);
    let payload_length = (second >> 16) as usize;
    if IPV6_HEADER + payload_length > reader.length {
        return Err(Rejection::Malformed);
    }
    let (protocol, transport) = walk_extensions(reader, (second >> 8) as u8, payload_length)?;
    let ports = transport.ports(reader, protocol)?;
    Ok(header.observe_v6(protocol, ports, transport.bytes))
}
