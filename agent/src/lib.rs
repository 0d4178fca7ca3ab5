#![doc = include_str!("../README.md")]
#![no_std]

mod collection;
pub mod flow;
pub mod hub;
mod outlook;
pub mod packet;
mod progress;
mod schedule;
mod settings;
mod state;
mod statistics;
mod unix_time;

use self::progress::Progress;

pub use self::flow::{Flow, FlowSource, FlowTable};
pub use self::outlook::Outlook;
pub use self::progress::first_collection;
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
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
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
    /// Seconds since whatever the caller likes, the device's start say, by a clock that only goes forward. All decisions are
    /// made by it; if it goes back nevertheless, it counts as standing.
    pub uptime: u64,
    /// Seconds since 1970, `None` while the device does not know. It only stamps events: a wrong one harms nothing else, and
    /// [`MessageStatistics`] tells. The agent begins when it is known for the first time; where it is missing later, it goes on
    /// by the uptime.
    pub unix_time: Option<u32>,
    /// Whether any hub client is connected.
    pub hub_connected: bool,
    /// What holds now; a change takes effect with the poll that brings it.
    pub settings: &'a Settings,
    /// What system information reports, at most [`MAX_SYSTEM_INFORMATION`] bytes a field.
    pub system: &'a SystemInformation<'a>,
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
    /// The message that no hub has taken yet, [`Progress::length`] bytes at the end of its whole words.
    buffer: [u8; MESSAGE],
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

    /// An agent that is not enabled. As bytes it is all zeros: a static of it takes no room in an image.
    pub const fn new() -> Self {
        let () = Self::BUFFER_SUFFICES;
        Self {
            progress: Progress::new(),
            buffer: [0; MESSAGE],
        }
    }

    /// It is enabled, at the uptime of `environment`; all that it had before is forgotten. An agent that is polled without this
    /// is enabled by that.
    ///
    /// It begins as soon as the device knows the time and has random bytes, at once if it can, and [`state`](Self::state) says
    /// what it waits for. The first collection is [`Settings::first_collection`] and a random part of its jitter later. What
    /// the flow table has counted until then is in it.
    pub fn enable<F: FlowSource, E: Entropy>(&mut self, environment: &mut Environment<'_, F, E>) {
        self.progress.enable(environment);
    }

    /// What it is doing.
    pub fn state(&self) -> State {
        self.progress.state()
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
            return Action::Send(self.message());
        }
        Action::Wait {
            seconds: self.progress.next_poll(environment.settings),
        }
    }

    /// The same for those who come once a second whatever it says: the message to send, or `None` for this second.
    pub fn message_due<F: FlowSource, E: Entropy>(
        &mut self,
        environment: &mut Environment<'_, F, E>,
    ) -> Option<&[u8]> {
        let is_due = self.progress.advance(&mut self.buffer, environment);
        is_due.then(|| self.message())
    }

    /// Whether nothing is to be done at this time, so that those who come once a second may leave a poll out; `uptime` and `unix_time`
    /// are what [`Environment`] would say. Not to be asked when the settings have changed since the last poll.
    pub fn rests(&mut self, uptime: u64, unix_time: Option<u32>) -> bool {
        self.progress.rests(uptime, unix_time)
    }

    fn message(&self) -> &[u8] {
        // The encoder uses whole words of it.
        let end = MESSAGE & !3;
        let begin = end.wrapping_sub(self.progress.length);
        self.buffer.get(begin..end).unwrap_or_default()
    }

    /// What is to come, as the last poll left it.
    pub fn outlook(&self, settings: &Settings) -> Outlook {
        self.progress.outlook(settings)
    }

    /// Whether a hub took the message that [`poll`](Self::poll) gave out. If none did, it is kept and given out again after
    /// the retry time.
    pub fn sent(&mut self, taken: bool) {
        self.progress.sent(taken);
    }
}

impl<const MESSAGE: usize> Default for Agent<MESSAGE> {
    fn default() -> Self {
        Self::new()
    }
}
