//! How far the agent has come, and what it does next.

use defender_message::encode::{Encoder, Vtables};

use super::collection::{Built, Collection, header};
use super::flow::FlowSource;
use super::outlook::Outlook;
use super::schedule::Schedule;
use super::settings::{Collector, Settings};
use super::state::{Machine, State};
use super::statistics::MessageStatistics;
use super::unix_time::UnixTime;
use super::{Entropy, EntropyUnavailable, Environment};

/// The most seconds that pass between two polls, as the agent counts them: 34 years.
const LONGEST_PASSED: u64 = 1 << 30;

/// How far the agent has come: everything but the buffer, so that it can be replaced without moving that.
///
/// Its clock are the seconds that have passed from poll to poll, in 32 bits, which go around after 136 years.
pub(super) struct Progress {
    /// Of the last poll.
    uptime: u64,
    /// The agent's clock at the last poll.
    now: u32,
    /// How long nothing is to be done but for looks at the Unix time, unless the settings change: seconds of the agent's clock.
    rests_until: u32,
    unix_time: UnixTime,
    schedule: Schedule,
    machine: Machine,
    /// It has begun: there were a Unix time and random bytes.
    begun: bool,
    /// One of them came only after it was enabled, and nothing has been collected since.
    waited: bool,
    /// What has not been put into a message yet.
    collection: Collection,
    /// Since when network activity has been counted and not been collected.
    covered_since: u32,
    /// When collectors last became due and no message has been built since.
    wanted: Option<u32>,
    /// Bytes of the message that no hub has taken yet; 0: there is none.
    pub length: usize,
    /// When the hubs last refused it; `None` when it is to be sent at once.
    refused_at: Option<u32>,
    pub statistics: MessageStatistics,
    /// Where the encoder remembers what it has described, while it encodes.
    vtables: Vtables,
}

/// What is to be done now.
enum Due {
    Nothing,
    /// To give out the message that is there.
    Again,
    /// To build a message.
    New,
}

impl Progress {
    pub const fn new() -> Self {
        Self {
            uptime: 0,
            now: 0,
            rests_until: 0,
            unix_time: UnixTime::new(),
            schedule: Schedule::none(),
            machine: Machine::new(),
            begun: false,
            waited: false,
            collection: Collection::none(),
            covered_since: 0,
            wanted: None,
            length: 0,
            refused_at: None,
            statistics: MessageStatistics::new(),
            vtables: Vtables::NONE,
        }
    }

    #[inline(never)]
    pub fn enable<F: FlowSource, E: Entropy>(&mut self, environment: &mut Environment<'_, F, E>) {
        *self = Self::new();
        self.uptime = environment.uptime;
        self.begin(environment);
    }

    /// Moves the clock on, and compares it with the Unix time, which is returned if it is known.
    #[inline(never)]
    fn pass(&mut self, uptime: u64, unix_time: Option<u32>) -> Option<u32> {
        let passed = uptime.saturating_sub(self.uptime);
        self.uptime += passed;
        let passed = passed.min(LONGEST_PASSED) as u32;
        self.now = self.now.wrapping_add(passed);
        self.unix_time.at(passed, unix_time, &mut self.statistics)
    }

    /// Whether nothing is to be done at this time.
    pub fn rests(&mut self, uptime: u64, unix_time: Option<u32>) -> bool {
        self.pass(uptime, unix_time);
        self.begun && self.unix_time.fits() && self.rest() > 0
    }

    /// Seconds for which nothing is to be done.
    fn rest(&self) -> i32 {
        self.rests_until.wrapping_sub(self.now).cast_signed()
    }

    /// Reads the clocks, and begins if it has not and can. The Unix time, if it has begun.
    fn begin<F: FlowSource, E: Entropy>(
        &mut self,
        environment: &mut Environment<'_, F, E>,
    ) -> Option<u32> {
        let before = self.now;
        let time = self.pass(environment.uptime, environment.unix_time);
        if time.is_some() && self.begun {
            return time;
        }
        let first = match time {
            Some(_) => draw(environment).map_err(|EntropyUnavailable| State::WaitingForEntropy),
            None => Err(State::WaitingForTime),
        };
        match first {
            // Nothing was missing since the last look.
            Ok(first) => {
                self.begun = true;
                self.schedule.start(before, first);
                self.machine.begin(before);
                time
            }
            Err(state) => {
                self.waited = true;
                self.machine.wait(state);
                None
            }
        }
    }

    pub fn sent(&mut self, taken: bool) {
        if self.length == 0 {
            return;
        }
        // What is next depends on it.
        self.rests_until = self.now;
        if taken {
            self.statistics.messages_sent += 1;
            self.statistics.bytes_sent += self.length as u64;
            self.length = 0;
            // What became due while the message waited is not late: the grid goes on with its next point.
            self.wanted = self.wanted.filter(|&since| since == self.now);
        } else {
            self.statistics.retries += 1;
            self.refused_at = Some(self.now);
        }
    }

    pub fn state(&self) -> State {
        self.machine.state()
    }

    /// Moves on to the time of `environment`. True when there is a message in `buffer` to send.
    #[inline(never)]
    pub fn advance<F: FlowSource, E: Entropy>(
        &mut self,
        buffer: &mut [u8],
        environment: &mut Environment<'_, F, E>,
    ) -> bool {
        if self.state() == State::NotInitialized {
            self.enable(environment);
        }
        let Some(time) = self.begin(environment) else {
            return false;
        };
        let has_message = match self.look(environment) {
            Due::Nothing => false,
            Due::Again => true,
            Due::New => self.build(buffer, time, environment),
        };
        if !has_message {
            self.rests_until = self.now.wrapping_add(self.next_poll(environment.settings));
        }
        has_message
    }

    /// Looks what is due. Apart from what follows, which needs the stack.
    #[inline(never)]
    fn look<F: FlowSource, E: Entropy>(&mut self, environment: &mut Environment<'_, F, E>) -> Due {
        let now = self.now;
        let Environment {
            settings, flows, ..
        } = environment;
        let was_counting = self.schedule.wanted(Collector::NetworkActivity);
        let became_due = self.schedule.advance(now, settings, |collector| {
            // Flows that were counted before their collector was turned off are still reported.
            settings.collector_enabled(collector)
                || (collector == Collector::NetworkActivity && !flows.is_empty())
        });
        self.wanted = became_due.or(self.wanted);
        if !self.schedule.wanted(Collector::NetworkActivity) {
            self.covered_since = now;
        } else if !was_counting && now.wrapping_sub(self.covered_since) > 1 {
            // It was turned on since the last poll, and a change of the settings brings a poll within a second.
            self.covered_since = now.wrapping_sub(1);
        }

        let hub_came = self.machine.look(now, environment.hub_connected, settings);
        if self.machine.state() != State::Active {
            return Due::Nothing;
        }
        if hub_came {
            self.wanted = Some(now);
        }

        let retry = self.length > 0;
        let due = if retry {
            self.until_retry(settings) == 0
        } else {
            self.collection.is_open() || self.wanted.is_some()
        };
        if !due {
            return Due::Nothing;
        }
        if !environment.hub_connected {
            self.machine.hub_gone(now);
            return Due::Nothing;
        }
        if retry { Due::Again } else { Due::New }
    }

    /// Puts what is due into a message in `buffer`, or as much of it as fits. False when there is nothing to send.
    #[inline(never)]
    fn build<F: FlowSource, E: Entropy>(
        &mut self,
        buffer: &mut [u8],
        time: u32,
        environment: &mut Environment<'_, F, E>,
    ) -> bool {
        let collection = &mut self.collection;
        if !collection.is_open() {
            collection.open(&mut self.schedule, self.covered_since, self.waited);
        }
        let begins_network = collection.begins_network();
        let encoder = Encoder::in_known(buffer, &header(environment.settings), &mut self.vtables);
        let reported = &mut self.statistics.flows_reported;
        let built = collection.build(encoder, self.now, time, environment, reported);
        let Ok(Built { length, complete }) = built else {
            self.statistics.entropy_failures += 1;
            return false;
        };
        if begins_network {
            self.waited = false;
            self.covered_since = self.now;
        }
        if complete {
            self.collection.close();
            self.wanted = None;
        }
        self.length = length;
        self.refused_at = None;
        length > 0
    }

    /// Seconds until the message is to be given out (again), by the retry time that holds now.
    fn until_retry(&self, settings: &Settings) -> u32 {
        let passed = |at| self.now.wrapping_sub(at);
        let left = |at| settings.retry_seconds().saturating_sub(passed(at));
        self.refused_at.map_or(0, left)
    }

    /// What is to come, as the last poll left it.
    pub fn outlook(&self, settings: &Settings) -> Outlook {
        let is_waiting = self.is_waiting();
        let retries = self.state() == State::Active;
        Outlook {
            seconds: self.next_poll(settings),
            look: (is_waiting && !retries).then(|| settings.retry_seconds()),
            retry: (is_waiting && retries).then(|| settings.retry_seconds()),
            unsent: self.length > 0 || self.collection.is_open(),
        }
    }

    /// Whether it has given up waiting for a hub, or a hub has refused the message, and all that it collects is due: nothing becomes
    /// due any more.
    fn is_waiting(&self) -> bool {
        let waits = match self.state() {
            State::Suspended => true,
            State::Active => self.length > 0 && self.refused_at.is_some(),
            _ => false,
        };
        waits && self.schedule.is_all_due()
    }

    /// Seconds until something may have to be done.
    pub fn next_poll(&self, settings: &Settings) -> u32 {
        const LONGEST: u32 = Settings::MAX_TIME.as_secs() as u32;
        let mut seconds = LONGEST;
        if !self.is_waiting() {
            seconds = self.schedule.next(self.now, settings);
        }
        if let Some(look) = self.machine.next_look(self.now, settings) {
            seconds = seconds.min(look);
        } else if self.length > 0 {
            seconds = seconds.min(self.until_retry(settings));
        } else if self.collection.is_open() || self.wanted.is_some() {
            seconds = 1;
        }
        seconds.clamp(1, LONGEST)
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

/// Draws the seed of the flow table, and when to collect for the first time.
fn draw<F: FlowSource, E: Entropy>(
    environment: &mut Environment<'_, F, E>,
) -> Result<u32, EntropyUnavailable> {
    let first = first_collection(environment.settings, environment.entropy)?;
    let mut seed = [0; 4];
    environment.entropy.fill(&mut seed)?;
    environment.flows.set_seed(u32::from_ne_bytes(seed));
    Ok(first)
}
