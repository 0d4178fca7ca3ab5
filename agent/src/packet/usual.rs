//! The most frequent packets, read where they stand, in the fewest steps.
//!
//! The order of their conditions is part of that: two that stand beside each other, the compiler may merge into one that takes longer.

use core::marker::PhantomData;

use super::read::{IPV4_HEADER, IPV6_HEADER, PORTS, number};
use super::{HeaderOrder, NetworkOrder, Packet, Sample, Seen, first_of};

/// A TCP or UDP packet without anything unusual, whose headers are read when they are asked for. Its addresses have `WORDS` words
/// each: one of IPv4, four of IPv6.
#[derive(Clone, Copy, Debug)]
pub struct Usual<'a, const WORDS: usize, O, L> {
    /// As two bits.
    protocol: u32,
    /// The words of source and destination.
    addresses: &'a [[u8; 4]],
    ports: [u8; PORTS],
    /// Bytes behind its headers, which may be had late.
    length: L,
    _order: PhantomData<O>,
}

/// TCP or UDP, by its number in an IP header, as two bits.
#[inline(always)]
fn bits(number: u8) -> u32 {
    u32::from(number & 1)
}

impl<'a, const WORDS: usize, O, L: Fn() -> usize> Usual<'a, WORDS, O, L> {
    #[inline(always)]
    fn new(protocol: u32, addresses: &'a [u8], ports: [u8; PORTS], length: L) -> Self {
        Self {
            protocol,
            addresses: addresses.as_chunks().0,
            ports,
            length,
            _order: PhantomData,
        }
    }
}

impl<O: HeaderOrder, const WORDS: usize, L: Fn() -> usize> Seen for Usual<'_, WORDS, O, L> {
    const WORDS: usize = WORDS;

    #[inline(always)]
    fn protocol(&self) -> u32 {
        self.protocol
    }

    #[inline(always)]
    fn source(&self, word: usize) -> u32 {
        // Where the bytes of IPv4's two words are to be exchanged, that is done once for reading and comparing them.
        if O::IS_HOST && WORDS == 1 {
            return first_of(self.pair(0).rotate_left(32 * word as u32));
        }
        self.addresses.get(word).map_or(0, |word| O::wire(*word))
    }

    #[inline(always)]
    fn destination(&self, word: usize) -> u32 {
        self.source(WORDS + word)
    }

    #[inline(always)]
    fn pair(&self, words: usize) -> u64 {
        let bytes = self
            .addresses
            .get(words..)
            .unwrap_or_default()
            .as_flattened();
        bytes.first_chunk().map_or(0, |bytes| O::wires(*bytes))
    }

    #[inline(always)]
    fn ports(&self) -> u32 {
        u32::from_ne_bytes(self.ports)
    }

    #[inline(always)]
    fn bytes(&self) -> u32 {
        (self.length)() as u32
    }
}

impl<O: HeaderOrder, const WORDS: usize, L: Fn() -> usize> Usual<'_, WORDS, O, L> {
    /// The same, apart from the packet.
    pub fn packet(&self) -> Packet {
        Sample::from(self).packet()
    }
}

/// [`parse`](super::parse) for the most frequent IPv4 packets in network order: TCP or UDP, no options, no later fragment, all
/// headers at hand. `None` says nothing about a packet.
#[inline(always)]
pub fn parse_usual_v4(
    head: &[u8],
    length: usize,
) -> Option<Usual<'_, 1, NetworkOrder, impl Fn() -> usize>> {
    let header = head.first_chunk::<{ IPV4_HEADER + PORTS }>()?;
    if header[0] != 0x45 {
        return None;
    }
    let total_length = usize::from(u16::from_be_bytes([header[2], header[3]]));
    if total_length > length {
        return None;
    }
    if u16::from_ne_bytes([header[6], header[7]]) & u16::from_be(0x1FFF) != 0 {
        return None;
    }
    if total_length < IPV4_HEADER + PORTS {
        return None;
    }
    let number = header[9];
    if number != number::UDP && number != number::TCP {
        return None;
    }
    let [.., a, b, c, d] = *header;
    let bytes = total_length - IPV4_HEADER;
    Some(Usual::new(
        bits(number),
        &header[12..20],
        [a, b, c, d],
        move || bytes,
    ))
}

/// [`parse`](super::parse) for the most frequent IPv6 packets in network order: TCP or UDP, no extension headers, all headers at
/// hand. `None` says nothing about a packet.
#[inline(always)]
pub fn parse_usual_v6(
    head: &[u8],
    length: usize,
) -> Option<Usual<'_, 4, NetworkOrder, impl Fn() -> usize>> {
    let header = head.first_chunk::<{ IPV6_HEADER + PORTS }>()?;
    let bytes = usize::from(u16::from_be_bytes([header[4], header[5]]));
    if IPV6_HEADER + bytes > length {
        return None;
    }
    if bytes < PORTS {
        return None;
    }
    if header[0] >> 4 != 6 {
        return None;
    }
    let number = header[6];
    if number != number::UDP && number != number::TCP {
        return None;
    }
    let [.., a, b, c, d] = *header;
    Some(Usual::new(
        bits(number),
        &header[8..40],
        [a, b, c, d],
        move || bytes,
    ))
}

/// [`parse_delivered`](super::parse_delivered) for the most frequent IPv4 packets: no options, no later fragment, all headers at
/// hand. So many bytes of headers are IPv4's, whose version the stack has looked at. `protocol` is that of TCP or UDP,
/// [as two bits](super::protocol_bits). `None` says nothing about a packet.
#[inline(always)]
pub fn parse_usual_delivered_v4<'a, O: HeaderOrder, L: Fn() -> usize>(
    protocol: u32,
    headers: &'a [u8],
    transport: &[u8],
    length: L,
) -> Option<Usual<'a, 1, O, L>> {
    let header: &[u8; IPV4_HEADER] = headers.try_into().ok()?;
    let [_, second, ..] = header.as_chunks().0 else {
        return None;
    };
    if O::word(*second) & 0x1FFF != 0 {
        return None;
    }
    let ports = transport.first_chunk()?;
    Some(Usual::new(protocol, &header[12..20], *ports, length))
}

/// [`parse_delivered`](super::parse_delivered) for the most frequent IPv6 packets: no extension headers, all headers at hand.
/// `protocol` is that of TCP or UDP, [as two bits](super::protocol_bits). `None` says nothing about a packet.
#[inline(always)]
pub fn parse_usual_delivered_v6<'a, O: HeaderOrder, L: Fn() -> usize>(
    protocol: u32,
    headers: &'a [u8],
    transport: &[u8],
    length: L,
) -> Option<Usual<'a, 4, O, L>> {
    let header: &[u8; IPV6_HEADER] = headers.try_into().ok()?;
    let [first, ..] = header.as_chunks().0 else {
        return None;
    };
    if O::word(*first) >> 28 != 6 {
        return None;
    }
    let ports = transport.first_chunk()?;
    Some(Usual::new(protocol, &header[8..40], *ports, length))
}
