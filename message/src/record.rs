//! A security message and what is known about its way: the objects that `watch`, `replay` and `decode` write, one a line.

use crate::SecurityMessage;
use serde::{Deserialize, Serialize};

/// A security message with where it came from and when.
///
/// As JSON it is one object: the fields of [`SecurityMessage`] stand beside those here, and what is not known is left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Record {
    /// The device that sent it, with `/` and the module's name behind it if a module did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// When it was received, in seconds of Unix time: at the hub's side in real life, at the replayed hub in a replay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received: Option<u64>,
    /// How many bytes it had on the wire.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<usize>,
    /// What it says.
    #[serde(flatten)]
    pub message: SecurityMessage,
}

impl Record {
    /// A message of which nothing else is known.
    #[must_use]
    pub fn new(message: SecurityMessage) -> Self {
        Self {
            device: None,
            received: None,
            bytes: None,
            message,
        }
    }

    /// The same, sent by `device`.
    #[must_use]
    pub fn from_device(mut self, device: impl Into<String>) -> Self {
        self.device = Some(device.into());
        self
    }

    /// The same, received at a second of Unix time.
    #[must_use]
    pub fn received_at(mut self, seconds: u64) -> Self {
        self.received = Some(seconds);
        self
    }

    /// The same, with its size on the wire.
    #[must_use]
    pub fn of_bytes(mut self, bytes: usize) -> Self {
        self.bytes = Some(bytes);
        self
    }
}

impl From<SecurityMessage> for Record {
    fn from(message: SecurityMessage) -> Self {
        Self::new(message)
    }
}
