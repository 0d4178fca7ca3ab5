//! What a client may take of the hub: numbers, and the pace of messages.

use std::time::{Duration, Instant};

/// What the endpoint allows. What goes beyond waits, or is cut off; others are served meanwhile.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Limits {
    /// Connections in all. Others are closed at once.
    pub connections: usize,
    /// Connections of one address that have not said yet who they are.
    pub newcomers_of_address: usize,
    /// How long a connection may take to say who it is, TLS included.
    pub introduced_within: Duration,
    /// Messages of a connection that are on their way to the journal.
    pub in_flight: usize,
    /// Their bytes.
    pub in_flight_bytes: usize,
    /// Bytes of messages of all connections on their way to the journal.
    pub journal_bytes: usize,
    /// Messages a second of a connection, over a longer time. More of them wait.
    pub messages_per_second: u32,
    /// Messages that may come at once.
    pub burst: u32,
    /// How long a client may take nothing of what it is sent.
    pub taken_within: Duration,
    /// How often it is looked whether a client is still enrolled as it was when it was let in.
    pub reviewed_every: Duration,
    /// Messages to a device that wait for it; IoT Hub has 50.
    pub messages_to_device: usize,
    /// Messages that wait for a service that is away, or slow. The oldest go first, of one that is away; one that is slow is cut off.
    pub messages_to_service: usize,
    /// Their bytes.
    pub bytes_to_service: usize,
    /// Clients for which something is kept while they are away.
    pub sessions: usize,
    /// Devices that are not enrolled, where such are admitted.
    pub unenrolled: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 10_000,
            newcomers_of_address: 100,
            introduced_within: Duration::from_secs(15),
            in_flight: 256,
            in_flight_bytes: 1 << 20,
            journal_bytes: 64 << 20,
            messages_per_second: 1000,
            burst: 2000,
            taken_within: Duration::from_secs(30),
            reviewed_every: Duration::from_secs(60),
            messages_to_device: 50,
            messages_to_service: 10_000,
            bytes_to_service: 16 << 20,
            sessions: 100_000,
            unenrolled: 10_000,
        }
    }
}

/// The longest keep-alive time that IoT Hub takes.
const LONGEST_KEEP_ALIVE: u16 = 1767;

/// How long a client may be silent: half again as long as it said, as MQTT wants it.
pub(super) fn silence(keep_alive: u16) -> Duration {
    let seconds = match keep_alive {
        0 => LONGEST_KEEP_ALIVE,
        some => some.min(LONGEST_KEEP_ALIVE),
    };
    Duration::from_secs(seconds.into()) * 3 / 2
}

/// So many in a second, over a longer time, and no more than so many at once.
#[derive(Debug)]
pub(super) struct Pace {
    /// The time that one takes.
    each: Duration,
    /// The time that a burst takes.
    burst: Duration,
    /// When all so far would have come, had they come one after the other.
    next: Instant,
}

impl Pace {
    pub fn new(per_second: u32, burst: u32, now: Instant) -> Self {
        let each = Duration::from_secs(1) / per_second.max(1);
        let burst = each * burst.max(1);
        Self {
            each,
            burst,
            next: now,
        }
    }

    /// Takes one more, if it is time.
    pub fn take(&mut self, now: Instant) -> bool {
        let is_time = self.wait(now).is_zero();
        if is_time {
            self.next = self.next.max(now) + self.each;
        }
        is_time
    }

    /// How long until it is time for one more.
    pub fn wait(&self, now: Instant) -> Duration {
        (self.next + self.each).saturating_duration_since(now + self.burst)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_is_half_again_as_long_as_said() {
        assert_eq!(silence(60), Duration::from_secs(90));
        assert_eq!(silence(1), Duration::from_millis(1500));
        assert_eq!(silence(0), silence(1767));
        assert_eq!(silence(u16::MAX), silence(1767));
    }

    #[test]
    fn a_pace_allows_bursts_and_no_more_over_time() {
        let begun = Instant::now();
        let mut pace = Pace::new(10, 5, begun);
        let taken = |pace: &mut Pace, now| (0..100).filter(|_| pace.take(now)).count();
        assert_eq!(taken(&mut pace, begun), 5);
        let wait = pace.wait(begun);
        assert_eq!(wait, Duration::from_millis(100));
        assert_eq!(taken(&mut pace, begun + wait), 1);
        assert_eq!(taken(&mut pace, begun + Duration::from_secs(60)), 5);
        // A clock that stands gives nothing.
        assert_eq!(taken(&mut pace, begun + Duration::from_secs(60)), 0);
    }
}
