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

#[inline(always)]
pub(super) fn observe_v4<O: HeaderOrder>(
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

#[inline(always)]
pub(super) fn observe_v6<O: HeaderOrder>(
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
pub(super) fn walk_extensions(
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
pub(super) struct Transport {
    pub offset: usize,
    pub bytes: usize,
    /// It does begin here: this is no later fragment.
    pub whole: bool,
}

impl Transport {
    /// Source and destination port.
    #[inline(always)]
    pub fn ports(&self, reader: Reader<'_>, protocol: Protocol) -> Result<(u16, u16), Rejection> {
        if protocol == Protocol::Icmp || !self.whole {
            return Ok((0, 0));
        }
        self.word(reader).map(ports)
    }

    /// The first four bytes.
    #[inline(always)]
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
    #[inline(always)]
    pub fn bytes(self, at: usize) -> Result<[u8; 4], Rejection> {
        self.head
            .get(at..at + 4)
            .and_then(|bytes| bytes.first_chunk::<4>())
            .copied()
            .ok_or_else(|| self.missing(at + 4))
    }

    #[inline(always)]
    pub fn word<O: HeaderOrder>(self, at: usize) -> Result<u32, Rejection> {
        self.bytes(at).map(O::word)
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

/// Source and destination port, from the beginning of a TCP or UDP header.
#[inline(always)]
fn ports(header: [u8; PORTS]) -> (u16, u16) {
    usual_ports(Protocol::Tcp, header)
}

/// Source and destination port, from the beginning of any transport header.
#[inline(always)]
pub(super) fn usual_ports(protocol: Protocol, header: [u8; PORTS]) -> (u16, u16) {
    // One word for as long as possible: both ports are one word in a flow table, too.
    let word = match protocol {
        Protocol::Tcp | Protocol::Udp => u32::from_be_bytes(header),
        Protocol::Icmp => 0,
    };
    ((word >> 16) as u16, word as u16)
}

/// The word at `at` of a header whose length is proven.
#[inline(always)]
pub(super) fn word<O: HeaderOrder>(header: &[u8], at: usize) -> u32 {
    O::word(four(header, at))
}

/// The same as it stands there.
#[inline(always)]
pub(super) fn four(header: &[u8], at: usize) -> [u8; 4] {
    let mut word = [0; 4];
    word.copy_from_slice(&header[at..at + 4]);
    word
}
