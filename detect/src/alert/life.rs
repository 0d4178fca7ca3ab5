//! How alerts of a device live: a finding opens one, raises its count, and it closes when nothing more is found.

use core::net::IpAddr;

use defender_message::flow::Flow;
use serde::{Deserialize, Serialize};

use super::fingerprint::{Fingerprint, Openings};
use super::{Alert, AlertState, Change, ChangeEvent, Finding, Peers, Service, Severity, sentence};
use crate::config::Alerts as Limits;
use crate::seconds;

/// The most alerts of a device that are open at once. Past it, the longest unseen one of the rule that has most gives way.
const MOST_OPEN: usize = 32;

/// The most flows that all open alerts of a device keep as evidence.
const MOST_EVIDENCE: usize = 24;

/// The most flows that one alert keeps.
const EVIDENCE_EACH: usize = 3;

/// The most victims of an alert about a device that are told of one by one.
const VICTIMS_TOLD: usize = 4;

/// The most bytes of a word of detail that are kept.
const MOST_DETAIL: usize = 40;

/// Alerts of a device.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Alerts {
    open: Vec<Open>,
    openings: Openings,
}

/// An open alert, as state keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Open {
    fingerprint: Fingerprint,
    opening: u32,
    severity: Severity,
    peer: Option<IpAddr>,
    service: Option<Service>,
    first_seen: u32,
    last_seen: u32,
    /// When it was seen last, by the time of receipt.
    active: u32,
    count: u32,
    /// The count at which it is told again.
    told_at: u32,
    observed: u64,
    limit: u64,
    window: u32,
    detail: Option<Box<str>>,
    victims: Vec<u32>,
    evidence: Vec<Flow<IpAddr>>,
}

/// Whose alerts they are, and when it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Now<'a> {
    pub device: &'a str,
    pub group: &'a str,
    /// The time of receipt.
    pub received: u32,
    /// The time that findings are about, for people.
    pub stated: u32,
}

impl Alerts {
    /// Those of a device that may have been there before, with alerts that were opened at most so often.
    pub fn after(openings: u32) -> Self {
        Self {
            open: Vec::new(),
            openings: Openings::after(openings),
        }
    }

    /// No alert was opened more often.
    pub fn openings(&self) -> u32 {
        let open = self.open.iter().map(|open| open.opening);
        open.fold(self.openings.most(), u32::max)
    }

    /// Takes a finding, and says what changes by it.
    pub fn find(
        &mut self,
        finding: Finding,
        now: &Now<'_>,
        limits: &Limits,
        changes: &mut Vec<Change>,
    ) {
        let fingerprint = Fingerprint::of(&finding);
        let at = match self.position(&fingerprint) {
            Some(at) => at,
            None => {
                let fingerprint = match self.has_room_for(&finding, limits) {
                    true => fingerprint,
                    false => Fingerprint::of_others(finding.kind),
                };
                match self.position(&fingerprint) {
                    Some(at) => at,
                    None => return self.raise(fingerprint, finding, now, changes),
                }
            }
        };
        self.again(at, finding, now, changes);
    }

    /// Closes what has been quiet.
    pub fn pass(&mut self, now: &Now<'_>, limits: &Limits, changes: &mut Vec<Change>) {
        let quiet = seconds(limits.quiet);
        self.close(
            |open| open.active.saturating_add(quiet) <= now.received,
            now,
            changes,
        );
    }

    /// Closes what is covered, which is asked with kind, peer and port.
    pub fn except(
        &mut self,
        covers: impl Fn(super::Kind, Option<IpAddr>, Option<u16>) -> bool,
        now: &Now<'_>,
        changes: &mut Vec<Change>,
    ) {
        let covered = |open: &Open| {
            let kind = open.fingerprint.kind;
            // What sums up is about more than its latest peer.
            let is_of_peer = kind.is_of_peer() && !open.fingerprint.others;
            let port = open.service.map(|service| service.port);
            covers(
                kind,
                open.peer.filter(|_| is_of_peer),
                port.filter(|_| is_of_peer),
            )
        };
        self.close(covered, now, changes);
    }

    /// Closes the one of this id.
    pub fn close_one(&mut self, id: &str, now: &Now<'_>, changes: &mut Vec<Change>) {
        let is_it = |open: &Open| open.fingerprint.id(now.device, open.opening) == id;
        self.close(is_it, now, changes);
    }

    /// When the next one closes if it stays quiet.
    pub fn due(&self, limits: &Limits) -> Option<u32> {
        let quiet = seconds(limits.quiet);
        self.open
            .iter()
            .map(|open| open.active.saturating_add(quiet))
            .min()
    }

    /// Whether none is open.
    pub fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// The open alerts, in the order in which they opened.
    pub fn all<'a>(&'a self, device: &'a str, group: &'a str) -> impl Iterator<Item = Alert> + 'a {
        self.open
            .iter()
            .map(move |open| open.alert(device, group, AlertState::Open, open.evidence.clone()))
    }

    /// Whether it is as it can get by itself.
    pub fn is_valid(&self) -> bool {
        self.open.len() <= MOST_OPEN
            && self.openings.is_valid()
            && self.kept_evidence() <= MOST_EVIDENCE
            && self.open.iter().all(|open| {
                open.victims.len() <= VICTIMS_TOLD
                    && open
                        .detail
                        .as_ref()
                        .is_none_or(|detail| detail.len() <= MOST_DETAIL)
            })
    }

    fn position(&self, fingerprint: &Fingerprint) -> Option<usize> {
        self.open
            .iter()
            .position(|open| open.fingerprint == *fingerprint)
    }

    fn has_room_for(&self, finding: &Finding, limits: &Limits) -> bool {
        let of_rule = self
            .open
            .iter()
            .filter(|open| open.fingerprint.kind == finding.kind && !open.fingerprint.others)
            .count();
        of_rule == 0
            || of_rule < usize::from(limits.open_per_rule) && self.open.len() + 1 < MOST_OPEN
    }

    fn raise(
        &mut self,
        fingerprint: Fingerprint,
        finding: Finding,
        now: &Now<'_>,
        changes: &mut Vec<Change>,
    ) {
        if self.open.len() >= MOST_OPEN {
            self.give_way(now, changes);
        }
        let opening = self.openings.next(fingerprint.hash(now.device));
        let mut open = Open {
            fingerprint,
            opening,
            severity: finding.severity,
            peer: None,
            service: None,
            first_seen: now.stated,
            last_seen: now.stated,
            active: now.received,
            count: 1,
            told_at: 10,
            observed: 0,
            limit: 0,
            window: 0,
            detail: None,
            victims: Vec::new(),
            evidence: Vec::new(),
        };
        open.is_new_victim(&finding);
        let room = MOST_EVIDENCE.saturating_sub(self.kept_evidence());
        let kept = finding.evidence.iter().take(EVIDENCE_EACH.min(room));
        open.evidence = kept.copied().collect();
        let evidence = open.update(finding);
        changes.push(Change {
            event: ChangeEvent::Raised,
            alert: open.alert(now.device, now.group, AlertState::Open, evidence),
        });
        self.open.push(open);
    }

    fn again(&mut self, at: usize, finding: Finding, now: &Now<'_>, changes: &mut Vec<Change>) {
        let open = &mut self.open[at];
        open.count = open.count.saturating_add(1);
        open.active = open.active.max(now.received);
        open.last_seen = now.stated.max(open.last_seen);
        let is_worse = finding.severity > open.severity;
        let is_new_victim = open.is_new_victim(&finding);
        let is_tenfold = open.count >= open.told_at;
        while open.count >= open.told_at && open.told_at < u32::MAX {
            open.told_at = open.told_at.saturating_mul(10);
        }
        open.severity = open.severity.max(finding.severity);
        let evidence = open.update(finding);
        if is_worse || is_new_victim || is_tenfold {
            changes.push(Change {
                event: ChangeEvent::Again,
                alert: open.alert(now.device, now.group, AlertState::Open, evidence),
            });
        }
    }

    fn close(&mut self, ends: impl Fn(&Open) -> bool, now: &Now<'_>, changes: &mut Vec<Change>) {
        if !self.open.iter().any(&ends) {
            return;
        }
        for open in core::mem::take(&mut self.open) {
            if ends(&open) {
                self.end(open, now, changes);
            } else {
                self.open.push(open);
            }
        }
    }

    fn end(&mut self, open: Open, now: &Now<'_>, changes: &mut Vec<Change>) {
        self.openings
            .close(open.fingerprint.hash(now.device), open.opening);
        changes.push(Change {
            event: ChangeEvent::Closed,
            alert: open.alert(
                now.device,
                now.group,
                AlertState::Closed,
                open.evidence.clone(),
            ),
        });
    }

    /// Closes the longest unseen alert of the rule that has most.
    fn give_way(&mut self, now: &Now<'_>, changes: &mut Vec<Change>) {
        let of_rule = |open: &Open| {
            let is_same = |other: &&Open| other.fingerprint.kind == open.fingerprint.kind;
            self.open.iter().filter(is_same).count()
        };
        let at = self
            .open
            .iter()
            .enumerate()
            .max_by_key(|(_, open)| (of_rule(open), core::cmp::Reverse(open.active)))
            .map(|(at, _)| at);
        if let Some(at) = at {
            let open = self.open.remove(at);
            self.end(open, now, changes);
        }
    }

    fn kept_evidence(&self) -> usize {
        self.open.iter().map(|open| open.evidence.len()).sum()
    }
}

impl Open {
    /// Takes over what a finding says, and returns the flows that show it.
    fn update(&mut self, finding: Finding) -> Vec<Flow<IpAddr>> {
        // Who was first stays the one whom an alert about several names, until another one is told.
        self.peer = match self.fingerprint.kind.peers() {
            Peers::All => self.peer.or(finding.peer),
            Peers::AllEachTold | Peers::Network | Peers::Host => finding.peer.or(self.peer),
        };
        self.service = finding.service.or(self.service);
        self.observed = finding.observed;
        self.limit = finding.limit;
        self.window = finding.window;
        self.detail = (!finding.detail.is_empty()).then(|| cut(finding.detail).into());
        finding.evidence
    }

    /// Whether somebody must be told because there is another victim.
    fn is_new_victim(&mut self, finding: &Finding) -> bool {
        let Some(peer) = finding.peer else {
            return false;
        };
        if self.fingerprint.kind.peers() != Peers::AllEachTold {
            return false;
        }
        let victim = crate::hash::Hasher::new(b'v').address(peer);
        let service = finding.service.map_or(0, Service::number);
        let victim = victim.number(service).finish32();
        let is_new = !self.victims.contains(&victim) && self.victims.len() < VICTIMS_TOLD;
        if is_new {
            self.victims.push(victim);
        }
        is_new
    }

    fn alert(
        &self,
        device: &str,
        group: &str,
        state: AlertState,
        evidence: Vec<Flow<IpAddr>>,
    ) -> Alert {
        let kind = self.fingerprint.kind;
        Alert {
            id: self.fingerprint.id(device, self.opening),
            kind,
            severity: self.severity,
            device: device.to_owned(),
            group: group.to_owned(),
            first_seen: self.first_seen,
            last_seen: self.last_seen,
            count: self.count,
            state,
            peer: self.peer,
            service: self.service,
            explanation: sentence::write(&sentence::Facts {
                kind,
                device,
                observed: self.observed,
                limit: self.limit,
                window: self.window,
                peer: self.peer,
                service: self.service,
                detail: self.detail.as_deref().unwrap_or_default(),
                sums_up: self.fingerprint.others.then_some(self.count),
                evidence: &evidence,
            }),
            evidence,
        }
    }
}

/// As much of a text as state keeps.
fn cut(mut text: String) -> String {
    if text.len() > MOST_DETAIL {
        let end = (0..=MOST_DETAIL)
            .rev()
            .find(|&end| text.is_char_boundary(end))
            .unwrap_or(0);
        text.truncate(end);
    }
    text
}
