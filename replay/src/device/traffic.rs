//! Bytes in and out.

use std::{iter::Sum, ops::AddAssign};

use defender_message::{SecurityMessage, decode::Payload, flow::Flow};

/// Bytes of any number of flows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// To the device.
    pub bytes_in: u64,
    /// From the device.
    pub bytes_out: u64,
}

impl Traffic {
    /// The bytes of `flows` together.
    pub fn of<'a, A: 'a>(flows: impl IntoIterator<Item = &'a Flow<A>>) -> Self {
        let each = |flow: &Flow<A>| Self {
            bytes_in: flow.bytes_in.into(),
            bytes_out: flow.bytes_out.into(),
        };
        flows.into_iter().map(each).sum()
    }

    /// Bytes of both ways.
    pub fn total(self) -> u64 {
        self.bytes_in + self.bytes_out
    }

    /// Adds what a security message reports. What is no message reports nothing.
    pub fn add_message(&mut self, message: &[u8]) {
        let Ok(message) = SecurityMessage::decode(message) else {
            return;
        };
        for event in message.events {
            if let Payload::NetworkActivity { flows } = event.payload {
                *self += Self::of(&flows);
            }
        }
    }
}

impl AddAssign for Traffic {
    fn add_assign(&mut self, other: Self) {
        self.bytes_in += other.bytes_in;
        self.bytes_out += other.bytes_out;
    }
}

impl Sum for Traffic {
    fn sum<I: Iterator<Item = Self>>(parts: I) -> Self {
        let mut sum = Self::default();
        parts.for_each(|part| sum += part);
        sum
    }
}
