//! Reading headers, never beyond what is there.

use core::net::{Ipv4Addr, Ipv6Addr};

use defender_message::flow::Protocol;

use super::{HeaderOrder, Observation, Rejection};

pub(super) const IPV4_HEADER: usize = 20;
pub(super) const IPV6_HEADER: usize = 40;

/// What is needed of a transport header.
pub(super) const PORTS: usize = 4;

/// IANA's protocol numbers.
pub(super) mod number {
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

/// The fixed part of an IP header, as values: five words for IPv4, ten for IPv6.
pub(super) struct Header([u32; IPV6_HEADER / 4]);

impl Header {
    /// Reads the first `length` bytes; nothing where there are fewer.
    #[inline(never)]
    pub fn read<O: HeaderOrder>(bytes: &[u8], length: usize) -> Option<Self> {
        let mut words = [0; IPV6_HEADER / 4];
        let (chunks, _) = bytes.get(..length)?.as_chunks();
        for (word, chunk) in words.iter_mut().zip(chunks) {
            *word = O::word(*chunk);
        }
        Some(Self(words))
    }

    pub fn word(&self, index: usize) -> u32 {
        self.0.get(index).copied().unwrap_or(0)
    }

    /// What the header says of an IPv4 packet with so many bytes behind it.
    #[inline(never)]
    pub fn observe_v4(
        &self,
        protocol: Protocol,
        (source_port, destination_port): (u16, u16),
        bytes: usize,
    ) -> Observation<Ipv4Addr> {
        Observation {
            protocol,
            source: Ipv4Addr::from_bits(self.word(3)),
            destination: Ipv4Addr::from_bits(self.word(4)),
            source_port,
            destination_port,
            bytes: bytes as u32,
        }
    }

    /// The same of an IPv6 packet.
    #[inline(never)]
    pub fn observe_v6(
        &self,
        protocol: Protocol,
        (source_port, destination_port): (u16, u16),
        bytes: usize,
    ) -> Observation<Ipv6Addr> {
        let address = |first: usize| {
            let mut octets = [0; 16];
            let (chunks, _) = octets.as_chunks_mut();
            for (index, chunk) in chunks.iter_mut().enumerate() {
                *chunk = self.word(first + index).to_be_bytes();
            }
            Ipv6Addr::from(octets)
        };
        Observation {
            protocol,
            source: address(2),
            destination: address(6),
            source_port,
            destination_port,
            bytes: bytes as u32,
        }
    }
}

/// Goes from the fixed IPv6 header to the transport header.
pub(super) fn walk_extensions(
    reader: Reader<'_>,
    mut next: u8,
    payload_length: usize,
) -> Result<(Protocol, Transport), Rejection> {
    let mut rest = reader.head.get(IPV6_HEADER..).unwrap_or_default();
    let mut bytes = payload_length;
    let mut whole = true;
    loop {
        let offset = IPV6_HEADER + payload_length - bytes;
        let protocol = match next {
            number::TCP => Protocol::Tcp,
            number::UDP => Protocol::Udp,
            number::ICMPV6 => Protocol::Icmp,
            // What follows a fragment header that is not the first is payload, not another header.
            _ if !whole => return Err(Rejection::OtherProtocol),
            number::HOP_BY_HOP
            | number::DESTINATION_OPTIONS
            | number::ROUTING
            | number::FRAGMENT
            | number::AUTHENTICATION => {
                if bytes < PORTS {
                    return Err(Rejection::Malformed);
                }
                let Some([following, length, high, low]) = rest.first_chunk() else {
                    return Err(reader.missing(offset + PORTS));
                };
                let length = match next {
                    number::FRAGMENT => 8,
                    number::AUTHENTICATION => (usize::from(*length) + 2) * 4,
                    _ => (usize::from(*length) + 1) * 8,
                };
                if length > bytes {
                    return Err(Rejection::Malformed);
                }
                if next == number::FRAGMENT {
                    whole = u16::from_be_bytes([*high, *low]) >> 3 == 0;
                }
                rest = rest.get(length..).unwrap_or_default();
                bytes -= length;
                next = *following;
                continue;
            }
            _ => return Err(Rejection::OtherProtocol),
        };
        let transport = Transport {
            offset,
            bytes,
            whole,
        };
        return Ok((protocol, transport));
    }
}

/// Where the transport header begins, and how much there is from there on.
pub(super) struct Transport {
    pub offset: usize,
    pub bytes: usize,
    /// It does begin here: this is no later fragment.
    pub whole: bool,
}

impl Transport {
    /// Source and destination port.
    #[inline(never)]
    pub fn ports(&self, reader: Reader<'_>, protocol: Protocol) -> Result<(u16, u16), Rejection> {
        if protocol == Protocol::Icmp || !self.whole {
            return Ok((0, 0));
        }
        self.word(reader)
            .map(|[a, b, c, d]| (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d])))
    }

    /// The first four bytes.
    pub fn word(&self, reader: Reader<'_>) -> Result<[u8; 4], Rejection> {
        if self.bytes < PORTS {
            return Err(Rejection::Malformed);
        }
        reader.bytes(self.offset)
    }
}

/// The beginning of a packet, and how long the whole is.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    pub head: &'a [u8],
    pub length: usize,
}

impl Reader<'_> {
    pub fn bytes(self, at: usize) -> Result<[u8; 4], Rejection> {
        self.head
            .get(at..at + 4)
            .and_then(|bytes| bytes.first_chunk::<4>())
            .copied()
            .ok_or_else(|| self.missing(at + 4))
    }

    /// Why the bytes up to `end` are not in the head.
    #[cold]
    pub fn missing(self, end: usize) -> Rejection {
        if end > self.length {
            Rejection::Malformed
        } else {
            Rejection::HeadTooShort {
                given: self.head.len(),
            }
        }
    }
}
