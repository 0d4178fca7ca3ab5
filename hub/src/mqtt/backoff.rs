//! The pause before a lost connection is tried again: it grows until connections last.

use std::time::{Duration, Instant};

const FIRST: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_secs(30);

/// A connection that lasts this long is a good one: the pause after it is short again.
const LASTING: Duration = Duration::from_secs(20);

/// How long to wait before the next try.
#[derive(Debug)]
pub(super) struct Backoff {
    next: Duration,
    connected: Option<Instant>,
}

impl Backoff {
    pub fn new() -> Self {
        Self {
            next: FIRST,
            connected: None,
        }
    }

    /// A connection came about.
    pub fn connected(&mut self, now: Instant) {
        self.connected = Some(now);
    }

    /// There is no connection, or no longer: how long to wait.
    pub fn failed(&mut self, now: Instant) -> Duration {
        let lasted = self.connected.take().map(|begun| now - begun);
        if lasted.is_some_and(|lasted| lasted >= LASTING) {
            self.next = FIRST;
        }
        let pause = self.next;
        self.next = (self.next * 2).min(LONGEST);
        pause
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_until_a_connection_lasts() {
        let mut backoff = Backoff::new();
        let mut now = Instant::now();
        let pauses: Vec<_> = (0..8)
            .map(|_| {
                // What is lost right away does not count.
                backoff.connected(now);
                backoff.failed(now).as_millis()
            })
            .collect();
        assert_eq!(
            pauses,
            [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]
        );
        backoff.connected(now);
        now += LASTING;
        assert_eq!(backoff.failed(now), FIRST);
        assert_eq!(backoff.failed(now), 2 * FIRST);
    }
}
