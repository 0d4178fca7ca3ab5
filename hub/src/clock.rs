//! The hub's time: seconds of Unix time that never go back.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant, SystemTime},
};

/// The time by the machine's clock, and by that alone.
pub(crate) fn unix_time() -> Duration {
    SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default()
}

/// The hub's clock, which everything is stamped with.
///
/// It is the machine's, until that is set back: then it goes on at half the pace until the machine's has caught up. So nothing ever
/// happens before what it follows, and of what was seen nothing happens twice.
#[derive(Debug)]
pub(crate) struct Clock(Mutex<Pace>);

impl Clock {
    /// A clock that is at least as late as what is in the store.
    pub fn not_before(stored: u32) -> Self {
        Self(Mutex::new(Pace {
            given: Duration::from_secs(stored.into()),
            at: Instant::now(),
        }))
    }

    /// The time, in seconds of Unix time.
    pub fn now(&self) -> u32 {
        let mut pace = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = pace.tell(unix_time(), Instant::now());
        u32::try_from(now.as_secs()).unwrap_or(u32::MAX)
    }

    /// A time by the machine's clock, as this one has it: the same, unless the machine's was set back.
    pub fn adjusted(&self, received: u32) -> u32 {
        let now = self.now();
        let machine = u32::try_from(unix_time().as_secs()).unwrap_or(u32::MAX);
        received.saturating_add(now.saturating_sub(machine))
    }

    /// How far it is ahead of the machine's.
    pub fn ahead(&self) -> Duration {
        Duration::from_secs(self.now().into()).saturating_sub(unix_time())
    }
}

#[derive(Debug)]
struct Pace {
    given: Duration,
    at: Instant,
}

impl Pace {
    fn tell(&mut self, machine: Duration, at: Instant) -> Duration {
        let passed = at.saturating_duration_since(self.at);
        self.given = machine.max(self.given.saturating_add(passed / 2));
        self.at = at;
        self.given
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_set_back_slows_down_until_it_is_right_again() {
        let at = Instant::now();
        let mut pace = Pace {
            given: Duration::from_secs(1000),
            at,
        };
        let mut tell = |machine: u64, passed: u64| {
            pace.tell(
                Duration::from_secs(machine),
                at + Duration::from_secs(passed),
            )
            .as_secs()
        };
        assert_eq!(tell(1010, 10), 1010);
        // Ten minutes back.
        assert_eq!(tell(410, 10), 1010);
        assert_eq!(tell(510, 110), 1060);
        assert_eq!(tell(1010, 610), 1310);
        assert_eq!(tell(1610, 1210), 1610);
        // And an hour ahead.
        assert_eq!(tell(5210, 1211), 5210);
        assert_eq!(tell(5211, 1212), 5211);
    }

    #[test]
    fn a_clock_begins_with_what_is_stored() {
        let future = u32::try_from(unix_time().as_secs()).unwrap() + 1000;
        let clock = Clock::not_before(future);
        assert!(clock.now() >= future && clock.ahead() > Duration::from_secs(900));
        assert_eq!(Clock::not_before(0).ahead(), Duration::ZERO);
    }
}
