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

/// A packet that is to be read.
pub(super) struct Reader<'a> {
    /// Its beginning; of one that a stack has taken apart, everything up to its transport header.
    pub head: &'a [u8],
    /// How long the whole is.
    pub length: usize,
    /// The words of the fixed header stand in the order of this processor.
    pub is_host: bool,
    /// What a stack took it for, the beginning of its transport header, and how much there is from there on.
    pub taken: Option<(Protocol, &'a [u8], usize)>,
}

impl Reader<'_> {
    /// Says in `sample` what the headers say, as if the packet were sent.
    #[inline(never)]
    pub fn read(&self, sample: &mut Sample) -> Result<(), Rejection> {
        let Self {
            head,
            length,
            is_host,
            taken,
        } = *self;
        let first = self.word(0);
        let fixed = match first >> 28 {
            4 => IPV4_HEADER,
            6 => IPV6_HEADER,
            _ if head.len() >= 4 => return Err(Rejection::Malformed),
            _ => 4,
        };
        if head.len() < fixed {
            return Err(missing(head, fixed, length));
        }
        let is_v6 = fixed == IPV6_HEADER;
        let second = self.word(1);
        let mut walk = if is_v6 {
            let end = match taken {
                None => IPV6_HEADER + (second >> 16) as usize,
                Some(_) => head.len(),
            };
            if end > length {
                return Err(Rejection::Malformed);
            }
            Walk {
                at: IPV6_HEADER,
                end,
                next: (second >> 8) as u8,
                is_whole: true,
            }
        } else {
            let walk = Walk {
                at: ((first >> 24) & 0xF) as usize * 4,
                end: (first & 0xFFFF) as usize,
                next: (self.word(2) >> 16) as u8,
                is_whole: second & 0x1FFF == 0,
            };
            let is_long = walk.at >= IPV4_HEADER && walk.end >= walk.at && walk.end <= length;
            if taken.is_none() && !is_long {
                return Err(Rejection::Malformed);
            }
            walk
        };
        // Without any extension header there is none that could make it a fragment, so a stack is believed.
        if is_v6 && (taken.is_none() || walk.end > IPV6_HEADER) {
            walk.skip_extensions(head)?;
        }
        let (protocol, transport, bytes) = match taken {
            Some(taken) => taken,
            None => (
                protocol(walk.next, is_v6)?,
                head.get(walk.at..).unwrap_or_default(),
                walk.end - walk.at,
            ),
        };
        let mut ports = 0;
        if protocol != Protocol::Icmp && walk.is_whole {
            if bytes < PORTS {
                return Err(Rejection::Malformed);
            }
            let Some(there) = transport.first_chunk() else {
                let given = taken.map_or(head, |_| transport).len();
                return Err(Rejection::HeadTooShort { given });
            };
            ports = u32::from_ne_bytes(*there);
        }
        sample.direction = Direction::Out;
        sample.protocol = protocol;
        sample.is_v6 = is_v6;
        sample.ports = ports;
        sample.bytes = bytes as u32;
        let range = if is_v6 { 2..10 } else { 3..5 };
        let words = head.as_chunks().0.get(range).unwrap_or_default();
        for (word, octets) in sample.addresses.iter_mut().zip(words) {
            *word = u32::from_ne_bytes(*octets);
        }
        if is_host {
            for word in &mut sample.addresses {
                *word = word.to_be();
            }
        }
        Ok(())
    }

    /// The value of a word of the fixed header; 0 if it is not there.
    fn word(&self, index: usize) -> u32 {
        let word = self.head.as_chunks().0.get(index);
        let word = word.map_or(0, |word| u32::from_ne_bytes(*word));
        if self.is_host {
            word
        } else {
            u32::from_be(word)
        }
    }
}

/// How far the headers of a packet were read.
struct Walk {
    /// Where the next one begins.
    at: usize,
    /// Where the packet ends.
    end: usize,
    /// The number of the next header.
    next: u8,
    /// The transport header does begin there: this is no later fragment.
    is_whole: bool,
}

impl Walk {
    /// Goes on to the transport header, over the extension headers of IPv6.
    #[inline(never)]
    fn skip_extensions(&mut self, head: &[u8]) -> Result<(), Rejection> {
        // No headers are behind the end of the packet, whatever is in the head.
        let head = head.get(..self.end).unwrap_or(head);
        for _ in 0..MAX_EXTENSIONS {
            // Bytes of what its length is counted in, beside the first eight.
            let unit = match self.next {
                number::HOP_BY_HOP | number::DESTINATION_OPTIONS | number::ROUTING => 8,
                number::AUTHENTICATION => 4,
                number::FRAGMENT => 0,
                _ => break,
            };
            let bytes = head.get(self.at..).and_then(<[u8]>::first_chunk);
            let Some([following, length, high, low]) = bytes.copied() else {
                return Err(missing(head, self.at + 4, self.end));
            };
            self.at += 8 + unit * usize::from(length);
            self.next = following;
            // What follows a fragment header that is not the first is payload, not another header.
            if unit == 0 && is_later([high, low]) {
                self.is_whole = false;
                break;
            }
        }
        if self.at > self.end {
            return Err(Rejection::Malformed);
        }
        Ok(())
    }
}

/// Why the bytes up to `needed` are not in the head of a packet of that length.
#[cold]
#[inline(never)]
fn missing(head: &[u8], needed: usize, length: usize) -> Rejection {
    if needed > length {
        Rejection::Malformed
    } else {
        Rejection::HeadTooShort { given: head.len() }
    }
}

/// What a number in an IP header stands for.
fn protocol(number: u8, is_v6: bool) -> Result<Protocol, Rejection> {
    match number {
        number::TCP => Ok(Protocol::Tcp),
        number::UDP => Ok(Protocol::Udp),
        number::ICMP if !is_v6 => Ok(Protocol::Icmp),
        number::ICMPV6 if is_v6 => Ok(Protocol::Icmp),
        _ => Err(Rejection::OtherProtocol),
    }
}

/// Whether a fragment is not the first: by the word that begins with its offset. Apart, so that other headers do not pay for it.
#[cold]
#[inline(never)]
fn is_later(offset: [u8; 2]) -> bool {
    u16::from_be_bytes(offset) >> 3 != 0
}
