//! The thread of a sink: takes from the outbox, at the sink's own pace.

use std::{
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError},
    },
    time::{Duration, Instant},
};

use defender_detect::alert::AlertState;

use super::{Sink, SinkError};
use crate::{
    health::Health,
    metrics::Metrics,
    notice::Notices,
    store::{AlertFilter, Reader, Store, StoreError},
};

/// Changes that are told at a time.
const AT_ONCE: u32 = 64;

/// The pause after a failure: it doubles up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// How long it sleeps when nobody wakes it.
const SLEEP: Duration = Duration::from_secs(60);

/// What the thread has.
pub(crate) struct Teller {
    pub name: String,
    pub sink: Box<dyn Sink>,
    pub store: Store,
    pub reader: Reader,
    /// Wakes it when there is something new; ends it when nobody is left to.
    pub wake: Receiver<()>,
    pub metrics: Arc<Metrics>,
    pub health: Arc<Health>,
    pub notices: Notices,
}

/// Why nothing more was told.
enum Stop {
    Sink(SinkError),
    Store(StoreError),
}

impl Teller {
    /// Works until nobody wakes it any more.
    pub fn run(mut self) {
        let mut pause = FIRST_PAUSE;
        let mut is_failing = false;
        let mut repeated: Option<Instant> = None;
        loop {
            let result = self.tell().and_then(|()| self.repeat(&mut repeated));
            let wait = match result {
                Ok(()) => {
                    if std::mem::take(&mut is_failing) {
                        self.notices
                            .info(format_args!("sink {} takes alerts again", self.name));
                    }
                    pause = FIRST_PAUSE;
                    let repeats = self.sink.repeats();
                    repeats.map_or(SLEEP, |repeats| repeats.min(SLEEP))
                }
                Err(Stop::Store(StoreError::Gone)) => return,
                Err(stop) => {
                    self.metrics.sink_failed(&self.name);
                    if !std::mem::replace(&mut is_failing, true) {
                        let reason: &dyn std::fmt::Display = match &stop {
                            Stop::Sink(error) => error,
                            Stop::Store(error) => error,
                        };
                        self.notices.trouble(format_args!(
                            "sink {} takes nothing, and is tried again: {reason}",
                            self.name
                        ));
                    }
                    let wait = pause;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                    wait
                }
            };
            if !self.sleep(wait, is_failing) {
                return;
            }
        }
    }

    /// Waits until it is woken, or for so long; after a failure, for so long in any case. Returns whether to go on.
    fn sleep(&self, wait: Duration, is_failing: bool) -> bool {
        let until = Instant::now() + wait;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            match self.wake.recv_timeout(left) {
                Ok(()) if is_failing => {}
                Ok(()) | Err(RecvTimeoutError::Timeout) => return true,
                // What there was at the end was told, or waits for the next start.
                Err(RecvTimeoutError::Disconnected) => {
                    return !is_failing && self.has_more();
                }
            }
        }
    }

    fn has_more(&self) -> bool {
        let untold = self.reader.untold(&self.name, 1);
        untold.is_ok_and(|untold| !untold.is_empty())
    }

    /// Tells everything that there is.
    fn tell(&mut self) -> Result<(), Stop> {
        loop {
            let changes = self
                .reader
                .untold(&self.name, AT_ONCE)
                .map_err(Stop::Store)?;
            let Some(last) = changes.last() else {
                return Ok(());
            };
            let number = last.number;
            self.sink.tell(&changes).map_err(Stop::Sink)?;
            self.metrics.told(&self.name, changes.len() as u64);
            self.store
                .told(self.name.clone(), number)
                .map_err(Stop::Store)?;
        }
    }

    /// Tells open alerts again, if it is time.
    fn repeat(&mut self, repeated: &mut Option<Instant>) -> Result<(), Stop> {
        let Some(every) = self.sink.repeats() else {
            return Ok(());
        };
        if self.health.is_stopping() || repeated.is_some_and(|at| at.elapsed() < every) {
            return Ok(());
        }
        let filter = AlertFilter {
            state: Some(AlertState::Open),
            limit: u32::MAX,
            ..AlertFilter::default()
        };
        let open = self.reader.alerts(&filter).map_err(Stop::Store)?;
        self.sink.repeat(&open).map_err(Stop::Sink)?;
        *repeated = Some(Instant::now());
        Ok(())
    }
}
