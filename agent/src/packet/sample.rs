//! A packet as the flow table counts it.

use core::net::{Ipv4Addr, Ipv6Addr};

use defender_message::flow::Protocol;

use super::{Direction, Observation, Packet, Seen};

/// The words of a flow's two addresses, of IPv6; IPv4 has the first two of them.
pub(crate) type Addresses = [u32; 8];

/// A packet of either IP version, seen from the device: what its headers say about its flow, as it stands in them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    pub(crate) direction: Direction,
    pub(crate) protocol: Protocol,
    pub(crate) is_v6: bool,
    /// The local address and the remote one.
    pub(crate) addresses: Addresses,
    /// The local port and the remote one.
    pub(crate) ports: u32,
    pub(crate) bytes: u32,
}

impl Sample {
    /// Nothing.
    pub const NONE: Self = Self {
        direction: Direction::Out,
        protocol: Protocol::Tcp,
        is_v6: false,
        addresses: [0; 8],
        ports: 0,
        bytes: 0,
    };

    /// A packet on its way in that direction.
    pub fn new(direction: Direction, packet: &Packet) -> Self {
        let mut sample = match packet {
            Packet::V4(packet) => {
                let mut addresses = [0; 8];
                addresses[0] = word_of(packet.source);
                addresses[1] = word_of(packet.destination);
                Self::sent(packet, false, addresses)
            }
            Packet::V6(packet) => {
                let octets = [packet.source.octets(), packet.destination.octets()];
                let mut addresses = [0; 8];
                for (word, octets) in addresses
                    .iter_mut()
                    .zip(octets.as_flattened().as_chunks().0)
                {
                    *word = u32::from_ne_bytes(*octets);
                }
                Self::sent(packet, true, addresses)
            }
        };
        if direction != Direction::Out {
            sample.turn(direction);
        }
        sample
    }

    fn sent<A>(packet: &Observation<A>, is_v6: bool, addresses: Addresses) -> Self {
        let ports = u32::from(packet.source_port) << 16 | u32::from(packet.destination_port);
        Self {
            direction: Direction::Out,
            protocol: packet.protocol,
            is_v6,
            addresses,
            ports: ports.to_be(),
            bytes: packet.bytes,
        }
    }

    /// Makes a received packet of one that was taken for a sent one, as all are that were read.
    pub fn turn(&mut self, direction: Direction) {
        self.direction = direction;
        self.ports = self.ports.rotate_left(16);
        let words = self.addresses().len() / 2;
        for word in 0..words {
            self.addresses.swap(word & 3, (words + word) & 7);
        }
    }

    /// The words of its two addresses.
    pub(crate) fn addresses(&self) -> &[u32] {
        self.addresses.split_at(addresses_of(self.is_v6)).0
    }

    /// The receiver of an IPv4 packet that was taken for a sent one; `None` for IPv6.
    pub fn destination_v4(&self) -> Option<Ipv4Addr> {
        (!self.is_v6).then(|| v4(self.addresses[1]))
    }

    /// The direction of a packet that was received and taken for a sent one; see [`Packet::incoming`].
    pub fn incoming(&self) -> Direction {
        match self.destination_v4() {
            Some(destination) => Direction::incoming_v4(destination),
            None => Direction::incoming(self.addresses[4].to_ne_bytes()[0] == 0xFF),
        }
    }

    /// The packet, if it was taken for a sent one.
    pub(super) fn packet(&self) -> Packet {
        let [local, remote, ..] = self.addresses;
        if self.is_v6 {
            let [local, remote] = [0, 4].map(|first| v6(self.addresses.split_at(first).1));
            Packet::V6(self.observation(local, remote))
        } else {
            Packet::V4(self.observation(v4(local), v4(remote)))
        }
    }

    fn observation<A>(&self, source: A, destination: A) -> Observation<A> {
        let ports = u32::from_be(self.ports);
        Observation {
            protocol: self.protocol,
            source,
            destination,
            source_port: (ports >> 16) as u16,
            destination_port: ports as u16,
            bytes: self.bytes,
        }
    }
}

impl<S: Seen> From<&S> for Sample {
    /// Taken for a sent packet.
    fn from(seen: &S) -> Self {
        let addresses = core::array::from_fn(|word| match word.checked_sub(S::WORDS) {
            None => seen.source(word),
            Some(word) if word < S::WORDS => seen.destination(word),
            Some(_) => 0,
        });
        Self {
            direction: Direction::Out,
            protocol: super::protocol_of(seen.protocol()),
            is_v6: S::WORDS > 1,
            addresses,
            ports: seen.ports(),
            bytes: seen.bytes(),
        }
    }
}

/// How many words the two addresses of a flow have.
pub(super) const fn addresses_of(is_v6: bool) -> usize {
    if is_v6 { 8 } else { 2 }
}

fn word_of(address: Ipv4Addr) -> u32 {
    u32::from_ne_bytes(address.octets())
}

/// The address that is this word.
fn v4(word: u32) -> Ipv4Addr {
    word.to_ne_bytes().into()
}

/// The address that begins with these words.
fn v6(words: &[u32]) -> Ipv6Addr {
    let mut octets = [0; 16];
    for (octets, word) in octets.as_chunks_mut().0.iter_mut().zip(words) {
        *octets = word.to_ne_bytes();
    }
    octets.into()
}
