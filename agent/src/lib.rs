//! The agent itself, without a clock, a network stack or an operating system under it.
//!
//! It is fed packets and time, and says what to do. That makes it testable in virtual time, and useful on other
//! stacks and in simulations:
//!
//! ```
//! use defender_agent::packet::{self, Direction, NetworkOrder};
//! use defender_agent::{Action, Agent, Entropy, EntropyUnavailable, Environment, FlowTable, Settings, SystemInformation};
//!
//! struct Counter(u8);
//! impl Entropy for Counter {
//!     fn fill(&mut self, bytes: &mut [u8]) -> Result<(), EntropyUnavailable> {
//!         bytes.fill_with(|| { self.0 = self.0.wrapping_add(1); self.0 });
//!         Ok(())
//!     }
//! }
//!
//! let settings = Settings::new();
//! let mut flows: FlowTable = FlowTable::new();
//! let mut entropy = Counter(0);
//! let mut agent: Agent = Agent::start(1_760_000_000, 0);
//!
//! // A UDP datagram from 10.0.0.2:5000 to 10.0.0.1:53 with four bytes of data.
//! let datagram = [
//!     0x45, 0, 0, 32, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 2, 10, 0, 0, 1,
//!     0x13, 0x88, 0, 53, 0, 12, 0, 0, 1, 2, 3, 4,
//! ];
//! match packet::parse::<NetworkOrder>(&datagram, datagram.len()) {
//!     Ok(packet) => { flows.observe(Direction::Out, &packet); }
//!     Err(reason) => flows.reject(reason),
//! }
//!
//! let mut sent = 0;
//! for second in 0..=30 {
//!     let mut environment = Environment {
//!         unix_time: 1_760_000_000 + second,
//!         hub_connected: true,
//!         settings: &settings,
//!         system: SystemInformation::default(),
//!         flows: &mut flows,
//!         entropy: &mut entropy,
//!     };
//!     while let Action::Send(message) = agent.poll(&mut environment) {
//!         sent += message.len(); // hand it to a hub client here
//!         agent.sent(true);
//!     }
//! }
//! assert_eq!(agent.statistics().messages_sent, 1);
//! assert!(sent > 0 && flows.is_empty());
//! ```

#![no_std]

mod clock;
mod collection;
pub mod flow;
pub mod hub;
pub mod packet;
mod schedule;
mod settings;
mod state;
mod statistics;

use self::clock::Clock;
use self::collection::{Built, Collection};
use self::schedule::Schedule;
use self::state::Machine;

pub use self::flow::{Flow, FlowSource, FlowTable};
pub use self::settings::{Collector, Priority, Setting, Settings, SettingsError};
pub use self::state::State;
pub use self::statistics::{MessageStatistics, PacketStatistics};
pub use defender_message::flow::{Protocol, SystemInformation};

/// The version that the agent reports as `security_module_version`: that of this crate.
pub const VERSION: u32 = defender_message::flow::version(
    number(env!("CARGO_PKG_VERSION_MAJOR")) as u8,
    number(env!("CARGO_PKG_VERSION_MINOR")) as u8,
    number(env!("CARGO_PKG_VERSION_PATCH")),
);

/// A decimal number, as Cargo writes the parts of a version.
const fn number(text: &str) -> u16 {
    let digits = text.as_bytes();
    let mut number = 0;
    let mut at = 0;
    while at < digits.len() {
        number = number * 10 + (digits[at] - b'0') as u16;
        at += 1;
    }
    number
}

/// The default size of a message, in bytes.
///
/// IoT Hub counts device-to-cloud messages in blocks of 4 KB, properties included: this and the two properties of a
/// security message are one block. A collection that needs more becomes several messages.
pub const MESSAGE_BYTES: usize = 4000;

/// The platform has no random bytes (yet).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the platform's entropy hook gave no random bytes")]
pub struct EntropyUnavailable;

/// Where random bytes come from: event ids, the first collection's jitter, the flow table's seed.
pub trait Entropy {
    /// Fills `bytes` with random bytes that nobody can predict.
    ///
    /// # Errors
    /// When there are none; the agent keeps everything and asks again in a second.
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), EntropyUnavailable>;
}

/// What the agent sees of the world when it is polled.
pub struct Environment<'a, F, E> {
    /// Seconds since 1970.
    pub unix_time: u32,
    /// Whether any hub client is connected.
    pub hub_connected: bool,
    /// What holds now; a change takes effect with the poll that brings it.
    pub settings: &'a Settings,
    /// What system information reports, at most [`MAX_SYSTEM_INFORMATION`] bytes a field.
    pub system: SystemInformation<'a>,
    /// Where the flows are.
    pub flows: &'a mut F,
    /// Where random bytes come from.
    pub entropy: &'a mut E,
}

/// The longest text in a field of the system information, in bytes; longer ones are left out of the event.
pub const MAX_SYSTEM_INFORMATION: usize = 128;

/// What to do next.
#[derive(Debug, PartialEq, Eq)]
pub enum Action<'a> {
    /// Give this message to the hub clients ([`hub::deliver`]), say with [`Agent::sent`] how it went, and poll again.
    Send(&'a [u8]),
    /// Nothing before so many seconds have passed, unless the settings change. Polling earlier does no harm.
    Wait {
        /// Seconds, at least 1.
        seconds: u32,
    },
}

/// The agent: when to collect, what to send, what to keep until a hub has taken it.
///
/// `MESSAGE` is the size of its message buffer in bytes. The flow table is not inside, because packets come on other
/// threads: see [`FlowTable`] and [`FlowSource`].
pub struct Agent<const MESSAGE: usize = MESSAGE_BYTES> {
    progress: Progress,
    /// The message that no hub has taken yet, in its first [`Progress::length`] bytes.
    buffer: [u8; MESSAGE],
}

/// How far the agent has come: everything but the buffer, so that it can be replaced without moving that.
struct Progress {
    clock: Clock,
    schedule: Schedule,
    machine: Machine,
    /// A collection of which not everything has been put into a message yet.
    collection: Option<Collection>,
    /// Since when network activity has been counted and not been collected, in seconds of uptime.
    covered_since: u32,
    /// When collectors last became due and no message has been built since, in seconds of uptime.
    wanted: Option<u32>,
    /// Of the last poll.
    uptime: u32,
    /// Bytes of the message that no hub has taken yet; 0: there is none.
    length: usize,
    /// When the hubs last refused it, in seconds of uptime; `None` when it is to be sent at once.
    refused_at: Option<u32>,
    statistics: MessageStatistics,
}

impl<const MESSAGE: usize> Agent<MESSAGE> {
    /// The buffer holds at least any single event with a flow of each IP version.
    const BUFFER_SUFFICES: () = assert!(
        MESSAGE
            >= defender_message::encode::size::minimum_buffer(
                Settings::MAX_SECURITY_MODULE_ID,
                MAX_SYSTEM_INFORMATION,
                MAX_SYSTEM_INFORMATION,
                MAX_SYSTEM_INFORMATION,
            ),
        "the message buffer is too small for a single event"
    );

    /// An agent that is enabled at `unix_time` and collects for the first time `first_collection` seconds later; see
    /// [`first_collection`] for that. The Unix time may be wrong: a device that learns it later does not collect any sooner.
    pub const fn start(unix_time: u32, first_collection: u32) -> Self {
        let () = Self::BUFFER_SUFFICES;
        Self {
            progress: Progress::new(unix_time, first_collection),
            buffer: [0; MESSAGE],
        }
    }

    /// The same for an agent that exists: everything that it had is forgotten.
    pub fn restart(&mut self, unix_time: u32, first_collection: u32) {
        self.progress = Progress::new(unix_time, first_collection);
    }

    /// Whether it sends.
    pub fn state(&self) -> State {
        self.progress.machine.state()
    }

    /// What it has sent.
    pub fn statistics(&self) -> MessageStatistics {
        self.progress.statistics
    }

    /// Says what to do now. To be called until it says [`Action::Wait`], and then once a second, or when the wait is over.
    pub fn poll<F: FlowSource, E: Entropy>(
        &mut self,
        environment: &mut Environment<'_, F, E>,
    ) -> Action<'_> {
        if self.progress.advance(&mut self.buffer, environment) {
            return Action::Send(&self.buffer[..self.progress.length]);
        }
        let seconds = self.progress.next_poll(environment.settings);
        self.progress.clock.expect_reading_within(seconds);
        Action::Wait { seconds }
    }

    /// Whether a hub took the message that [`poll`](Self::poll) gave out. If none did, it is kept and given out again after
    /// the retry time.
    pub fn sent(&mut self, taken: bool) {
        self.progress.sent(taken);
    }
}

impl Progress {
    const fn new(unix_time: u32, first_collection: u32) -> Self {
        Self {
            clock: Clock::new(unix_time),
            schedule: Schedule::new(first_collection),
            machine: Machine::new(),
            collection: None,
            covered_since: 0,
            wanted: None,
            uptime: 0,
            length: 0,
            refused_at: None,
            statistics: MessageStatistics::new(),
        }
    }

    fn sent(&mut self, taken: bool) {
        if self.length == 0 {
            return;
        }
        if taken {
            self.statistics.messages_sent += 1;
            self.statistics.bytes_sent += self.length as u64;
            self.length = 0;
            // What became due while the message waited is not late: the grid goes on with its next point.
            self.wanted = self.wanted.filter(|&since| since == self.uptime);
        } else {
            self.statistics.retries += 1;
            self.refused_at = Some(self.uptime);
        }
    }

    /// Moves on to the time of `environment`. True when there is a message in `buffer` to send.
    fn advance<F: FlowSource, E: Entropy>(
        &mut self,
        buffer: &mut [u8],
        environment: &mut Environment<'_, F, E>,
    ) -> bool {
        let now = self.clock.read(environment.unix_time);
        self.uptime = now.uptime;
        let Environment {
            settings, flows, ..
        } = environment;
        // Flows that were counted before their collector was turned off are still reported.
        let leftover = !flows.is_empty();
        let was_counting = self.schedule.wanted(Collector::NetworkActivity);
        let became_due = self.schedule.advance(now, settings, |collector| {
            settings.collector_enabled(collector)
                || (collector == Collector::NetworkActivity && leftover)
        });
        if became_due {
            self.wanted = Some(now.uptime);
        }
        if !self.schedule.wanted(Collector::NetworkActivity) {
            self.covered_since = now.uptime;
        } else if !was_counting {
            // It was turned on since the last poll, and a change of the settings brings a poll within a second.
            self.covered_since = self.covered_since.max(now.uptime.saturating_sub(1));
        }

        let hub_came = self
            .machine
            .look(now.uptime, environment.hub_connected, settings);
        if self.machine.state() != State::Active {
            return false;
        }
        if hub_came {
            self.wanted = Some(now.uptime);
        }

        let retry = self.length > 0;
        let due = if retry {
            now.uptime >= self.retry_at(settings)
        } else {
            self.collection.is_some() || self.wanted.is_some()
        };
        if !due {
            return false;
        }
        if !environment.hub_connected {
            self.machine.hub_gone(now.uptime);
            return false;
        }
        retry || self.build(buffer, environment)
    }

    /// Puts what is due into a message in `buffer`, or as much of it as fits. False when there is nothing to send.
    fn build<F: FlowSource, E: Entropy>(
        &mut self,
        buffer: &mut [u8],
        environment: &mut Environment<'_, F, E>,
    ) -> bool {
        let settings = environment.settings;
        let schedule = &mut self.schedule;
        let collection = self
            .collection
            .get_or_insert_with(|| Collection::of(schedule, settings, self.covered_since));
        let begins_network = collection.begins_network();
        let built = collection.build(buffer, self.uptime, environment);
        let (length, complete) = match built {
            Ok(Built {
                length,
                flows,
                complete,
            }) => {
                self.statistics.flows_reported += flows;
                (length, complete)
            }
            Err(EntropyUnavailable) => {
                self.statistics.entropy_failures += 1;
                return false;
            }
        };
        if begins_network {
            self.covered_since = self.uptime;
        }
        if complete {
            self.collection = None;
            self.wanted = None;
        }
        self.length = length;
        self.refused_at = None;
        length > 0
    }

    /// When to give the message out (again), by the retry time that holds now.
    fn retry_at(&self, settings: &Settings) -> u32 {
        self.refused_at
            .map_or(0, |at| at.saturating_add(settings.retry_seconds()))
    }

    /// Seconds until something may have to be done.
    fn next_poll(&self, settings: &Settings) -> u32 {
        let next_collection = self.schedule.next(self.uptime, settings);
        let mut seconds = next_collection.unwrap_or(Settings::MAX_TIME.as_secs() as u32);
        if let Some(look) = self.machine.next_look(self.uptime, settings) {
            seconds = seconds.min(look);
        } else if self.length > 0 {
            seconds = seconds.min(self.retry_at(settings).saturating_sub(self.uptime));
        } else if self.collection.is_some() || self.wanted.is_some() {
            seconds = 1;
        }
        seconds.max(1)
    }
}

/// When to collect for the first time, in seconds after enable: the set time, and a random part up to the set jitter so
/// that a fleet that boots together does not send together.
///
/// # Errors
/// When `entropy` has no random bytes and a jitter is set.
pub fn first_collection(
    settings: &Settings,
    entropy: &mut impl Entropy,
) -> Result<u32, EntropyUnavailable> {
    let mut jitter = 0;
    let range = u64::from(settings.first_collection_jitter_seconds()) + 1;
    if range > 1 {
        let mut random = [0; 4];
        entropy.fill(&mut random)?;
        // Multiplying by the range and keeping the whole part spreads the 2^32 values evenly enough for seconds.
        jitter = ((u64::from(u32::from_ne_bytes(random)) * range) >> 32) as u32;
    }
    Ok(settings.first_collection().as_secs() as u32 + jitter)
}
