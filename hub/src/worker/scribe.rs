//! The thread that journals: batches of what has come, each written before anybody is told that it is kept.

use std::{
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use tokio::sync::mpsc::Receiver;

use super::Giver;
use crate::{
    clock::Clock,
    health::Health,
    intake::{Delivery, What},
    metrics::Metrics,
    notice::Notices,
    store::{Batch, Entry, Store},
};

/// The most deliveries of a batch.
const MOST: usize = 4096;

/// The most bytes of a batch; the last delivery may go beyond.
const MOST_BYTES: usize = 4 << 20;

/// How long to wait after a batch that could not be written.
const PAUSE: Duration = Duration::from_secs(1);

/// What the thread has.
pub(crate) struct Scribe {
    pub deliveries: Receiver<Delivery>,
    /// A tick that came behind other deliveries: it is a batch of its own, because its effect may be committed in portions.
    pub held: Option<Delivery>,
    pub judge: Giver,
    pub store: Store,
    /// The number of the next batch.
    pub next: i64,
    pub clock: Arc<Clock>,
    pub metrics: Arc<Metrics>,
    pub health: Arc<Health>,
    pub notices: Notices,
}

impl Scribe {
    /// Works until the hub stops, or all sources are gone.
    pub fn run(mut self) {
        let mut is_failing = false;
        while let Some(first) = self.next() {
            let (entries, kept) = self.gather(first);
            let batch = Batch {
                number: self.next,
                entries,
            };
            let begun = Instant::now();
            let bytes = batch.to_bytes();
            let size = bytes.len();
            match self.store.append(batch.number, bytes) {
                Ok(()) => {
                    self.metrics
                        .journal_seconds
                        .observe(begun.elapsed().as_secs_f64());
                    if std::mem::take(&mut is_failing) {
                        self.notices.info("the journal is written again");
                        self.health.failing(false);
                    }
                    self.next += 1;
                    for kept in kept {
                        // Who wanted to know may have gone.
                        let _ = kept.send(());
                    }
                    if self.judge.batch(batch, size).is_err() {
                        // It has told why. What is in the journal waits there.
                        return;
                    }
                }
                Err(error) => {
                    // Nobody is told that anything of it is kept: sources send it again.
                    drop(kept);
                    self.metrics.journal_failures.inc();
                    if !std::mem::replace(&mut is_failing, true) {
                        self.health.failing(true);
                        self.notices.trouble(error);
                    }
                    thread::sleep(PAUSE);
                }
            }
        }
    }

    /// What has come next. When the hub stops, what has come until then is the last.
    fn next(&mut self) -> Option<Delivery> {
        if self.health.is_closed() {
            // From here on nobody puts anything in: they would wait for what never comes.
            self.deliveries.close();
        }
        self.held.take().or_else(|| self.deliveries.blocking_recv())
    }

    /// What else has come meanwhile, and those who want to know when it is kept.
    fn gather(&mut self, first: Delivery) -> (Vec<Entry>, Vec<tokio::sync::oneshot::Sender<()>>) {
        let mut entries = Vec::new();
        let mut kept = Vec::new();
        let mut bytes = 0;
        let mut next = Some(first);
        while let Some(delivery) = next {
            let is_tick = delivery.what == What::Tick;
            if is_tick && !entries.is_empty() {
                self.held = Some(delivery);
                break;
            }
            bytes += delivery.what.size();
            entries.push(Entry {
                time: match is_tick {
                    true => self.clock.now(),
                    false => self.clock.adjusted(delivery.received),
                },
                what: delivery.what,
            });
            kept.extend(delivery.kept);
            if is_tick || entries.len() >= MOST || bytes >= MOST_BYTES {
                break;
            }
            next = self.deliveries.try_recv().ok();
        }
        (entries, kept)
    }
}
