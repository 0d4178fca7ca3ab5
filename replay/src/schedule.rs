//! When the hub comes, goes, refuses and accepts.

use std::{fmt, str::FromStr};

/// What happens between the device and its hub.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HubEvent {
    /// The hub client connects.
    Up,
    /// The hub client loses its connection.
    Down,
    /// From now on every send fails.
    Fail,
    /// From now on sends pass again.
    Pass,
}

/// Events of the hub, each at a second after the agent was enabled; in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HubSchedule {
    events: Vec<(u64, HubEvent)>,
}

/// Text that is no schedule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// An entry without `@`.
    #[error("'{0}' has no time; write it like up@0, the seconds after enable behind the @")]
    NoTime(String),
    /// An event nobody knows.
    #[error("'{0}' is no event of the hub; events are up, down, fail and ok")]
    UnknownEvent(String),
    /// A time that is no whole number of seconds.
    #[error("'{0}' is no time; it must be whole seconds after enable, 0 to {max}", max = u32::MAX)]
    NoNumber(String),
}

impl FromStr for HubSchedule {
    type Err = ScheduleError;

    fn from_str(text: &str) -> Result<Self, ScheduleError> {
        let mut events = text
            .split(',')
            .map(|entry| event(entry.trim()))
            .collect::<Result<Vec<_>, _>>()?;
        // Stable: events of the same second keep their order.
        events.sort_by_key(|(second, _)| *second);
        Ok(Self { events })
    }
}

fn event(entry: &str) -> Result<(u64, HubEvent), ScheduleError> {
    let (event, second) = entry
        .split_once('@')
        .ok_or_else(|| ScheduleError::NoTime(entry.to_owned()))?;
    let event = match event {
        "up" => HubEvent::Up,
        "down" => HubEvent::Down,
        "fail" => HubEvent::Fail,
        "ok" => HubEvent::Pass,
        other => return Err(ScheduleError::UnknownEvent(other.to_owned())),
    };
    match second.parse::<u32>() {
        Ok(second) => Ok((second.into(), event)),
        Err(_) => Err(ScheduleError::NoNumber(second.to_owned())),
    }
}

impl fmt::Display for HubSchedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (second, event)) in self.events.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            let event = match event {
                HubEvent::Up => "up",
                HubEvent::Down => "down",
                HubEvent::Fail => "fail",
                HubEvent::Pass => "ok",
            };
            write!(f, "{comma}{event}@{second}")?;
        }
        Ok(())
    }
}

impl HubSchedule {
    /// No events: the hub client is connected from the start.
    pub const fn always_up() -> Self {
        Self { events: Vec::new() }
    }

    /// Whether the hub client is connected at enable, before any event: it is, unless the first thing
    /// said about its connection is that it comes up later.
    pub fn starts_up(&self) -> bool {
        let first = self
            .events
            .iter()
            .find(|(_, event)| matches!(event, HubEvent::Up | HubEvent::Down));
        !matches!(first, Some((1.., HubEvent::Up)))
    }

    /// When the next event is due, in seconds after enable.
    pub fn next(&self) -> Option<u64> {
        self.events.first().map(|(second, _)| *second)
    }

    /// The events due up to `second` after enable, taken out of the schedule.
    pub fn due(&mut self, second: u64) -> impl Iterator<Item = HubEvent> + use<> {
        let due = self.events.partition_point(|(at, _)| *at <= second);
        let due: Vec<_> = self.events.drain(..due).collect();
        due.into_iter().map(|(_, event)| event)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(text: &str) -> HubSchedule {
        text.parse().unwrap()
    }

    #[test]
    fn events_come_in_the_order_of_their_time() {
        let mut schedule = schedule("ok@75, down@100,up@0,fail@61,up@100");
        assert_eq!(schedule.to_string(), "up@0,fail@61,ok@75,down@100,up@100");
        let mut due = |second| schedule.due(second).collect::<Vec<_>>();
        assert_eq!(due(0), [HubEvent::Up]);
        assert_eq!(due(60), []);
        assert_eq!(due(99), [HubEvent::Fail, HubEvent::Pass]);
        assert_eq!(due(100), [HubEvent::Down, HubEvent::Up]);
        assert_eq!(due(u64::MAX), []);
    }

    #[test]
    fn the_hub_is_there_from_the_start_unless_it_comes_later() {
        assert!(HubSchedule::always_up().starts_up());
        for text in ["up@0", "down@100", "fail@61,ok@75", "down@10,up@20"] {
            assert!(schedule(text).starts_up(), "{text}");
        }
        for text in ["up@100", "fail@5,up@10,down@20"] {
            assert!(!schedule(text).starts_up(), "{text}");
        }
    }

    #[test]
    fn what_is_no_schedule_is_refused() {
        for (text, expected) in [
            ("", ScheduleError::NoTime(String::new())),
            ("up", ScheduleError::NoTime("up".into())),
            ("up@0,", ScheduleError::NoTime(String::new())),
            ("away@3", ScheduleError::UnknownEvent("away".into())),
            ("up@soon", ScheduleError::NoNumber("soon".into())),
            ("up@-1", ScheduleError::NoNumber("-1".into())),
        ] {
            assert_eq!(text.parse::<HubSchedule>(), Err(expected), "{text}");
        }
    }
}
