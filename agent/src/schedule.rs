//! When each collector is due.

use super::settings::{Collector, Settings};

/// The due times of the collectors, on grids that start at the first collection.
///
/// A due time that passes while nothing can be sent is remembered, and the grid goes on as if nothing had
/// happened.
#[derive(Clone, Copy, Debug)]
pub(super) struct Schedule {
    /// When everything is due for the first time, in seconds of uptime.
    first: u64,
    collectors: [Due; Collector::COUNT],
}

#[derive(Clone, Copy, Debug)]
struct Due {
    /// The last grid point that has passed.
    last: Option<u64>,
    /// The first grid point that has passed since the collector was collected.
    since: Option<u64>,
    /// Whether it was to report when time was last moved on.
    wanted: bool,
}

impl Due {
    const NEVER: Self = Self {
        last: None,
        since: None,
        wanted: false,
    };
}

impl Schedule {
    /// Nothing is ever due.
    pub const fn none() -> Self {
        Self {
            first: 0,
            collectors: [Due::NEVER; Collector::COUNT],
        }
    }

    /// Everything is due at `first`.
    pub fn start(&mut self, first: u64) {
        *self = Self {
            first,
            collectors: [Due {
                wanted: true,
                ..Due::NEVER
            }; Collector::COUNT],
        };
    }

    /// Moves to `uptime`. The last point at which a collector became due since the last time, however late that is noticed;
    /// collectors that are not wanted only keep their grid, and are no longer due if they were.
    pub fn advance(
        &mut self,
        uptime: u64,
        settings: &Settings,
        mut wanted: impl FnMut(Collector) -> bool,
    ) -> Option<u64> {
        let mut became_due = None;
        for (due, collector) in self.collectors.iter_mut().zip(Collector::ALL) {
            let was_wanted = core::mem::replace(&mut due.wanted, wanted(collector));
            if !due.wanted {
                due.since = None;
            }
            let interval = settings.interval_seconds(settings.collector_priority(collector));
            // A grid that reaches the end of time has no further point.
            let next = match due.last {
                None => Some(self.first),
                Some(last) => last.checked_add(interval.into()),
            };
            let Some(late) = next.and_then(|next| uptime.checked_sub(next)) else {
                continue;
            };
            // One that was left for more than a century begins anew: no division of 64 bits for that.
            let late = u32::try_from(late).unwrap_or(0);
            let beyond = late.checked_rem(interval).unwrap_or(0);
            let point = uptime - u64::from(beyond);
            due.last = Some(point);
            // A point that passed before a collector was turned on is none of its own.
            if due.wanted && (was_wanted || point == uptime) {
                due.since.get_or_insert(point);
                became_due = became_due.max(Some(point));
            }
        }
        became_due
    }

    /// Since when a collector has been due, if it is; from now on it is not.
    pub fn take_due(&mut self, collector: Collector) -> Option<u64> {
        self.collectors[collector as usize].since.take()
    }

    /// Whether a collector was to report when time was last moved on.
    pub fn wanted(&self, collector: Collector) -> bool {
        self.collectors[collector as usize].wanted
    }

    /// Whether every collector that is to report is due.
    pub fn is_all_due(&self) -> bool {
        self.collectors
            .iter()
            .all(|due| !due.wanted || due.since.is_some())
    }

    /// Seconds from `uptime` to the next due time of any collector that is to report, if there is one.
    pub fn next(&self, uptime: u64, settings: &Settings) -> Option<u64> {
        Collector::ALL
            .into_iter()
            .filter(|&collector| self.wanted(collector))
            .map(|collector| {
                let interval = settings.interval_seconds(settings.collector_priority(collector));
                let last = self.collectors[collector as usize].last;
                let next = last.map_or(self.first, |last| last.saturating_add(interval.into()));
                next.saturating_sub(uptime)
            })
            .min()
    }
}
