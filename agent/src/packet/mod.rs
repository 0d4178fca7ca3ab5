//! Reads what a flow is made of out of an IP packet.
//!
//! Nothing here trusts a length that a packet claims: every header is read through a slice, and every claim is
//! held against the packet's real length first. Ports come from a transport header that is really there:
//! a fragment that does not begin with one has ports 0.

mod delivered;
mod read;
mod sample;
mod usual;
mod whole;

use core::net::{Ipv4Addr, Ipv6Addr};

use defender_message::flow::Protocol;

pub use self::delivered::{Delivered, parse_delivered};
pub use self::sample::Sample;
pub use self::usual::{
    Usual, parse_usual_delivered_v4, parse_usual_delivered_v6, parse_usual_v4, parse_usual_v6,
};
pub use self::whole::parse;

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

impl Direction {
    /// The direction of an IPv4 packet that was received; see [`Packet::incoming`].
    pub fn incoming_v4(destination: Ipv4Addr) -> Self {
        Self::incoming(destination.is_multicast() || destination.is_broadcast())
    }

    /// The direction of an IPv6 packet that was received; see [`Packet::incoming`].
    pub fn incoming_v6(destination: Ipv6Addr) -> Self {
        Self::incoming(destination.is_multicast())
    }

    fn incoming(to_group: bool) -> Self {
        if to_group { Self::InGroup } else { Self::In }
    }
}

/// How the 32-bit words of the fixed IP header stand in memory.
///
/// NetX Duo swaps them to host order before it hands a received packet to a transport protocol. What follows
/// the fixed header (options, extension headers, transport header) stays in network order.
pub trait HeaderOrder {
    /// They stand in the order of this processor.
    const IS_HOST: bool;

    /// A word of the header as its bytes go over the wire, in whatever order this processor has them.
    #[inline(always)]
    fn wire(bytes: [u8; 4]) -> u32 {
        let word = u32::from_ne_bytes(bytes);
        if Self::IS_HOST { word.to_be() } else { word }
    }

    /// Two words of the header as [`wire`](Self::wire) has each.
    #[inline(always)]
    fn wires(bytes: [u8; 8]) -> u64 {
        let words = u64::from_ne_bytes(bytes);
        if Self::IS_HOST && cfg!(target_endian = "little") {
            words.swap_bytes().rotate_left(32)
        } else {
            words
        }
    }

    /// The value of a word of the header.
    #[inline(always)]
    fn word(bytes: [u8; 4]) -> u32 {
        u32::from_be(Self::wire(bytes))
    }
}

/// A header as it goes over the wire.
#[derive(Clone, Copy, Debug)]
pub struct NetworkOrder;

/// A header whose words were swapped to the order of this processor.
#[derive(Clone, Copy, Debug)]
pub struct HostOrder;

impl HeaderOrder for NetworkOrder {
    const IS_HOST: bool = false;
}

impl HeaderOrder for HostOrder {
    const IS_HOST: bool = true;
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

/// A transport protocol as two bits. For TCP and UDP the lower one is the last bit of its number in an IP header, and the other is 0.
pub const fn protocol_bits(protocol: Protocol) -> u32 {
    protocol as u32
}

/// The protocol of such bits.
pub(crate) fn protocol_of(bits: u32) -> Protocol {
    const PROTOCOLS: [Protocol; 4] = [Protocol::Tcp, Protocol::Udp, Protocol::Icmp, Protocol::Icmp];
    PROTOCOLS[bits as usize & 3]
}

const _: () = {
    assert!(protocol_bits(Protocol::Tcp) == self::read::number::TCP as u32 & 1);
    assert!(protocol_bits(Protocol::Udp) == self::read::number::UDP as u32 & 1);
};

/// Two words as one, with their bytes in memory in the same order. Rotating it by half exchanges them.
#[inline(always)]
pub(crate) const fn pair(first: u32, second: u32) -> u64 {
    let (first, second) = (first as u64, second as u64);
    if cfg!(target_endian = "little") {
        second << 32 | first
    } else {
        first << 32 | second
    }
}

/// The first word of a [pair].
#[inline(always)]
pub(crate) const fn first_of(pair: u64) -> u32 {
    if cfg!(target_endian = "little") {
        pair as u32
    } else {
        (pair >> 32) as u32
    }
}

/// What a flow table looks at of a packet where that stands.
pub trait Seen {
    /// Words of an address: one of IPv4, four of IPv6.
    const WORDS: usize;

    /// The transport protocol, [as two bits](protocol_bits).
    fn protocol(&self) -> u32;

    /// A word of the sender's address, with its bytes in memory as they go over the wire.
    fn source(&self, word: usize) -> u32;

    /// A word of the receiver's address.
    fn destination(&self, word: usize) -> u32;

    /// Two words of the addresses, the sender's before the receiver's, from so many on, as one with their bytes in memory in the same order.
    fn pair(&self, words: usize) -> u64;

    /// The sender's port and the receiver's, with their bytes in memory as they go over the wire.
    fn ports(&self) -> u32;

    /// Bytes behind the IP header and its extension headers.
    fn bytes(&self) -> u32;
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
        match self {
            Self::V4(packet) => Direction::incoming_v4(packet.destination),
            Self::V6(packet) => Direction::incoming_v6(packet.destination),
        }
    }
}

/// Why a packet makes no flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Rejection {
    /// Neither TCP, UDP nor ICMP, or a later fragment that does not say which, or behind more than eight extension headers.
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
