//! When each collector is due.

use super::clock::Now;
use super::settings::{Collector, Settings};

/// The due times of the collectors, on grids that start at the first collection.
///
/// A due time that passes while nothing can be sent is remembered, and the grid goes on as if nothing had
/// happened. When the clock steps, nobody knows how much of an interval has passed, so every collector that has a
/// grid is due; one that waits for its first collection goes on waiting. Otherwise the devices of a fleet that boots
/// together, and gets the time at the same moment, would send at the same moment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Schedule {
    /// When everything is due for the first time, in seconds of uptime.
    first: u32,
    collectors: [Due; Collector::ALL.len()],
}

#[derive(Clone, Copy, Debug)]
struct Due {
    /// The last grid point that has passed.
    last: Option<u32>,
    /// The first grid point that has passed since the collector was collected.
    since: Option<u32>,
    /// Whether it was to report when time was last moved on.
    wanted: bool,
}

impl Schedule {
    pub const fn new(first: u32) -> Self {
        let never = Due {
            last: None,
            since: None,
            wanted: true,
        };
        Self {
            first,
            collectors: [never; Collector::ALL.len()],
        }
    }

    /// Moves to `now`. True when a collector became due; those that are not wanted only keep their grid, and are no longer
    /// due if they were.
    pub fn advance(
        &mut self,
        now: Now,
        settings: &Settings,
        wanted: impl Fn(Collector) -> bool,
    ) -> bool {
        let mut became_due = false;
        for (due, collector) in self.collectors.iter_mut().zip(Collector::ALL) {
            let was_wanted = core::mem::replace(&mut due.wanted, wanted(collector));
            if !due.wanted {
                due.since = None;
            }
            let interval = settings.interval_seconds(settings.collector_priority(collector));
            let next = due
                .last
                .map_or(self.first, |last| last.saturating_add(interval));
            let point = if now.stepped && due.last.is_some() {
                now.uptime
            } else if now.uptime >= next {
                now.uptime - (now.uptime - next) % interval
            } else {
                continue;
            };
            due.last = Some(point);
            // A point that passed before a collector was turned on is none of its own.
            if due.wanted && (was_wanted || point == now.uptime) {
                due.since.get_or_insert(point);
                became_due = true;
            }
        }
        became_due
    }

    /// Since when a collector has been due, if it is; from now on it is not.
    pub fn take_due(&mut self, collector: Collector) -> Option<u32> {
        self.collectors[collector.index()].since.take()
    }

    /// Whether a collector was to report when time was last moved on.
    pub fn wanted(&self, collector: Collector) -> bool {
        self.collectors[collector.index()].wanted
    }

    /// Seconds from `uptime` to the next due time of any collector that is to report, if there is one.
    pub fn next(&self, uptime: u32, settings: &Settings) -> Option<u32> {
        Collector::ALL
            .into_iter()
            .filter(|&collector| self.wanted(collector))
            .map(|collector| {
                let interval = settings.interval_seconds(settings.collector_priority(collector));
                let last = self.collectors[collector.index()].last;
                let next = last.map_or(self.first, |last| last.saturating_add(interval));
                next.saturating_sub(uptime)
            })
            .min()
    }
}
