//! What a device was seen to do: each thing once, with the day of its latest use, in a bounded number.

use serde::{Deserialize, Serialize};

/// Things with the days on which they were used last, sorted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Habits<T>(Vec<(T, u16)>);

impl<T> Default for Habits<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Ord + Copy> Habits<T> {
    /// Whether it is among them. If so, it is used today.
    pub fn uses(&mut self, what: &T, day: u16) -> bool {
        let found = self.0.binary_search_by(|(it, _)| it.cmp(what));
        if let Ok(at) = found {
            self.0[at].1 = day.max(self.0[at].1);
        }
        found.is_ok()
    }

    /// Adds one. Where there are `most`, the longest unused gives way.
    pub fn add(&mut self, what: T, day: u16, most: usize) {
        if self.0.len() >= most {
            let oldest = self.0.iter().enumerate().min_by_key(|(_, (_, day))| *day);
            if let Some((at, _)) = oldest {
                self.0.remove(at);
            }
        }
        if let Err(at) = self.0.binary_search_by(|(it, _)| it.cmp(&what)) {
            self.0.insert(at, (what, day));
        }
    }

    /// Forgets what was not used for so many days.
    pub fn decay(&mut self, today: u16, days: u16) {
        self.0.retain(|(_, day)| today.saturating_sub(*day) <= days);
    }

    /// Returns whether it was among them.
    pub fn remove(&mut self, what: &T) -> bool {
        let found = self.0.binary_search_by(|(it, _)| it.cmp(what));
        found.map(|at| self.0.remove(at)).is_ok()
    }

    pub fn clear(&mut self) {
        self.0.clear();
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it is as it can get by itself.
    pub fn is_valid(&self, most: usize) -> bool {
        self.0.len() <= most && self.0.is_sorted_by(|(a, _), (b, _)| a < b)
    }
}
