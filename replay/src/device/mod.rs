//! A device without C: the pure agent behind what an IP stack does with packets. Any number of them fit a process.

mod entropy;
mod receive;
mod summary;
mod traffic;

use defender_agent::{
    Action, Agent, Environment, FlowSource, FlowTable, Settings, SystemInformation,
    packet::{self, NetworkOrder, Packet as Parsed, Rejection},
};

use self::receive::{FIRST_BUFFER, Reception, receive};
use crate::{
    local::{Direction, Identity},
    packet::Packet,
    schedule::HubEvent,
    timeline::{NEXT_SECOND, Wait},
};

pub use self::{entropy::Repeatable, summary::Summary, traffic::Traffic};

/// The most flows of an IP version that can be kept apart; a device usually has room for [`USUAL_FLOWS`].
pub const MAX_FLOWS: usize = 1024;

/// How many flows of an IP version are kept apart when nothing else is said.
pub const USUAL_FLOWS: usize = 64;

/// Of a packet whose headers do not fit into its first buffer, so much is put together to read them.
const GATHERED: usize = 256;

/// What system information reports: that of the host port, which this stands for.
const SYSTEM: SystemInformation<'static> = SystemInformation {
    os_info: "Azure RTOS 6.4",
    kernel_info: "ThreadX 6.4.2, NetX Duo 6.4.2",
    hw_info: "",
};

/// The settings of an agent that nothing is said about: the defaults without jitter, and flows as on a usual device.
pub fn default_settings() -> Settings {
    let mut settings = Settings::new();
    // Neither can fail: the limits are not 0, and no time is too short for a jitter.
    let _ = settings.set_flow_limits(USUAL_FLOWS, USUAL_FLOWS);
    let _ = settings.set_first_collection_jitter(std::time::Duration::ZERO);
    settings
}

type Flows = FlowTable<MAX_FLOWS, MAX_FLOWS>;

/// A message that a hub took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The Unix second at which it was sent, in the device's time.
    pub time: u64,
    /// The security message.
    pub bytes: Vec<u8>,
}

/// A device whose packets and time come from a replay.
pub struct Device {
    identity: Identity,
    settings: Settings,
    agent: Box<Agent>,
    flows: Box<Flows>,
    entropy: Repeatable,
    /// The Unix second of the first packet.
    start: u64,
    /// Seconds after that, and how many of them nobody lived through.
    second: u64,
    left_out: u64,
    is_connected: bool,
    is_refusing: bool,
    frames: u64,
    /// Packets that are so broken that the agent never saw them.
    dropped: u64,
    messages: Vec<Message>,
}

impl Device {
    /// A device called `name`, with an agent that is enabled at the Unix second `start`.
    pub fn new(name: &str, identity: Identity, settings: Settings, start: u64) -> Self {
        let mut flows = Box::new(FlowTable::new());
        flows.apply(&settings);
        let mut device = Self {
            agent: Box::new(Agent::new()),
            identity,
            settings,
            flows,
            entropy: Repeatable::new(name, start),
            start,
            second: 0,
            left_out: 0,
            is_connected: true,
            is_refusing: false,
            frames: 0,
            dropped: 0,
            messages: Vec::new(),
        };
        let (agent, mut environment) = device.split();
        agent.enable(&mut environment);
        device
    }

    /// Something happens to its hub, which is there from the start.
    pub fn hub_event(&mut self, event: HubEvent) {
        match event {
            HubEvent::Up => self.is_connected = true,
            HubEvent::Down => self.is_connected = false,
            HubEvent::Fail => self.is_refusing = true,
            HubEvent::Pass => self.is_refusing = false,
        }
    }

    /// So many seconds are left out: the device's clock is set, and it has not lived through them.
    pub fn leave_out(&mut self, seconds: u64) {
        self.left_out += seconds;
    }

    /// The messages that its hub took since the last call.
    pub fn take_messages(&mut self) -> impl Iterator<Item = Message> {
        self.messages.drain(..)
    }

    /// What has happened so far.
    pub fn summary(&self) -> Summary {
        let packets = self.flows.statistics();
        let messages = self.agent.statistics();
        Summary {
            seen: self.frames,
            counted: packets.packets_counted,
            malformed: packets.packets_malformed + self.dropped,
            flows_aggregated: packets.flows_aggregated,
            messages: messages.messages_sent,
            bytes: messages.bytes_sent,
            retries: messages.retries,
        }
    }

    /// Collects what no hub has taken, and says how much it is. The end of a device: none will take it now.
    pub fn unreported(&mut self) -> Traffic {
        let mut unreported = Traffic::default();
        let kept = self.messages.len();
        self.is_connected = true;
        self.is_refusing = false;
        let mut second = self.second;
        // A look for a hub, what waits, a collection: each is waited for but once or twice.
        for _ in 0..16 {
            if self.is_reported() {
                break;
            }
            second += self.poll(second).seconds;
        }
        for message in self.messages.drain(kept..) {
            unreported.add_message(&message.bytes);
        }
        unreported
    }

    /// Whether a hub has taken all that was counted.
    pub fn is_reported(&mut self) -> bool {
        !self.agent.outlook(&self.settings).unsent && FlowSource::is_empty(&mut *self.flows)
    }

    /// Lets the agent do what is due, `second` seconds after the first packet.
    ///
    /// As on a device, that is a second after it was enabled for the first time.
    pub fn poll(&mut self, second: u64) -> Wait {
        self.second = second;
        if second == 0 {
            return NEXT_SECOND;
        }
        loop {
            let time = self.start.saturating_add(second);
            let is_refusing = self.is_refusing;
            let (agent, mut environment) = self.split();
            match agent.poll(&mut environment) {
                Action::Wait { .. } => break,
                Action::Send(message) => {
                    let taken = (!is_refusing).then(|| Message {
                        time,
                        bytes: message.to_vec(),
                    });
                    agent.sent(taken.is_some());
                    self.messages.extend(taken);
                }
            }
        }
        self.agent.outlook(&self.settings).into()
    }

    /// The agent, and what it sees of the world.
    fn split(&mut self) -> (&mut Agent, Environment<'_, Flows, Repeatable>) {
        let unix_time = self.start.saturating_add(self.second);
        let environment = Environment {
            uptime: self.second - self.left_out,
            // It has 32 bits, and stands at its end.
            unix_time: Some(u32::try_from(unix_time).unwrap_or(u32::MAX)),
            hub_connected: self.is_connected,
            settings: &self.settings,
            system: &SYSTEM,
            flows: &mut *self.flows,
            entropy: &mut self.entropy,
        };
        (&mut self.agent, environment)
    }

    /// A packet comes by.
    pub fn observe(&mut self, packet: &Packet<'_>) {
        self.frames += 1;
        let Some(ip) = packet.ip else {
            return;
        };
        match self.identity.direction(packet, ip) {
            Direction::Outgoing => self.send(ip),
            Direction::Incoming => self.receive(ip),
            Direction::Elsewhere => {}
        }
    }

    fn send(&mut self, ip: &[u8]) {
        // A stack makes no packet without a whole IP header.
        let is_plausible = match ip.first().map(|first| first >> 4) {
            Some(4) => (20..=ip.len()).contains(&(usize::from(ip[0] & 0xf) * 4)),
            Some(6) => ip.len() >= 40,
            _ => false,
        };
        if is_plausible {
            self.count(packet::Direction::Out, parse(ip));
        } else {
            self.dropped += 1;
        }
    }

    fn receive(&mut self, ip: &[u8]) {
        let reception = receive(ip, &self.identity);
        if self.settings.unicast_only() {
            match reception {
                Reception::Seen(direction, parsed) => self.count(direction, parsed),
                Reception::NotOurs => {}
                Reception::Broken => self.dropped += 1,
            }
            return;
        }
        // With multicast the agent sees packets before the stack has done anything with them.
        if ip.is_empty() {
            self.dropped += 1;
            return;
        }
        let parsed = parse(ip);
        let is_malformed = matches!(
            parsed,
            Err(Rejection::Malformed | Rejection::HeadTooShort { .. })
        );
        let direction = match (&parsed, &reception) {
            (_, Reception::Seen(direction, _)) => *direction,
            (Ok(parsed), _) => self.direction_at_filter(parsed),
            (Err(_), _) => packet::Direction::In,
        };
        self.count(direction, parsed);
        if reception == Reception::Broken && !is_malformed {
            self.dropped += 1;
        }
    }

    fn direction_at_filter(&self, parsed: &Parsed) -> packet::Direction {
        let is_subnet_broadcast = match parsed {
            Parsed::V4(packet) => self
                .identity
                .addresses()
                .iter()
                .any(|own| own.is_broadcast(packet.destination)),
            Parsed::V6(_) => false,
        };
        if is_subnet_broadcast {
            packet::Direction::InGroup
        } else {
            parsed.incoming()
        }
    }

    fn count(&mut self, direction: packet::Direction, parsed: Result<Parsed, Rejection>) {
        match parsed {
            Ok(packet) => {
                self.flows.observe(direction, &packet);
            }
            Err(reason) => self.flows.reject(reason),
        }
    }
}

/// Reads a packet as the hooks do, which have it in buffers.
fn parse(ip: &[u8]) -> Result<Parsed, Rejection> {
    let first = &ip[..ip.len().min(FIRST_BUFFER)];
    match packet::parse::<NetworkOrder>(first, ip.len()) {
        Err(Rejection::HeadTooShort { .. }) => {
            packet::parse::<NetworkOrder>(&ip[..ip.len().min(GATHERED)], ip.len())
        }
        parsed => parsed,
    }
}
