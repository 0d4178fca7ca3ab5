//! Compares Unix time with uptime: to say that it is wrong, and to go on where it is missing for a while.

use super::statistics::MessageStatistics;

/// How many seconds the two may differ from what they were: each is whole seconds of a clock of its own.
const ROUNDING: u64 = 2;

/// For how long two readings are compared with the same earlier ones, in seconds. Then clocks that drift apart begin anew.
const WINDOW: u64 = 60;

/// The readings that later ones are compared with.
#[derive(Clone, Copy, Debug)]
pub(super) struct UnixTime {
    reference: Option<Reading>,
}

#[derive(Clone, Copy, Debug)]
struct Reading {
    unix: u32,
    uptime: u64,
}

impl UnixTime {
    /// Never read.
    pub const fn new() -> Self {
        Self { reference: None }
    }

    /// The Unix time at `uptime`: what was `read`, or else what it must be by now, if it was ever known. Counts in
    /// `statistics` when what was read does not fit the time that has passed.
    pub fn at(
        &mut self,
        uptime: u64,
        read: Option<u32>,
        statistics: &mut MessageStatistics,
    ) -> Option<u32> {
        let now = read.map(|unix| Reading { unix, uptime });
        let Some(before) = self.reference else {
            self.reference = now;
            return read;
        };
        let passed = uptime.saturating_sub(before.uptime);
        let expected = u64::from(before.unix).saturating_add(passed);
        let Some(unix) = read else {
            return Some(u32::try_from(expected).unwrap_or(u32::MAX));
        };
        // A thousandth of the time beside the rounding: no clock that works is worse.
        let wrong = expected.abs_diff(u64::from(unix)) > ROUNDING + (passed >> 10);
        if wrong && unix == before.unix {
            statistics.unix_time_stood = statistics.unix_time_stood.saturating_add(passed);
        } else if wrong {
            statistics.unix_time_steps += 1;
        }
        if wrong || passed >= WINDOW {
            self.reference = now;
        }
        read
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Steps, and seconds for which it stood, of readings as pairs of uptime and Unix time.
    fn judged(readings: impl IntoIterator<Item = (u64, u32)>) -> (u64, u64) {
        let mut clock = UnixTime::new();
        let mut statistics = MessageStatistics::new();
        for (uptime, unix) in readings {
            assert_eq!(clock.at(uptime, Some(unix), &mut statistics), Some(unix));
        }
        (statistics.unix_time_steps, statistics.unix_time_stood)
    }

    #[test]
    fn a_clock_that_goes_right_is_not_remarked_upon() {
        assert_eq!(
            judged((0..100_000).map(|at| (at, 1000 + at as u32))),
            (0, 0)
        );
        // 100 seconds a million wrong, and rounded the other way every second time.
        let drifting = |at: u64| (at, (1000 + at + at / 10_000 + at % 2) as u32);
        assert_eq!(judged((0..100_000).map(drifting)), (0, 0));
        // Read once a month.
        let month = 30 * 24 * 60 * 60;
        let late = |at: u64| (at * month, (1000 + at * (month + 200)) as u32);
        assert_eq!(judged((0..100).map(late)), (0, 0));
    }

    #[test]
    fn steps_are_counted_each_and_not_what_follows() {
        let set = |at: u64| (at, if at < 50 { at } else { 1_795_000_000 + at } as u32);
        assert_eq!(judged((0..100).map(set)), (1, 0));
        let back = |at: u64| (at, if at < 50 { 20_000 + at } else { at } as u32);
        assert_eq!(judged((0..100).map(back)), (1, 0));
        let both_ways = |at: u64| (at, (20_000 + at + at % 2 * 5000) as u32);
        assert_eq!(judged((0..100).map(both_ways)), (99, 0));
    }

    #[test]
    fn a_clock_that_stands_is_told_from_one_that_steps() {
        assert_eq!(judged((0..=300).map(|at| (at, 7))), (0, 300));
        assert_eq!(
            judged([(0, 7), (u64::MAX, 7), (u64::MAX, 7)]),
            (0, u64::MAX)
        );
    }

    #[test]
    fn what_is_missing_for_a_while_is_what_it_must_be() {
        let mut clock = UnixTime::new();
        let mut statistics = MessageStatistics::new();
        let mut at = |uptime, read| clock.at(uptime, read, &mut statistics);
        assert_eq!(at(3, None), None);
        assert_eq!(at(5, Some(1000)), Some(1000));
        assert_eq!(at(9, None), Some(1004));
        assert_eq!(at(u64::MAX, None), Some(u32::MAX));
    }
}
