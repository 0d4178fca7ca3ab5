//! Short names for things that state remembers: XXH3, whose results are specified and stay the same.

use core::net::IpAddr;

use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

/// A hash of a few parts, one after the other. The first one says what the parts are.
#[derive(Clone, Copy)]
pub(crate) struct Hasher(u64);

impl Hasher {
    #[inline(always)]
    pub fn new(what: u8) -> Self {
        Self(what.into())
    }

    /// Adds bytes.
    pub fn bytes(self, bytes: &[u8]) -> Self {
        Self(xxh3_64_with_seed(bytes, self.0))
    }

    /// Adds a number.
    #[inline(always)]
    pub fn number(self, number: u64) -> Self {
        let mut parts = [0; 16];
        parts[..8].copy_from_slice(&self.0.to_le_bytes());
        parts[8..].copy_from_slice(&number.to_le_bytes());
        Self(xxh3_64(&parts))
    }

    /// Adds an address.
    #[inline(always)]
    pub fn address(self, address: IpAddr) -> Self {
        match address {
            IpAddr::V4(address) => self.number(address.to_bits().into()),
            IpAddr::V6(address) => {
                let bits = address.to_bits();
                // Not the same as two numbers, one after the other.
                self.number((bits >> 64) as u64 ^ u64::MAX)
                    .number(bits as u64)
            }
        }
    }

    #[inline(always)]
    pub fn finish(self) -> u64 {
        self.0
    }

    #[inline(always)]
    pub fn finish32(self) -> u32 {
        self.0 as u32
    }
}
