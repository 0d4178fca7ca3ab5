//! Packets as they go over the wire, from the IP header on.

use core::net::{Ipv4Addr, Ipv6Addr};

use defender_message::flow::Protocol;

use super::read::{
    IPV4_HEADER, IPV6_HEADER, PORTS, Reader, Transport, four, number, observe_v4, observe_v6,
    usual_ports, walk_extensions, word,
};
use super::{HeaderOrder, NetworkOrder, Observation, Packet, Rejection};

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
