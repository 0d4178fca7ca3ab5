//! Tests of both threads together, one of which has no time.

use std::{sync::Arc, thread, time::Duration};

use defender_detect::Policy;
use tempfile::TempDir;
use tokio::sync::{oneshot, watch};

use super::{Gather, Judge, Scribe, Taker, handover, tests::LIMITS};
use crate::{
    clock::Clock,
    health::Health,
    intake::{Delivery, Intake, What},
    metrics::Metrics,
    notice::Notices,
    store::{Reader, Store},
};

/// More than pass in memory.
const REPORTS: u64 = 50;

struct Hub {
    store: Store,
    journal: Reader,
    metrics: Arc<Metrics>,
    health: Arc<Health>,
    _folder: TempDir,
}

impl Hub {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        Self {
            journal: store.reader().unwrap(),
            store,
            metrics: Arc::new(Metrics::new()),
            health: Arc::default(),
            _folder: folder,
        }
    }

    /// Puts in reports, each a batch of its own, while nobody has time to judge them: a fleet that falls silent as one takes minutes. All are
    /// acknowledged.
    fn report(&self) -> Taker {
        let (intake, deliveries) = Intake::new(1);
        let (judge, taker) = handover(self.metrics.behind.clone());
        let scribe = Scribe {
            deliveries,
            held: None,
            judge,
            store: self.store.clone(),
            next: 1,
            clock: Arc::new(Clock::not_before(0)),
            metrics: Arc::clone(&self.metrics),
            health: Arc::clone(&self.health),
            notices: Notices::new(|_| {}),
        };
        let scribe = thread::spawn(move || scribe.run());
        for number in 0..REPORTS {
            let (told, kept) = oneshot::channel();
            let what = What::Report {
                device: format!("device-{}", number % 5),
                payload: vec![0xFF; 9].into(),
            };
            let delivery = Delivery {
                received: 1_795_000_000,
                what,
                kept: Some(told),
            };
            intake.put_blocking(delivery).unwrap();
            kept.blocking_recv().unwrap();
        }
        drop(intake);
        scribe.join().unwrap();
        assert_eq!(self.effect(), (0, 0));
        assert!(self.metrics.behind.get() > 0);
        taker
    }

    /// One that must not take long when the hub stops.
    fn judge(&self) -> Judge {
        Judge {
            gather: Gather::new(Policy::default(), LIMITS),
            store: self.store.clone(),
            sinks: Vec::new(),
            changes: watch::Sender::new(0),
            metrics: Arc::clone(&self.metrics),
            health: Arc::clone(&self.health),
            notices: Notices::new(|_| {}),
            farewell: Duration::ZERO,
        }
    }

    /// How many batches have had their effect, and how many reports devices have.
    fn effect(&self) -> (i64, u64) {
        let batches = self.journal.progress().unwrap().journal;
        let mut reports = 0;
        let counted = self.journal.each_device(|row| {
            reports += row.reports;
            Ok(())
        });
        counted.unwrap();
        (batches, reports)
    }
}

#[test]
fn what_comes_is_acknowledged_before_anybody_has_time_to_judge_it_and_has_its_effect_then() {
    let hub = Hub::new();
    let taker = hub.report();
    hub.judge().run(&taker, &hub.journal).unwrap();
    assert_eq!(hub.effect(), (REPORTS as i64, REPORTS));
    assert_eq!(hub.metrics.behind.get(), 0);
}

#[test]
fn what_takes_too_long_when_the_hub_stops_has_its_effect_at_the_next_start() {
    let hub = Hub::new();
    let taker = hub.report();
    hub.health.close();
    hub.judge().run(&taker, &hub.journal).unwrap();
    assert_eq!(hub.effect(), (1, 1));
    hub.judge().catch_up(&hub.journal).unwrap();
    assert_eq!(hub.effect(), (REPORTS as i64, REPORTS));
}
