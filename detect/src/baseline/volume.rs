//! How much a device moves, compared with the busiest of the days that it learned, and with the busiest report of them.

use serde::{Deserialize, Serialize};

use crate::alert::{Finding, Kind};
use crate::config::Volume as Limits;

pub(super) const DAY: u32 = 24 * 60 * 60;

/// What was the most of learned days, in bytes. 0 of the last: it is not known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Busiest {
    /// Of a day, in all.
    pub day: u64,
    /// Of a day, out.
    pub day_out: u64,
    /// A second, out, in a report.
    pub second_out: u64,
}

impl Busiest {
    /// The more of each.
    pub fn max(self, other: Self) -> Self {
        Self {
            day: self.day.max(other.day),
            day_out: self.day_out.max(other.day_out),
            second_out: self.second_out.max(other.second_out),
        }
    }
}

/// What a device has moved.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Volume {
    /// When the running day began.
    began: u32,
    /// Bytes of the running day: in all, out, and out to strangers.
    today: [u64; 3],
    /// The most that was learned.
    pub busiest: Busiest,
}

/// What an event moved.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Moved {
    pub all: u64,
    pub out: u64,
    pub to_strangers: u64,
    /// Within how many seconds.
    pub within: u32,
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
            let [day, day_out, _] = self.today;
            self.busiest = self.busiest.max(Busiest {
                day,
                day_out,
                second_out: moved.out.div_ceil(moved.within.max(1).into()),
            });
        }
    }

    /// Learning is over: what comes is compared from now on.
    pub fn begin_day(&mut self, end: u32) {
        self.began = end;
        self.today = [0; 3];
    }

    /// Whether an event or the running day is too busy, against the busiest that was learned or given.
    pub fn look(&self, moved: Moved, busiest: Busiest, limits: &Limits) -> Option<Finding> {
        let limit = |factor: u16, busiest: u64| {
            let limit = busiest.saturating_mul(factor.into());
            limit.max(limits.least_bytes)
        };
        let [all, _, strangers] = self.today;
        // A report may hold what a device without a link has kept for hours.
        let at_once = match busiest.second_out {
            0 => u64::MAX,
            second => second.saturating_mul(moved.within.max(1).into()),
        };
        let to_strangers = "sent peers that it has not before";
        [
            (
                strangers,
                limit(limits.factor_strangers, busiest.day_out),
                DAY,
                to_strangers,
            ),
            (
                moved.to_strangers,
                limit(limits.factor_at_once, at_once),
                moved.within,
                to_strangers,
            ),
            (all, limit(limits.factor, busiest.day), DAY, "moved"),
        ]
        .into_iter()
        .find(|(seen, limit, ..)| seen > limit)
        .map(|(seen, limit, within, what)| {
            Finding::new(Kind::VolumeAnomaly)
                .counted(seen, limit, within)
                .with_detail(what)
        })
    }
}
