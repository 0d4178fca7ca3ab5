//! Alerts: what they say, which kinds there are, and how one lives.

mod finding;
mod fingerprint;
mod kinds;
mod life;
mod sentence;

use core::fmt;
use core::net::IpAddr;

use defender_message::flow::{Flow, Protocol};
use serde::{Deserialize, Serialize};

pub(crate) use finding::Finding;
pub use kinds::{Kind, Peers};
pub(crate) use life::{Alerts, Now};

/// How bad it is. Ordered: `High` is the greatest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Severity {
    /// Worth knowing; nobody need act.
    Informational,
    /// Look at it when there is time.
    Low,
    /// Look at it today.
    Medium,
    /// Act now.
    High,
}

impl Severity {
    /// Its name: `"Informational"`, `"Low"`, `"Medium"` or `"High"`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Informational => "Informational",
            Self::Low => "Low",
            Self::Medium => "Medium",
            Self::High => "High",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

/// What happened to an alert. Every change is told once.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// What happened.
    pub event: ChangeEvent,
    /// The alert as it stands after it.
    pub alert: Alert,
}

/// What can happen to an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChangeEvent {
    /// It is new.
    Raised,
    /// It goes on: its count has reached the next power of ten, it has become more severe, or has found another victim.
    Again,
    /// Nothing of it for the quiet time, or an exception covers it now.
    Closed,
}

/// An alert as a person or another system is told of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "kinds::Described", into = "kinds::Described")]
#[non_exhaustive]
pub struct Alert {
    /// The same for every change of this alert, and never used again: a fingerprint and the number of its opening.
    pub id: String,
    /// Which kind of alert; it has the title, and says what to do.
    pub kind: Kind,
    /// How bad it is.
    pub severity: Severity,
    /// The device that it is about. Empty: the hub itself.
    pub device: String,
    /// The device's security group.
    pub group: String,
    /// When it was first seen, by the device's time, in seconds of Unix time.
    pub first_seen: u32,
    /// When it was last seen.
    pub last_seen: u32,
    /// How often it was seen: in how many reports or signals.
    pub count: u32,
    /// Whether it is still going on.
    pub state: AlertState,
    /// The peer, or the first of several.
    pub peer: Option<IpAddr>,
    /// The service.
    pub service: Option<Service>,
    /// One sentence: what was seen, against which limit, in which flows.
    pub explanation: String,
    /// Flows that show it; not all of them.
    pub evidence: Vec<Flow<IpAddr>>,
}

impl Alert {
    /// The number of its opening, with which its id ends: how often what it is about has been told as an alert of its own.
    #[must_use]
    pub fn opening(&self) -> u32 {
        let number = self.id.rsplit('-').next();
        number.and_then(|number| number.parse().ok()).unwrap_or(0)
    }
}

/// Whether an alert is still going on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AlertState {
    /// It is.
    Open,
    /// It was quiet for a time, or is covered by an exception.
    Closed,
}

/// The service that flows are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Service {
    /// Its protocol.
    pub protocol: Protocol,
    /// Its port; 0 for ICMP, and for all ports.
    pub port: u16,
    /// Who offers it.
    pub at: Side,
}

impl Service {
    /// A number of its own for each service.
    pub(crate) fn number(self) -> u64 {
        u64::from(self.port) << 16 | (self.protocol as u64) << 8 | self.at as u64
    }
}

impl fmt::Display for Service {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.port {
            0 => formatter.pad(self.protocol.name()),
            port => formatter.pad(&format!("{} port {port}", self.protocol)),
        }
    }
}

/// One of the two ends of a flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// The device.
    Device,
    /// The peer.
    Peer,
}
