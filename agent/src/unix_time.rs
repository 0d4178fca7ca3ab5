//! Compares Unix time with uptime: to say that it is wrong, and to go on where it is missing for a while.

use super::statistics::MessageStatistics;

/// How many seconds the two may differ from what they were: each is whole seconds of a clock of its own.
const ROUNDING: u32 = 2;

/// For how long two readings are compared with the same earlier ones, in seconds. Then clocks that drift apart begin anew.
const WINDOW: u32 = 60;

/// The reading that later ones are compared with.
#[derive(Clone, Copy, Debug)]
pub(super) struct UnixTime {
    is_known: bool,
    unix: u32,
    /// Seconds of uptime since it was read.
    age: u32,
}

impl UnixTime {
    /// Never read.
    pub const fn new() -> Self {
        Self {
            is_known: false,
            unix: 0,
            age: 0,
        }
    }

    /// The Unix time, `passed` seconds of uptime after the last look at it: what was `read`, or else what it must be by now, if it was
    /// ever known. Counts in `statistics` when what was read does not fit the time that has passed.
    pub fn at(
        &mut self,
        passed: u32,
        read: Option<u32>,
        statistics: &mut MessageStatistics,
    ) -> Option<u32> {
        self.age = self.age.saturating_add(passed);
        let expected = self.unix.checked_add(self.age);
        let Some(unix) = read else {
            return self.is_known.then_some(expected.unwrap_or(u32::MAX));
        };
        // A thousandth of the time beside the rounding: no clock that works is worse.
        let most = ROUNDING + (self.age >> 10);
        let fits = expected.is_some_and(|expected| expected.abs_diff(unix) <= most);
        if self.is_known && !fits {
            if unix == self.unix {
                statistics.unix_time_stood += u64::from(self.age);
            } else {
                statistics.unix_time_steps += 1;
            }
        }
        if !self.is_known || !fits || self.age >= WINDOW {
            *self = Self {
                is_known: true,
                unix,
                age: 0,
            };
        }
        read
    }

    /// Whether what was read last fits the time that has passed since it was read before.
    pub fn fits(&self) -> bool {
        self.age > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Steps, and seconds for which it stood, of readings as pairs of uptime and Unix time.
    fn judged(readings: impl IntoIterator<Item = (u32, u32)>) -> (u64, u64) {
        let mut clock = UnixTime::new();
        let mut statistics = MessageStatistics::new();
        let mut last = 0;
        for (uptime, unix) in readings {
            let passed = uptime - core::mem::replace(&mut last, uptime);
            assert_eq!(clock.at(passed, Some(unix), &mut statistics), Some(unix));
        }
        (statistics.unix_time_steps, statistics.unix_time_stood)
    }

    #[test]
    fn a_clock_that_goes_right_is_not_remarked_upon() {
        assert_eq!(judged((0..100_000).map(|at| (at, 1000 + at))), (0, 0));
        // 100 seconds a million wrong, and rounded the other way every second time.
        let drifting = |at: u32| (at, 1000 + at + at / 10_000 + at % 2);
        assert_eq!(judged((0..100_000).map(drifting)), (0, 0));
        // Read once a month.
        let month = 30 * 24 * 60 * 60;
        let late = |at: u32| (at * month, 1000 + at * (month + 200));
        assert_eq!(judged((0..100).map(late)), (0, 0));
    }

    #[test]
    fn steps_are_counted_each_and_not_what_follows() {
        let set = |at: u32| (at, if at < 50 { at } else { 1_795_000_000 + at });
        assert_eq!(judged((0..100).map(set)), (1, 0));
        let back = |at: u32| (at, if at < 50 { 20_000 + at } else { at });
        assert_eq!(judged((0..100).map(back)), (1, 0));
        let both_ways = |at: u32| (at, 20_000 + at + at % 2 * 5000);
        assert_eq!(judged((0..100).map(both_ways)), (99, 0));
    }

    #[test]
    fn a_clock_that_stands_is_told_from_one_that_steps() {
        assert_eq!(judged((0..=300).map(|at| (at, 7))), (0, 300));
        assert_eq!(
            judged([(0, 7), (u32::MAX, 7), (u32::MAX, 7)]),
            (0, u32::MAX.into())
        );
    }

    #[test]
    fn what_is_missing_for_a_while_is_what_it_must_be() {
        let mut clock = UnixTime::new();
        let mut statistics = MessageStatistics::new();
        let mut after = |passed, read| clock.at(passed, read, &mut statistics);
        assert_eq!(after(3, None), None);
        assert_eq!(after(2, Some(1000)), Some(1000));
        assert_eq!(after(4, None), Some(1004));
        assert_eq!(after(u32::MAX, None), Some(u32::MAX));
    }
}
