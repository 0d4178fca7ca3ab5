//! A simulated device: the pure agent, and packets that it sees.

use std::time::Duration;

use defender_agent::{
    Action, Agent, Environment, FlowTable, Priority, Settings, SystemInformation,
    packet::{self, Direction, NetworkOrder},
};
use defender_replay::device::Repeatable;

use crate::support::now;

const SYSTEM: SystemInformation<'static> = SystemInformation {
    os_info: "simulated",
    kernel_info: "",
    hw_info: "",
};

/// A report each second in which there is something to say, of few flows.
pub fn settings() -> Settings {
    let mut settings = Settings::new();
    settings
        .set_first_collection_jitter(Duration::ZERO)
        .unwrap();
    settings
        .set_interval(Priority::High, Duration::from_secs(1))
        .unwrap();
    settings.set_flow_limits(4, 1).unwrap();
    settings
}

/// A device: the agent, and packets that it sees.
pub struct Device {
    agent: Agent<1000>,
    flows: FlowTable<4, 1>,
    entropy: Repeatable,
    start: u32,
    second: u32,
}

impl Device {
    pub fn new(id: &str, settings: &Settings) -> Self {
        let start = now();
        let mut flows = FlowTable::new();
        flows.apply(settings);
        let mut device = Self {
            agent: Agent::new(),
            flows,
            entropy: Repeatable::new(id, start.into()),
            start,
            second: 0,
        };
        // The first second, in which it begins.
        device.next(settings, |_| {});
        device
    }

    /// Lets a second pass with some packets, and gives the messages that are due.
    pub fn next(&mut self, settings: &Settings, mut send: impl FnMut(&[u8])) {
        for (direction, protocol, port) in [
            (Direction::Out, 17, 53),
            (Direction::In, 17, 53),
            (Direction::Out, 6, 8883),
            (Direction::In, 6, 8883),
        ] {
            let bytes = ip(direction, protocol, port);
            let packet = packet::parse::<NetworkOrder>(&bytes, bytes.len()).unwrap();
            self.flows.observe(direction, &packet);
        }
        self.second += 1;
        let mut environment = Environment {
            uptime: self.second.into(),
            unix_time: Some(self.start + self.second),
            hub_connected: true,
            settings,
            system: &SYSTEM,
            flows: &mut self.flows,
            entropy: &mut self.entropy,
        };
        while let Action::Send(message) = self.agent.poll(&mut environment) {
            send(message);
            self.agent.sent(true);
        }
    }
}

/// A packet between the device and a service.
fn ip(direction: Direction, protocol: u8, port: u16) -> [u8; 40] {
    let mut bytes = [0; 40];
    bytes[0] = 0x45;
    bytes[3] = 40;
    (bytes[8], bytes[9]) = (64, protocol);
    let (device, service) = ([10, 0, 0, 2], [10, 0, 0, 1]);
    let (from, to, ports) = match direction {
        Direction::Out => (device, service, [50_000, port]),
        Direction::In | Direction::InGroup => (service, device, [port, 50_000]),
    };
    bytes[12..16].copy_from_slice(&from);
    bytes[16..20].copy_from_slice(&to);
    bytes[20..22].copy_from_slice(&ports[0].to_be_bytes());
    bytes[22..24].copy_from_slice(&ports[1].to_be_bytes());
    match protocol {
        17 => bytes[25] = 20,
        _ => bytes[32] = 0x50,
    }
    bytes
}
