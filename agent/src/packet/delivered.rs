//! Packets that a stack has taken apart already.

use core::net::{Ipv4Addr, Ipv6Addr};

use defender_message::flow::Protocol;

use super::read::{
    IPV4_HEADER, IPV6_HEADER, PORTS, Reader, Transport, number, observe_v4, observe_v6,
    usual_ports, walk_extensions, word,
};
use super::{HeaderOrder, Observation, Packet, Rejection};

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
