//! Hygiene: what would make devices and hub safer, though nothing has happened.
//!
//! A device's state remembers facts: what system information says, which services are in use, how the agent does. From these
//! [`Detector::recommendations`](crate::Detector::recommendations) says at any time what is to be recommended; so a recommendation goes
//! when its reason goes. What an IoT Hub's own settings say is in [`azure`].
//!
//! ```
//! use defender_detect::{Detector, Input, Policy, Report, hygiene::Kind};
//! use defender_message::{SecurityMessage, decode::{Event, EventId, Payload}};
//!
//! let mut detector = Detector::new(Policy::default());
//! let mut message = SecurityMessage::new("defender-iot-micro-agent", 1 << 24);
//! message.events.push(Event {
//!     id: EventId([7; 16]),
//!     time: 1_795_000_000,
//!     collection_interval: 60,
//!     payload: Payload::SystemInformation {
//!         os_info: "Azure RTOS 6.1".into(),
//!         kernel_info: String::new(),
//!         hw_info: String::new(),
//!     },
//! });
//! detector.feed(Input::Report(Report { device: "pump-7", received: None, message: &message }));
//! let recommendations = detector.recommendations();
//! assert_eq!(recommendations[0].kind, Kind::KnownVulnerabilities);
//! assert_eq!(recommendations[0].device, "pump-7");
//! ```

pub mod advisories;
pub mod azure;
mod facts;
mod kinds;
mod review;
mod services;
mod version;

use core::net::IpAddr;

use serde::Serialize;

pub use self::advisories::Advisories;
pub(crate) use self::facts::Facts;
pub use self::kinds::Kind;
pub(crate) use self::review::{Subject, review};
pub use self::version::{Product, System, Version, Versions};
use crate::alert::{Service, Severity};
use crate::hash::Hasher;

/// Something that would make a device or the hub safer.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(into = "Described")]
#[non_exhaustive]
pub struct Recommendation {
    /// Which kind; it has the title, and says what to do.
    pub kind: Kind,
    /// How bad it is.
    pub severity: Severity,
    /// The device that it is about. Empty: the hub itself.
    pub device: String,
    /// The device's security group.
    pub group: String,
    /// One sentence: why.
    pub reason: String,
    /// The service that it is about.
    pub service: Option<Service>,
    /// A peer that uses the service.
    pub peer: Option<IpAddr>,
    /// The known vulnerabilities, the worst first.
    pub advisories: Vec<Known>,
}

impl Recommendation {
    fn new(kind: Kind, reason: String) -> Self {
        Self {
            kind,
            severity: kind.severity(),
            device: String::new(),
            group: String::new(),
            reason,
            service: None,
            peer: None,
            advisories: Vec::new(),
        }
    }
}

/// A mark of credentials, such as a certificate's thumbprint or a key, for
/// [`SignalKind::Credentials`](crate::SignalKind::Credentials). They cannot be had back from it.
#[must_use]
pub fn credentials_mark(credentials: &[u8]) -> u64 {
    // 0 stands for none.
    Hasher::new(b'c').bytes(credentials).finish().max(1)
}

/// A known vulnerability of a device.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Known {
    /// Its name, such as a CVE number.
    pub id: String,
    /// Whether the device's version has it, or may have it.
    pub affected: advisories::Affected,
    /// Its CVSS base score.
    pub score: Option<f32>,
    /// What has it.
    pub product: Product,
    /// The part that has it.
    pub component: String,
    /// What goes wrong.
    pub summary: String,
    /// What a device must have or do for it to matter.
    pub needs: String,
    /// The first version that has it no more, if it is known.
    pub fixed: Option<Version>,
    /// Whether its source was read again when the file of advisories was made.
    pub checked: bool,
}

/// A recommendation as JSON has it: with the texts of its kind.
#[derive(Serialize)]
struct Described {
    #[serde(rename = "recommendation_type")]
    kind: Kind,
    severity: Severity,
    title: &'static str,
    device: String,
    group: String,
    reason: String,
    remedy: &'static str,
    service: Option<Service>,
    peer: Option<IpAddr>,
    advisories: Vec<Known>,
}

impl From<Recommendation> for Described {
    fn from(recommendation: Recommendation) -> Self {
        let kind = recommendation.kind;
        Self {
            kind,
            severity: recommendation.severity,
            title: kind.title(),
            device: recommendation.device,
            group: recommendation.group,
            reason: recommendation.reason,
            remedy: kind.remedy(),
            service: recommendation.service,
            peer: recommendation.peer,
            advisories: recommendation.advisories,
        }
    }
}
