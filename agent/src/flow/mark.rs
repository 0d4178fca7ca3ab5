//! The word by which a flow is found.

use defender_message::flow::Protocol;

use crate::packet::{Direction, Seen, protocol_bits};

/// Which of two counters a packet adds to: received bytes, sent bytes.
#[inline(always)]
pub(super) fn way(direction: Direction) -> usize {
    usize::from(direction == Direction::Out)
}

/// A packet seen from the device.
pub(super) struct Oriented<'a, S> {
    pub direction: Direction,
    pub seen: &'a S,
}

impl<S: Seen> Oriented<'_, S> {
    #[inline(always)]
    pub fn local(&self, word: usize) -> u32 {
        match self.direction {
            Direction::Out => self.seen.source(word),
            _ => self.seen.destination(word),
        }
    }

    #[inline(always)]
    pub fn remote(&self, word: usize) -> u32 {
        match self.direction {
            Direction::Out => self.seen.destination(word),
            _ => self.seen.source(word),
        }
    }

    /// Two words of the addresses, the local one before the remote one, from so many on, as one.
    #[inline(always)]
    pub fn pair(&self, words: usize) -> u64 {
        match self.direction {
            Direction::Out => self.seen.pair(words),
            _ if S::WORDS == 1 => self.seen.pair(words).rotate_left(32),
            _ => self.seen.pair((words + S::WORDS) % (2 * S::WORDS)),
        }
    }

    /// As they stand in a packet that the device sends.
    #[inline(always)]
    pub fn ports(&self) -> u32 {
        match self.direction {
            Direction::Out => self.seen.ports(),
            _ => self.seen.ports().rotate_left(16),
        }
    }

    #[inline(always)]
    pub fn marker(&self, seed: u32) -> Marker {
        let (local, remote) = (|word| self.local(word), |word| self.remote(word));
        Marker::new(S::WORDS, local, remote, self.seen.protocol(), seed)
    }
}

/// What the addresses and the protocol of a flow add to its ports: a word that tells flows apart at one look, and from which the
/// ports can be had again. It depends on a seed that nobody knows, so nobody can choose flows that look alike.
#[derive(Clone, Copy)]
pub(super) struct Marker(u32);

impl Marker {
    #[inline(always)]
    pub fn new(
        words: usize,
        local: impl Fn(usize) -> u32,
        remote: impl Fn(usize) -> u32,
        protocol: u32,
        seed: u32,
    ) -> Self {
        // Both halves of the product: a difference in the highest bits alone does not get lost, whatever the seed is.
        let mix = |hash: u32, first: u32, second: u32| {
            let product = u64::from(first ^ hash) * u64::from(second ^ seed.rotate_left(16));
            product as u32 ^ (product >> 32) as u32
        };
        let hash = if words == 1 {
            mix(seed, remote(0), local(0))
        } else {
            let network = mix(seed, remote(0), remote(1));
            let host = mix(network, remote(2), remote(3));
            // What tells the few addresses of a device apart, which nobody else chooses. Turned, so that no port makes up for it.
            (host ^ local(0)).wrapping_add(local(3)).rotate_left(15)
        };
        // No two ports make up for another protocol: flows of TCP and UDP between the same hosts are told apart, too.
        Self(hash.rotate_right(protocol))
    }

    /// Of a flow, by the words of its two addresses.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    pub fn of(addresses: &[u32], protocol: Protocol, seed: u32) -> Self {
        let protocol = protocol_bits(protocol);
        match *addresses {
            [local, remote] => Self::new(1, |_| local, |_| remote, protocol, seed),
            [first, _, _, last, a, b, c, d] => {
                let local = |word| if word == 0 { first } else { last };
                Self::new(4, local, |word| [a, b, c, d][word], protocol, seed)
            }
            _ => Self(seed),
        }
    }

    #[inline(always)]
    pub fn mark(self, ports: u32) -> u32 {
        ports.wrapping_add(self.0)
    }

    pub fn ports(self, mark: u32) -> u32 {
        mark.wrapping_sub(self.0)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn addresses_whose_words_cancel_each_other_out_are_spread() {
        for seed in [0x2545_F491, 0x9E37_79B9, 0xDEAD_BEEF, 0x0001_0001] {
            // Two words of a network, and two of a host.
            for first in [2, 0] {
                let place = |number: u32| {
                    let word = number.wrapping_mul(0x0101_0101);
                    let remote = |index| if index / 2 == first / 2 { word } else { 0 };
                    let marker = Marker::new(4, |_| 0, remote, 1, seed);
                    marker.mark(0).wrapping_mul(seed) >> 26
                };
                let places: BTreeSet<u32> = (1..=64).map(place).collect();
                // Of 64 places; 40 by chance.
                assert!(places.len() > 20, "{} places, {seed:x}", places.len());
            }
        }
    }

    #[test]
    fn ports_come_back_out_of_a_mark() {
        let addresses = [1, 2, 3, 4, 5, 6, 7, 8];
        for protocol in Protocol::ALL {
            let marker = Marker::of(&addresses, protocol, 0x1234_5677);
            assert_eq!(marker.ports(marker.mark(0xC001_01BB)), 0xC001_01BB);
        }
    }
}
