//! Turns readings of the Unix time into a time that only goes forward.

/// How much longer than expected may pass between two readings before it counts as a step of the clock.
const PATIENCE: u32 = 60 * 60;

/// Seconds since the agent was enabled, whatever the Unix time does.
///
/// Unix time jumps when a device learns it from the network: from 1970 to today, or back a little. Time that
/// nobody lived through must not look like a long offline period.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    unix: u32,
    uptime: u32,
    /// When the next reading was due at the latest, in seconds after the last one.
    expected: u32,
}

/// A reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Now {
    /// Unix time, for those who read the messages.
    pub unix: u32,
    /// Seconds since the first reading, for every decision.
    pub uptime: u32,
    /// The Unix time jumped: back, or far ahead.
    pub stepped: bool,
}

impl Clock {
    pub const fn new(unix: u32) -> Self {
        Self {
            unix,
            uptime: 0,
            expected: 0,
        }
    }

    /// Says that the next reading may take `seconds` to come.
    pub fn expect_reading_within(&mut self, seconds: u32) {
        self.expected = seconds;
    }

    pub fn read(&mut self, unix: u32) -> Now {
        let passed = unix.checked_sub(self.unix);
        let plausible = passed.filter(|&passed| passed <= self.expected.saturating_add(PATIENCE));
        self.unix = unix;
        self.uptime = self.uptime.saturating_add(plausible.unwrap_or(1));
        Now {
            unix,
            uptime: self.uptime,
            stepped: plausible.is_none(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_passes_as_the_unix_time_says() {
        let mut clock = Clock::new(1000);
        assert_eq!(clock.read(1000).uptime, 0);
        let now = clock.read(1007);
        assert_eq!((now.unix, now.uptime, now.stepped), (1007, 7, false));
    }

    #[test]
    fn a_jump_back_or_far_ahead_is_a_step_of_one_second() {
        let mut clock = Clock::new(1000);
        let back = clock.read(400);
        assert_eq!((back.unix, back.uptime, back.stepped), (400, 1, true));
        let ahead = clock.read(1_795_000_000);
        assert_eq!((ahead.uptime, ahead.stepped), (2, true));
        assert!(!clock.read(1_795_000_001).stepped);
    }

    #[test]
    fn a_long_wait_that_was_expected_is_no_step() {
        let mut clock = Clock::new(0);
        clock.expect_reading_within(30 * 24 * 60 * 60);
        let now = clock.read(30 * 24 * 60 * 60);
        assert_eq!((now.uptime, now.stepped), (2_592_000, false));
    }
}
