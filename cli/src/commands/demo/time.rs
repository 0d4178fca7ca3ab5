//! The fleet's time: five minutes in fast motion that end now, and from there on as it is.

use std::time::{Duration, Instant, SystemTime};

use crate::pace::Speed;

/// How much of its time the fleet is shown, in seconds.
pub const SHOWN: u32 = 300;

/// When the fleet's seconds come.
#[derive(Clone, Copy, Debug)]
pub struct FleetTime {
    start: u32,
    speed: Speed,
    begun: Instant,
}

impl FleetTime {
    /// It begins now.
    pub fn begin(speed: Speed) -> Self {
        let now = u32::try_from(unix_time().as_secs()).unwrap_or(u32::MAX);
        let takes = u32::try_from(fast_motion(speed, SHOWN).as_secs()).unwrap_or(SHOWN);
        Self {
            start: now.saturating_sub(SHOWN).saturating_add(takes),
            speed,
            begun: Instant::now(),
        }
    }

    /// With which second of Unix time it begins.
    pub fn start(&self) -> u32 {
        self.start
    }

    /// With which it is the same as everybody's.
    pub fn end(&self) -> u32 {
        self.start.saturating_add(SHOWN)
    }

    /// How long it is until then.
    pub fn until(&self, second: u32) -> Duration {
        if second > self.end() {
            return Duration::from_secs(second.into()).saturating_sub(unix_time());
        }
        fast_motion(self.speed, second.saturating_sub(self.start))
            .saturating_sub(self.begun.elapsed())
    }
}

/// How long so many seconds take.
fn fast_motion(speed: Speed, seconds: u32) -> Duration {
    match speed {
        Speed::Times(factor) => Duration::from_secs(seconds.into()).div_f64(factor),
        Speed::Unlimited => Duration::ZERO,
    }
}

fn unix_time() -> Duration {
    SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fast_motion_ends_now() {
        for (speed, seconds) in [
            (Speed::Times(30.0), 10),
            (Speed::Times(1.0), 300),
            (Speed::Unlimited, 0),
        ] {
            let time = FleetTime::begin(speed);
            let now = u32::try_from(unix_time().as_secs()).unwrap();
            // The two clocks were read one after the other.
            let error = i64::from(time.end()) - i64::from(now) - seconds;
            assert!((-1..=0).contains(&error), "{speed}: {error}");
            let left = time.until(time.end()).as_secs_f64();
            assert!((left - seconds as f64).abs() < 1.0, "{speed}: {left}");
            let later = time.until(time.end() + 100).as_secs_f64();
            assert!(
                (later - seconds as f64 - 100.0).abs() < 2.0,
                "{speed}: {later}"
            );
        }
    }
}
