//! How much a device moves a day, compared with the busiest of the days that it learned.

use serde::{Deserialize, Serialize};

use crate::alert::{Finding, Kind};
use crate::config::Volume as Limits;

pub(super) const DAY: u32 = 24 * 60 * 60;

/// What a device has moved.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Volume {
    /// When the running day began.
    began: u32,
    /// Bytes of the running day: in all, out, and out to strangers.
    today: [u64; 3],
    /// The most of a learned day: in all, and out.
    pub busiest: [u64; 2],
}

/// What an event moved.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Moved {
    pub all: u64,
    pub out: u64,
    pub to_strangers: u64,
}

impl Volume {
    /// An event has moved so much. While it learns, that is what it may.
    pub fn add(&mut self, moved: Moved, end: u32, is_learning: bool) {
        if end.saturating_sub(self.began) >= DAY {
            self.began = end;
            self.today = [0; 3];
        }
        for (sum, bytes) in self
            .today
            .iter_mut()
            .zip([moved.all, moved.out, moved.to_strangers])
        {
            *sum = sum.saturating_add(bytes);
        }
        if is_learning {
            self.busiest[0] = self.busiest[0].max(self.today[0]);
            self.busiest[1] = self.busiest[1].max(self.today[1]);
        }
    }

    /// Learning is over: what comes is compared from now on.
    pub fn begin_day(&mut self, end: u32) {
        self.began = end;
        self.today = [0; 3];
    }

    /// Whether the running day is too busy, against the busiest that was learned or given.
    pub fn look(&self, busiest: [u64; 2], limits: &Limits) -> Option<Finding> {
        let least = limits.least_bytes;
        let limit = |factor: u16, busiest: u64| busiest.saturating_mul(factor.into()).max(least);
        let in_all = limit(limits.factor, busiest[0]);
        let to_strangers = limit(limits.factor_strangers, busiest[1]);
        let [all, _, strangers] = self.today;
        let found = |seen, limit, what: &str| {
            Finding::new(Kind::VolumeAnomaly)
                .counted(seen, limit, DAY)
                .with_detail(what)
        };
        if strangers > to_strangers {
            Some(found(
                strangers,
                to_strangers,
                "sent peers that it has not before",
            ))
        } else if all > in_all {
            Some(found(all, in_all, "moved"))
        } else {
            None
        }
    }
}
