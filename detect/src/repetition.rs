//! The same event of a device counts once, also when it comes again after a restart of device or hub.
//!
//! Hubs deliver at least once, so messages repeat. An event is told by its id and its time: some agents begin with the
//! same ids after every boot. Remembered are the latest ones; repetitions follow soon after what they repeat.

use std::collections::VecDeque;

use defender_message::decode::Event;
use serde::{Deserialize, Serialize};

use crate::hash::Hasher;

/// How many events are remembered: of a device that sends two in every message, those of eight minutes.
const REMEMBERED: usize = 96;

/// The latest events of a device.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Repetition {
    latest: VecDeque<u32>,
}

impl Repetition {
    /// Whether the event has not been there before. One without id, as some texts have it, is always new.
    pub fn is_new(&mut self, event: &Event) -> bool {
        let Some(hash) = hash(event) else {
            return true;
        };
        if self.latest.contains(&hash) {
            return false;
        }
        if self.latest.len() == REMEMBERED {
            self.latest.pop_front();
        }
        self.latest.push_back(hash);
        true
    }

    /// Whether the event has been there before.
    pub fn knows(&self, event: &Event) -> bool {
        hash(event).is_some_and(|hash| self.latest.contains(&hash))
    }

    /// Whether it is no longer than it gets by itself.
    pub fn is_bounded(&self) -> bool {
        self.latest.len() <= REMEMBERED
    }
}

/// What an event is told by; `None` when it has no id.
fn hash(event: &Event) -> Option<u32> {
    let has_id = event.id.0 != [0; 16];
    has_id.then(|| {
        Hasher::new(b'e')
            .bytes(&event.id.0)
            .number(event.time.into())
            .finish32()
    })
}
