//! Whether the agent sends, waits for a hub, or has given up waiting for now.

use super::settings::Settings;

defender_message::enumeration! {
    /// What the agent is doing.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[cfg_attr(feature = "defmt", derive(defmt::Format))]
    #[non_exhaustive]
    pub enum State {
        /// No agent is enabled.
        NotInitialized,
        /// It is enabled and counts flows. It begins when the device knows the Unix time.
        WaitingForTime,
        /// It is enabled and counts flows. It begins when the platform has random bytes.
        WaitingForEntropy,
        /// It counts flows and looks for a connected hub client.
        Pending,
        /// It counts flows and sends messages.
        Active,
        /// It has looked for a connected hub client for longer than the pending time. It goes on counting flows and looking.
        Suspended,
    }
    /// Every state.
    ALL
}

/// Moves between the states. Times are seconds of the agent's clock, which goes around.
#[derive(Clone, Copy, Debug)]
pub(super) struct Machine {
    state: State,
    /// When it became pending.
    since: u32,
    /// When it last looked for a hub.
    looked_at: Option<u32>,
}

impl Machine {
    /// Of an agent that is not enabled.
    pub const fn new() -> Self {
        Self {
            state: State::NotInitialized,
            since: 0,
            looked_at: None,
        }
    }

    /// What is needed to begin is not there.
    pub fn wait(&mut self, state: State) {
        self.state = state;
    }

    /// Pending since `now`, to look at once.
    pub fn begin(&mut self, now: u32) {
        *self = Self {
            state: State::Pending,
            since: now,
            looked_at: None,
        };
    }

    pub fn state(&self) -> State {
        self.state
    }

    /// Looks for a hub if it is time to. True when one has come.
    pub fn look(&mut self, now: u32, hub_connected: bool, settings: &Settings) -> bool {
        if self.state == State::Active {
            return false;
        }
        if self.state == State::Pending && self.until_suspended(now, settings) == 0 {
            self.state = State::Suspended;
        }
        if self.until_look(now, settings) > 0 {
            return false;
        }
        if hub_connected {
            self.state = State::Active;
            return true;
        }
        self.looked_at = Some(now);
        false
    }

    /// A message is due and there is no hub.
    pub fn hub_gone(&mut self, now: u32) {
        self.begin(now);
        self.looked_at = Some(now);
    }

    /// Seconds from `now` to the next [`look`](Self::look) that may change something, if there is one.
    pub fn next_look(&self, now: u32, settings: &Settings) -> Option<u32> {
        let look = self.until_look(now, settings);
        match self.state {
            State::Active => None,
            State::Pending => Some(look.min(self.until_suspended(now, settings))),
            _ => Some(look),
        }
    }

    /// Seconds until it has been pending for longer than the pending time.
    fn until_suspended(&self, now: u32, settings: &Settings) -> u32 {
        (settings.pending_seconds() + 1).saturating_sub(now.wrapping_sub(self.since))
    }

    /// Seconds until it is time to look for a hub, by the retry time that holds now.
    fn until_look(&self, now: u32, settings: &Settings) -> u32 {
        let left = |at| {
            settings
                .retry_seconds()
                .saturating_sub(now.wrapping_sub(at))
        };
        self.looked_at.map_or(0, left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETTINGS: Settings = Settings::new();

    fn begun() -> Machine {
        let mut machine = Machine::new();
        machine.begin(0);
        machine
    }

    #[test]
    fn it_looks_every_three_seconds() {
        let mut machine = begun();
        assert!(!machine.look(0, false, &SETTINGS));
        assert!(!machine.look(1, true, &SETTINGS));
        assert!(!machine.look(2, true, &SETTINGS));
        assert!(machine.look(3, true, &SETTINGS));
        assert_eq!(machine.state(), State::Active);
    }

    #[test]
    fn more_than_the_pending_time_suspends_it() {
        let mut machine = begun();
        for uptime in 0..=300 {
            machine.look(uptime, false, &SETTINGS);
            assert_eq!(machine.state(), State::Pending);
        }
        machine.look(301, false, &SETTINGS);
        assert_eq!(machine.state(), State::Suspended);
        assert!(machine.look(303, true, &SETTINGS));
        assert_eq!(machine.state(), State::Active);
    }

    #[test]
    fn a_long_retry_time_does_not_hide_that_it_is_suspended() {
        let mut settings = SETTINGS;
        settings.set_retry_time(Settings::MAX_TIME).unwrap();
        let mut machine = begun();
        machine.look(0, false, &settings);
        assert_eq!(machine.next_look(0, &settings), Some(301));
        machine.look(301, false, &settings);
        assert_eq!(machine.state(), State::Suspended);
        let retry_time = Settings::MAX_TIME.as_secs();
        assert_eq!(
            machine.next_look(301, &settings).map(u64::from),
            Some(retry_time - 301)
        );
    }

    #[test]
    fn losing_the_hub_starts_the_pending_time_anew() {
        let mut machine = begun();
        machine.look(0, true, &SETTINGS);
        machine.hub_gone(1000);
        assert_eq!(machine.next_look(1001, &SETTINGS), Some(2));
        machine.look(1300, false, &SETTINGS);
        assert_eq!(machine.state(), State::Pending);
    }
}
