//! When each collector is due.

use super::settings::{Collector, Settings};

/// The due times of the collectors, on grids that start at the first collection. Times are seconds of the agent's clock, which goes
/// around.
///
/// A due time that passes while nothing can be sent is remembered, and the grid goes on as if nothing had
/// happened.
#[derive(Clone, Copy, Debug)]
pub(super) struct Schedule {
    /// Seconds from the start until everything is due for the first time.
    first: u32,
    collectors: [Due; Collector::COUNT],
}

#[derive(Clone, Copy, Debug)]
struct Due {
    /// The last grid point that has passed, or the start.
    last: u32,
    /// The first grid point has passed.
    has_begun: bool,
    /// Whether it was to report when time was last moved on.
    wanted: bool,
    /// Grid points have passed since the collector was collected,
    is_due: bool,
    /// of which this was the first.
    since: u32,
}

impl Due {
    const NEVER: Self = Self {
        last: 0,
        has_begun: false,
        wanted: false,
        is_due: false,
        since: 0,
    };

    /// Seconds from the last grid point to the next.
    fn interval(&self, first: u32, collector: Collector, settings: &Settings) -> u32 {
        if self.has_begun {
            settings.collector_seconds(collector)
        } else {
            first
        }
    }
}

impl Schedule {
    /// Nothing is ever due.
    pub const fn none() -> Self {
        Self {
            first: 0,
            collectors: [Due::NEVER; Collector::COUNT],
        }
    }

    /// Everything is due `first` seconds after `now`.
    pub fn start(&mut self, now: u32, first: u32) {
        self.first = first;
        self.collectors = [Due {
            last: now,
            wanted: true,
            ..Due::NEVER
        }; Collector::COUNT];
    }

    /// Moves to `now`. The last point at which a collector became due since the last time, however late that is noticed;
    /// collectors that are not wanted only keep their grid, and are no longer due if they were.
    pub fn advance(
        &mut self,
        now: u32,
        settings: &Settings,
        mut wanted: impl FnMut(Collector) -> bool,
    ) -> Option<u32> {
        let mut became_due = None;
        let mut least = u32::MAX;
        for (due, collector) in self.collectors.iter_mut().zip(&Collector::ALL) {
            let was_wanted = core::mem::replace(&mut due.wanted, wanted(*collector));
            due.is_due &= due.wanted;
            let passed = now.wrapping_sub(due.last);
            let interval = due.interval(self.first, *collector, settings);
            let Some(late) = passed.checked_sub(interval) else {
                continue;
            };
            due.has_begun = true;
            let interval = settings.collector_seconds(*collector);
            let late = late.checked_rem(interval).unwrap_or(0);
            let point = now.wrapping_sub(late);
            due.last = point;
            // A point that passed before a collector was turned on is none of its own.
            if due.wanted && (was_wanted || point == now) {
                if !core::mem::replace(&mut due.is_due, true) {
                    due.since = point;
                }
                least = least.min(late);
                became_due = Some(now.wrapping_sub(least));
            }
        }
        became_due
    }

    /// Since when a collector has been due, if it is; from now on it is not.
    pub fn take_due(&mut self, collector: Collector) -> Option<u32> {
        let due = &mut self.collectors[collector as usize];
        core::mem::take(&mut due.is_due).then_some(due.since)
    }

    /// Whether a collector was to report when time was last moved on.
    pub fn wanted(&self, collector: Collector) -> bool {
        self.collectors[collector as usize].wanted
    }

    /// Whether every collector that is to report is due.
    pub fn is_all_due(&self) -> bool {
        self.collectors.iter().all(|due| !due.wanted || due.is_due)
    }

    /// Seconds from `now` to the next due time of any collector that is to report; the most that there are if there is none.
    pub fn next(&self, now: u32, settings: &Settings) -> u32 {
        let mut next = u32::MAX;
        for (due, collector) in self.collectors.iter().zip(&Collector::ALL) {
            if due.wanted {
                let interval = due.interval(self.first, *collector, settings);
                next = next.min(interval.saturating_sub(now.wrapping_sub(due.last)));
            }
        }
        next
    }
}
