//! A device in virtual time: an agent, its flow table, its clock and its hub clients.
//!
//! Every step checks what must always hold: nothing is given out without a connected hub, a message that was refused
//! comes again unchanged until one takes it, no message exceeds the buffer, every message decodes, no event id comes twice.

use std::cell::Cell;
use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use defender_agent::flow::Verdict;
use defender_agent::hub::{self, HubClient};
use defender_agent::packet::{Direction, Packet};
use defender_agent::{Action, Agent, Environment, FlowTable, MESSAGE_BYTES, Protocol, Settings};
use defender_message::SecurityMessage;
use defender_message::decode::{Event, Payload};
use defender_message::flow::SystemInformation;

use super::entropy::TestEntropy;
use super::packets::flow as flow_of;
use super::samples::{AnyFlow, Sample, totals};

/// The Unix time at which the agents of the tests are enabled.
pub const ENABLED_AT: u32 = 1_760_000_000;

/// A hub client.
#[derive(Clone, Debug)]
pub struct Client {
    pub device: &'static str,
    pub connected: bool,
    /// Whether its sends succeed.
    pub takes: bool,
    /// Messages that it took.
    pub took: Cell<usize>,
}

impl Client {
    pub fn new(device: &'static str) -> Self {
        Self {
            device,
            connected: true,
            takes: true,
            took: Cell::new(0),
        }
    }
}

impl HubClient for &Client {
    fn is_connected(&self) -> bool {
        self.connected
    }

    fn same_device(&self, other: &Self) -> bool {
        self.device == other.device
    }
}

/// A message that a hub took, and when.
#[derive(Clone, Debug, PartialEq)]
pub struct Sent {
    /// Seconds after enable, as they really passed.
    pub second: u32,
    pub bytes: Vec<u8>,
    pub message: SecurityMessage,
}

impl Sent {
    /// The flows of all its events.
    pub fn flows(&self) -> impl Iterator<Item = &AnyFlow> {
        self.message
            .events
            .iter()
            .filter_map(|event| match &event.payload {
                Payload::NetworkActivity { flows } => Some(flows),
                _ => None,
            })
            .flatten()
    }

    /// The event about network activity; there must be exactly one.
    pub fn network_activity(&self) -> &Event {
        let network = |event: &&Event| matches!(event.payload, Payload::NetworkActivity { .. });
        let events: Vec<&Event> = self.message.events.iter().filter(network).collect();
        assert_eq!(events.len(), 1, "{:?}", self.message);
        events[0]
    }

    /// A letter an event: N, S, H for network activity, system information, heartbeat.
    pub fn kinds(&self) -> String {
        let letter = |event: &Event| match event.payload {
            Payload::NetworkActivity { .. } => 'N',
            Payload::SystemInformation { .. } => 'S',
            Payload::Heartbeat => 'H',
            _ => '?',
        };
        self.message.events.iter().map(letter).collect()
    }
}

pub struct Simulation<const MESSAGE: usize = MESSAGE_BYTES> {
    pub agent: Agent<MESSAGE>,
    pub flows: FlowTable,
    pub settings: Settings,
    pub system: SystemInformation<'static>,
    pub entropy: TestEntropy,
    pub clients: Vec<Client>,
    /// Seconds that really passed since enable.
    pub second: u32,
    /// What the device's uptime was when the agent was enabled.
    pub enabled_at: u64,
    /// What the device believes the Unix time is.
    pub unix_time: Option<u32>,
    /// Lets the sends of all clients fail and pass in turn, a fail first.
    pub every_other_send_fails: bool,
    /// Polls only when the agent asked for it, not once a second.
    pub patient: bool,
    next_poll: u32,
    /// The seconds at which the agent was polled.
    pub polls: Vec<u32>,
    pub sent: Vec<Sent>,
    /// The seconds at which a message was refused by all.
    pub refused: Vec<u32>,
    refused_message: Option<Vec<u8>>,
    ids: HashSet<[u8; 16]>,
    observed: Vec<AnyFlow>,
}

impl Simulation {
    /// A device with one connected hub client that takes everything, and default settings without jitter.
    pub fn new() -> Self {
        Self::with_buffer()
    }
}

impl<const MESSAGE: usize> Simulation<MESSAGE> {
    /// The same with a message buffer of another size.
    pub fn with_buffer() -> Self {
        Self::starting(30)
    }

    /// The same with another time of the first collection.
    pub fn starting(first_collection: u64) -> Self {
        let mut settings = Settings::new();
        let first_collection = Duration::from_secs(first_collection);
        settings.set_first_collection(first_collection).unwrap();
        settings
            .set_first_collection_jitter(Duration::ZERO)
            .unwrap();
        Self {
            agent: Agent::new(),
            flows: FlowTable::new(),
            settings,
            system: SystemInformation {
                os_info: "ThreadX 6.4.2",
                kernel_info: "NetX Duo 6.4.2",
                hw_info: "",
            },
            entropy: TestEntropy {
                state: 1,
                broken: false,
            },
            clients: vec![Client::new("device")],
            second: 0,
            enabled_at: 5000,
            unix_time: Some(ENABLED_AT),
            every_other_send_fails: false,
            patient: false,
            next_poll: 0,
            polls: Vec::new(),
            sent: Vec::new(),
            refused: Vec::new(),
            refused_message: None,
            ids: HashSet::new(),
            observed: Vec::new(),
        }
    }

    /// Connects or disconnects the first client.
    pub fn connect(&mut self, connected: bool) {
        self.clients[0].connected = connected;
    }

    /// Lets the first client's sends pass or fail.
    pub fn pass(&mut self, takes: bool) {
        self.clients[0].takes = takes;
    }

    /// Changes settings as the safe layer does it: for the agent and for the flow table at once.
    pub fn set(&mut self, change: impl FnOnce(&mut Settings)) {
        change(&mut self.settings);
        self.flows.apply(&self.settings);
        self.next_poll = self.second;
    }

    /// A packet comes by.
    pub fn observe(&mut self, direction: Direction, packet: &Packet) {
        if self.flows.observe(direction, packet) == Verdict::Counted {
            self.observed.push(flow_of(direction, packet));
        }
    }

    pub fn packet(&mut self, sample: Sample) {
        self.observe(sample.direction, &sample.packet());
    }

    /// Enables the agent (anew), which the first poll does otherwise.
    pub fn enable(&mut self) {
        self.agent.enable(&mut Environment {
            uptime: self.enabled_at.saturating_add(self.second.into()),
            unix_time: self.unix_time,
            hub_connected: false,
            settings: &self.settings,
            system: &self.system,
            flows: &mut self.flows,
            entropy: &mut self.entropy,
        });
    }

    /// The periodic event of this second.
    pub fn poll(&mut self) {
        if self.patient && self.second < self.next_poll {
            return;
        }
        self.polls.push(self.second);
        for _ in 0..1000 {
            let hub_connected = hub::any_connected(self.clients.iter());
            let action = self.agent.poll(&mut Environment {
                uptime: self.enabled_at.saturating_add(self.second.into()),
                unix_time: self.unix_time,
                hub_connected,
                settings: &self.settings,
                system: &self.system,
                flows: &mut self.flows,
                entropy: &mut self.entropy,
            });
            let message = match action {
                Action::Wait { seconds } => {
                    assert!(seconds > 0);
                    self.next_poll = self.second.saturating_add(seconds);
                    return;
                }
                Action::Send(message) => message.to_vec(),
            };
            assert!(hub_connected, "a message is given out without a hub");
            assert!(message.len() <= MESSAGE);
            self.deliver(message);
        }
        panic!("second {} brings messages without end", self.second);
    }

    fn deliver(&mut self, bytes: Vec<u8>) {
        let message = SecurityMessage::decode(&bytes).unwrap();
        match &self.refused_message {
            Some(refused) => assert_eq!(refused, &bytes, "another message than the refused one"),
            None => self.check_events(&message),
        }
        let limit = self.settings.max_hub_devices();
        let fails = self.every_other_send_fails && self.refused_message.is_none();
        let takers = hub::deliver(self.clients.iter(), limit, |client| {
            assert!(client.connected);
            let takes = client.takes && !fails;
            client.took.set(client.took.get() + usize::from(takes));
            takes
        });
        self.agent.sent(takers > 0);
        if takers > 0 {
            self.refused_message = None;
            self.sent.push(Sent {
                second: self.second,
                bytes,
                message,
            });
        } else {
            self.refused_message = Some(bytes);
            self.refused.push(self.second);
        }
    }

    fn check_events(&mut self, message: &SecurityMessage) {
        assert!(!message.events.is_empty(), "an empty message");
        for event in &message.events {
            let id = event.id.0;
            assert_eq!(id[6] >> 4, 4, "version of {}", event.id);
            assert_eq!(id[8] >> 6, 0b10, "variant of {}", event.id);
            assert!(self.ids.insert(id), "{} comes twice", event.id);
            if let Some(unix_time) = self.unix_time {
                assert_eq!(event.time, unix_time);
            }
        }
    }

    /// Changes what the device believes the Unix time is, which it knows.
    pub fn step_clock(&mut self, seconds: i64) {
        let time = i64::from(self.unix_time.unwrap()) + seconds;
        self.unix_time = Some(u32::try_from(time.max(0)).unwrap_or(u32::MAX));
    }

    /// Lets so many seconds pass. In each the periodic event comes first and then `traffic`.
    pub fn run_with(&mut self, seconds: u32, mut traffic: impl FnMut(&mut Self)) {
        for _ in 0..seconds {
            self.poll();
            traffic(self);
            self.second += 1;
            self.unix_time = self.unix_time.map(|time| time.saturating_add(1));
        }
    }

    /// Lets so many seconds pass without traffic.
    pub fn run(&mut self, seconds: u32) {
        self.run_with(seconds, |_| {});
    }

    /// Runs through the periodic event of second `last`.
    pub fn run_through(&mut self, last: u32, traffic: impl FnMut(&mut Self)) {
        self.run_with(last + 1 - self.second, traffic);
    }

    /// The seconds at which messages were taken.
    pub fn seconds(&self) -> Vec<u32> {
        self.sent.iter().map(|sent| sent.second).collect()
    }

    /// All flows of the messages that a hub took.
    pub fn reported(&self) -> impl Iterator<Item = &AnyFlow> {
        self.sent.iter().flat_map(Sent::flows)
    }

    /// Bytes of all packets that were counted, and bytes of all flows that were reported.
    #[expect(clippy::type_complexity, reason = "a pair of the same")]
    pub fn accounts(
        &self,
    ) -> (
        BTreeMap<(bool, Protocol), (u64, u64)>,
        BTreeMap<(bool, Protocol), (u64, u64)>,
    ) {
        (totals(self.observed.iter()), totals(self.reported()))
    }

    /// No byte is lost or doubled, and none waits.
    pub fn assert_all_reported(&self) {
        let (observed, reported) = self.accounts();
        assert_eq!(observed, reported);
        assert!(self.flows.is_empty());
        assert_eq!(self.refused_message, None);
        assert_eq!(
            self.agent.statistics().messages_sent,
            self.sent.len() as u64
        );
        assert_eq!(self.agent.statistics().retries, self.refused.len() as u64);
        let bytes: usize = self.sent.iter().map(|sent| sent.bytes.len()).sum();
        assert_eq!(self.agent.statistics().bytes_sent, bytes as u64);
    }
}
