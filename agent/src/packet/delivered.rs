//! Packets that a stack has taken apart already.

use core::net::{Ipv4Addr, Ipv6Addr};

use defender_message::flow::Protocol;

use super::read::{Header, IPV4_HEADER, IPV6_HEADER, Reader, Transport, number, walk_extensions};
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

fn parse_delivered_v4<O: HeaderOrder>(
    packet: Delivered<'_>,
) -> Result<Observation<Ipv4Addr>, Rejection> {
    let header = Header::read::<O>(packet.headers, IPV4_HEADER).ok_or(Rejection::Malformed)?;
    let ports = packet.ports(header.word(1) & 0x1FFF == 0)?;
    Ok(header.observe_v4(packet.protocol, ports, packet.length))
}

fn parse_delivered_v6<O: HeaderOrder>(
    packet: Delivered<'_>,
) -> Result<Observation<Ipv6Addr>, Rejection> {
    let header = Header::read::<O>(packet.headers, IPV6_HEADER).ok_or(Rejection::Malformed)?;
    let ports = packet.ports(packet.is_whole_v6(header.word(1))?)?;
    Ok(header.observe_v6(packet.protocol, ports, packet.length))
}

impl Delivered<'_> {
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
