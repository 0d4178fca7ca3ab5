//! Reading headers, never beyond what is there.

use defender_message::flow::Protocol;

use super::{Direction, Rejection, Sample};

pub(super) const IPV4_HEADER: usize = 20;
pub(super) const IPV6_HEADER: usize = 40;

/// Extension headers that are walked: there are six that one packet may have (RFC 8200, 4.1). What follows more of them is not
/// looked for, so that no packet takes long.
const MAX_EXTENSIONS: usize = 8;

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

/// The transport header of a packet.
pub(super) struct Transport {
    pub protocol: Protocol,
    /// Where it begins.
    pub offset: usize,
    /// How much there is from there on.
    pub bytes: usize,
    /// It does begin here: this is no later fragment.
    pub whole: bool,
}

/// The beginning of a packet, and how long the whole is.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    pub head: &'a [u8],
    pub length: usize,
    /// The words of the fixed header stand in the order of this processor.
    pub is_host: bool,
}

impl Reader<'_> {
    /// Whether it is an IPv6 packet, or an IPv4 packet; its fixed header is there.
    pub fn is_v6(&self) -> Result<bool, Rejection> {
        let (is_v6, needed) = match self.word(0) >> 28 {
            4 => (false, IPV4_HEADER),
            6 => (true, IPV6_HEADER),
            _ if self.head.len() >= 4 => return Err(Rejection::Malformed),
            _ => (false, 4),
        };
        if self.head.len() < needed {
            return Err(self.missing(needed));
        }
        Ok(is_v6)
    }

    /// The value of a word of the fixed header, which is there.
    pub fn word(&self, index: usize) -> u32 {
        let word = self.head.as_chunks().0.get(index);
        let word = word.map_or(0, |word| u32::from_ne_bytes(*word));
        if self.is_host {
            word
        } else {
            u32::from_be(word)
        }
    }

    /// What the headers say, with this transport header and these ports.
    #[inline(never)]
    pub fn fill(&self, sample: &mut Sample, is_v6: bool, transport: &Transport, ports: u32) {
        sample.direction = Direction::Out;
        sample.protocol = transport.protocol;
        sample.is_v6 = is_v6;
        sample.ports = ports;
        sample.bytes = transport.bytes as u32;
        let range = if is_v6 { 2..10 } else { 3..5 };
        let words = self.head.as_chunks().0.get(range).unwrap_or_default();
        for (word, octets) in sample.addresses.iter_mut().zip(words) {
            *word = u32::from_ne_bytes(*octets);
        }
        if self.is_host {
            for word in &mut sample.addresses {
                *word = word.to_be();
            }
        }
    }

    /// Source and destination port, as they stand there; 0 where there are none.
    #[inline(never)]
    pub fn ports(&self, transport: &Transport) -> Result<u32, Rejection> {
        if transport.protocol == Protocol::Icmp || !transport.whole {
            return Ok(0);
        }
        if transport.bytes < PORTS {
            return Err(Rejection::Malformed);
        }
        self.bytes(transport.offset).map(u32::from_ne_bytes)
    }

    /// Goes from the fixed IPv6 header to the transport header, in a packet that ends at `end`.
    #[inline(never)]
    pub fn walk_extensions(&self, mut next: u8, end: usize) -> Result<Transport, Rejection> {
        // No headers are behind the end of the packet, whatever is in the head.
        let reader = Reader {
            head: self.head.get(..end).unwrap_or(self.head),
            length: end,
            ..*self
        };
        let mut at = IPV6_HEADER;
        let mut whole = true;
        for _ in 0..MAX_EXTENSIONS {
            // Bytes of what its length is counted in, beside the first eight.
            let unit = match next {
                number::HOP_BY_HOP | number::DESTINATION_OPTIONS | number::ROUTING => 8,
                number::AUTHENTICATION => 4,
                number::FRAGMENT => 0,
                _ => break,
            };
            let [following, length, high, low] = reader.bytes(at)?;
            at += 8 + unit * usize::from(length);
            if at > end {
                return Err(Rejection::Malformed);
            }
            next = following;
            // What follows a fragment header that is not the first is payload, not another header.
            if unit == 0 && is_later([high, low]) {
                whole = false;
                break;
            }
        }
        Ok(Transport {
            protocol: protocol(next, number::ICMPV6)?,
            offset: at,
            bytes: end - at,
            whole,
        })
    }

    /// The four bytes at `at`.
    fn bytes(&self, at: usize) -> Result<[u8; 4], Rejection> {
        let bytes = self.head.get(at..).and_then(<[u8]>::first_chunk);
        bytes.copied().ok_or_else(|| self.missing(at + 4))
    }

    /// Why the bytes up to `needed` are not in the head.
    #[cold]
    #[inline(never)]
    fn missing(&self, needed: usize) -> Rejection {
        if needed > self.length {
            Rejection::Malformed
        } else {
            Rejection::HeadTooShort {
                given: self.head.len(),
            }
        }
    }
}

/// What a number in an IP header stands for; `icmp` is that of ICMP there.
pub(super) fn protocol(number: u8, icmp: u8) -> Result<Protocol, Rejection> {
    match number {
        number::TCP => Ok(Protocol::Tcp),
        number::UDP => Ok(Protocol::Udp),
        _ if number == icmp => Ok(Protocol::Icmp),
        _ => Err(Rejection::OtherProtocol),
    }
}

/// Whether a fragment is not the first: by the word that begins with its offset. Apart, so that other headers do not pay for it.
#[cold]
#[inline(never)]
fn is_later(offset: [u8; 2]) -> bool {
    u16::from_be_bytes(offset) >> 3 != 0
}
