//! What the flow table needs to know of an address.

use core::net::{Ipv4Addr, Ipv6Addr};

/// An IP address.
pub(super) trait Address: Copy + PartialEq {
    /// All zero.
    const UNSPECIFIED: Self;

    /// A hash that depends on every bit of the address and of `seed`, which is odd.
    fn mix(self, seed: u32) -> u32;
}

impl Address for Ipv4Addr {
    const UNSPECIFIED: Self = Self::UNSPECIFIED;

    #[inline(always)]
    fn mix(self, seed: u32) -> u32 {
        (u32::from_ne_bytes(self.octets()) ^ seed).wrapping_mul(seed)
    }
}

impl Address for Ipv6Addr {
    const UNSPECIFIED: Self = Self::UNSPECIFIED;

    #[inline(always)]
    fn mix(self, seed: u32) -> u32 {
        let bits = u128::from_ne_bytes(self.octets());
        let (low, high) = (bits as u64, (bits >> 64) as u64);
        let folded = high.wrapping_mul(u64::from(seed)) ^ low;
        (folded as u32 ^ (folded >> 32) as u32 ^ seed).wrapping_mul(seed)
    }
}
