//! How fast simulated time goes.

use std::{
    fmt,
    str::FromStr,
    thread,
    time::{Duration, Instant},
};

/// How many times faster than real time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Speed {
    /// This many times faster.
    Times(f64),
    /// As fast as possible.
    Unlimited,
}

/// Text that is no speed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a speed is a number from 0.01 to 1000000, or max")]
pub struct SpeedError;

impl Default for Speed {
    /// A minute a second: three minutes of traffic make a demonstration of three seconds.
    fn default() -> Self {
        Self::Times(60.0)
    }
}

impl FromStr for Speed {
    type Err = SpeedError;

    fn from_str(text: &str) -> Result<Self, SpeedError> {
        match (text, text.parse()) {
            ("max", _) => Ok(Self::Unlimited),
            (_, Ok(factor)) if (0.01..=1e6).contains(&factor) => Ok(Self::Times(factor)),
            _ => Err(SpeedError),
        }
    }
}

impl fmt::Display for Speed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Times(factor) => write!(f, "{factor}"),
            Self::Unlimited => f.write_str("max"),
        }
    }
}

/// Keeps simulated time from running ahead.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    speed: Speed,
    skipped: u64,
    begun: Instant,
}

impl Pace {
    /// Simulated time 0 is now.
    pub fn begin(speed: Speed) -> Self {
        Self {
            speed,
            skipped: 0,
            begun: Instant::now(),
        }
    }

    /// Leaves out this many simulated seconds.
    pub fn skip(&mut self, seconds: u64) {
        self.skipped += seconds;
    }

    /// Waits until it is time for the simulated second `second`.
    pub fn wait_for(&self, second: u64) {
        thread::sleep(self.due(second).saturating_sub(self.begun.elapsed()));
    }

    /// When a simulated second is due, from the beginning.
    fn due(&self, second: u64) -> Duration {
        let lived = second.saturating_sub(self.skipped) as f64;
        match self.speed {
            Speed::Times(factor) => Duration::from_secs_f64(lived / factor),
            Speed::Unlimited => Duration::ZERO,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speeds_are_read() {
        assert_eq!("max".parse(), Ok(Speed::Unlimited));
        assert_eq!("0.5".parse(), Ok(Speed::Times(0.5)));
        assert_eq!(Speed::default().to_string().parse(), Ok(Speed::default()));
        for text in ["", "0", "-1", "nan", "inf", "fast"] {
            assert_eq!(text.parse::<Speed>(), Err(SpeedError), "{text}");
        }
    }

    #[test]
    fn seconds_are_due_at_their_time() {
        let due = |speed| Pace::begin(speed).due(180);
        assert_eq!(due(Speed::Times(60.0)), Duration::from_secs(3));
        assert_eq!(due(Speed::Times(0.01)), Duration::from_secs(18_000));
        assert_eq!(due(Speed::Unlimited), Duration::ZERO);
        let mut pace = Pace::begin(Speed::Times(60.0));
        pace.skip(100);
        pace.skip(20);
        assert_eq!(pace.due(180), Duration::from_secs(1));
    }
}
