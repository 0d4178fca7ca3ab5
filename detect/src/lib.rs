//! Detection on security messages: attacks, rules, threat lists, alerts. Pure: no I/O, no clock.

pub mod alert;
pub mod azure;
pub mod config;
pub mod exceptions;
pub mod groups;
pub mod input;
mod json;
pub mod place;
pub mod policy;
pub mod rules;
pub mod threats;

pub use alert::{Alert, Change, ChangeEvent, Kind, Severity};
pub use config::Config;
pub use input::{Input, Report, Signal, SignalKind};
pub use policy::Policy;
