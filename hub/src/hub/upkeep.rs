//! What a hub does from time to time, and when it is asked to: ticks, deleting, exchanging what decides.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{
    sync::{mpsc as channel, oneshot, watch},
    task, time,
};

use super::{StartError, blocking};
use crate::{
    clock::{Clock, unix_time},
    config::{InForce, PolicyFiles},
    intake::{Delivery, Intake, What},
    notice::Notices,
    store::{Keep, Reader, Store, StoreError},
    worker::{Giver, Gone},
};

/// How often time is journaled, in seconds. A hub that is away for longer than `liveness.away` of detection's settings is nobody's silence.
const TICK: Duration = Duration::from_secs(30);

/// How often it is looked for what is older than it is to be kept.
const REVIEW: Duration = Duration::from_secs(60 * 60);

/// Between two steps of deleting, at least, and as a multiple of what the last one took: nobody is to notice that it goes on.
const BREATH: (Duration, u32) = (Duration::from_millis(20), 2);

/// Ends when the hub stops.
pub(super) fn until(stopping: &watch::Receiver<bool>) -> impl Future<Output = ()> + Send + use<> {
    let mut stopping = stopping.clone();
    async move {
        // An error says that it has stopped.
        let _ = stopping.wait_for(|is_stopping| *is_stopping).await;
    }
}

/// What decides, from the files and the store.
pub(super) async fn policy(
    files: &PolicyFiles,
    reader: &Arc<Reader>,
    notices: &Notices,
) -> Result<InForce, StartError> {
    let (files, reader, notices) = (files.clone(), Arc::clone(reader), notices.clone());
    let read = move || {
        let exceptions = reader.exceptions()?;
        let texts: Vec<_> = exceptions.into_iter().map(|one| one.text).collect();
        let now = u32::try_from(unix_time().as_secs()).ok();
        let loaded = files.load(&texts.join("\n"), now)?;
        loaded.notes().for_each(|note| notices.info(note));
        Ok(loaded.since(now.unwrap_or(0)))
    };
    task::spawn_blocking(read)
        .await
        .map_err(|_| StartError::Store(StoreError::Gone))?
}

/// Exchanges what decides whenever it is asked for.
pub(super) struct Exchanging {
    pub files: PolicyFiles,
    pub reader: Arc<Reader>,
    pub orders: Giver,
    pub in_force: watch::Sender<Arc<InForce>>,
    pub notices: Notices,
}

impl Exchanging {
    pub async fn run(
        self,
        mut reloads: channel::Receiver<oneshot::Sender<Result<(), String>>>,
        stopping: watch::Receiver<bool>,
    ) {
        let stop = until(&stopping);
        tokio::pin!(stop);
        loop {
            let done = tokio::select! {
                done = reloads.recv() => done,
                () = &mut stop => return,
            };
            let Some(done) = done else { return };
            let result = match policy(&self.files, &self.reader, &self.notices).await {
                Ok(in_force) => match self.orders.exchange(Arc::clone(&in_force.policy)) {
                    Ok(()) => {
                        self.in_force.send_replace(Arc::new(in_force));
                        Ok(())
                    }
                    Err(Gone) => Err(StoreError::Gone.to_string()),
                },
                Err(error) => Err(error.to_string()),
            };
            // Who asked may have gone.
            let _ = done.send(result);
        }
    }
}

/// Time is input, too.
pub(super) async fn tick(intake: Intake, clock: Arc<Clock>, stopping: watch::Receiver<bool>) {
    let stop = until(&stopping);
    tokio::pin!(stop);
    let mut interval = time::interval(TICK);
    interval.set_missed_tick_behavior(time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = interval.tick() => {}
            () = &mut stop => return,
        }
        let tick = Delivery {
            received: clock.now(),
            what: What::Tick,
            kept: None,
        };
        if intake.put(tick).await.is_err() {
            return;
        }
    }
}

/// Deletes what is older than it is to be, in steps.
pub(super) async fn delete_old(
    store: Store,
    keep: Keep,
    clock: Arc<Clock>,
    notices: Notices,
    stopping: watch::Receiver<bool>,
) {
    let stop = until(&stopping);
    tokio::pin!(stop);
    let mut wait = Duration::from_secs(60);
    loop {
        tokio::select! {
            () = time::sleep(wait) => {}
            () = &mut stop => return,
        }
        let (writer, now) = (store.clone(), clock.now());
        let begun = Instant::now();
        wait = match blocking(move || writer.delete_old(keep, now)).await {
            Ok(true) => BREATH.0.max(begun.elapsed() * BREATH.1),
            Ok(false) => REVIEW,
            Err(error) => {
                notices.trouble(error);
                REVIEW
            }
        };
    }
}
