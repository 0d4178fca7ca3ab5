//! The agent with anything that can happen to a device. What is reported and what is kept are the bytes that were fed, nothing is
//! sent while no hub is there, once a device, no message without end, and in the end everything arrives.

#![no_main]

#[path = "../../agent/tests/support/entropy.rs"]
mod entropy;

use std::collections::HashSet;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use arbitrary::Arbitrary;
use defender_agent::flow::{Cursor, Verdict};
use defender_agent::hub::{self, HubClient};
use defender_agent::packet::{Direction, Observation, Packet};
use defender_agent::{
    Action, Agent, Collector, Environment, FlowSource, FlowTable, Priority, Protocol,
    Settings, State, SystemInformation,
};
use defender_message::SecurityMessage;
use defender_message::decode::Payload;
use entropy::TestEntropy;
use libfuzzer_sys::fuzz_target;

/// 129 bytes: one too many for a field of the system information.
const LONG: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\
                    0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef!";

const LONGEST_TIME: u32 = 30 * 24 * 60 * 60;

#[derive(Arbitrary, Debug)]
enum Event {
    Pass(u16),
    PassLong(u32),
    PassAsAsked,
    PollAgain,
    /// Uptime that no device reaches, or that goes back.
    Uptime(u64),
    Packets {
        count: u8,
        host: u8,
        v6: bool,
        bytes: u32,
    },
    UnixTime(Option<u32>),
    Client {
        number: u8,
        connected: bool,
        takes: bool,
        device: u8,
    },
    Entropy(bool),
    Interval(u8, u32),
    RetryTime(u32),
    PendingTime(u32),
    FirstCollection(u32, u16),
    Collector(u8, bool),
    Moved(u8, u8),
    EmptyEvents(bool),
    Protocol(u8, bool),
    Limits(u8, u8),
    HubDevices(u8),
    ModuleId(u8),
    System(u8),
    Enable,
}

#[derive(Clone, Default)]
struct Client {
    device: u8,
    connected: bool,
    takes: bool,
}

impl HubClient for &Client {
    fn is_connected(&self) -> bool {
        self.connected
    }

    fn same_device(&self, other: &Self) -> bool {
        self.device == other.device
    }
}

struct Device<const MESSAGE: usize> {
    agent: Agent<MESSAGE>,
    flows: FlowTable<8, 8>,
    settings: Settings,
    system: u8,
    random: TestEntropy,
    clients: Vec<Client>,
    uptime: u64,
    unix_time: Option<u32>,
    wait: u32,
    /// Bytes that were counted, those that a hub took, those of the message that none has taken.
    fed: u128,
    sent: u128,
    refused: Option<(Vec<u8>, u128)>,
    ids: HashSet<[u8; 16]>,
    messages: u64,
    retries: u64,
}

impl<const MESSAGE: usize> Device<MESSAGE> {
    fn new(seed: u64) -> Self {
        let client = Client {
            connected: true,
            takes: true,
            device: 0,
        };
        Self {
            agent: Agent::new(),
            flows: FlowTable::new(),
            settings: Settings::new(),
            system: 0,
            random: TestEntropy {
                state: seed,
                broken: false,
            },
            clients: vec![client; 3],
            uptime: seed,
            unix_time: Some(seed as u32),
            wait: 1,
            fed: 0,
            sent: 0,
            refused: None,
            ids: HashSet::new(),
            messages: 0,
            retries: 0,
        }
    }

    fn with_environment<R>(
        &mut self,
        work: impl FnOnce(&mut Agent<MESSAGE>, &mut Environment<'_, FlowTable<8, 8>, TestEntropy>) -> R,
    ) -> R {
        let text = &LONG[..LONG.len() - usize::from(self.system) % LONG.len()];
        let mut environment = Environment {
            uptime: self.uptime,
            unix_time: self.unix_time,
            hub_connected: hub::any_connected(self.clients.iter()),
            settings: &self.settings,
            system: &SystemInformation {
                os_info: text,
                kernel_info: text,
                hw_info: "",
            },
            flows: &mut self.flows,
            entropy: &mut self.random,
        };
        work(&mut self.agent, &mut environment)
    }

    fn poll(&mut self) {
        for _ in 0..400 {
            let action =
                self.with_environment(|agent, environment| match agent.poll(environment) {
                    Action::Wait { seconds } => Err(seconds),
                    Action::Send(message) => Ok(message.to_vec()),
                });
            match action {
                Ok(message) => self.deliver(message),
                Err(seconds) => {
                    assert!((1..=LONGEST_TIME).contains(&seconds), "{seconds}");
                    self.wait = seconds;
                    return;
                }
            }
        }
        panic!("messages without end");
    }

    fn deliver(&mut self, message: Vec<u8>) {
        assert!(
            hub::any_connected(self.clients.iter()),
            "sent without a hub"
        );
        assert!(message.len() <= MESSAGE && self.agent.state() == State::Active);
        let bytes = match self.refused.take() {
            Some((refused, bytes)) => {
                assert_eq!(refused, message, "another message than the refused one");
                bytes
            }
            None => self.new_message(&message),
        };
        let mut took = [0; 256];
        let takers = hub::deliver(
            self.clients.iter(),
            self.settings.max_hub_devices(),
            |client| {
                assert!(client.connected);
                took[usize::from(client.device)] += u32::from(client.takes);
                client.takes
            },
        );
        assert!(
            took.iter().all(|&took| took <= 1),
            "one device got it twice"
        );
        assert!(takers <= usize::from(self.settings.max_hub_devices()));
        self.agent.sent(takers > 0);
        if takers > 0 {
            self.sent += bytes;
            self.messages += 1;
        } else {
            self.refused = Some((message, bytes));
            self.retries += 1;
        }
    }

    /// The bytes that a message reports.
    fn new_message(&mut self, message: &[u8]) -> u128 {
        let message = SecurityMessage::decode(message).expect("it was encoded");
        assert!(!message.events.is_empty());
        let mut bytes = 0;
        for event in &message.events {
            assert!(self.ids.insert(event.id.0), "an id comes twice");
            if let Some(unix_time) = self.unix_time {
                assert_eq!(event.time, unix_time);
            }
            if let Payload::NetworkActivity { flows } = &event.payload {
                let each = flows.iter();
                bytes += each
                    .map(|flow| u128::from(flow.bytes_in) + u128::from(flow.bytes_out))
                    .sum::<u128>();
            }
        }
        bytes
    }

    fn pass(&mut self, seconds: u32) {
        for _ in 0..seconds {
            self.poll();
            self.uptime = self.uptime.saturating_add(1);
            self.unix_time = self.unix_time.map(|time| time.saturating_add(1));
        }
    }

    fn packet(&mut self, host: u8, v6: bool, bytes: u32) {
        let protocol = Protocol::ALL[usize::from(host) % Protocol::ALL.len()];
        let direction = [Direction::In, Direction::Out][usize::from(host % 2)];
        let host = u32::from(host) + 1;
        let packet = if v6 {
            let address = Ipv6Addr::from_bits(host.into());
            Packet::V6(observation(protocol, address, Ipv6Addr::LOCALHOST, bytes))
        } else {
            let address = Ipv4Addr::from_bits(host);
            Packet::V4(observation(protocol, address, Ipv4Addr::LOCALHOST, bytes))
        };
        if self.flows.observe(direction, &packet) == Verdict::Counted {
            self.fed += u128::from(bytes);
        }
    }

    /// The bytes that are in the table, which is empty then.
    fn left(&mut self) -> u128 {
        let mut cursor = Cursor::START;
        let mut bytes = 0;
        while let Some(flow) = self.flows.take(&mut cursor) {
            let [received, sent] = flow.bytes;
            bytes += u128::from(received) + u128::from(sent);
        }
        bytes
    }

    fn kept(&self) -> u128 {
        self.refused.as_ref().map_or(0, |(_, bytes)| *bytes)
    }

    fn happen(&mut self, event: &Event, budget: &mut u32) {
        match *event {
            Event::Pass(seconds) => {
                let seconds = u32::from(seconds % 400).min(*budget);
                *budget -= seconds;
                self.pass(seconds);
            }
            Event::PassLong(seconds) => {
                self.uptime = self.uptime.saturating_add(u64::from(seconds));
                self.poll();
            }
            Event::PassAsAsked => {
                self.poll();
                self.uptime = self.uptime.saturating_add(self.wait.into());
                self.poll();
            }
            Event::PollAgain => {
                self.poll();
                self.poll();
            }
            Event::Uptime(uptime) => self.uptime = uptime,
            Event::Packets {
                count,
                host,
                v6,
                bytes,
            } => {
                for number in 0..count % 64 {
                    self.packet(host.wrapping_add(number), v6, bytes);
                }
            }
            Event::UnixTime(time) => self.unix_time = time,
            Event::Client {
                number,
                connected,
                takes,
                device,
            } => {
                self.clients[usize::from(number) % 3] = Client {
                    device: device % 3,
                    connected,
                    takes,
                };
            }
            Event::Entropy(dry) => self.random.broken = dry,
            Event::System(less) => self.system = less,
            Event::Enable => {
                // It forgets a message that was refused, and what it has counted of itself.
                self.with_environment(|agent, environment| agent.enable(environment));
                self.fed -= self.kept();
                self.refused = None;
                (self.messages, self.retries) = (0, 0);
            }
            ref change => {
                // A value outside its limits changes nothing.
                let _ = change.apply(&mut self.settings);
            }
        }
        self.flows.apply(&self.settings);
    }
}

impl Event {
    fn apply(&self, settings: &mut Settings) -> Result<(), defender_agent::SettingsError> {
        // Half of the times are short.
        let time = |time: u32| {
            let end = if time % 2 == 0 { 90 } else { LONGEST_TIME };
            Duration::from_secs(u64::from(time / 2 % end + 1))
        };
        match *self {
            Self::Interval(priority, interval) => {
                settings.set_interval(pick(&Priority::ALL, priority), time(interval))
            }
            Self::RetryTime(retry) => settings.set_retry_time(time(retry)),
            Self::PendingTime(pending) => settings.set_pending_time(time(pending)),
            Self::FirstCollection(first, jitter) => {
                settings.set_first_collection(time(first))?;
                settings.set_first_collection_jitter(Duration::from_secs(jitter.into()))
            }
            Self::HubDevices(devices) => settings.set_max_hub_devices(devices),
            Self::ModuleId(length) => {
                settings.set_security_module_id(&LONG[..usize::from(length).min(LONG.len())])
            }
            Self::Limits(ipv4, ipv6) => settings.set_flow_limits(ipv4.into(), ipv6.into()),
            Self::Collector(collector, enabled) => {
                settings.set_collector_enabled(pick(&Collector::ALL, collector), enabled);
                Ok(())
            }
            Self::Moved(collector, priority) => {
                let collector = pick(&Collector::ALL, collector);
                settings.set_collector_priority(collector, pick(&Priority::ALL, priority));
                Ok(())
            }
            Self::EmptyEvents(send) => {
                settings.set_send_empty_events(send);
                Ok(())
            }
            Self::Protocol(protocol, enabled) => {
                settings.set_protocol_enabled(pick(&Protocol::ALL, protocol), enabled);
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

fn pick<T: Copy>(all: &[T], number: u8) -> T {
    all[usize::from(number) % all.len()]
}

fn observation<A>(protocol: Protocol, source: A, destination: A, bytes: u32) -> Observation<A> {
    Observation {
        protocol,
        source,
        destination,
        source_port: 0,
        destination_port: 0,
        bytes,
    }
}

fn run<const MESSAGE: usize>(seed: u64, events: &[Event]) {
    let mut device = Device::<MESSAGE>::new(seed);
    let mut budget = 4000;
    for event in events {
        device.happen(event, &mut budget);
    }
    let statistics = device.agent.statistics();
    assert_eq!(statistics.messages_sent, device.messages);
    assert_eq!(statistics.retries, device.retries);
    let left = device.left();
    assert_eq!(device.sent + device.kept() + left, device.fed);

    // With everything that it needs, all goes out in bounded time.
    device.fed -= left;
    for host in 0..9 {
        device.packet(host, false, 10);
        device.packet(host, true, 10);
    }
    device.settings = Settings::new();
    device.flows.apply(&device.settings);
    device.random.broken = false;
    device.unix_time = Some(1_795_000_000);
    for client in &mut device.clients {
        (client.connected, client.takes) = (true, true);
    }
    device.uptime = 1_000_000;
    device.with_environment(|agent, environment| agent.enable(environment));
    device.fed -= device.kept();
    device.refused = None;
    device.pass(100);
    assert!(device.flows.is_empty() && device.refused.is_none());
    assert_eq!(device.sent, device.fed);
}

fuzz_target!(|input: (u8, u64, Vec<Event>)| {
    let (size, seed, events) = input;
    // Uptime as of a device, or near its end.
    let seed = if size < 200 { seed >> 32 } else { seed };
    match size % 3 {
        0 => run::<4000>(seed, &events),
        1 => run::<1000>(seed, &events),
        _ => run::<16384>(seed, &events),
    }
});
