//! What was found to be known already today, so that it is not looked up for every report.
//!
//! It decides what is looked up, and with that when a habit counts as used and what a group is taught: it is part of a state.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The most that is remembered.
const CAPACITY: usize = 128;

/// The fewest places of a table.
const FEWEST: usize = 16;

/// Names of pairs of a host and a service, of one day.
#[derive(Debug, Clone, Default)]
pub(super) struct Familiar {
    /// A table, at least half of it empty: a name stands at the first free place from where its last bits say. 0 is no name.
    places: Vec<u32>,
    count: usize,
}

impl Familiar {
    /// Whether it is among them. Names are hashes and spread evenly, so that few are not at the first place.
    #[inline]
    pub fn has(&self, name: u32) -> bool {
        let mask = self.places.len().wrapping_sub(1);
        let mut at = name as usize & mask;
        while let Some(&other) = self.places.get(at)
            && other != 0
        {
            if other == name {
                return true;
            }
            at = (at + 1) & mask;
        }
        false
    }

    pub fn add(&mut self, name: u32) {
        if name == 0 || self.has(name) {
            return;
        }
        if self.count >= CAPACITY {
            self.clear();
        } else if self.places.len() < (self.count + 1) * 2 {
            let places = (self.places.len() * 2).max(FEWEST);
            let names = core::mem::replace(&mut self.places, vec![0; places]);
            let names = names.into_iter().filter(|name| *name != 0);
            names.for_each(|name| self.put(name));
        }
        self.put(name);
        self.count += 1;
    }

    pub fn clear(&mut self) {
        self.places.fill(0);
        self.count = 0;
    }

    fn put(&mut self, name: u32) {
        let mask = self.places.len() - 1;
        let mut at = name as usize & mask;
        while self.places[at] != 0 {
            at = (at + 1) & mask;
        }
        self.places[at] = name;
    }
}

impl Familiar {
    /// The names, sorted: however they came to their places.
    fn names(&self) -> Vec<u32> {
        let names = self.places.iter().copied();
        let mut names: Vec<u32> = names.filter(|name| *name != 0).collect();
        names.sort_unstable();
        names
    }
}

impl PartialEq for Familiar {
    fn eq(&self, other: &Self) -> bool {
        self.names() == other.names()
    }
}

impl Eq for Familiar {}

impl Serialize for Familiar {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.names().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Familiar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let names = Vec::<u32>::deserialize(deserializer)?;
        // What would be written otherwise was not written so.
        if names.len() > CAPACITY || !names.is_sorted_by(|a, b| a < b) || names.first() == Some(&0)
        {
            return Err(de::Error::custom("no set of names"));
        }
        let mut familiar = Self::default();
        names.into_iter().for_each(|name| familiar.add(name));
        Ok(familiar)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_added_is_familiar_and_nothing_else() {
        let mut familiar = Familiar::default();
        let names = || (1..200_u32).map(|n| n.wrapping_mul(2_654_435_761));
        for name in names().take(CAPACITY) {
            assert!(!familiar.has(name));
            familiar.add(name);
            assert!(familiar.has(name));
        }
        assert!(names().take(CAPACITY).all(|name| familiar.has(name)));
        assert!(!names().skip(CAPACITY).any(|name| familiar.has(name)));
        // Then it begins anew.
        familiar.add(7);
        assert!(familiar.has(7) && !names().any(|name| familiar.has(name)));
    }

    #[test]
    fn names_become_bytes_and_back_in_whatever_order_they_came() {
        let mut forth = Familiar::default();
        let mut back = Familiar::default();
        // Many of them want the same place.
        let names: Vec<u32> = (1..=CAPACITY as u32).map(|n| (n << 6) | (n % 3)).collect();
        names.iter().for_each(|name| forth.add(*name));
        names.iter().rev().for_each(|name| back.add(*name));
        assert_eq!(forth, back);
        let bytes = postcard::to_stdvec(&forth).unwrap();
        assert_eq!(postcard::to_stdvec(&back).unwrap(), bytes);
        let read: Familiar = postcard::from_bytes(&bytes).unwrap();
        assert_eq!(read, forth);
        assert!(names.iter().all(|name| read.has(*name)));
        for wrong in [vec![0], vec![2, 1], vec![1, 1], (1..=129).collect()] {
            let bytes = postcard::to_stdvec(&wrong).unwrap();
            assert!(
                postcard::from_bytes::<Familiar>(&bytes).is_err(),
                "{wrong:?}"
            );
        }
    }
}
