//! Distinct connections within a window.

use serde::{Deserialize, Serialize};

/// The most connections that are told apart over several reports. When there are more, the longest unseen give way; the connections of
/// one report are all counted in any case.
const MOST: usize = 256;

/// The connections of a device, as far as a rule asks for them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Connections {
    /// Names, and when each was seen last; sorted by name.
    seen: Vec<(u32, u32)>,
    /// Since when reports have told of them without a gap.
    since: Option<u32>,
    /// The end of the last report.
    until: u32,
}

impl Connections {
    /// A report of these connections, which must differ. `longest` is the longest window that is asked for.
    pub fn report(&mut self, names: &[u32], start: u32, end: u32, longest: u32) {
        let has_gap = start > self.until.saturating_add(1);
        if self.since.is_none() || has_gap {
            self.since = Some(start);
        }
        self.until = end;
        self.seen.retain(|(_, at)| is_within(*at, longest, end));
        for name in names {
            match self.seen.binary_search_by_key(name, |(name, _)| *name) {
                Ok(at) => self.seen[at].1 = end,
                Err(at) => self.seen.insert(at, (*name, end)),
            }
        }
        if self.seen.len() > MOST {
            let mut times: Vec<_> = self.seen.iter().map(|(_, at)| *at).collect();
            times.sort_unstable();
            let too_many = self.seen.len() - MOST;
            let oldest = times[too_many - 1];
            let mut left = too_many;
            self.seen.retain(|(_, at)| {
                let goes = left > 0 && *at <= oldest;
                left -= usize::from(goes);
                !goes
            });
        }
        self.seen.shrink_to(2 * self.seen.len());
    }

    /// How many there were within the window that the last report ends.
    pub fn within(&self, window: u32) -> usize {
        let times = self.seen.iter().map(|(_, at)| *at);
        times
            .filter(|at| is_within(*at, window, self.until))
            .count()
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
        self.seen.len() <= MOST && self.seen.is_sorted_by(|a, b| a.0 < b.0)
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
        connections.report(&[1, 2], 1000, 1060, 300);
        connections.report(&[2, 3], 1060, 1120, 300);
        assert_eq!(connections.within(300), 3);
        assert_eq!(connections.within(60), 2);
        connections.report(&[], 1120, 1360, 300);
        assert_eq!(connections.within(300), 2);
    }

    #[test]
    fn what_no_report_tells_of_is_not_covered() {
        let mut connections = Connections::default();
        connections.report(&[], 1000, 1200, 300);
        assert!(connections.covers(200) && !connections.covers(201));
        connections.report(&[], 1200, 1300, 300);
        assert!(connections.covers(300));
        connections.report(&[], 1310, 1400, 300);
        assert!(connections.covers(90) && !connections.covers(91));
    }

    #[test]
    fn memory_is_bounded() {
        let mut connections = Connections::default();
        let names: Vec<u32> = (0..1000).collect();
        for (time, names) in (1000..).zip(names.chunks(100)) {
            connections.report(names, time, time + 1, 300);
            assert!(connections.is_valid());
        }
        // The latest are there.
        assert_eq!(connections.within(2), 200);
        assert_eq!(connections.within(300), MOST);
    }
}
