//! The decoder: reads a security message that may come from anybody into a [`SecurityMessage`] that owns what it says.
//!
//! Reading goes through the official `flatbuffers` crate and the code that its compiler makes of `message.fbs`, because
//! that pair verifies a whole message before anything of it is used, with limits on how much verification may do, and lets
//! union members pass that the schema does not name. (`planus`, the alternative, has no such limits, refuses unknown
//! union members and does not know arrays in structs.) To make the generated code again, with the `flatc` of the version
//! that the crate has: `flatc --rust -o src/decode message.fbs`.
//!
//! Verification has a price: it takes several times as long as reading. So what devices send is read in one go that checks each access
//! (`quick`), and whatever that does not take goes through the verifier.

mod encode;
mod error;
mod event_id;
mod extent;
#[cfg(feature = "serde")]
mod json;
#[rustfmt::skip]
#[allow(clippy::all, clippy::undocumented_unsafe_blocks, missing_docs, unsafe_code, reason = "generated")]
#[allow(deprecated, mismatched_lifetime_syntaxes, unused, reason = "generated")]
mod message_generated;
mod quick;
mod stream;
mod wire;

pub use error::{DecodeError, EncodeError};
pub use event_id::{EventId, EventIdError};
pub use stream::{SecurityMessages, StreamError};

use crate::flow::Flow;
use core::net::IpAddr;

/// A security message, decoded.
///
/// With the feature `serde` it reads and writes JSON, in which flows stand in [report order](crate::flow::report_order)
/// and the time zone does not appear. An event's id may be missing there; it is then [nil](EventId::is_nil).
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct SecurityMessage {
    /// Name of the security module that sent it.
    pub security_module_id: String,
    /// Version of the security module: `major << 24 | minor << 16 | patch`.
    pub security_module_version: u32,
    /// The device's offset from UTC in hours.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub timezone: i8,
    /// The events in the order in which the message lists them.
    pub events: Vec<Event>,
}

impl SecurityMessage {
    /// A message without events, in time zone 0.
    #[must_use]
    pub fn new(security_module_id: impl Into<String>, security_module_version: u32) -> Self {
        Self {
            security_module_id: security_module_id.into(),
            security_module_version,
            timezone: 0,
            events: Vec::new(),
        }
    }

    /// Decodes the body of a security message.
    ///
    /// Any bytes may be passed. Time and memory stay within a small multiple of their number.
    ///
    /// # Errors
    /// [`DecodeError`] says what is wrong with the bytes.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        wire::decode(bytes)
    }

    /// Encodes the message to the front of `buffer` and returns its size in bytes.
    ///
    /// Decoded again, it is equal, provided that in each event all IPv4 flows come before the IPv6 flows.
    ///
    /// # Errors
    /// [`EncodeError`] when the buffer is too small, or the message has a part that cannot be encoded.
    pub fn encode_into(&self, buffer: &mut [u8]) -> Result<usize, EncodeError> {
        encode::encode_into(self, buffer)
    }

    /// Encodes the message; see [`encode_into`](Self::encode_into).
    ///
    /// # Errors
    /// [`EncodeError`] when the message has a part that cannot be encoded.
    pub fn to_bytes(&self) -> Result<Vec<u8>, EncodeError> {
        encode::to_bytes(self)
    }
}

/// An event of a security message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The event's UUID.
    pub id: EventId,
    /// When the event was collected, in seconds of Unix time.
    pub time: u32,
    /// The span of time that the event covers, in seconds.
    pub collection_interval: u32,
    /// What the event says.
    pub payload: Payload,
}

/// What an event says.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Payload {
    /// Which flows there were.
    NetworkActivity {
        /// The flows: those over IPv4 and then those over IPv6, each in the order of the message.
        flows: Vec<Flow<IpAddr>>,
    },
    /// What the device runs on. What the message leaves out is empty.
    SystemInformation {
        /// Name and version of the operating system.
        os_info: String,
        /// Name and version of the kernel.
        kernel_info: String,
        /// The hardware.
        hw_info: String,
    },
    /// The device is alive.
    Heartbeat,
    /// A kind that devices of this family do not send. Its content is not looked at.
    Other {
        /// Its number in the schema's union.
        kind: u8,
    },
}
