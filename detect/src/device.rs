//! What is remembered of a device, and what happens to it with each piece of input.

use defender_message::SecurityMessage;
use defender_message::decode::{Event, Payload};
use serde::{Deserialize, Serialize};

use crate::alert::{Alerts, Change, Finding, Kind, Now};
use crate::attacks::{self, Look};
use crate::baseline::{Baseline, Class, Group, Lesson, Setting};
use crate::counts::Counts;
use crate::hygiene;
use crate::input::{HubEvent, Refusal, SignalKind};
use crate::liveness::Liveness;
use crate::origins::{self, Origins, Suspect};
use crate::policy::{Policy, Subject};
use crate::repetition::Repetition;
use crate::roles::{self, Services, Traffic};
use crate::rules::RuleSet;
use crate::time::{Clock, ClockFault, Span};
use crate::window::{Distinct, Rates};

/// A device's state: everything that detection remembers of it, and nothing else.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Device {
    clock: Clock,
    repetition: Repetition,
    services: Services,
    distinct: Distinct,
    rates: Rates,
    counts: Counts,
    liveness: Liveness,
    origins: Origins,
    alerts: Alerts,
    hygiene: hygiene::Facts,
    baseline: Baseline,
    /// The time of the latest input about it.
    received: u32,
}

/// What a device is judged by, and who it is.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    pub policy: &'a Policy,
    pub device: &'a str,
    pub group: &'a str,
    /// A mark of the group.
    pub group_mark: u32,
    /// The group's rules.
    pub rules: &'a RuleSet,
    /// What is normal for the group.
    pub shared: &'a Group,
    /// Since when the source of the input has been there without a pause.
    pub present_since: u32,
}

impl<'a> Context<'a> {
    /// What an event of this time is judged by that is about what is normal.
    fn setting(&self, span: Span) -> Setting<'a> {
        Setting {
            config: &self.policy.config,
            group: self.shared,
            group_mark: self.group_mark,
            span,
        }
    }
}

impl Device {
    /// One that may have been there before, with alerts that were opened at most so often.
    pub fn after(openings: u32) -> Self {
        Self {
            alerts: Alerts::after(openings),
            ..Self::default()
        }
    }

    /// None of its alerts was opened more often.
    pub fn openings(&self) -> u32 {
        self.alerts.openings()
    }

    /// A message came. What the device's group learns by it goes to `lessons`.
    pub fn report(
        &mut self,
        context: &Context<'_>,
        received: Option<u32>,
        message: &SecurityMessage,
        lessons: &mut Vec<Lesson>,
        changes: &mut Vec<Change>,
    ) {
        let events: Vec<&Event> = message
            .events
            .iter()
            .filter(|event| self.repetition.is_new(event))
            .collect();
        let latest = events.iter().map(|event| event.time).max();
        let config = &context.policy.config;
        self.clock.receive(received, latest, &config.clock);
        let received = received.map(|_| self.clock.received());
        // Before what is new is counted, what was quiet until now closes.
        if let Some(received) = received.or(latest) {
            self.pass(context, received, changes);
        }
        self.hygiene.message(message);
        for &event in &events {
            self.event(context, event, lessons, changes);
        }
        self.alive(&events, received);
    }

    fn event(
        &mut self,
        context: &Context<'_>,
        event: &Event,
        lessons: &mut Vec<Lesson>,
        changes: &mut Vec<Change>,
    ) {
        let flows = match &event.payload {
            Payload::NetworkActivity { flows } => flows.as_slice(),
            _ => &[],
        };
        let span = self
            .clock
            .span(event.time, event.collection_interval, !flows.is_empty());
        self.received = self.received.max(self.clock.received());
        self.hygiene
            .event(&event.payload, event.collection_interval);
        self.distinct
            .prune(span.end, context.policy.config.longest_window());
        let setting = context.setting(span);
        self.baseline.cover(&setting);
        // That there was nothing is worth knowing, too: a rule may ask for more.
        if !matches!(event.payload, Payload::NetworkActivity { .. }) {
            return;
        }
        let flows = roles::canonical(flows);
        let reset = &context.policy.config.failed_connection;
        let (flows, facts) = Traffic::classify(&flows, &mut self.services, span.end, reset);
        self.hygiene
            .flows(&flows, &context.policy.config, self.received);
        let mut findings = Vec::new();
        attacks::look(&mut Look {
            policy: context.policy,
            device: context.device,
            group: context.group,
            rules: context.rules,
            span,
            received: self.received,
            flows: &flows,
            facts,
            distinct: &mut self.distinct,
            rates: &mut self.rates,
            counts: &mut self.counts,
            findings: &mut findings,
        });
        let is_flagged = findings.iter().any(|finding| is_hostile(finding.kind));
        self.baseline
            .look(&flows, &setting, is_flagged, &mut findings, lessons);
        for finding in findings {
            if finding.kind == Kind::FlowTableOverflow {
                self.hygiene.overflowed = Some(self.received);
            }
            self.find(context, finding, span.stated, changes);
        }
    }

    /// The signs of life in new events. Without a receipt, the latest event's time is taken for it.
    fn alive(&mut self, events: &[&Event], received: Option<u32>) {
        let interval = |is_such: fn(&Payload) -> bool| {
            events
                .iter()
                .filter(|event| is_such(&event.payload))
                .map(|event| event.collection_interval)
                .min()
        };
        if events.is_empty() && received.is_none() {
            return;
        }
        self.liveness.report(
            received.unwrap_or(self.received),
            interval(|payload| matches!(payload, Payload::Heartbeat)),
            interval(|payload| matches!(payload, Payload::SystemInformation { .. })),
        );
    }

    /// The hub says something about the device.
    ///
    /// Returns what the source of a connection is suspected of, for the hub's own state.
    pub fn signal(
        &mut self,
        context: &Context<'_>,
        received: u32,
        what: &SignalKind,
        changes: &mut Vec<Change>,
    ) -> Option<Suspect> {
        self.pass(context, received, changes);
        for finding in self.counts.signal(what, context.rules, self.received) {
            self.find(context, finding, received, changes);
        }
        match what {
            SignalKind::Connected { source } => {
                self.liveness.connection(received, true);
                let (finding, moved_from) =
                    self.origins
                        .connect((*source)?, received, &context.policy.config);
                if let Some(finding) = finding {
                    self.find(context, finding, received, changes);
                }
                moved_from.map(Suspect::Moved)
            }
            SignalKind::Disconnected => {
                self.liveness.connection(received, false);
                None
            }
            SignalKind::TakenOver { source } => {
                let config = &context.policy.config;
                if let Some(finding) = self.origins.take_over(*source, received, config) {
                    self.find(context, finding, received, changes);
                }
                None
            }
            SignalKind::Refused { reason, source } => {
                if let Some(kind) = refused(*reason) {
                    let finding = Finding {
                        peer: *source,
                        ..Finding::new(kind)
                    };
                    self.find(context, finding, received, changes);
                }
                Suspect::refused(context.device, *reason)
            }
            SignalKind::Hub(event) => {
                let finding = Finding::new(done_to_the_hub(*event));
                self.find(context, finding, received, changes);
                None
            }
            SignalKind::Credentials { marks } => {
                self.hygiene.credentials = *marks;
                None
            }
            _ => None,
        }
    }

    /// As the state of the hub itself: somebody connects from `source`.
    pub fn suspect(
        &mut self,
        context: &Context<'_>,
        received: u32,
        source: core::net::IpAddr,
        suspect: Suspect,
        changes: &mut Vec<Change>,
    ) {
        self.pass(context, received, changes);
        let config = &context.policy.config;
        self.distinct.prune(received, config.longest_window());
        let found = origins::many_from_one(&mut self.distinct, suspect, source, received, config);
        if let Some(finding) = found {
            self.find(context, finding, received, changes);
        }
    }

    /// Time has come to `now`, by the time of receipt.
    pub fn pass(&mut self, context: &Context<'_>, now: u32, changes: &mut Vec<Change>) {
        self.received = self.received.max(now);
        let config = &context.policy.config;
        let silence = self
            .liveness
            .pass(config, context.present_since, self.received);
        let too_few = self.counts.pass(context.rules, self.received);
        for finding in silence.into_iter().chain(too_few) {
            self.find(context, finding, self.received, changes);
        }
        let now = self.now(context, self.received);
        self.alerts.pass(&now, &config.alerts, changes);
    }

    /// The policy is another one: what its exceptions cover closes.
    pub fn review(&mut self, context: &Context<'_>, changes: &mut Vec<Change>) {
        let now = self.now(context, self.received);
        let covers = |kind, peer, port| {
            context.policy.excepts(&Subject {
                kind,
                device: context.device,
                group: context.group,
                peer,
                port,
                time: now.received,
            })
        };
        self.alerts.except(covers, &now, changes);
    }

    /// A person closes an alert.
    pub fn close(
        &mut self,
        context: &Context<'_>,
        id: &str,
        received: u32,
        changes: &mut Vec<Change>,
    ) {
        self.received = self.received.max(received);
        let now = self.now(context, self.received);
        self.alerts.close_one(id, &now, changes);
    }

    /// Whether the event was there before.
    pub fn is_repeated(&self, event: &Event) -> bool {
        self.repetition.knows(event)
    }

    /// What is normal for it.
    pub fn baseline(&self) -> &Baseline {
        &self.baseline
    }

    /// A class of traffic is known no more. Returns whether it was known to the device.
    pub fn forget_class(&mut self, class: Class) -> bool {
        self.baseline.forget(class)
    }

    /// What is normal for its group has been exchanged.
    pub fn look_anew(&mut self) {
        self.baseline.look_anew();
    }

    /// When time must pass for it at the latest.
    pub fn due(&self, context: &Context<'_>) -> Option<u32> {
        let config = &context.policy.config;
        [
            self.liveness.due(config, context.present_since),
            self.counts.due(context.rules),
            self.alerts.due(&config.alerts),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// The open alerts.
    pub fn alerts(&self) -> &Alerts {
        &self.alerts
    }

    /// What hygiene has to know of it.
    pub fn subject<'a>(&'a self, device: &'a str, group: &'a str) -> hygiene::Subject<'a> {
        hygiene::Subject {
            device,
            group,
            facts: &self.hygiene,
            clock: self.clock.fault(),
            now: self.received,
        }
    }

    /// What is wrong with the device's clock.
    pub fn clock_fault(&self) -> Option<ClockFault> {
        self.clock.fault()
    }

    /// How many things gave way in its windows.
    pub fn displaced(&self) -> u32 {
        self.distinct.displaced()
    }

    /// Whether it is within the bounds that it keeps to by itself.
    pub fn is_valid(&self) -> bool {
        self.repetition.is_bounded()
            && self.services.is_valid()
            && self.distinct.is_valid()
            && self.rates.is_valid()
            && self.counts.is_valid()
            && self.origins.is_valid()
            && self.alerts.is_valid()
            && self.hygiene.is_valid()
            && self.baseline.is_valid()
    }

    fn find(
        &mut self,
        context: &Context<'_>,
        finding: Finding,
        stated: u32,
        changes: &mut Vec<Change>,
    ) {
        let is_of_peer = finding.kind.is_of_peer();
        let port = finding.service.map(|service| service.port);
        let is_excepted = context.policy.excepts(&Subject {
            kind: finding.kind,
            device: context.device,
            group: context.group,
            peer: finding.peer.filter(|_| is_of_peer),
            port: port.filter(|_| is_of_peer),
            time: self.received,
        });
        if !is_excepted {
            let now = self.now(context, stated);
            let limits = &context.policy.config.alerts;
            self.alerts.find(finding, &now, limits, changes);
        }
    }

    fn now<'a>(&self, context: &Context<'a>, stated: u32) -> Now<'a> {
        Now {
            device: context.device,
            group: context.group,
            received: self.received,
            stated,
        }
    }
}

/// The alert that the service raised for a refusal.
fn refused(reason: Refusal) -> Option<Kind> {
    match reason {
        Refusal::CertificateMismatch => Some(Kind::CertPrintMismatch),
        Refusal::CertificateExpired => Some(Kind::CertExpired),
        Refusal::SasTokenExpired => Some(Kind::ExpiredSasToken),
        Refusal::SasTokenInvalid => Some(Kind::InvalidSasToken),
        Refusal::UnknownDevice | Refusal::Unauthorized => None,
    }
}

/// The alert that the service raised for what was done to the hub.
fn done_to_the_hub(event: HubEvent) -> Kind {
    match event {
        HubEvent::CertificateAdded => Kind::CertificateAddedToHub,
        HubEvent::CertificateAddFailed => Kind::CertificateFailedToBeAddedToHub,
        HubEvent::CertificateDeleted => Kind::CertificateDeletedFromHub,
        HubEvent::CertificateDeleteFailed => Kind::CertificateFailedToBeDeletedFromHub,
        HubEvent::DiagnosticSettingAdded | HubEvent::DiagnosticSettingEdited => {
            Kind::DiagnosticSettingAddedOrEditedOnHub
        }
        HubEvent::DiagnosticSettingDeleted => Kind::DiagnosticSettingDeletedFromHub,
    }
}

/// Whether nothing is learned of traffic that has been found to be of this kind. An overflow alone says nothing about it.
fn is_hostile(kind: Kind) -> bool {
    kind != Kind::FlowTableOverflow
}
