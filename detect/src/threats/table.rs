//! Prefixes of one IP version with their labels, sorted: small, and quick to search.

use core::cmp::Reverse;

/// A label's number. 0 says that the prefix does not act.
pub(super) type Label = u16;

/// The label of what never acts, though a list says so.
pub(super) const INACTIVE: Label = 0;

/// Every so many prefixes, one stands in a table of its own, which fits a processor's cache.
const SAMPLE: usize = 64;

/// An address as a number.
pub(super) trait Key: Copy + Ord {
    /// The network of `length` bits that the address is in.
    fn masked(self, length: u8) -> Self;
}

impl Key for u32 {
    fn masked(self, length: u8) -> Self {
        self & !Self::MAX.checked_shr(length.into()).unwrap_or(0)
    }
}

impl Key for u128 {
    fn masked(self, length: u8) -> Self {
        self & !Self::MAX.checked_shr(length.into()).unwrap_or(0)
    }
}

/// A prefix before it is in a table. Its length is at least 1.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry<K> {
    pub start: K,
    pub length: u8,
    pub label: Label,
}

/// Prefixes in the order of their addresses, the wider first. Prefixes nest or are apart, so that the most specific one with an
/// address is the last that begins before it, or one of those around that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Table<K> {
    samples: Box<[K]>,
    starts: Box<[K]>,
    lengths: Box<[u8]>,
    /// The length of the next wider prefix around each; 0 when there is none.
    parents: Box<[u8]>,
    labels: Box<[Label]>,
}

impl<K> Default for Table<K> {
    fn default() -> Self {
        Self {
            samples: Box::default(),
            starts: Box::default(),
            lengths: Box::default(),
            parents: Box::default(),
            labels: Box::default(),
        }
    }
}

impl<K: Key> Table<K> {
    /// Sorts the entries. Of the same prefix more than once the one of the highest score stays, or else of the first label.
    pub fn new(mut entries: Vec<Entry<K>>, score: impl Fn(Label) -> Option<u8>) -> Self {
        entries.sort_unstable_by_key(|entry| {
            let preference = (Reverse(score(entry.label)), entry.label);
            (entry.start, entry.length, preference)
        });
        entries.dedup_by_key(|entry| (entry.start, entry.length));
        Self {
            samples: entries.iter().step_by(SAMPLE).map(|e| e.start).collect(),
            starts: entries.iter().map(|entry| entry.start).collect(),
            lengths: entries.iter().map(|entry| entry.length).collect(),
            parents: parents(&entries),
            labels: entries.iter().map(|entry| entry.label).collect(),
        }
    }

    /// The most specific prefix with the address: its length and label.
    pub fn find(&self, address: K) -> Option<(u8, Label)> {
        let mut at = self.last_before(address)?;
        loop {
            let (start, length) = (self.starts[at], self.lengths[at]);
            if address.masked(length) == start {
                return Some((length, self.labels[at]));
            }
            match self.parents[at] {
                0 => return None,
                parent => at = self.place_of(start.masked(parent), parent)?,
            }
        }
    }

    pub fn labels(&self) -> impl Iterator<Item = Label> {
        self.labels.iter().copied()
    }

    /// Bytes that the table holds.
    pub fn size(&self) -> usize {
        let samples = size_of_val(&*self.samples);
        samples + self.starts.len() * (size_of::<K>() + 2 + size_of::<Label>())
    }

    /// The last prefix that begins at or before the address.
    fn last_before(&self, address: K) -> Option<usize> {
        let sample = self.samples.partition_point(|start| *start <= address);
        let from = sample.checked_sub(1)? * SAMPLE;
        let to = self.starts.len().min(from + SAMPLE);
        let within = self.starts[from..to].partition_point(|start| *start <= address);
        Some(from + within - 1)
    }

    /// Where a prefix of the table stands.
    fn place_of(&self, start: K, length: u8) -> Option<usize> {
        let last = self.last_before(start)?;
        let same = self.starts[..=last].iter().rev();
        let same = same.take_while(|other| **other == start).count();
        // Of those with the same start the wider come first.
        (last + 1 - same..=last).find(|at| self.lengths[*at] == length)
    }
}

/// For each of the sorted entries, the length of the next wider one around it.
fn parents<K: Key>(entries: &[Entry<K>]) -> Box<[u8]> {
    let mut around: Vec<Entry<K>> = Vec::new();
    let parent = |entry: &Entry<K>| {
        while let Some(last) = around.last() {
            if entry.start.masked(last.length) == last.start {
                break;
            }
            around.pop();
        }
        let parent = around.last().map_or(0, |last| last.length);
        around.push(*entry);
        parent
    };
    entries.iter().map(parent).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn entries() -> impl Strategy<Value = Vec<Entry<u32>>> {
        // Few addresses, so that prefixes nest, touch and repeat.
        let entry = (0_u32..64, 1_u8..=32, 1_u16..9).prop_map(|(low, length, label)| Entry {
            start: (low << 26 | low).masked(length),
            length,
            label,
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
        assert_eq!(Table::<u128>::new(Vec::new(), |_| None).find(0), None);
        assert_eq!(Table::<u32>::default().find(u32::MAX), None);
    }
}
