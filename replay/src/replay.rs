//! A capture through a device, message by message.

use std::{collections::VecDeque, marker::PhantomData};

use defender_agent::Settings;

use crate::{
    device::{self, Device, Message, Summary, Traffic},
    local::Identity,
    packet::{Packet, PacketSource},
    schedule::{HubEvent, HubSchedule},
    timeline::{Ending, LeftOut, Pace, Timeline, Wait, World},
};

/// What a device is, and how packets are replayed to it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Plan {
    /// The device's name. Its event ids depend on it.
    pub name: String,
    /// What it is known by on its network.
    pub identity: Identity,
    /// The settings of its agent.
    pub settings: Settings,
    /// When its hub comes and goes.
    pub schedule: HubSchedule,
    /// How its time goes.
    pub pace: Pace,
}

impl Plan {
    /// A device with default settings, whose hub is always there, and whose packets are all reported.
    pub fn new(name: impl Into<String>, identity: Identity) -> Self {
        Self {
            name: name.into(),
            identity,
            settings: device::default_settings(),
            schedule: HubSchedule::always_up(),
            pace: Pace::FAST,
        }
    }

    /// The same with these settings. They say the first collection's jitter, too, which is repeatable here.
    #[must_use]
    pub fn settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    /// The same with a hub that comes and goes.
    #[must_use]
    pub fn schedule(mut self, schedule: HubSchedule) -> Self {
        self.schedule = schedule;
        self
    }

    /// The device, at whose start it is this Unix second.
    fn device(&self, start: u64) -> Device {
        Device::new(&self.name, self.identity.clone(), self.settings, start)
    }

    /// The same with another end.
    #[must_use]
    pub fn ending(mut self, ending: Ending) -> Self {
        self.pace = self.pace.ending(ending);
        self
    }
}

/// The packets of `S` on their way through a device. See [`next_message`](Self::next_message).
pub struct Replay<S> {
    source: S,
    plan: Plan,
    timeline: Timeline,
    /// There is none before the first packet, whose time is that of its start.
    device: Option<Device>,
    messages: VecDeque<Message>,
    is_over: bool,
    unreported: Traffic,
}

impl<S: PacketSource> Replay<S> {
    /// Nothing has happened yet.
    pub fn new(source: S, plan: Plan) -> Self {
        Self {
            source,
            timeline: Timeline::new(plan.pace, plan.schedule.clone()),
            plan,
            device: None,
            messages: VecDeque::new(),
            is_over: false,
            unreported: Traffic::default(),
        }
    }

    /// The next message that the hub took, in the order of their times; `None` after the last one.
    ///
    /// # Errors
    /// Those of the source.
    pub fn next_message(&mut self) -> Result<Option<Message>, S::Error> {
        loop {
            if let Some(message) = self.messages.pop_front() {
                return Ok(Some(message));
            }
            if self.is_over {
                return Ok(None);
            }
            self.step()?;
        }
    }

    /// Whether a message is there already, so that the next packet need not be waited for.
    pub fn has_message(&self) -> bool {
        !self.messages.is_empty()
    }

    /// Where the packets come from.
    pub fn source(&self) -> &S {
        &self.source
    }

    /// What has happened so far.
    pub fn summary(&self) -> Summary {
        let device = self.device.as_ref();
        let mut summary = device.map(Device::summary).unwrap_or_default();
        summary.retries += self.timeline.refused();
        summary
    }

    /// After the last message: what no hub has taken.
    pub fn unreported(&self) -> Traffic {
        self.unreported
    }

    /// Time without packets that was left out so far.
    pub fn left_out(&self) -> LeftOut {
        self.timeline.left_out()
    }

    fn step(&mut self) -> Result<(), S::Error> {
        let mut stage = Stage {
            plan: &self.plan,
            device: &mut self.device,
            error: PhantomData,
        };
        let goes_on = self.timeline.step(&mut self.source, &mut stage)?;
        if let Some(device) = &mut self.device {
            self.messages.extend(device.take_messages());
            if !goes_on {
                self.unreported = device.unreported();
            }
        }
        self.is_over = !goes_on;
        Ok(())
    }
}

/// A device from its first packet on. Its error is that of the packets' source.
struct Stage<'a, E> {
    plan: &'a Plan,
    device: &'a mut Option<Device>,
    error: PhantomData<E>,
}

impl<E> Stage<'_, E> {
    fn device(&mut self) -> &mut Device {
        self.device.get_or_insert_with(|| self.plan.device(0))
    }
}

impl<E> World for Stage<'_, E> {
    type Error = E;

    fn start(&mut self, unix_time: u64) -> Result<(), E> {
        *self.device = Some(self.plan.device(unix_time));
        Ok(())
    }

    fn hub_event(&mut self, event: HubEvent) {
        self.device().hub_event(event);
    }

    fn second(&mut self, second: u64) -> Result<Wait, E> {
        Ok(self.device().poll(second))
    }

    fn leave_out(&mut self, second: u64, until: u64) -> Result<(), E> {
        self.device().leave_out(until - second);
        Ok(())
    }

    fn packet(&mut self, _: u64, packet: &Packet<'_>) -> Result<(), E> {
        self.device().observe(packet);
        Ok(())
    }

    fn is_reported(&mut self) -> bool {
        self.device().is_reported()
    }
}
