//! Distinct connections within a window.

use serde::{Deserialize, Serialize};

use crate::hash;

/// How many connections are told apart over several reports at least. When there are more, the longest unseen give way; the connections
/// of one report are all counted in any case.
const MOST: usize = 256;

/// How many are remembered at most: so that room is made for several at once.
const CAPACITY: usize = MOST + 32;

/// Those that have left the window are forgotten every such part of it.
const PARTS: u32 = 4;

/// The connections of a device, as far as a rule asks for them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Connections {
    /// By name.
    seen: Vec<Seen>,
    /// Since when reports have told of them without a gap.
    since: Option<u32>,
    /// The end of the last report.
    until: u32,
    /// When it was last looked for those that have left the window.
    looked_through: u32,
}

/// A connection, and when it was seen last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Seen {
    name: u32,
    at: u32,
}

impl Connections {
    /// A report of these connections. `longest` is the longest window that is asked for.
    pub fn report(&mut self, names: impl Iterator<Item = u32>, start: u32, end: u32, longest: u32) {
        let has_gap = start > self.until.saturating_add(1);
        if self.since.is_none() || has_gap {
            self.since = Some(start);
        }
        self.until = end;
        if end.saturating_sub(self.looked_through) >= longest / PARTS {
            self.forget(longest);
        }
        for name in names {
            match self.find(name) {
                Ok(at) => self.seen[at].at = end,
                Err(_) if self.seen.len() >= CAPACITY => {
                    self.make_room(longest);
                    let at = self.find(name).unwrap_or_else(|at| at);
                    self.seen.insert(at, Seen { name, at: end });
                }
                Err(at) => self.seen.insert(at, Seen { name, at: end }),
            }
        }
    }

    /// How many there were within the window that the last report ends.
    pub fn within(&self, window: u32) -> usize {
        let seen = self.seen.iter();
        seen.filter(|seen| is_within(seen.at, window, self.until))
            .count()
    }

    /// No fewer than there were within any window, unless some gave way.
    pub fn at_most(&self) -> usize {
        self.seen.len()
    }

    /// Whether there may have been more than are remembered.
    pub fn is_full(&self) -> bool {
        self.seen.len() >= MOST
    }

    /// Whether reports have told of all of the window that the last one ends.
    pub fn covers(&self, window: u32) -> bool {
        let since = self.since.unwrap_or(self.until);
        self.until.saturating_sub(since) >= window
    }

    /// Forgets all of them: no rule asks.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    pub fn is_valid(&self) -> bool {
        self.seen.len() <= CAPACITY && self.seen.is_sorted_by(|a, b| a.name < b.name)
    }

    fn find(&self, name: u32) -> Result<usize, usize> {
        // The highest bits are what names are found by.
        hash::find(&self.seen, u64::from(name) << 32, |seen| {
            u64::from(seen.name) << 32
        })
    }

    /// Forgets what has left the window, and gives memory back.
    fn forget(&mut self, longest: u32) {
        self.looked_through = self.until;
        self.seen
            .retain(|seen| is_within(seen.at, longest, self.until));
        self.seen.shrink_to(2 * self.seen.len());
    }

    /// Forgets what has left the window, and of what is left the longest unseen.
    fn make_room(&mut self, longest: u32) {
        self.forget(longest);
        if self.seen.len() < CAPACITY {
            return;
        }
        let too_many = self.seen.len() - MOST;
        // No two are the same.
        let age = |seen: &Seen| (seen.at, seen.name);
        let mut ages: Vec<_> = self.seen.iter().map(age).collect();
        let oldest = *ages.select_nth_unstable(too_many - 1).1;
        self.seen.retain(|seen| age(seen) > oldest);
    }
}

fn is_within(at: u32, window: u32, now: u32) -> bool {
    now.saturating_sub(at) < window
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_connection_counts_once() {
        let mut connections = Connections::default();
        connections.report([1, 2, 1].into_iter(), 1000, 1060, 300);
        connections.report([2, 3].into_iter(), 1060, 1120, 300);
        assert_eq!(connections.within(300), 3);
        assert_eq!(connections.within(60), 2);
        connections.report([].into_iter(), 1120, 1360, 300);
        assert_eq!(connections.within(300), 2);
    }

    #[test]
    fn what_no_report_tells_of_is_not_covered() {
        let mut connections = Connections::default();
        connections.report([].into_iter(), 1000, 1200, 300);
        assert!(connections.covers(200) && !connections.covers(201));
        connections.report([].into_iter(), 1200, 1300, 300);
        assert!(connections.covers(300));
        connections.report([].into_iter(), 1310, 1400, 300);
        assert!(connections.covers(90) && !connections.covers(91));
    }

    #[test]
    fn memory_is_bounded() {
        let mut connections = Connections::default();
        let names: Vec<u32> = (0..1000).map(|name| name << 22).collect();
        for (time, names) in (1000..).zip(names.chunks(100)) {
            connections.report(names.iter().copied(), time, time + 1, 300);
            assert!(connections.is_valid());
        }
        // The latest are there.
        assert_eq!(connections.within(2), 200);
        assert!((MOST..=CAPACITY).contains(&connections.within(300)));
    }

    #[test]
    fn what_left_the_window_gives_way_first() {
        let mut connections = Connections::default();
        for time in 1000..1400 {
            let name = (time % 260) << 23;
            connections.report([name].into_iter(), time, time + 1, 240);
        }
        assert_eq!(connections.within(240), 240);
    }
}
