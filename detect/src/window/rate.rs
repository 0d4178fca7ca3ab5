//! How much a minute: bytes or connections, by host.
//!
//! A minute that slides is made of the minute that runs and the one before it, of which as much counts as is still within
//! it. What an event says about longer than a minute is spread over its interval.

use serde::{Deserialize, Serialize};

/// The most things that are counted at once. When there are more, the slowest gives way.
const CAPACITY: usize = 24;

const MINUTE: u32 = 60;

/// Rates of a device.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Rates {
    counters: Vec<Counter>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Counter {
    of: u32,
    /// When the running minute began.
    began: u32,
    running: u32,
    before: u32,
}

impl Rates {
    /// Adds an amount that took the `interval` seconds up to `end`; returns how much there was in the minute up to then.
    pub fn add(&mut self, of: u32, amount: u64, end: u32, interval: u32) -> u32 {
        self.counters
            .retain(|counter| end.saturating_sub(counter.began) < 2 * MINUTE);
        let mut counter = match self.counters.iter().position(|counter| counter.of == of) {
            Some(at) => self.counters.remove(at),
            None => Counter::new(of, end),
        };
        counter.add(amount, end, interval);
        // What came within a minute is within the last one as a whole, wherever minutes begin.
        let alone = u128::from(amount) * u128::from(MINUTE) / u128::from(interval.max(MINUTE));
        let rate = counter
            .rate(end)
            .max(u32::try_from(alone).unwrap_or(u32::MAX));
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
            began: end - end % MINUTE,
            running: 0,
            before: 0,
        }
    }

    fn add(&mut self, amount: u64, end: u32, interval: u32) {
        let began = (end - end % MINUTE).max(self.began);
        match began - self.began {
            0 => {}
            MINUTE => self.before = core::mem::take(&mut self.running),
            _ => (self.before, self.running) = (0, 0),
        }
        self.began = began;
        // How much of the interval lies in the running minute, and how much in the one before.
        let running = interval.min(end - began);
        let before = (interval - running).min(MINUTE);
        let part = |seconds: u32| match interval {
            0 => amount,
            _ => u64::try_from(u128::from(amount) * u128::from(seconds) / u128::from(interval))
                .unwrap_or(u64::MAX),
        };
        let earlier = match interval {
            0 => 0,
            _ => part(before),
        };
        let now = match interval <= running + before {
            // Nothing is lost to rounding.
            true => amount - earlier,
            false => part(running),
        };
        add(&mut self.before, earlier);
        add(&mut self.running, now);
    }

    fn rate(&self, end: u32) -> u32 {
        let remaining = MINUTE.saturating_sub(end.saturating_sub(self.began));
        let before = u64::from(self.before) * u64::from(remaining) / u64::from(MINUTE);
        saturate(u64::from(self.running) + before)
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
