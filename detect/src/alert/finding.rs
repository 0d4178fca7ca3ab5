//! What a part of detection has found, before it is known whether anybody is told.

use core::net::IpAddr;

use defender_message::flow::Flow;

use super::{Kind, Service, Severity};

/// The most flows that a finding shows.
pub(crate) const MOST_EVIDENCE: usize = 8;

/// Something that was seen in one report, signal, or silence.
#[derive(Debug, Clone)]
pub(crate) struct Finding {
    pub kind: Kind,
    pub severity: Severity,
    /// The peer, or one of them.
    pub peer: Option<IpAddr>,
    pub service: Option<Service>,
    /// What was counted, and what it was compared with.
    pub observed: u64,
    pub limit: u64,
    /// The time that both are about, in seconds.
    pub window: u32,
    /// What the kind's sentence says beside these. Cut when long.
    pub detail: String,
    /// Flows that show it, at most [`MOST_EVIDENCE`].
    pub evidence: Vec<Flow<IpAddr>>,
}

impl Finding {
    /// A finding of the kind's own severity that says nothing more yet.
    pub fn new(kind: Kind) -> Self {
        Self {
            kind,
            severity: kind.severity(),
            peer: None,
            service: None,
            observed: 0,
            limit: 0,
            window: 0,
            detail: String::new(),
            evidence: Vec::new(),
        }
    }

    /// It was counted up to here, where the limit is there, within a time in seconds.
    pub fn counted(self, observed: u64, limit: u64, window: u32) -> Self {
        Self {
            observed,
            limit,
            window,
            ..self
        }
    }

    /// It is about this peer.
    pub fn with_peer(self, peer: IpAddr) -> Self {
        Self {
            peer: Some(peer),
            ..self
        }
    }

    /// It is about this service.
    pub fn with_service(self, service: Option<Service>) -> Self {
        Self { service, ..self }
    }

    /// It is more or less severe than its kind usually is.
    pub fn with_severity(self, severity: Severity) -> Self {
        Self { severity, ..self }
    }

    /// It says this beside its numbers.
    pub fn with_detail(self, detail: impl Into<String>) -> Self {
        Self {
            detail: detail.into(),
            ..self
        }
    }

    /// These flows show it.
    pub fn with_evidence(self, flows: impl IntoIterator<Item = Flow<IpAddr>>) -> Self {
        Self {
            evidence: flows.into_iter().take(MOST_EVIDENCE).collect(),
            ..self
        }
    }
}
