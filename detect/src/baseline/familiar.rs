//! What was found to be known already today, so that it is not looked up for every report. Derived: no part of a state.

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

/// Two devices are in the same state whatever they have looked up.
impl PartialEq for Familiar {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Familiar {}

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
}
