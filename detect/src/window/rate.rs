//! How much a minute: bytes or connections, by host.
//!
//! A minute that slides is made of parts of ten seconds: the one that runs, the five before it, and of the one before these as much as is
//! still within it. What an event says about longer is spread over its interval.

use serde::{Deserialize, Serialize};

/// The most things that are counted at once. When there are more, the slowest gives way.
const CAPACITY: usize = 24;

const MINUTE: u32 = 60;

/// Seconds of a part, and how many of them a minute reaches into.
const PART: u32 = 10;
const PARTS: usize = 7;

/// Rates of a device.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Rates {
    counters: Vec<Counter>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Counter {
    of: u32,
    /// When the running part began.
    began: u32,
    /// The latest first.
    parts: [u32; PARTS],
}

impl Rates {
    /// Adds an amount that took the `interval` seconds up to `end`; returns how much there was in the minute up to then.
    pub fn add(&mut self, of: u32, amount: u64, end: u32, interval: u32) -> u32 {
        self.counters
            .retain(|counter| end.saturating_sub(counter.began) < MINUTE + PART);
        let mut counter = match self.counters.iter().position(|counter| counter.of == of) {
            Some(at) => self.counters.remove(at),
            None => Counter::new(of, end),
        };
        counter.add(amount, end, interval);
        // What came within a minute is within the last one as a whole, wherever minutes begin.
        let alone = share(amount, MINUTE, interval.max(MINUTE));
        let rate = counter.rate(end).max(saturate(alone));
        self.counters.push(counter);
        if self.counters.len() > CAPACITY {
            let slowest = self
                .counters
                .iter()
                .enumerate()
                .min_by_key(|(_, counter)| counter.rate(end))
                .map(|(at, _)| at);
            self.counters.remove(slowest.unwrap_or(0));
        }
        rate
    }

    /// Whether it is no longer than it gets by itself.
    pub fn is_valid(&self) -> bool {
        self.counters.len() <= CAPACITY
    }
}

impl Counter {
    fn new(of: u32, end: u32) -> Self {
        Self {
            of,
            began: end - end % PART,
            parts: [0; PARTS],
        }
    }

    fn add(&mut self, amount: u64, end: u32, interval: u32) {
        let began = (end - end % PART).max(self.began);
        let passed = usize::try_from((began - self.began) / PART).unwrap_or(PARTS);
        self.parts.rotate_right(passed.min(PARTS));
        self.parts[..passed.min(PARTS)].fill(0);
        self.began = began;
        let (mut left, mut seconds) = (amount, interval);
        for (at, part) in self.parts.iter_mut().enumerate() {
            // An event at the very beginning of a part is about the one before it.
            let room = match at {
                0 => end.saturating_sub(began),
                _ => PART,
            };
            let share = match seconds {
                0 => left,
                _ => share(left, room.min(seconds), seconds),
            };
            add(part, share);
            left -= share;
            seconds = seconds.saturating_sub(room);
            if left == 0 {
                break;
            }
        }
    }

    fn rate(&self, end: u32) -> u32 {
        let passed = end.saturating_sub(self.began);
        let oldest = u64::from(self.parts[PARTS - 1]);
        let oldest = oldest * u64::from(PART.saturating_sub(passed)) / u64::from(PART);
        let parts = self.parts[..PARTS - 1].iter();
        saturate(parts.map(|part| u64::from(*part)).sum::<u64>() + oldest)
    }
}

/// As much of an amount as so many of its seconds have.
fn share(amount: u64, seconds: u32, of: u32) -> u64 {
    match amount.checked_mul(seconds.into()) {
        Some(product) => product / u64::from(of),
        None => {
            let share = u128::from(amount) * u128::from(seconds) / u128::from(of);
            u64::try_from(share).unwrap_or(u64::MAX)
        }
    }
}

fn add(counter: &mut u32, amount: u64) {
    *counter = saturate(u64::from(*counter).saturating_add(amount));
}

fn saturate(amount: u64) -> u32 {
    u32::try_from(amount).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_steady_rate_is_reported_as_it_is() {
        let mut rates = Rates::default();
        let mut rate = 0;
        for step in 1..=60 {
            rate = rates.add(1, 1000, 1_000_003 + 10 * step, 10);
        }
        assert!((5900..=6100).contains(&rate), "{rate}");
    }

    #[test]
    fn what_began_within_the_minute_counts_whole() {
        for begin in 1_000_000..1_000_060 {
            let mut rates = Rates::default();
            let seen: Vec<_> = (1..=6)
                .map(|step| rates.add(1, 100, begin + 10 * step, 10))
                .collect();
            // What is at the edge of a part counts as spread over it.
            let least = |step: u32| if step == 6 { 500 } else { 100 * step };
            for (rate, step) in seen.into_iter().zip(1..) {
                assert!(
                    (least(step)..=100 * step).contains(&rate),
                    "{rate} at {step}"
                );
            }
        }
    }

    #[test]
    fn an_hour_in_one_event_counts_as_an_hour() {
        let mut rates = Rates::default();
        let rate = rates.add(1, 600_000, 1_000_030, 3600);
        assert_eq!(rate, 10_000);
    }

    #[test]
    fn a_burst_counts_as_a_whole_wherever_minutes_begin() {
        for end in 1_000_000..1_000_060 {
            let mut rates = Rates::default();
            let rate = rates.add(1, 10_000, end, 10);
            assert_eq!(rate, 10_000, "at {end}");
            assert_eq!(rates.add(1, 0, end + 120, 10), 0);
        }
    }

    #[test]
    fn extremes_neither_overflow_nor_take_memory() {
        let mut rates = Rates::default();
        for of in 0..1000 {
            let _ = rates.add(of, u64::MAX, u32::MAX, of % 2 * u32::MAX);
        }
        assert_eq!(rates.add(5, u64::MAX, u32::MAX, 1), u32::MAX);
        assert!(rates.is_valid());
    }
}
