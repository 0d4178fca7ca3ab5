//! What makes two findings the same alert: rule, device, service, peer network.

use core::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::{Finding, Kind, Peers, Service};
use crate::hash::Hasher;
use crate::network::network;

/// The most closed alerts whose number of openings is remembered one by one.
const REMEMBERED: usize = 16;

/// The same for findings that are one alert of a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Fingerprint {
    pub kind: Kind,
    pub service: Option<Service>,
    /// The first address of the network of the peer.
    network: Option<IpAddr>,
    /// It sums up the findings of its kind for which there was no room.
    pub others: bool,
}

impl Fingerprint {
    pub fn of(finding: &Finding) -> Self {
        let peers = finding.kind.peers();
        let is_of_peer = finding.kind.is_of_peer();
        Self {
            kind: finding.kind,
            service: finding.service.filter(|_| is_of_peer),
            network: finding.peer.filter(|_| is_of_peer).map(|peer| match peers {
                Peers::Network => network(peer),
                _ => peer,
            }),
            others: false,
        }
    }

    pub fn of_others(kind: Kind) -> Self {
        Self {
            kind,
            service: None,
            network: None,
            others: true,
        }
    }

    pub fn hash(&self, device: &str) -> u64 {
        let hasher = Hasher::new(b'a')
            .number(self.kind.number().into())
            .number(self.others.into())
            .bytes(device.as_bytes());
        let hasher = match self.network {
            Some(network) => hasher.address(network),
            None => hasher,
        };
        match self.service {
            Some(service) => hasher.number(service.number()),
            None => hasher,
        }
        .finish()
    }

    pub fn id(&self, device: &str, opening: u32) -> String {
        format!("{}-{:016x}-{opening}", self.kind.rule(), self.hash(device))
    }
}

/// How often alerts that are closed have been opened, so that no id is used twice.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Openings {
    /// The latest last.
    closed: Vec<(u64, u32)>,
    /// No alert that was forgotten here was opened more often.
    most_forgotten: u32,
}

impl Openings {
    /// Those of a device that may have been there before, with alerts that were opened at most so often.
    pub fn after(most_forgotten: u32) -> Self {
        Self {
            closed: Vec::new(),
            most_forgotten,
        }
    }

    /// No alert was opened more often that is closed now.
    pub fn most(&self) -> u32 {
        let closed = self.closed.iter().map(|(_, opening)| *opening);
        closed.fold(self.most_forgotten, u32::max)
    }

    /// The number of the next opening.
    pub fn next(&mut self, fingerprint: u64) -> u32 {
        let known = self
            .closed
            .iter()
            .position(|(closed, _)| *closed == fingerprint);
        let before = match known {
            Some(at) => self.closed.remove(at).1,
            None => self.most_forgotten,
        };
        before.saturating_add(1)
    }

    /// Takes note that an alert closes.
    pub fn close(&mut self, fingerprint: u64, opening: u32) {
        if self.closed.len() >= REMEMBERED {
            let (_, opening) = self.closed.remove(0);
            self.most_forgotten = self.most_forgotten.max(opening);
        }
        self.closed.push((fingerprint, opening));
    }

    pub fn is_valid(&self) -> bool {
        self.closed.len() <= REMEMBERED
    }
}
