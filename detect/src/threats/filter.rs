//! Parts of the IPv4 addresses that have none of the prefixes: most addresses are in one, and are told from the others by one bit.

/// How many parts there are for a prefix, and at least and at most as a power of two. With the most, a part is a /24.
const PARTS_A_PREFIX: usize = 16;
const FEWEST: u32 = 10;
const MOST: u32 = 24;

/// A bit for each part of the addresses.
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
