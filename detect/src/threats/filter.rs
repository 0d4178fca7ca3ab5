//! Addresses that no prefix has: nearly all, and told from the others by a bit.

use std::collections::BTreeSet;

use crate::hash::Hasher;

/// How many parts there are for a prefix, and at least and at most as a power of two. With the most, a part is a /24.
const PARTS_A_PREFIX: usize = 16;
const FEWEST: u32 = 10;
const MOST: u32 = 24;

/// A bit for each part of the IPv4 addresses.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Filter {
    /// How many bits of an address come after the number of its part.
    shift: u32,
    /// Empty when there are no prefixes.
    parts: Box<[u64]>,
}

impl Filter {
    /// A filter of so many ranges of addresses, each with its first and last one.
    pub fn new(ranges: impl Iterator<Item = (u32, u32)>, count: usize) -> Self {
        if count == 0 {
            return Self::default();
        }
        let parts = count.saturating_mul(PARTS_A_PREFIX).max(1).ilog2();
        let bits = (parts + 1).clamp(FEWEST, MOST);
        let shift = u32::BITS - bits;
        let mut parts = vec![0_u64; 1 << (bits - 6)];
        for (first, last) in ranges {
            for part in first >> shift..=last >> shift {
                parts[part as usize / 64] |= 1 << (part % 64);
            }
        }
        let parts = parts.into();
        Self { shift, parts }
    }

    /// Whether a prefix may have the address. If not, none has.
    #[inline]
    pub fn may_have(&self, address: u32) -> bool {
        let part = address >> self.shift;
        let word = self.parts.get(part as usize / 64);
        word.is_some_and(|word| word >> (part % 64) & 1 != 0)
    }

    /// Bytes that it holds.
    pub fn size(&self) -> usize {
        size_of_val(&*self.parts)
    }
}

/// How many bits there are for a prefix of IPv6, and how many of an address decide at most: a site's.
const BITS_A_PREFIX: usize = 8;
const SITE: u8 = 48;

/// The same for IPv6, whose prefixes are far apart: a bit for a hash of each prefix, or of the site that it is of. Every length needs a look.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Sites {
    lengths: Box<[u8]>,
    shift: u32,
    bits: Box<[u64]>,
}

impl Sites {
    /// A filter of so many prefixes, each with the highest half of its first address and its length.
    pub fn new(prefixes: impl Iterator<Item = (u64, u8)>, count: usize) -> Self {
        let number = count.saturating_mul(BITS_A_PREFIX).max(1).ilog2();
        let number = (number + 1).clamp(FEWEST, MOST);
        let mut lengths = BTreeSet::new();
        let mut sites = Self {
            lengths: Box::default(),
            shift: u64::BITS - number,
            bits: vec![0; 1 << (number - 6)].into(),
        };
        for (top, length) in prefixes {
            let length = length.min(SITE);
            lengths.insert(length);
            let at = sites.place(top, length);
            sites.bits[at / 64] |= 1 << (at % 64);
        }
        sites.lengths = lengths.into_iter().collect();
        sites
    }

    /// Whether a prefix may have the address with this highest half. If not, none has.
    #[inline]
    pub fn may_have(&self, top: u64) -> bool {
        self.lengths.iter().any(|length| {
            let at = self.place(top, *length);
            let word = self.bits.get(at / 64);
            word.is_some_and(|word| word >> (at % 64) & 1 != 0)
        })
    }

    /// The bit of a prefix of this length.
    #[inline]
    fn place(&self, top: u64, length: u8) -> usize {
        let prefix = top & !u64::MAX.checked_shr(length.into()).unwrap_or(0);
        // No more bits than a list has prefixes, in which those of a hash are spread evenly.
        let hash = Hasher::new(length).number(prefix).finish();
        (hash >> self.shift) as usize
    }

    /// Bytes that it holds.
    pub fn size(&self) -> usize {
        size_of_val(&*self.bits) + size_of_val(&*self.lengths)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_address_of_a_range_is_left_out(
            ranges in proptest::collection::vec((any::<u32>(), 0_u32..1 << 20), 1..20),
            count in 1_usize..2_000_000,
        ) {
            let ranges = ranges.into_iter().map(|(first, size)| (first, first.saturating_add(size)));
            let ranges: Vec<_> = ranges.collect();
            let filter = Filter::new(ranges.iter().copied(), count);
            for (first, last) in ranges {
                let within = first / 2 + last / 2;
                for address in [first, within.clamp(first, last), last] {
                    prop_assert!(filter.may_have(address));
                }
            }
        }
    }

    proptest! {
        #[test]
        fn no_address_of_a_site_is_left_out(
            prefixes in proptest::collection::vec((any::<u64>(), 1_u8..=128), 1..20),
            count in 1_usize..2_000_000,
            others: u64,
        ) {
            let mask = |length: u8| u64::MAX.checked_shr(length.into()).unwrap_or(0);
            let prefixes: Vec<_> = prefixes.iter().map(|(top, length)| (top & !mask(*length), *length)).collect();
            let sites = Sites::new(prefixes.iter().copied(), count);
            for (top, length) in prefixes {
                prop_assert!(sites.may_have(top | others & mask(length)));
            }
        }
    }

    #[test]
    fn most_other_sites_are_left_out() {
        let prefixes = (0..1000_u64).map(|n| (0x2a00 << 48 | n << 16, 48));
        let sites = Sites::new(prefixes, 1000);
        let others = (1000..11_000_u64).map(|n| 0x2a00 << 48 | n << 16);
        let passing = others.filter(|top| sites.may_have(*top)).count();
        assert!(passing < 2000, "{passing} of 10000");
        assert!(!Sites::default().may_have(0));
    }

    #[test]
    fn most_others_are_left_out() {
        let ranges = (0..1000_u32).map(|n| n.wrapping_mul(2_654_435_761));
        let filter = Filter::new(ranges.map(|address| (address, address)), 1000);
        let others = (0..10_000_u32).map(|n| n.wrapping_mul(0x85eb_ca77) ^ 0x5555);
        let passing = others.filter(|address| filter.may_have(*address)).count();
        assert!(passing < 1000, "{passing} of 10000");
        assert!(!Filter::default().may_have(0));
    }
}
