//! What was found to be known already today, so that it is not looked up for every report. Derived: no part of a state.

/// The most that is remembered.
const CAPACITY: usize = 128;

/// Names of pairs of a host and a class, of one day.
#[derive(Debug, Clone, Default)]
pub(super) struct Familiar {
    /// Sorted.
    names: Vec<u32>,
}

impl Familiar {
    /// Whether it is among them. Names are hashes and spread evenly, so that each is close to where its value says.
    #[inline]
    pub fn has(&self, name: u32) -> bool {
        let mut at = ((u64::from(name) * self.names.len() as u64) >> 32) as usize;
        while let Some(&other) = self.names.get(at)
            && other < name
        {
            at += 1;
        }
        while let Some(before) = at.checked_sub(1)
            && self.names.get(before).is_some_and(|&other| other >= name)
        {
            at = before;
        }
        self.names.get(at) == Some(&name)
    }

    pub fn add(&mut self, name: u32) {
        if self.names.len() >= CAPACITY {
            self.names.clear();
        }
        if let Err(at) = self.names.binary_search(&name) {
            self.names.insert(at, name);
        }
    }

    pub fn clear(&mut self) {
        self.names.clear();
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
