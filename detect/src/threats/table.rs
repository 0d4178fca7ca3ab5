//! Prefixes of one IP version with their labels, sorted: small, and quick to search.

/// A label's number. 0 says that the prefix does not act.
pub(super) type Label = u16;

/// The label of what never acts, though a list says so.
pub(super) const INACTIVE: Label = 0;

/// How many rows begin in a part of the addresses on average, and the most parts. The part of an address is found at once, so that a search
/// is among a few rows.
const ROWS_IN_PART: usize = 8;
const MOST_PARTS: u64 = 1 << 18;

/// An address as a number.
pub(super) trait Key: Copy + Ord {
    /// The network of `length` bits that the address is in.
    fn masked(self, length: u8) -> Self;

    /// The highest bits, by which addresses are divided into parts.
    fn top(self) -> u64;
}

impl Key for u32 {
    fn masked(self, length: u8) -> Self {
        self & !Self::MAX.checked_shr(length.into()).unwrap_or(0)
    }

    fn top(self) -> u64 {
        self.into()
    }
}

/// An IPv6 address, the highest part first. A `u128` would make rows a third larger.
pub(super) type Words = [u32; 4];

impl Key for Words {
    fn masked(self, length: u8) -> Self {
        words(number(self) & !u128::MAX.checked_shr(length.into()).unwrap_or(0))
    }

    fn top(self) -> u64 {
        u64::from(self[0]) << 32 | u64::from(self[1])
    }
}

/// A number of 128 bits in parts, the highest first.
pub(super) fn words(number: u128) -> Words {
    // Each is cut to its part.
    [96, 64, 32, 0].map(|shift| (number >> shift) as u32)
}

fn number(words: Words) -> u128 {
    words
        .iter()
        .fold(0, |number, word| number << 32 | u128::from(*word))
}

/// A prefix before it is in a table. Its length is at least 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry<K> {
    pub start: K,
    pub label: Label,
    pub length: u8,
    /// The length of the next wider prefix around it, as a table knows it; 0 when there is none.
    parent: u8,
}

impl<K> Entry<K> {
    pub fn new(start: K, length: u8, label: Label) -> Self {
        Self {
            start,
            label,
            length,
            parent: 0,
        }
    }
}

impl Entry<u32> {
    /// The first and the last address.
    pub fn range(&self) -> (u32, u32) {
        let hosts = u32::MAX.checked_shr(self.length.into()).unwrap_or(0);
        (self.start, self.start | hosts)
    }
}

/// Prefixes in the order of their addresses, the wider first. Prefixes nest or are apart, so that the most specific one with an
/// address is the last that begins before it, or one of those around that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Table<K> {
    parts: Parts,
    rows: Box<[Entry<K>]>,
}

impl<K> Default for Table<K> {
    fn default() -> Self {
        Self {
            parts: Parts::default(),
            rows: Box::default(),
        }
    }
}

impl<K: Key> Table<K> {
    /// Sorts the entries. Of the same prefix more than once the one of the highest score stays, or else of the first label.
    pub fn new(mut entries: Vec<Entry<K>>, score: impl Fn(Label) -> Option<u8>) -> Self {
        entries.sort_unstable_by_key(|entry| (entry.start, entry.length));
        let preference = |label| (score(label), core::cmp::Reverse(label));
        entries.dedup_by(|other, kept| {
            let is_same = (other.start, other.length) == (kept.start, kept.length);
            if is_same && preference(other.label) > preference(kept.label) {
                kept.label = other.label;
            }
            is_same
        });
        find_parents(&mut entries);
        Self {
            parts: Parts::new(&entries),
            rows: entries.into(),
        }
    }

    /// The most specific prefix with the address: its length and label.
    #[inline]
    pub fn find(&self, address: K) -> Option<(u8, Label)> {
        let mut row = &self.rows[self.last_before(address)?];
        loop {
            if address.masked(row.length) == row.start {
                return Some((row.length, row.label));
            }
            row = match row.parent {
                0 => return None,
                parent => self.row(row.start.masked(parent), parent)?,
            };
        }
    }

    /// The prefixes that act.
    pub fn acting(&self) -> impl Iterator<Item = &Entry<K>> {
        self.rows.iter().filter(|row| row.label != INACTIVE)
    }

    /// Bytes that the table holds.
    pub fn size(&self) -> usize {
        size_of_val(&*self.parts.begins) + size_of_val(&*self.rows)
    }

    /// The last prefix that begins at or before the address.
    #[inline]
    fn last_before(&self, address: K) -> Option<usize> {
        let part = self.parts.of(address.top());
        let within = self.rows[part.clone()].partition_point(|row| row.start <= address);
        // What begins in an earlier part may reach into this one.
        (part.start + within).checked_sub(1)
    }

    /// A prefix of the table.
    fn row(&self, start: K, length: u8) -> Option<&Entry<K>> {
        let last = self.last_before(start)?;
        // Of those with the same start the wider come first.
        let same = self.rows[..=last].iter().rev();
        let mut same = same.take_while(|row| row.start == start);
        same.find(|row| row.length == length)
    }
}

/// Where the rows of each part of the addresses begin. The parts are equal, but for the first and the last: these have whatever is far from
/// most of the rows, such as private networks are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Parts {
    first: u64,
    /// How many bits of addresses a part has.
    bits: u32,
    /// For each part, and the end of the last. Empty when there are no rows.
    begins: Box<[u32]>,
}

impl Parts {
    /// Of so many rows one may be outside of the equal parts, at either end.
    const FAR: usize = 64;

    fn new<K: Key>(rows: &[Entry<K>]) -> Self {
        let far = rows.len() / Self::FAR;
        let top = |at: usize| rows.get(at).map(|row| row.start.top());
        let ends = top(far).zip(rows.len().checked_sub(far + 1).and_then(top));
        let Some((first, last)) = ends else {
            return Self::default();
        };
        let wanted = u64::try_from(rows.len() / ROWS_IN_PART).unwrap_or(MOST_PARTS);
        let wanted = wanted.clamp(1, MOST_PARTS);
        let mut parts = Self {
            first,
            bits: 0,
            begins: Box::default(),
        };
        while parts.number(last) >= wanted {
            parts.bits += 1;
        }
        let most = parts.number(last);
        parts.begins = (0..=most)
            .map(|part| rows.partition_point(|row| parts.number(row.start.top()) < part))
            .chain([rows.len()])
            // A text of four gigabytes has fewer prefixes.
            .map(|begin| u32::try_from(begin).unwrap_or(u32::MAX))
            .collect();
        parts
    }

    /// The number of the part that addresses are in, if parts went on for ever.
    fn number(&self, top: u64) -> u64 {
        let distance = top.saturating_sub(self.first);
        distance.checked_shr(self.bits).unwrap_or(0)
    }

    /// The rows that begin in the address's part.
    fn of(&self, top: u64) -> core::ops::Range<usize> {
        let Some(last) = self.begins.len().checked_sub(2) else {
            return 0..0;
        };
        let part = usize::try_from(self.number(top)).map_or(last, |part| part.min(last));
        self.begins[part] as usize..self.begins[part + 1] as usize
    }
}

/// Finds for each of the sorted entries the next wider one around it.
fn find_parents<K: Key>(entries: &mut [Entry<K>]) {
    let mut around: Vec<(K, u8)> = Vec::new();
    for entry in entries {
        while let Some((start, length)) = around.last() {
            if entry.start.masked(*length) == *start {
                break;
            }
            around.pop();
        }
        entry.parent = around.last().map_or(0, |(_, length)| *length);
        around.push((entry.start, entry.length));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use core::cmp::Reverse;

    use super::*;

    fn entries() -> impl Strategy<Value = Vec<Entry<u32>>> {
        // Few addresses, so that prefixes nest, touch and repeat.
        let entry = (0_u32..64, 1_u8..=32, 1_u16..9).prop_map(|(low, length, label)| {
            Entry::new((low << 26 | low).masked(length), length, label)
        });
        proptest::collection::vec(entry, 0..300)
    }

    proptest! {
        /// As a search through all of them says.
        #[test]
        fn the_most_specific_prefix_is_found(entries in entries(), low in 0_u32..64, noise in 0_u32..4) {
            let score = |label: Label| [None, Some(1), Some(2)][usize::from(label % 3)];
            let address = (low << 26 | low) ^ noise;
            let around = entries.iter().filter(|e| address.masked(e.length) == e.start);
            let expected = around
                .max_by_key(|e| (e.length, score(e.label), Reverse(e.label)))
                .map(|e| (e.length, e.label));
            prop_assert_eq!(Table::new(entries, score).find(address), expected);
        }
    }

    #[test]
    fn an_empty_table_has_nothing() {
        assert_eq!(Table::<Words>::new(Vec::new(), |_| None).find([0; 4]), None);
        assert_eq!(Table::<u32>::default().find(u32::MAX), None);
    }

    #[test]
    fn rows_are_small() {
        assert_eq!(size_of::<Entry<u32>>(), 8);
        assert_eq!(size_of::<Entry<Words>>(), 20);
    }

    proptest! {
        #[test]
        fn words_are_the_number(address: u128, other: u128, length in 1_u8..=128) {
            prop_assert_eq!(number(words(address)), address);
            prop_assert_eq!(words(address).cmp(&words(other)), address.cmp(&other));
            prop_assert_eq!(number(words(address).masked(length)), address >> (128 - length) << (128 - length));
        }
    }
}
