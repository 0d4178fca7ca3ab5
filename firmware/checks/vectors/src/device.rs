//! A device whose agent sees a capture.

use core::net::IpAddr;

use defender_agent::packet::{Direction, NetworkOrder, Packet, parse};
use defender_agent::{
    Action, Agent, Entropy, EntropyUnavailable, Environment, FlowTable, Settings, SystemInformation,
};

use crate::capture::{Bytes, Capture};

/// The agent of an image: as many flows of each IP version, and bytes of a message.
#[cfg(not(feature = "small"))]
pub type Sizes = Device<64, 64, { defender_agent::MESSAGE_BYTES }>;
#[cfg(feature = "small")]
pub type Sizes = Device<16, 16, 1200>;

/// The one device of an image, where it does not need stack.
pub fn device() -> &'static mut Sizes {
    static mut DEVICE: Sizes = Device::new();
    let device = &raw mut DEVICE;
    // SAFETY: there is one thread, and one caller at a time.
    unsafe { &mut *device }
}

/// Seconds that the device lives on after the last packet.
const REST: u64 = 11;

/// An agent and its flow table.
pub struct Device<const V4: usize, const V6: usize, const MESSAGE: usize> {
    agent: Agent<MESSAGE>,
    flows: FlowTable<V4, V6>,
}

/// Event ids and the table's seed, the same in every run.
struct Counter(u32);

impl Entropy for Counter {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), EntropyUnavailable> {
        for byte in bytes {
            self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            *byte = (self.0 >> 24) as u8;
        }
        Ok(())
    }
}

impl<const V4: usize, const V6: usize, const MESSAGE: usize> Device<V4, V6, MESSAGE> {
    /// A device that was not on yet.
    pub const fn new() -> Self {
        Self {
            agent: Agent::new(),
            flows: FlowTable::new(),
        }
    }

    /// Lives through the capture, as the device with the addresses `local`, and gives every message to `send`. A second's
    /// work is done before its packets.
    pub fn replay<B: Bytes>(
        &mut self,
        capture: &mut Capture<B>,
        local: &[IpAddr],
        mut send: impl FnMut(&[u8]),
    ) {
        self.flows.clear();
        let mut settings = Settings::new();
        let without_jitter = settings.set_first_collection_jitter(core::time::Duration::ZERO);
        assert!(without_jitter.is_ok(), "no jitter is a setting");
        let mut entropy = Counter(1);
        let mut begin = None;
        let mut next = 0;
        let mut end = 0;
        while let Some(packet) = capture.next_packet() {
            let begin = *begin.get_or_insert(packet.time);
            end = u64::from(packet.time - begin);
            self.live(begin, next..=end, &settings, &mut entropy, &mut send);
            next = end + 1;
            match parse::<NetworkOrder>(packet.head, packet.length) {
                Ok(seen) => {
                    if let Some(direction) = direction(&seen, local) {
                        self.flows.observe(direction, &seen);
                    }
                }
                Err(reason) => self.flows.reject(reason),
            }
        }
        if let Some(begin) = begin {
            self.live(begin, next..=end + REST, &settings, &mut entropy, &mut send);
        }
    }

    /// Seconds without packets.
    fn live(
        &mut self,
        begin: u32,
        seconds: core::ops::RangeInclusive<u64>,
        settings: &Settings,
        entropy: &mut Counter,
        send: &mut impl FnMut(&[u8]),
    ) {
        for second in seconds {
            let mut environment = Environment {
                uptime: second,
                unix_time: Some(begin + second as u32),
                hub_connected: true,
                settings,
                system: &SystemInformation::default(),
                flows: &mut self.flows,
                entropy: &mut *entropy,
            };
            if second == 0 {
                self.agent.enable(&mut environment);
            }
            while let Action::Send(message) = self.agent.poll(&mut environment) {
                send(message);
                self.agent.sent(true);
            }
        }
    }
}

/// Which way a packet goes; `None` when it is for a group or for somebody else.
fn direction(packet: &Packet, local: &[IpAddr]) -> Option<Direction> {
    let (source, destination): (IpAddr, IpAddr) = match packet {
        Packet::V4(seen) => (seen.source.into(), seen.destination.into()),
        Packet::V6(seen) => (seen.source.into(), seen.destination.into()),
    };
    if local.contains(&source) {
        Some(Direction::Out)
    } else {
        local.contains(&destination).then_some(Direction::In)
    }
}
