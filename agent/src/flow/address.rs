//! What the flow table needs to know of an address.

use core::net::{Ipv4Addr, Ipv6Addr};

/// An IP address.
pub(super) trait Address: Copy + PartialEq {
    /// All zero.
    const UNSPECIFIED: Self;

    /// Whether it is the same address.
    fn same(&self, other: &Self) -> bool;

    /// A hash that depends on every bit of the address and of `seed`, which is odd.
    fn mix(self, seed: u32) -> u32;

    /// What tells the few addresses of one device apart.
    fn fold(self) -> u32;
}

impl Address for Ipv4Addr {
    const UNSPECIFIED: Self = Self::UNSPECIFIED;

    #[inline(always)]
    fn same(&self, other: &Self) -> bool {
        self == other
    }

    #[inline(always)]
    fn mix(self, seed: u32) -> u32 {
        (u32::from_ne_bytes(self.octets()) ^ seed).wrapping_mul(seed)
    }

    #[inline(always)]
    fn fold(self) -> u32 {
        u32::from_ne_bytes(self.octets())
    }
}

impl Address for Ipv6Addr {
    const UNSPECIFIED: Self = Self::UNSPECIFIED;

    #[inline(always)]
    fn same(&self, other: &Self) -> bool {
        // Half by half: the comparison of the whole takes more instructions.
        let (low, high) = halves(*self);
        let (other_low, other_high) = halves(*other);
        if high != other_high {
            return false;
        }
        low == other_low
    }

    #[inline(always)]
    fn mix(self, seed: u32) -> u32 {
        let (low, high) = halves(self);
        let folded = high.wrapping_mul(u64::from(seed)) ^ low;
        // The halves of this word meet through the seed, too: else who forges addresses could choose some in which they
        // cancel each other out, whatever the seed is.
        let product = u64::from(folded as u32) * u64::from(seed);
        product as u32 ^ (product >> 32) as u32 ^ (folded >> 32) as u32
    }

    #[inline(always)]
    fn fold(self) -> u32 {
        let (low, high) = halves(self);
        (low ^ high >> 32) as u32
    }
}

/// The two halves of an address, in whatever order is fastest.
#[inline(always)]
fn halves(address: Ipv6Addr) -> (u64, u64) {
    let bits = u128::from_ne_bytes(address.octets());
    (bits as u64, (bits >> 64) as u64)
}

#[cfg(test)]
mod tests {
    extern crate std;

    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn addresses_whose_words_cancel_each_other_out_are_spread() {
        for seed in [0x2545_F491, 0x9E37_79B9, 0xDEAD_BEEF, 0x0001_0001] {
            // The first two words, which are a network's, and the last two.
            for shift in [64, 0] {
                let hash = |number: u32| {
                    let word = u128::from(number.wrapping_mul(0x0101_0101));
                    Ipv6Addr::from_bits((word << 32 | word) << shift).mix(seed)
                };
                let places: BTreeSet<u32> = (1..=64).map(|number| hash(number) >> 26).collect();
                // Of 64 places; 40 by chance.
                assert!(places.len() > 20, "{} places, {seed:x}", places.len());
            }
        }
    }
}
