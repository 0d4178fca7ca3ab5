//! Azure's logs: what they say about devices and around a hub, as [`Signal`](crate::Signal)s.
//!
//! IoT Hub's resource log (diagnostic settings, categories Connections, C2DCommands, DirectMethods, twins, DeviceTelemetry, …) and the
//! account's activity log, as they come from a storage account, an Event Hub or `az monitor activity-log list`: a record a line, or
//! `{"records": […]}`, or a list.
//!
//! ```
//! use defender_detect::{SignalKind, azure};
//!
//! let log = azure::read(concat!(
//!     r#"{"time": "2027-01-31T12:00:00Z", "category": "DirectMethods", "operationName": "send", "#,
//!     r#""level": "Information", "properties": "{\"deviceId\":\"lobby\"}"}"#,
//! ));
//! let signal = log.signals[0].as_signal();
//! assert_eq!((signal.device, signal.what), ("lobby", SignalKind::DirectMethod));
//! ```
//!
//! Of some categories the service logs only what fails: what it does not log cannot be counted here. Its addresses are masked
//! (`192.0.2.XXX`): a source is then the network's first address.

mod activity;
mod read;
mod record;
mod resource;

pub use self::read::{Fault, Log, LogSignal, MAX_LISTED, read};
