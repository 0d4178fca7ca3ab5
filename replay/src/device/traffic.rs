//! Bytes in and out.

use defender_message::{SecurityMessage, decode::Payload};

/// Bytes of any number of flows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// To the device.
    pub bytes_in: u64,
    /// From the device.
    pub bytes_out: u64,
}

impl Traffic {
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
            let Payload::NetworkActivity { flows } = event.payload else {
                continue;
            };
            for flow in flows {
                self.bytes_in += u64::from(flow.bytes_in);
                self.bytes_out += u64::from(flow.bytes_out);
            }
        }
    }
}
