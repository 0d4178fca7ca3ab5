//! Detection and sums, and what of them must be written: no I/O, no clock.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
    time::Duration,
};

use defender_detect::{
    Alert, Change, ChangeEvent, Detector, HUB, Input, Policy, Report, Signal, SignalKind, State,
    alert::AlertState, input::Transport, likely_service,
};
use defender_message::{
    SecurityMessage,
    decode::{DecodeError, Payload},
};

use crate::{
    intake::What,
    store::{Batch, Bytes, Commit, DeviceRow, Progress, TrafficKey},
};

/// Seconds of an hour.
const HOUR: u32 = 3600;

/// The most peers and services of a device's messages that are summed up one by one in an hour. What is beyond is one sum.
const MOST_SUMS: u32 = 4096;

/// What is bounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    /// The most devices.
    pub devices: usize,
    /// How long a device that is silent and has no open alert is remembered.
    pub forget_after: Duration,
    /// The most devices for which time passes, or whose alerts are reviewed, between two commits: of what changes for all of a fleet at once,
    /// so much is in memory beside their states.
    pub portion: usize,
}

/// What was counted since it was last asked.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Counts {
    pub reports: u64,
    pub signals: u64,
    /// Messages that were no security messages.
    pub refused: u64,
    /// The first few of these.
    pub refusals: Vec<Refusal>,
    /// Input of devices for which there was no room.
    pub turned_away: u64,
}

impl Counts {
    /// Adds what was counted later.
    pub fn add(&mut self, later: Self) {
        self.reports += later.reports;
        self.signals += later.signals;
        self.refused += later.refused;
        self.turned_away += later.turned_away;
        let room = TOLD.saturating_sub(self.refusals.len());
        self.refusals.extend(later.refusals.into_iter().take(room));
    }

    /// Whether anything was not taken.
    pub fn has_some(&self) -> bool {
        self.refused + self.turned_away > 0
    }
}

/// A message that was no security message.
#[derive(Debug, PartialEq)]
pub(crate) struct Refusal {
    pub device: String,
    pub size: usize,
    pub error: DecodeError,
}

/// Refusals that are told one by one, each time it is asked.
const TOLD: usize = 3;

/// Detection, sums, and what has changed since it was last written.
pub(crate) struct Gather {
    detector: Detector,
    limits: Limits,
    devices: HashMap<Box<str>, Known>,
    progress: Progress,
    traffic: BTreeMap<TrafficKey, Bytes>,
    changes: Vec<(u32, Change)>,
    forgotten: Vec<String>,
    counts: Counts,
    has_news: bool,
}

/// What is known of a device beside its state.
#[derive(Debug, Clone, Copy, Default)]
struct Known {
    seen: u32,
    reports: u64,
    refused: u64,
    /// The hour of the latest sum, and how many there were in it.
    hour: u32,
    sums: u32,
}

/// A device as the store has it, its state read: half of what it takes to know a device again, and done beside the other half.
pub(crate) struct Stored {
    pub device: String,
    seen: u32,
    reports: u64,
    refused: u64,
    /// `None`: of another version, or damaged.
    state: Option<State>,
}

impl Stored {
    /// Whether its state is. Else it begins anew.
    pub fn is_of_use(&self) -> bool {
        self.state.is_some()
    }
}

impl From<DeviceRow> for Stored {
    fn from(row: DeviceRow) -> Self {
        Self {
            state: State::read(&row.device, &row.state).ok(),
            device: row.device,
            seen: row.seen,
            reports: row.reports,
            refused: row.refused,
        }
    }
}

/// What is left of something that concerns many devices.
#[derive(Debug, Default)]
#[must_use]
pub(crate) struct Rest {
    devices: std::vec::IntoIter<Arc<str>>,
    /// The tick that it is of, with the batch that it is alone in; else the alerts are reviewed.
    tick: Option<(u32, i64)>,
}

impl Gather {
    pub fn new(policy: impl Into<Arc<Policy>>, limits: Limits) -> Self {
        Self {
            detector: Detector::new(policy),
            limits,
            devices: HashMap::new(),
            progress: Progress::default(),
            traffic: BTreeMap::new(),
            changes: Vec::new(),
            forgotten: Vec::new(),
            counts: Counts::default(),
            has_news: false,
        }
    }

    /// Takes over a device from the store.
    pub fn restore(&mut self, row: Stored) {
        let changes = row.state.map(|state| self.detector.take_over(state));
        let known = Known {
            seen: row.seen,
            reports: row.reports,
            refused: row.refused,
            ..Known::default()
        };
        if let Some(changes) = changes
            && !changes.is_empty()
        {
            self.tell(row.seen, changes);
            self.has_news = true;
        }
        if Detector::is_device(&row.device) {
            self.devices.insert(row.device.into(), known);
        }
    }

    /// Goes on where the store is.
    pub fn resume(&mut self, progress: Progress) {
        self.detector.resume(progress.position);
        self.progress = progress;
    }

    /// Takes the alerts that the store has of a device whose state is of no use. What is open closes, as nothing else would close it, and
    /// no id is used again.
    pub fn begin_anew(&mut self, alerts: Vec<Alert>) {
        let mut changes = Vec::new();
        for mut alert in alerts {
            self.detector.opened_before(alert.opening());
            if alert.state == AlertState::Open {
                alert.state = AlertState::Closed;
                let event = ChangeEvent::Closed;
                changes.push(Change { event, alert });
            }
        }
        self.has_news |= !changes.is_empty();
        self.tell(self.progress.time, changes);
    }

    /// Takes the next batch of the journal. What is left of it must be [gone on with](Self::go_on) before the next.
    pub fn feed(&mut self, batch: &Batch) -> Rest {
        self.has_news = true;
        if let [entry] = &*batch.entries
            && entry.what == What::Tick
        {
            self.progress.time = self.progress.time.max(entry.time);
            return Rest {
                devices: self.detector.due(entry.time).into_iter(),
                tick: Some((entry.time, batch.number)),
            };
        }
        for entry in &batch.entries {
            self.progress.time = self.progress.time.max(entry.time);
            match &entry.what {
                What::Report { device, payload } => self.report(device, entry.time, payload),
                What::Signal { device, what } => self.signal(device, entry.time, *what),
                // Beside others in journals that earlier versions have written.
                What::Tick => {
                    let changes = self.detector.feed(Input::Tick { time: entry.time });
                    self.tell(entry.time, changes);
                }
                What::Close { device, alert } => {
                    let changes = self.detector.close(device, alert, entry.time);
                    self.tell(entry.time, changes);
                }
                What::Baseline {
                    group,
                    class,
                    is_accepted,
                } => {
                    match is_accepted {
                        true => self.detector.accept(group, *class),
                        false => self.detector.forget_class(group, *class),
                    };
                }
            }
        }
        self.progress.journal = batch.number;
        Rest::default()
    }

    /// Exchanges what decides. What is left of it must be [gone on with](Self::go_on) before anything else.
    pub fn exchange(&mut self, policy: Arc<Policy>) -> Rest {
        self.has_news = true;
        Rest {
            devices: self.detector.adopt(policy).into_iter(),
            tick: None,
        }
    }

    /// Does the next portion of what is left, if any is. Returns whether more is: what has changed until then is to be committed first. A hub
    /// that ends between two portions takes the batch, or the exceptions, anew, and nothing happens twice: what has passed is not due any more.
    pub fn go_on(&mut self, rest: &mut Rest) -> bool {
        let portion: Vec<_> = rest.devices.by_ref().take(self.limits.portion).collect();
        let is_more = rest.devices.len() > 0;
        let (time, changes) = match rest.tick {
            Some((time, batch)) => {
                if !is_more {
                    self.progress.journal = batch;
                }
                (time, self.detector.pass(&portion, time))
            }
            None => (self.progress.time, self.detector.review(&portion)),
        };
        self.has_news |= !portion.is_empty();
        self.tell(time, changes);
        is_more
    }

    /// Devices that have been silent for so long that nobody asks for them are not looked after any more.
    pub fn forget_silent(&mut self) {
        let after = u32::try_from(self.limits.forget_after.as_secs()).unwrap_or(u32::MAX);
        let Some(before) = self.progress.time.checked_sub(after) else {
            return;
        };
        let detector = &mut self.detector;
        self.devices.retain(|device, known| {
            let stays = known.seen >= before || !detector.alerts_of(device).is_empty();
            if !stays {
                detector.forget(device);
                self.forgotten.push(device.to_string());
                self.has_news = true;
            }
            stays
        });
    }

    /// What is bounded.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Whether anything is to be written.
    pub fn has_news(&self) -> bool {
        self.has_news
    }

    /// Whether there are so many changes that they should not wait for more.
    pub fn has_portion(&self) -> bool {
        self.changes.len() >= self.limits.portion
    }

    /// Whether an alert has opened or closed.
    pub fn is_urgent(&self) -> bool {
        let is_urgent = |event| event != ChangeEvent::Again;
        self.changes
            .iter()
            .any(|(_, change)| is_urgent(change.event))
    }

    /// How many devices there are.
    pub fn devices(&self) -> usize {
        self.devices.len()
    }

    /// What was counted since this was last asked.
    pub fn counts(&mut self) -> Counts {
        std::mem::take(&mut self.counts)
    }

    /// Everything that is to be written. From here on it is the caller's.
    pub fn take(&mut self) -> Commit {
        self.progress.position = self.detector.position();
        self.has_news = false;
        let mut commit = Commit {
            progress: self.progress,
            forgotten: std::mem::take(&mut self.forgotten),
            traffic: std::mem::take(&mut self.traffic).into_iter().collect(),
            changes: std::mem::take(&mut self.changes),
            ..Commit::default()
        };
        let touched = self.detector.take_touched();
        let touched = touched.iter().map(|name| name.to_string());
        for device in touched.collect::<BTreeSet<_>>() {
            let Some(state) = self.detector.state(&device) else {
                continue;
            };
            let known = self
                .devices
                .get(device.as_str())
                .copied()
                .unwrap_or_default();
            commit.alerts.extend(self.detector.alerts_of(&device));
            commit.devices.push(DeviceRow {
                group: self.detector.policy().group_of(&device).to_owned(),
                device,
                seen: known.seen,
                reports: known.reports,
                refused: known.refused,
                state,
            });
        }
        commit
    }

    fn report(&mut self, device: &str, received: u32, payload: &[u8]) {
        if !self.admit(device, received) {
            return;
        }
        self.counts.reports += 1;
        // What is in it does not matter to those who count messages.
        let what = SignalKind::DeviceToCloud {
            transport: Transport::Mqtt,
        };
        self.feed_signal(device, received, what);
        let decoded = SecurityMessage::decode(payload);
        if let Some(known) = self.devices.get_mut(device) {
            known.reports += 1;
            known.refused += u64::from(decoded.is_err());
        }
        match decoded {
            Ok(message) => {
                self.sum_up(device, received, &message);
                let report = Report {
                    device,
                    received: Some(received),
                    message: &message,
                };
                let changes = self.detector.feed(Input::Report(report));
                self.tell(received, changes);
            }
            Err(error) => {
                self.counts.refused += 1;
                if self.counts.refusals.len() < TOLD {
                    self.counts.refusals.push(Refusal {
                        device: device.to_owned(),
                        size: payload.len(),
                        error,
                    });
                }
            }
        }
    }

    fn signal(&mut self, device: &str, received: u32, what: SignalKind) {
        if device != HUB && !self.admit(device, received) {
            return;
        }
        self.counts.signals += 1;
        self.feed_signal(device, received, what);
    }

    fn feed_signal(&mut self, device: &str, received: u32, what: SignalKind) {
        let changes = self.detector.feed(Input::Signal(Signal {
            device,
            received,
            what,
        }));
        self.tell(received, changes);
    }

    /// Makes room for a device, if there is some.
    fn admit(&mut self, device: &str, received: u32) -> bool {
        if let Some(known) = self.devices.get_mut(device) {
            known.seen = known.seen.max(received);
            return true;
        }
        if self.devices.len() >= self.limits.devices {
            self.counts.turned_away += 1;
            return false;
        }
        let known = Known {
            seen: received,
            ..Known::default()
        };
        self.devices.insert(device.into(), known);
        true
    }

    /// Adds what a message says, as far as it has not said it before.
    fn sum_up(&mut self, device: &str, received: u32, message: &SecurityMessage) {
        let Some(known) = self.devices.get_mut(device) else {
            return;
        };
        let hour = received / HOUR;
        if hour != known.hour {
            (known.hour, known.sums) = (hour, 0);
        }
        for event in &message.events {
            let Payload::NetworkActivity { flows } = &event.payload else {
                continue;
            };
            if self.detector.is_repeated(device, event) {
                continue;
            }
            for flow in flows {
                let service = likely_service(flow);
                let is_told_apart = known.sums < MOST_SUMS;
                known.sums = known.sums.saturating_add(1);
                let key = TrafficKey {
                    device: device.to_owned(),
                    hour,
                    peer: is_told_apart.then(|| flow.remote_address.to_canonical()),
                    protocol: flow.protocol,
                    port: if is_told_apart { service.port } else { 0 },
                    at_device: is_told_apart && service.at == defender_detect::alert::Side::Device,
                };
                let sum = self.traffic.entry(key).or_default();
                sum.received += u64::from(flow.bytes_in);
                sum.sent += u64::from(flow.bytes_out);
            }
        }
    }

    fn tell(&mut self, time: u32, changes: Vec<Change>) {
        self.changes
            .extend(changes.into_iter().map(|change| (time, change)));
    }
}
