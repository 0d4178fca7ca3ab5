//! Detection on security messages: attacks, rules, threat lists, alerts. Pure: no I/O, no clock.
//!
//! A [`Detector`] is fed reports, signals and time in one ordered stream, and says what changed:
//!
//! ```
//! use defender_detect::{Detector, Input, Policy, Report};
//! use defender_message::SecurityMessage;
//!
//! let mut detector = Detector::new(Policy::default());
//! let message = SecurityMessage::new("defender-iot-micro-agent", 1 << 24);
//! let report = Report {
//!     device: "pump-7",
//!     received: Some(1_795_000_000),
//!     message: &message,
//! };
//! assert!(detector.feed(Input::Report(report)).is_empty());
//! ```
//!
//! ```text
//! Input ─▶ Detector ─▶ Device: state of one device, bytes and back (state)
//!                        time        which clock is believed
//!                        repetition  the same event counts once
//!                        roles       who opened a flow, which port serves
//!                        attacks     a file each ─▶ Finding
//!                        baseline    what is normal ─▶ Finding; Lesson ─▶ its group
//!                        liveness, origins
//!                        hygiene     facts ─▶ Recommendation, when asked
//!                        alert       fingerprint, count, life ─▶ Change
//! ```
//!
//! What decides ([`Policy`]) is apart from what is remembered, and is exchanged while detection runs.

#![forbid(unsafe_code)]

pub mod alert;
mod attacks;
pub mod azure;
pub mod baseline;
pub mod config;
mod counts;
mod detector;
mod device;
pub mod duration;
pub mod exceptions;
pub mod groups;
mod hash;
pub mod hygiene;
pub mod input;
mod json;
mod liveness;
pub mod mud;
mod network;
pub mod ocsf;
mod origins;
pub mod place;
pub mod policy;
mod repetition;
mod roles;
pub mod rules;
mod state;
pub mod threats;
mod time;
pub mod toml_file;
mod window;

pub use alert::{Alert, Change, ChangeEvent, Kind, Severity};
pub use config::Config;
pub use detector::{Detector, HUB, Position, State};
pub use input::{Input, Report, Signal, SignalKind};
pub use policy::Policy;
pub use roles::likely_service;
pub use state::{MOST_BYTES, MOST_GROUP_BYTES, StateError};
pub use time::ClockFault;

/// Whole seconds, as events state time.
fn seconds(duration: core::time::Duration) -> u32 {
    u32::try_from(duration.as_secs()).unwrap_or(u32::MAX)
}
