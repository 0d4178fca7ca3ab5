//! Which clock is believed: the device's own, or that of whoever received its messages.
//!
//! Windows run on the time and the interval that events state, so that a message about an hour offline counts as an hour. A
//! device whose clock is wrong is taken at the time of receipt, and its intervals are capped by the time between receipts: by
//! its clock it can neither hide a rate nor invent one.

use serde::{Deserialize, Serialize};

use crate::config::Clock as Limits;
use crate::seconds;

/// The first second of 2020. Nothing that reports is older; a clock that says so was never set.
const FIRST_PLAUSIBLE: u32 = 1_577_836_800;

/// Events of one collection are at most so far apart, in seconds: a time that is further back is one of a clock that was set back.
const APART: u32 = 60;

/// Why a device's clock is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum ClockFault {
    /// It does not go forward, or goes back.
    Stands,
    /// It is before 2020.
    NeverSet,
    /// It is ahead of the time of receipt.
    Ahead,
    /// It goes faster than the time of receipt.
    Gains,
}

/// The time that an event covers, as detection counts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    /// When it ends, on the device's own axis of time, which never goes back.
    pub end: u32,
    /// How long it is, in seconds.
    pub interval: u32,
    /// When it ends, for people.
    pub stated: u32,
}

/// What is known of a device's clock.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Clock {
    /// The latest end of a span.
    now: u32,
    /// The latest receipt, and the one before it.
    received: Option<u32>,
    passed: Option<u32>,
    /// The latest time that was stated and believed, and when it was received first.
    stated: Option<(u32, u32)>,
    /// How far the clock was ahead of the receipt when it was last found to keep up; negative when behind.
    reference: Option<i64>,
    /// While the receipt is below it, the clock is one that gains.
    doubted_until: u32,
    /// What stated time differs from the axis where no receipt is known, after a clock was set back.
    shift: i64,
    /// The ends of the latest two different spans of network activity.
    activity: [Option<u32>; 2],
    fault: Option<ClockFault>,
}

impl Clock {
    /// Takes note that a message has come whose latest event states `latest`, and judges the clock by it.
    pub fn receive(&mut self, received: Option<u32>, latest: Option<u32>, limits: &Limits) {
        let Some(received) = received else {
            self.fault = None;
            return;
        };
        let received = self.received.map_or(received, |last| received.max(last));
        self.passed = self.received.map(|last| received - last);
        self.received = Some(received);
        if let Some(latest) = latest {
            self.fault = self.judge(received, latest, limits);
            if self.fault.is_none() && self.stated.is_none_or(|(time, _)| time < latest) {
                self.stated = Some((latest, received));
            }
        }
    }

    fn judge(&mut self, received: u32, latest: u32, limits: &Limits) -> Option<ClockFault> {
        let tolerance = seconds(limits.tolerance);
        if latest < FIRST_PLAUSIBLE {
            return Some(ClockFault::NeverSet);
        }
        if latest > received.saturating_add(tolerance) {
            return Some(ClockFault::Ahead);
        }
        if self.stated.is_some_and(|(time, first)| {
            latest <= time && received > first.saturating_add(seconds(limits.stands_after))
        }) {
            return Some(ClockFault::Stands);
        }
        let offset = i64::from(latest) - i64::from(received);
        let reference = *self.reference.get_or_insert(offset);
        if offset > reference.saturating_add(i64::from(tolerance)) {
            self.reference = Some(offset);
            self.doubted_until = received.saturating_add(seconds(limits.believed_after));
        }
        (received < self.doubted_until).then_some(ClockFault::Gains)
    }

    /// The time that an event of the message covers.
    pub fn span(&mut self, time: u32, interval: u32, is_activity: bool) -> Span {
        let span = match (self.received, self.fault) {
            (Some(received), Some(_)) => Span {
                end: received,
                interval: self.passed.map_or(interval, |passed| interval.min(passed)),
                stated: received,
            },
            (Some(_), None) => Span {
                end: time,
                interval,
                stated: time,
            },
            (None, _) => self.unreceived(time, interval),
        };
        let end = span.end.max(self.now);
        self.now = end;
        let interval = match is_activity {
            true => span.interval.min(self.since_activity(end)),
            false => span.interval,
        };
        Span {
            end,
            interval,
            ..span
        }
    }

    /// Without a receipt the events' time goes on, also after a clock was set back.
    fn unreceived(&mut self, time: u32, interval: u32) -> Span {
        let on_axis = |shift: i64| i64::from(time).saturating_add(shift);
        if on_axis(self.shift) + i64::from(APART) < i64::from(self.now) {
            self.shift = i64::from(self.now) + i64::from(interval.min(APART)) - i64::from(time);
        }
        let end = on_axis(self.shift).clamp(0, i64::from(u32::MAX));
        Span {
            end: u32::try_from(end).unwrap_or(u32::MAX),
            interval,
            stated: time,
        }
    }

    /// Spans of network activity do not overlap: a device that states longer ones would spread what it did thinly.
    fn since_activity(&mut self, end: u32) -> u32 {
        if self.activity[0] != Some(end) {
            self.activity = [Some(end), self.activity[0]];
        }
        self.activity[1].map_or(u32::MAX, |before| end - before)
    }

    /// The time of the latest receipt; without receipts, that of the latest event.
    pub fn received(&self) -> u32 {
        self.received.unwrap_or(self.now)
    }

    /// What is wrong with the clock.
    pub fn fault(&self) -> Option<ClockFault> {
        self.fault
    }
}
