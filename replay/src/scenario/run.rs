//! A scenario as it goes.

use std::{convert::Infallible, net::IpAddr, time::Duration};

use super::{
    options::{Options, ScenarioError},
    site::Site,
    stage::Stage,
    table::Scenario,
    truth::{Happening, Ledger, Truth},
};
use crate::{Packet, PacketSource};

/// A packet of a scenario, as the device's network interface sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TimedPacket {
    /// When, in time since 1970, in whole microseconds.
    pub time: Duration,
    /// The IP packet.
    pub ip: Vec<u8>,
}

/// A scenario as it goes: an iterator of its packets in the order of time.
pub struct Run {
    scenario: &'static Scenario,
    seed: u64,
    start: Duration,
    stage: Stage,
    happenings: Vec<Happening>,
    /// The packet that was last lent out.
    current: Option<TimedPacket>,
}

impl Run {
    pub(super) fn new(
        scenario: &'static Scenario,
        options: &Options,
    ) -> Result<Self, ScenarioError> {
        let device = options.device()?;
        let (start, length) = options.span(scenario.usual_duration())?;
        let mut stage = Stage::new(options.seed, Site::new(device, options.peer), length);
        (scenario.set_up)(&mut stage);
        Ok(Self {
            scenario,
            seed: options.seed,
            start,
            stage,
            happenings: Vec::new(),
            current: None,
        })
    }

    /// The device's own address.
    pub fn device(&self) -> IpAddr {
        self.stage.site.device
    }

    /// When it begins, in time since 1970.
    pub fn start(&self) -> Duration {
        self.start
    }

    /// A ledger for the packets of this scenario.
    pub fn ledger(&self) -> Ledger {
        Ledger::new(self.device())
    }

    /// What there was, with the packets and flows that `ledger` has counted.
    pub fn truth(&self, ledger: Ledger) -> Truth {
        Truth {
            scenario: self.scenario.name(),
            label: self.scenario.label(),
            summary: self.scenario.summary(),
            seed: self.seed,
            device_addresses: vec![self.device()],
            start: self.start.as_secs(),
            end: (self.start + self.stage.length).as_secs(),
            packets: ledger.packets(),
            happenings: self.happenings.clone(),
            flows: ledger.into_flows(),
        }
    }

    /// What has happened so far.
    pub fn happenings(&self) -> &[Happening] {
        &self.happenings
    }
}

impl Iterator for Run {
    type Item = TimedPacket;

    fn next(&mut self) -> Option<TimedPacket> {
        let next = self.stage.next_packet();
        for mut happening in self.stage.happenings.drain(..) {
            happening.time += self.start.as_secs();
            self.happenings.push(happening);
        }
        let (time, ip) = next?;
        Some(TimedPacket {
            time: self.start + time,
            ip,
        })
    }
}

impl PacketSource for Run {
    type Error = Infallible;

    fn next_packet(&mut self) -> Result<Option<Packet<'_>>, Infallible> {
        self.current = self.next();
        Ok(self
            .current
            .as_ref()
            .map(|packet| Packet::new(packet.time, &packet.ip)))
    }
}
