//! The detector: fed input in one ordered stream, it says what changed.

mod groups;

use std::collections::{BTreeSet, HashMap, hash_map::Entry};
use std::mem;
use std::sync::Arc;

use defender_message::decode::Event;
use serde::{Deserialize, Serialize};

use self::groups::Groups;
use crate::alert::{Alert, Change};
use crate::baseline::Group;
use crate::device::{Context, Device};
use crate::hash::{Seed, group_mark};
use crate::hygiene::{self, Recommendation, Versions};
use crate::input::{Input, Report, Signal, SignalKind};
use crate::policy::Policy;
use crate::rules::RuleSet;
use crate::seconds;
use crate::state::{self, MOST_BYTES, MOST_GROUP_BYTES, StateError};
use crate::time::ClockFault;

/// The name under which the hub's own state and alerts stand.
pub const HUB: &str = "";

/// Detection for any number of devices.
///
/// The same input in the same order gives the same changes with the same ids, on any machine, also when states become bytes and back in
/// between. There is no clock in it: time is what the input says.
#[derive(Debug, Default)]
pub struct Detector {
    policy: Arc<Policy>,
    devices: HashMap<Arc<str>, Slot, Seed>,
    /// What groups have in common, by their names.
    groups: Groups,
    /// When time must pass for a device. An entry may be too early, never too late.
    queue: Queue,
    stream: Stream,
    /// Those whose state may have changed since it was last asked.
    touched: Vec<Arc<str>>,
}

type Queue = BTreeSet<(u32, Arc<str>)>;

#[derive(Debug)]
struct Slot {
    name: Arc<str>,
    state: Box<Device>,
    group: Box<str>,
    /// The rules of the group.
    rules: Arc<RuleSet>,
    group_mark: u32,
    /// The place of what the group has in common.
    place: usize,
    /// The earliest entry of the queue for it.
    queued: Option<u32>,
    /// It is among those that were touched.
    is_touched: bool,
}

impl Slot {
    fn new(name: Arc<str>, state: Box<Device>, policy: &Policy, groups: &mut Groups) -> Self {
        let group = policy.group_of(&name);
        Self {
            name,
            state,
            group: group.into(),
            rules: Arc::clone(policy.rules.of(group)),
            group_mark: group_mark(group),
            place: groups.place(group),
            queued: None,
            is_touched: false,
        }
    }

    /// The state, and what it is judged by.
    fn at<'a>(
        &'a mut self,
        policy: &'a Policy,
        groups: &'a Groups,
        present_since: u32,
    ) -> (&'a mut Device, Context<'a>) {
        let context = Context {
            policy,
            device: &self.name,
            group: &self.group,
            group_mark: self.group_mark,
            rules: &self.rules,
            shared: groups.at(self.place),
            present_since,
        };
        (&mut self.state, context)
    }

    /// Sees to it that time passes for it then, if it must. An entry that is too early is found out when its time comes.
    fn enqueue(&mut self, queue: &mut Queue, due: Option<u32>) {
        let Some(due) = due.filter(|due| self.queued.is_none_or(|queued| *due < queued)) else {
            return;
        };
        if let Some(queued) = self.queued.replace(due) {
            queue.remove(&(queued, Arc::clone(&self.name)));
        }
        queue.insert((due, Arc::clone(&self.name)));
    }

    /// No time passes for it any more.
    fn leave(self, queue: &mut Queue) -> Box<Device> {
        if let Some(due) = self.queued {
            queue.remove(&(due, self.name));
        }
        self.state
    }

    /// Its state may have changed. Returns whether it was not among those that were touched.
    fn touch(&mut self) -> bool {
        !mem::replace(&mut self.is_touched, true)
    }
}

/// A state that was read: what takes time when a detector takes over many, and needs no detector.
#[derive(Debug)]
pub struct State {
    name: Arc<str>,
    of: Of,
}

#[derive(Debug)]
enum Of {
    Device(Box<Device>),
    Group(Group),
}

impl State {
    /// Reads what [`Detector::state`] gave under a name.
    ///
    /// # Errors
    /// [`StateError`] when the bytes are no state of this version.
    pub fn read(name: &str, bytes: &[u8]) -> Result<Self, StateError> {
        let (name, of) = match groups::name(name) {
            Some(group) => {
                let state = state::from_bytes(bytes, MOST_GROUP_BYTES, Group::is_valid)?;
                (group, Of::Group(state))
            }
            None => {
                let state = state::from_bytes(bytes, MOST_BYTES, Device::is_valid)?;
                (name, Of::Device(Box::new(state)))
            }
        };
        let name = name.into();
        Ok(Self { name, of })
    }
}

/// What the stream of input itself has come to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Stream {
    now: u32,
    /// Since when input has come without a pause.
    present_since: u32,
    /// No alert of a device that was forgotten was opened more often: if it comes back, no id is used again.
    openings: u32,
}

impl Detector {
    /// A detector that knows no device yet. Detectors that decide alike may share a policy.
    #[must_use]
    pub fn new(policy: impl Into<Arc<Policy>>) -> Self {
        Self {
            policy: policy.into(),
            ..Self::default()
        }
    }

    /// Takes the next piece of input, and says what changes by it, in order.
    pub fn feed(&mut self, input: Input<'_>) -> Vec<Change> {
        let mut changes = Vec::new();
        match input {
            Input::Report(report) => self.report(&report, &mut changes),
            Input::Signal(signal) => self.signal(&signal, &mut changes),
            Input::Tick { time } => {
                let due = self.due(time);
                changes = self.pass(&due, time);
            }
        }
        changes
    }

    /// A tick in two steps, for whoever cannot hold the changes of all devices at once: a fleet may fall silent as one. Time has come to `time`,
    /// which makes no difference yet; returns the devices for which it must [`pass`](Self::pass), in any portions, before anything else is fed.
    /// The same again, also by a detector that went on from states of some of them, leaves out those for which it has passed.
    pub fn due(&mut self, time: u32) -> Vec<Arc<str>> {
        self.advance(time);
        let mut due = Vec::new();
        while let Some((_, name)) = self.queue.first().filter(|(due, _)| *due <= time).cloned() {
            self.queue.pop_first();
            let Some(slot) = self.devices.get_mut(&name) else {
                continue;
            };
            slot.queued = None;
            let (state, context) = slot.at(&self.policy, &self.groups, self.stream.present_since);
            match state.due(&context) {
                Some(at) if at <= time => due.push((at, name)),
                later => slot.enqueue(&mut self.queue, later),
            }
        }
        due.sort_unstable();
        due.into_iter().map(|(_, name)| name).collect()
    }

    /// Lets time pass for devices that are [`due`](Self::due), and says what changes by it, in order.
    pub fn pass(&mut self, due: &[Arc<str>], time: u32) -> Vec<Change> {
        let mut changes = Vec::new();
        for name in due {
            self.with(name, |device, context| {
                device.pass(context, time, &mut changes);
            });
        }
        changes
    }

    /// Exchanges rules, lists, exceptions and settings. What the new exceptions cover closes.
    pub fn exchange(&mut self, policy: impl Into<Arc<Policy>>) -> Vec<Change> {
        let with_alerts = self.adopt(policy);
        self.review(&with_alerts)
    }

    /// An [`exchange`](Self::exchange) in two steps, as [`due`](Self::due) and [`pass`](Self::pass) are those of a tick: what is new decides from
    /// here on. Returns the devices with open alerts, which are to be [reviewed](Self::review) before anything else is fed.
    pub fn adopt(&mut self, policy: impl Into<Arc<Policy>>) -> Vec<Arc<str>> {
        self.policy = policy.into();
        let mut with_alerts = Vec::new();
        for (name, slot) in &mut self.devices {
            let group = self.policy.group_of(name);
            if *slot.group != *group {
                slot.group = group.into();
                slot.group_mark = group_mark(group);
                slot.place = self.groups.place(group);
                if slot.touch() {
                    self.touched.push(Arc::clone(name));
                }
            }
            slot.rules = Arc::clone(self.policy.rules.of(group));
            let (state, context) = slot.at(&self.policy, &self.groups, self.stream.present_since);
            if !state.alerts().is_empty() {
                with_alerts.push(Arc::clone(name));
            }
            let due = state.due(&context);
            slot.enqueue(&mut self.queue, due);
        }
        with_alerts.sort_unstable();
        with_alerts
    }

    /// Closes what the exceptions cover of devices' open alerts.
    pub fn review(&mut self, devices: &[Arc<str>]) -> Vec<Change> {
        let mut changes = Vec::new();
        for name in devices {
            self.with(name, |device, context| {
                device.review(context, &mut changes);
            });
        }
        changes
    }

    /// What decides at present.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The devices that are known, in no order. The hub's own state is not among them.
    pub fn devices(&self) -> impl Iterator<Item = &str> {
        self.devices
            .keys()
            .map(|name| &**name)
            .filter(|name| *name != HUB)
    }

    /// The open alerts of all devices, by device, and then in the order in which they opened.
    #[must_use]
    pub fn alerts(&self) -> Vec<Alert> {
        let mut devices: Vec<_> = self.devices.iter().collect();
        devices.sort_unstable_by_key(|(name, _)| *name);
        devices
            .into_iter()
            .flat_map(|(name, slot)| slot.state.alerts().all(name, &slot.group))
            .collect()
    }

    /// The open alerts of a device, in the order in which they opened.
    #[must_use]
    pub fn alerts_of(&self, device: &str) -> Vec<Alert> {
        let slot = self.devices.get(device).into_iter();
        slot.flat_map(|slot| slot.state.alerts().all(device, &slot.group))
            .collect()
    }

    /// What is to be recommended now, by device, and then the worst first.
    #[must_use]
    pub fn recommendations(&self) -> Vec<Recommendation> {
        let devices = self.devices.iter().filter(|(name, _)| ***name != *HUB);
        let mut subjects: Vec<_> = devices
            .map(|(name, slot)| slot.state.subject(name, &slot.group))
            .collect();
        subjects.sort_unstable_by_key(|subject| subject.device);
        hygiene::review(&subjects, &self.policy.config, &self.policy.advisories)
    }

    /// What a device says of its software. `None`: it is not known.
    #[must_use]
    pub fn versions(&self, device: &str) -> Option<Versions> {
        let slot = self.devices.get(device)?;
        Some(slot.state.subject(device, &slot.group).facts.versions())
    }

    /// Closes an alert because a person says so. If it goes on, another one opens.
    pub fn close(&mut self, device: &str, id: &str, time: u32) -> Vec<Change> {
        let mut changes = Vec::new();
        if self.devices.contains_key(device) {
            self.advance(time);
            self.with(device, |slot, context| {
                slot.close(context, id, time, &mut changes);
            });
        }
        changes
    }

    /// Whether an event of a device has been there before, so that it does not count again.
    #[must_use]
    pub fn is_repeated(&self, device: &str, event: &Event) -> bool {
        let slot = self.devices.get(device);
        slot.is_some_and(|slot| slot.state.is_repeated(event))
    }

    /// Devices whose state may have changed since this was last asked, or since it was taken over, each once: those whose
    /// [`state`](Self::state) a store must write anew. [`HUB`] may be among them, and devices that were forgotten meanwhile.
    pub fn take_touched(&mut self) -> Vec<Arc<str>> {
        let touched = mem::take(&mut self.touched);
        for name in &touched {
            if let Some(slot) = self.devices.get_mut(name) {
                slot.is_touched = false;
            } else {
                self.groups.is_taken(name);
            }
        }
        touched
    }

    /// What is wrong with a device's clock, if anything is.
    #[must_use]
    pub fn clock_fault(&self, device: &str) -> Option<ClockFault> {
        self.devices.get(device)?.state.clock_fault()
    }

    /// How many things a device's windows have had to forget before their time, because it did too many different things.
    #[must_use]
    pub fn displaced(&self, device: &str) -> u32 {
        let slot = self.devices.get(device);
        slot.map_or(0, |slot| slot.state.displaced())
    }

    /// The state of a device, as versioned bytes; [`HUB`] and groups have one, too. `None`: it is not known.
    #[must_use]
    pub fn state(&self, device: &str) -> Option<Vec<u8>> {
        if let Some(group) = groups::name(device) {
            return self.groups.state(group);
        }
        Some(state::to_bytes(&self.devices.get(device)?.state))
    }

    /// Takes over a device with a state that [`state`](Self::state) gave, in place of what is known of it. What the exceptions cover
    /// closes.
    ///
    /// # Errors
    /// [`StateError`] when the bytes are no state of this version. Nothing has changed then.
    pub fn restore(&mut self, device: &str, bytes: &[u8]) -> Result<Vec<Change>, StateError> {
        Ok(self.take_over(State::read(device, bytes)?))
    }

    /// The same with a state that was [read](State::read) before.
    pub fn take_over(&mut self, state: State) -> Vec<Change> {
        let State { name, of } = state;
        let mut changes = Vec::new();
        match of {
            Of::Group(state) => self.groups.take_over(&name, state),
            Of::Device(state) => {
                let anew = Slot::new(Arc::clone(&name), state, &self.policy, &mut self.groups);
                let slot = match self.devices.entry(Arc::clone(&name)) {
                    Entry::Vacant(place) => place.insert(anew),
                    Entry::Occupied(place) => {
                        let slot = place.into_mut();
                        mem::replace(slot, anew).leave(&mut self.queue);
                        slot
                    }
                };
                let (device, context) =
                    slot.at(&self.policy, &self.groups, self.stream.present_since);
                device.review(&context, &mut changes);
                let due = device.due(&context);
                slot.enqueue(&mut self.queue, due);
                // Else it is as whoever gave it has it.
                if !changes.is_empty() && slot.touch() {
                    self.touched.push(name);
                }
            }
        }
        changes
    }

    /// Forgets a device, whose alerts are told of no more: it was removed, or somebody else looks after it.
    pub fn forget(&mut self, device: &str) {
        if let Some(state) = self.remove(device) {
            self.opened_before(state.openings());
        }
    }

    fn remove(&mut self, device: &str) -> Option<Box<Device>> {
        let slot = self.devices.remove(device)?;
        Some(slot.leave(&mut self.queue))
    }

    /// Takes note that alerts of devices which are not known here were opened up to this often ([`Alert::opening`]), so that none of their
    /// ids is used again.
    pub fn opened_before(&mut self, openings: u32) {
        self.stream.openings = self.stream.openings.max(openings);
    }

    /// How far the stream of input has come, for [`resume`](Self::resume).
    #[must_use]
    pub fn position(&self) -> Position {
        Position(self.stream)
    }

    /// Goes on where another detector was, so that it is known which silence was the source's own.
    pub fn resume(&mut self, position: Position) {
        self.stream = position.0;
    }

    fn report(&mut self, report: &Report<'_>, changes: &mut Vec<Change>) {
        if groups::name(report.device).is_some() {
            return;
        }
        if let Some(received) = report.received {
            self.advance(received);
        }
        let mut lessons = Vec::new();
        self.with(report.device, |device, context| {
            let (received, message) = (report.received, report.message);
            device.report(context, received, message, &mut lessons, changes);
        });
        if !lessons.is_empty() {
            self.teach(report.device, &lessons);
        }
    }

    fn signal(&mut self, signal: &Signal<'_>, changes: &mut Vec<Change>) {
        if groups::name(signal.device).is_some() {
            return;
        }
        self.advance(signal.received);
        let (received, what) = (signal.received, &signal.what);
        let suspect = self.with(signal.device, |device, context| {
            device.signal(context, received, what, changes)
        });
        let (SignalKind::Connected { source } | SignalKind::Refused { source, .. }) = what else {
            return;
        };
        if let (Some(suspect), Some(source)) = (suspect, *source) {
            self.with(HUB, |hub, context| {
                hub.suspect(context, received, source, suspect, changes);
            });
        }
    }

    fn advance(&mut self, time: u32) {
        let away = seconds(self.policy.config.liveness.away);
        if time.saturating_sub(self.stream.now) > away {
            self.stream.present_since = time;
        }
        self.stream.now = self.stream.now.max(time);
    }

    /// Does something with a device's state, which is made if there is none, and sees to it that its time will pass.
    fn with<R>(&mut self, name: &str, act: impl FnOnce(&mut Device, &Context<'_>) -> R) -> R {
        let slot = match self.devices.get_mut(name) {
            Some(slot) => slot,
            None => {
                let state = Box::new(Device::after(self.stream.openings));
                let name = Arc::from(name);
                let slot = Slot::new(Arc::clone(&name), state, &self.policy, &mut self.groups);
                self.devices.entry(name).or_insert(slot)
            }
        };
        let (state, context) = slot.at(&self.policy, &self.groups, self.stream.present_since);
        let result = act(state, &context);
        let due = state.due(&context);
        slot.enqueue(&mut self.queue, due);
        if slot.touch() {
            self.touched.push(Arc::clone(&slot.name));
        }
        result
    }
}

/// How far a stream of input has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position(Stream);
