//! What the flow table needs to know of an address.

use core::net::{Ipv4Addr, Ipv6Addr};

use crate::agent::packet::{V4, V6};

/// An IP address as the numbers of its header words.
pub(super) trait Address: Copy + PartialEq {
    /// The same address for users.
    type Public;
    /// All zero.
    const UNSPECIFIED: Self;

    /// Stirs the address into a hash.
    fn mix(self, hash: u32, multiplier: u32) -> u32;

    /// Whether it is a multicast address, or IPv4's limited broadcast.
    fn is_group(self) -> bool;

    fn public(self) -> Self::Public;
}

#[inline(always)]
fn stir(hash: u32, word: u32, multiplier: u32) -> u32 {
    (hash.rotate_left(5) ^ word).wrapping_mul(multiplier)
}

impl Address for V4 {
    type Public = Ipv4Addr;
    const UNSPECIFIED: Self = 0;

    #[inline(always)]
    fn mix(self, hash: u32, multiplier: u32) -> u32 {
        stir(hash, self, multiplier)
    }

    #[inline(always)]
    fn is_group(self) -> bool {
        self >> 28 == 0xE || self == u32::MAX
    }

    fn public(self) -> Ipv4Addr {
        Ipv4Addr::from_bits(self)
    }
}

impl Address for V6 {
    type Public = Ipv6Addr;
    const UNSPECIFIED: Self = [0; 4];

    #[inline(always)]
    fn mix(self, hash: u32, multiplier: u32) -> u32 {
        let hash = stir(hash, self[0] ^ self[1].rotate_left(16), multiplier);
        let hash = stir(hash, self[2], multiplier);
        stir(hash, self[3], multiplier)
    }

    #[inline(always)]
    fn is_group(self) -> bool {
        self[0] >> 24 == 0xFF
    }

    fn public(self) -> Ipv6Addr {
        let bits = self
            .iter()
            .fold(0, |bits, word| (bits << 32) | u128::from(*word));
        Ipv6Addr::from_bits(bits)
    }
}
