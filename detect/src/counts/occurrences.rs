//! How often something happened within a window that slides, with memory that is bounded however often it happens.
//!
//! Occurrences within a part of the window are remembered together, by the time of the first: they leave the window with it. So
//! never more are counted than there were within the window, and at most those of one part too few.

use serde::{Deserialize, Serialize};

/// The most parts of a window.
const PARTS: usize = 16;

/// How often something happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Occurrences {
    /// When the first of a part was, and how many there were; the latest part last.
    parts: Vec<(u32, u32)>,
    /// The window by which too few are found: since when it lasts, and how many there were in it.
    since: u32,
    seen: u32,
}

impl Occurrences {
    /// Counting begins.
    pub fn from(now: u32) -> Self {
        Self {
            parts: Vec::new(),
            since: now,
            seen: 0,
        }
    }

    /// It happens. Returns how often it did within the window that ends now.
    pub fn add(&mut self, window: u32, now: u32) -> u32 {
        self.parts.retain(|(at, _)| is_within(*at, window, now));
        let part = window.div_ceil(PARTS as u32);
        match self.parts.last_mut() {
            Some((at, count)) if is_within(*at, part, now) => *count = count.saturating_add(1),
            _ => self.parts.push((now, 1)),
        }
        self.seen = self.seen.saturating_add(1);
        let counts = self.parts.iter().map(|(_, count)| *count);
        counts.fold(0, u32::saturating_add)
    }

    /// How often it happened in the window that is over by now, if one is. Of several the last, in which it did not.
    pub fn pass(&mut self, window: u32, now: u32) -> Option<u32> {
        let windows = now.saturating_sub(self.since) / window.max(1);
        if windows == 0 {
            return None;
        }
        let seen = if windows == 1 { self.seen } else { 0 };
        self.since = self.since.saturating_add(windows.saturating_mul(window));
        self.seen = 0;
        Some(seen)
    }

    /// When the window is over.
    pub fn due(&self, window: u32) -> u32 {
        self.since.saturating_add(window)
    }

    /// When it happened last, as far as is known.
    pub fn latest(&self) -> u32 {
        self.parts.last().map_or(self.since, |(at, _)| *at)
    }

    /// Whether everything has left the window.
    pub fn is_over(&self, window: u32, now: u32) -> bool {
        !is_within(self.latest(), window, now)
    }

    pub fn is_valid(&self) -> bool {
        self.parts.len() <= PARTS + 1
    }
}

fn is_within(at: u32, window: u32, now: u32) -> bool {
    now.saturating_sub(at) < window
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Never more than there were, and hardly fewer.
        #[test]
        fn counts_are_those_of_the_window(window in 1_u32..500, gaps in proptest::collection::vec(0_u32..60, 1..200)) {
            let mut now = 1000;
            let mut occurrences = Occurrences::from(now);
            let mut times = Vec::new();
            for gap in gaps {
                now += gap;
                times.push(now);
                let within = |window: u32| times.iter().filter(|at| now - **at < window).count() as u32;
                let count = occurrences.add(window, now);
                prop_assert!(count <= within(window));
                prop_assert!(count >= within(window - window.div_ceil(PARTS as u32)));
                prop_assert!(occurrences.is_valid());
            }
        }
    }

    /// Those that come after a pause are all within the window, from the first to the last.
    #[test]
    fn a_burst_counts_whole() {
        let mut occurrences = Occurrences::from(0);
        for number in 1..=300 {
            assert_eq!(occurrences.add(300, 1_000_000 + number - 1), number);
        }
        assert_eq!(occurrences.parts.len(), 16);
    }

    #[test]
    fn windows_that_are_over_say_how_often_it_happened() {
        let mut occurrences = Occurrences::from(1000);
        occurrences.add(60, 1000);
        occurrences.add(60, 1059);
        assert_eq!(occurrences.pass(60, 1059), None);
        assert_eq!(occurrences.pass(60, 1060), Some(2));
        assert_eq!(occurrences.pass(60, 1060), None);
        assert_eq!(occurrences.due(60), 1120);
        occurrences.add(60, 1070);
        // In the last minute of five there was none.
        assert_eq!(occurrences.pass(60, 1360), Some(0));
        assert_eq!(occurrences.due(60), 1420);
    }
}
