//! The thread that judges: what was journaled has its effect, and that is committed.

use std::{
    mem,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc::{self, RecvTimeoutError, SyncSender},
    },
    thread,
    time::{Duration, Instant},
};

use tokio::sync::watch;

use super::{
    Gather, Order, Taker,
    gather::{Counts, Rest, Stored},
    pace::Pace,
};
use crate::{
    health::Health,
    metrics::Metrics,
    notice::Notices,
    store::{AlertFilter, DeviceRow, Reader, Store, StoreError},
};

/// Devices that are handed over together when they have been read from the store, and how many such portions may wait: threads that wake each
/// other for each device do little else.
const PORTION: usize = 256;
const PORTIONS_AHEAD: usize = 8;

/// How long to wait after a commit that did not succeed.
const PAUSE: Duration = Duration::from_secs(1);

/// How often devices are looked through for those that nobody asks for any more.
const REVIEW: Duration = Duration::from_secs(60 * 60);

/// How often it is said that messages were refused.
const COMPLAINTS: Duration = Duration::from_secs(10);

/// Devices from the store.
enum Portion {
    Rows(Vec<DeviceRow>),
    /// Their states were read.
    Stored(Vec<Stored>),
}

impl Portion {
    fn read(self) -> Vec<Stored> {
        match self {
            Self::Rows(rows) => rows.into_iter().map(Stored::from).collect(),
            Self::Stored(stored) => stored,
        }
    }
}

/// What the thread has.
pub(crate) struct Judge {
    pub gather: Gather,
    pub store: Store,
    /// One for each sink, to wake it.
    pub sinks: Vec<SyncSender<()>>,
    /// Goes on with each commit.
    pub changes: watch::Sender<u64>,
    pub metrics: Arc<Metrics>,
    pub health: Arc<Health>,
    pub notices: Notices,
    /// How long it may go on when the hub stops.
    pub farewell: Duration,
}

impl Judge {
    /// Takes over what the store has, and lets what is left of the journal have its effect.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not give or take what it should.
    pub fn catch_up(&mut self, reader: &Reader) -> Result<(), StoreError> {
        let progress = reader.progress()?;
        self.gather.resume(progress);
        let mut anew = Vec::new();
        let (ahead, portions) = mpsc::sync_channel(PORTIONS_AHEAD);
        let waiting = &AtomicUsize::new(0);
        thread::scope(|scope| {
            let reading = scope.spawn(move || {
                let send = |rows| {
                    // Whoever has less to do reads the states.
                    let mut portion = Portion::Rows(rows);
                    if waiting.fetch_add(1, Ordering::Relaxed) > 0 {
                        portion = Portion::Stored(portion.read());
                    }
                    ahead.send(portion).map_err(|_| StoreError::Gone)
                };
                let mut rows = Vec::new();
                reader.each_device(|row| {
                    rows.push(row);
                    if rows.len() < PORTION {
                        return Ok(());
                    }
                    send(mem::take(&mut rows))
                })?;
                send(rows)
            });
            for portion in portions {
                waiting.fetch_sub(1, Ordering::Relaxed);
                self.restore(portion, &mut anew)?;
            }
            reading.join().unwrap_or(Err(StoreError::Gone))
        })?;
        if !anew.is_empty() {
            self.notices.trouble(format_args!(
                "the state of {} devices is of another version, or damaged: detection begins anew with them, and their alerts close",
                anew.len()
            ));
        }
        for device in anew {
            let filter = AlertFilter {
                device: Some(device),
                limit: u32::MAX,
                ..AlertFilter::default()
            };
            self.gather.begin_anew(reader.alerts(&filter)?);
            self.commit_portion()?;
        }
        let mut number = progress.journal;
        while let Some(batch) = reader.batch_after(number)? {
            number = batch.number;
            let rest = self.gather.feed(&batch);
            self.finish(rest)?;
            self.count();
            self.commit_portion()?;
        }
        if self.gather.has_news() {
            self.commit()?;
        }
        self.metrics.devices.set(self.gather.devices() as i64);
        Ok(())
    }

    /// Takes over devices that the store has. Those whose states are of no use are added to `anew`.
    fn restore(&mut self, portion: Portion, anew: &mut Vec<String>) -> Result<(), StoreError> {
        for stored in portion.read() {
            if !stored.is_of_use() {
                anew.push(stored.device.clone());
            }
            self.gather.restore(stored);
            self.commit_portion()?;
        }
        Ok(())
    }

    /// Works until nobody gives orders any more, and commits what there is then. Batches that do not come in memory are read from the journal.
    /// What takes too long when the hub stops, the next start does.
    ///
    /// # Errors
    /// [`StoreError`] when the store will take nothing any more. What was journaled has its effect at the next start.
    pub fn run(mut self, orders: &Taker, journal: &Reader) -> Result<(), StoreError> {
        let mut pace = Pace::default();
        let mut reviewed = Instant::now();
        let mut complained: Option<Instant> = None;
        let mut refusals = Counts::default();
        loop {
            let wait = pace.due(Instant::now()).unwrap_or(REVIEW);
            let rest = match orders.next(wait) {
                Ok(Order::Batch(batch)) => self.gather.feed(&batch),
                Ok(Order::Journaled(number)) => self.gather.feed(&journal.batch(number)?),
                Ok(Order::Exchange(policy)) => self.gather.exchange(policy),
                Err(RecvTimeoutError::Timeout) => Rest::default(),
                Err(RecvTimeoutError::Disconnected) => break,
            };
            let is_done = self.finish(rest)?;
            if reviewed.elapsed() >= REVIEW {
                reviewed = Instant::now();
                self.gather.forget_silent();
            }
            refusals.add(self.count());
            if refusals.has_some() && complained.is_none_or(|at| at.elapsed() >= COMPLAINTS) {
                complained = Some(Instant::now());
                self.complain(&std::mem::take(&mut refusals));
            }
            if self.is_late() && !(is_done && orders.is_empty()) {
                self.notices
                    .info("the hub stops before all of its journal has had its effect: the next start does the rest");
                break;
            }
            let now = Instant::now();
            if self.gather.has_news() {
                pace.changed(now, self.gather.is_urgent());
            }
            if pace.due(now) == Some(Duration::ZERO) {
                self.commit()?;
                pace.written(now.elapsed());
            }
        }
        self.complain(&refusals);
        match self.gather.has_news() {
            true => self.commit(),
            false => Ok(()),
        }
    }

    /// Does what is left of something that concerns many devices, with commits in between. Returns whether it is done: not if the hub stops and
    /// it takes too long.
    fn finish(&mut self, mut rest: Rest) -> Result<bool, StoreError> {
        while self.gather.go_on(&mut rest) {
            self.commit()?;
            if self.is_late() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether the hub has been stopping for so long that the next start does the rest.
    fn is_late(&self) -> bool {
        let closed_for = self.health.closed_for();
        closed_for.is_some_and(|closed| closed >= self.farewell)
    }

    /// Commits if there is enough for it.
    fn commit_portion(&mut self) -> Result<(), StoreError> {
        match self.gather.has_portion() {
            true => self.commit(),
            false => Ok(()),
        }
    }

    /// Commits, and tries again until that succeeds.
    fn commit(&mut self) -> Result<(), StoreError> {
        let mut commit = self.gather.take();
        let changes: Vec<_> = commit
            .changes
            .iter()
            .map(|(_, change)| change.clone())
            .collect();
        let mut is_told = false;
        let mut is_more = loop {
            let begun = Instant::now();
            let (error, back) = match self.store.commit(commit) {
                Ok(is_more) => {
                    let seconds = begun.elapsed().as_secs_f64();
                    self.metrics.commit_seconds.observe(seconds);
                    break is_more;
                }
                Err(failed) => *failed,
            };
            if !error.is_temporary() || self.health.is_closed() {
                return Err(error);
            }
            if !std::mem::replace(&mut is_told, true) {
                self.health.failing(true);
                self.notices.trouble(error);
            }
            commit = back;
            thread::sleep(PAUSE);
        };
        if is_told {
            self.health.failing(false);
            self.notices.info("the store is written again");
        }
        self.metrics.devices.set(self.gather.devices() as i64);
        for change in changes {
            self.metrics.change(&change);
            self.notices.alert(change);
        }
        self.changes.send_modify(|number| *number += 1);
        for sink in &self.sinks {
            // One that is awake already need not be woken.
            let _ = sink.try_send(());
        }
        while is_more {
            // What cannot be done now, the next commit does.
            is_more = self.store.clear_journal().unwrap_or(false);
        }
        Ok(())
    }

    fn count(&mut self) -> Counts {
        let counts = self.gather.counts();
        self.metrics.reports.inc_by(counts.reports);
        self.metrics.signals.inc_by(counts.signals);
        self.metrics.refused.inc_by(counts.refused);
        self.metrics.turned_away.inc_by(counts.turned_away);
        counts
    }

    fn complain(&self, counts: &Counts) {
        for refusal in &counts.refusals {
            self.notices.trouble(format_args!(
                "device {}: message of {} bytes: {}",
                refusal.device, refusal.size, refusal.error
            ));
        }
        let others = counts.refused - counts.refusals.len() as u64;
        if others > 0 {
            self.notices
                .trouble(format_args!("{others} more messages like this"));
        }
        if counts.turned_away > 0 {
            self.notices.trouble(format_args!(
                "{} messages or signals of devices for which there is no room: limits.devices is {}",
                counts.turned_away,
                self.gather.limits().devices
            ));
        }
    }
}
