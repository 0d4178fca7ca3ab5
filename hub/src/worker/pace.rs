//! When what has changed is written.

use std::time::{Duration, Instant};

/// How long an alert that opens or closes may wait for others.
const URGENT: Duration = Duration::from_millis(100);

/// How long everything else may wait.
const USUAL: Duration = Duration::from_secs(3);

/// Of the time, so much may be spent on writing what is not urgent.
const SHARE: u32 = 4;

/// Says when to write.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Pace {
    /// Since when something waits.
    changed: Option<Instant>,
    /// Since when something urgent waits.
    urgent: Option<Instant>,
    /// How long the last writing took.
    cost: Duration,
}

impl Pace {
    /// Something has changed.
    pub fn changed(&mut self, now: Instant, is_urgent: bool) {
        self.changed.get_or_insert(now);
        if is_urgent {
            self.urgent.get_or_insert(now);
        }
    }

    /// How long until it is time to write; `None` when there is nothing.
    pub fn due(&self, now: Instant) -> Option<Duration> {
        let usual = self
            .changed
            .map(|since| since + USUAL.max(self.cost * SHARE));
        let urgent = self.urgent.map(|since| since + URGENT);
        let due = usual.into_iter().chain(urgent).min()?;
        Some(due.saturating_duration_since(now))
    }

    /// Everything was written, which took so long.
    pub fn written(&mut self, cost: Duration) {
        *self = Self {
            cost,
            ..Self::default()
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_urgent_does_not_wait() {
        let start = Instant::now();
        let after = |millis| start + Duration::from_millis(millis);
        let mut pace = Pace::default();
        assert_eq!(pace.due(start), None);
        pace.changed(start, false);
        assert_eq!(pace.due(after(1000)), Some(USUAL - Duration::from_secs(1)));
        pace.changed(after(1000), true);
        pace.changed(after(1050), true);
        assert_eq!(pace.due(after(1050)), Some(Duration::from_millis(50)));
        assert_eq!(pace.due(after(2000)), Some(Duration::ZERO));
        pace.written(Duration::from_secs(2));
        assert_eq!(pace.due(after(2000)), None);
        // Writing that takes long happens less often.
        pace.changed(after(2000), false);
        assert_eq!(pace.due(after(2000)), Some(Duration::from_secs(8)));
    }
}
