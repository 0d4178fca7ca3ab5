//! How far the agent has come, and what it does next.

use super::collection::{Built, Collection};
use super::flow::FlowSource;
use super::outlook::Outlook;
use super::schedule::Schedule;
use super::settings::{Collector, Settings};
use super::state::{Machine, State};
use super::statistics::MessageStatistics;
use super::unix_time::UnixTime;
use super::{Entropy, EntropyUnavailable, Environment};

/// How far the agent has come: everything but the buffer, so that it can be replaced without moving that.
pub(super) struct Progress {
    unix_time: UnixTime,
    schedule: Schedule,
    machine: Machine,
    /// It has begun: there were a Unix time and random bytes.
    begun: bool,
    /// One of them came only after it was enabled, and nothing has been collected since.
    waited: bool,
    /// What has not been put into a message yet.
    collection: Collection,
    /// Since when network activity has been counted and not been collected, in seconds of uptime.
    covered_since: u64,
    /// When collectors last became due and no message has been built since, in seconds of uptime.
    wanted: Option<u64>,
    /// Of the last poll.
    uptime: u64,
    /// Bytes of the message that no hub has taken yet; 0: there is none.
    pub length: usize,
    /// When the hubs last refused it, in seconds of uptime; `None` when it is to be sent at once.
    refused_at: Option<u64>,
    pub statistics: MessageStatistics,
}

impl Progress {
    pub const fn new() -> Self {
        Self {
            unix_time: UnixTime::new(),
            schedule: Schedule::none(),
            machine: Machine::new(),
            begun: false,
            waited: false,
            collection: Collection::none(),
            covered_since: 0,
            wanted: None,
            uptime: 0,
            length: 0,
            refused_at: None,
            statistics: MessageStatistics::new(),
        }
    }

    #[inline(never)]
    pub fn enable<F: FlowSource, E: Entropy>(&mut self, environment: &mut Environment<'_, F, E>) {
        *self = Self::new();
        self.uptime = environment.uptime;
        self.covered_since = environment.uptime;
        self.begin(environment);
    }

    /// Reads the clocks, and begins if it has not and can. The Unix time, if it has begun.
    fn begin<F: FlowSource, E: Entropy>(
        &mut self,
        environment: &mut Environment<'_, F, E>,
    ) -> Option<u32> {
        let before = self.uptime;
        self.uptime = before.max(environment.uptime);
        let read = environment.unix_time;
        let time = self.unix_time.at(self.uptime, read, &mut self.statistics);
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
                self.schedule.start(before.saturating_add(first.into()));
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
        let now = self.uptime;
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
        } else if !was_counting {
            // It was turned on since the last poll, and a change of the settings brings a poll within a second.
            self.covered_since = self.covered_since.max(now.saturating_sub(1));
        }

        let hub_came = self.machine.look(now, environment.hub_connected, settings);
        if self.machine.state() != State::Active {
            return false;
        }
        if hub_came {
            self.wanted = Some(now);
        }

        let retry = self.length > 0;
        let due = if retry {
            let refused = self.refused_at;
            refused.is_none_or(|at| now.saturating_sub(at) >= settings.retry_seconds().into())
        } else {
            self.collection.is_open() || self.wanted.is_some()
        };
        if !due {
            return false;
        }
        if !environment.hub_connected {
            self.machine.hub_gone(now);
            return false;
        }
        retry || self.build(buffer, time, environment)
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
        let built = collection.build(buffer, self.uptime, time, environment);
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
            self.waited = false;
            self.covered_since = self.uptime;
        }
        if complete {
            self.collection.close();
            self.wanted = None;
        }
        self.length = length;
        self.refused_at = None;
        length > 0
    }

    /// When to give the message out (again), by the retry time that holds now.
    fn retry_at(&self, settings: &Settings) -> u64 {
        self.refused_at
            .map_or(0, |at| at.saturating_add(settings.retry_seconds().into()))
    }

    /// What is to come, as the last poll left it.
    pub fn outlook(&self, settings: &Settings) -> Outlook {
        Outlook {
            seconds: self.next_poll(settings),
            look: self.only_looks().then(|| settings.retry_seconds()),
            retry: self.only_retries().then(|| settings.retry_seconds()),
            unsent: self.length > 0 || self.collection.is_open(),
        }
    }

    /// Whether it has given up waiting for a hub, and all that it collects is due: nothing becomes due any more.
    fn only_looks(&self) -> bool {
        self.machine.state() == State::Suspended && self.schedule.is_all_due()
    }

    /// Whether a hub has refused the message, and all that it collects is due: nothing becomes due any more.
    fn only_retries(&self) -> bool {
        self.machine.state() == State::Active
            && self.length > 0
            && self.refused_at.is_some()
            && self.schedule.is_all_due()
    }

    /// Seconds until something may have to be done.
    pub fn next_poll(&self, settings: &Settings) -> u32 {
        const LONGEST: u32 = Settings::MAX_TIME.as_secs() as u32;
        let next_collection = if self.only_looks() || self.only_retries() {
            None
        } else {
            self.schedule.next(self.uptime, settings)
        };
        let mut seconds = next_collection.unwrap_or(LONGEST.into());
        if let Some(look) = self.machine.next_look(self.uptime, settings) {
            seconds = seconds.min(look);
        } else if self.length > 0 {
            seconds = seconds.min(self.retry_at(settings).saturating_sub(self.uptime));
        } else if self.collection.is_open() || self.wanted.is_some() {
            seconds = 1;
        }
        u32::try_from(seconds).map_or(LONGEST, |seconds| seconds.clamp(1, LONGEST))
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
