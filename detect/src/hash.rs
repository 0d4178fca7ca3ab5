//! Short names for things that state remembers, which stay the same on any machine; and how devices are found by their names.

use core::hash::{self, BuildHasher};
use core::net::IpAddr;
use std::hash::RandomState;

use xxhash_rust::xxh3::xxh3_64_with_seed;

/// Numbers without a pattern: the parts after the point of the golden ratio and of the square root of 3.
const SECRET: [u64; 2] = [0x9e37_79b9_7f4a_7c15, 0xbb67_ae85_84ca_a73b];

/// A hash of a few parts, one after the other. The first one says what the parts are.
#[derive(Debug, Clone, Copy)]
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

    /// Adds a number: the step that XXH3 takes with short input, a product of twice the bits folded to half.
    #[inline(always)]
    pub fn number(self, number: u64) -> Self {
        let product = u128::from(self.0 ^ SECRET[0]) * u128::from(number ^ SECRET[1]);
        // Each half is cut to its bits.
        Self(product as u64 ^ (product >> 64) as u64)
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

/// What texts are found by in a table, another one in each: nobody can choose texts that are hard to find. Cheaper than the standard
/// library's way.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seed(u64);

impl Default for Seed {
    fn default() -> Self {
        Self(RandomState::new().hash_one(0))
    }
}

impl BuildHasher for Seed {
    type Hasher = OfText;

    fn build_hasher(&self) -> OfText {
        OfText(self.0)
    }
}

/// A hash of a text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OfText(u64);

impl hash::Hasher for OfText {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        self.0 = xxh3_64_with_seed(bytes, self.0);
    }

    /// What comes behind a text, the same with all of them.
    #[inline]
    fn write_u8(&mut self, _: u8) {}

    #[inline]
    fn finish(&self) -> u64 {
        self.0
    }
}

/// A mark of a device, by which its group tells it from others. Never 0.
pub(crate) fn device_mark(device: &str) -> u32 {
    Hasher::new(b'd').bytes(device.as_bytes()).finish32().max(1)
}

/// A mark of a group. Never 0.
pub(crate) fn group_mark(group: &str) -> u32 {
    Hasher::new(b'g').bytes(group.as_bytes()).finish32().max(1)
}

/// Where a name is among items that are sorted by their names, or belongs. Names that are hashes are spread evenly, so that each is close to
/// where its value says: the search goes on from there.
#[inline]
pub(crate) fn find<T>(items: &[T], name: u64, name_of: impl Fn(&T) -> u64) -> Result<usize, usize> {
    let mut at = ((u128::from(name) * items.len() as u128) >> 64) as usize;
    if items.get(at).is_some_and(|item| name_of(item) < name) {
        at += 1;
        while items.get(at).is_some_and(|item| name_of(item) < name) {
            at += 1;
        }
    } else {
        // Before the first there is none, nor behind all that there can be.
        let before = |at: usize| items.get(at.wrapping_sub(1));
        while before(at).is_some_and(|item| name_of(item) >= name) {
            at -= 1;
        }
    }
    match items.get(at) {
        Some(item) if name_of(item) == name => Ok(at),
        _ => Err(at),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Also when names are spread unevenly.
        #[test]
        fn names_are_found_as_a_binary_search_finds_them(
            mut names in proptest::collection::vec(prop_oneof![any::<u64>(), 0..40_u64, Just(u64::MAX)], 0..60),
            other: u64,
        ) {
            names.sort_unstable();
            names.dedup();
            for name in names.iter().copied().chain([0, 7, other, u64::MAX]) {
                prop_assert_eq!(find(&names, name, |it| *it), names.binary_search(&name));
            }
        }
    }
}
