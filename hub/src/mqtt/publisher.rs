//! The device's side: publishes messages and knows whether the hub took them.

use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use tokio::{sync::oneshot, time};

use super::{
    DeviceId, Endpoint, Failure, HubError,
    backoff::Backoff,
    client::{self, Connection, Event, Handle, Identity},
};

/// How a device deals with its hub.
#[derive(Clone, Debug)]
pub struct PublisherOptions {
    acknowledged_within: Duration,
}

impl Default for PublisherOptions {
    fn default() -> Self {
        Self {
            acknowledged_within: Duration::from_secs(120),
        }
    }
}

impl PublisherOptions {
    /// How long [`Publisher::publish`] waits for the hub to acknowledge a message: two minutes unless said otherwise.
    #[must_use]
    pub fn acknowledged_within(mut self, limit: Duration) -> Self {
        self.acknowledged_within = limit;
        self
    }
}

/// A device's connection to a hub.
///
/// A thread of its own keeps it. When it is lost it is tried again, after a pause that grows until connections last.
pub struct Publisher {
    hub: Endpoint,
    options: PublisherOptions,
    handle: Handle,
    link: Arc<Link>,
    // There until it is dropped.
    driver: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
}

/// Why a message was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PublishError {
    /// There is no connection now, or it was lost before the hub acknowledged the message.
    #[error("the hub is not connected")]
    NotConnected,
    /// The hub did not acknowledge the message in time. It still may.
    #[error("the hub did not acknowledge the message")]
    NotAcknowledged,
}

/// What the thread that drives the connection tells the thread that publishes.
#[derive(Default)]
struct Link {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    is_connected: bool,
    /// Whether it ever was.
    was_connected: bool,
    /// The message that the hub has not acknowledged yet.
    pending: Option<Pending>,
    /// Why there is no connection.
    failure: Option<Failure>,
}

struct Pending {
    topic: String,
    payload: Vec<u8>,
    /// Its packet id, once it is on its way.
    id: Option<u16>,
    is_acknowledged: bool,
    /// Whether it was waited for as long as a hub may take.
    is_late: bool,
}

impl Pending {
    fn is(&self, topic: &str, payload: &[u8]) -> bool {
        self.topic == topic && self.payload == payload
    }
}

impl State {
    fn is_acknowledged(&self) -> bool {
        self.pending
            .as_ref()
            .is_some_and(|pending| pending.is_acknowledged)
    }
}

impl Link {
    fn lock(&self) -> MutexGuard<'_, State> {
        // No code panics while it holds the lock; if it did, the state would still be whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn update(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.lock());
        self.changed.notify_all();
    }

    /// Waits until `is_done`, or `limit` is over.
    fn wait(&self, limit: Duration, is_done: impl Fn(&State) -> bool) -> MutexGuard<'_, State> {
        let waiting = |state: &mut State| !is_done(state);
        match self.changed.wait_timeout_while(self.lock(), limit, waiting) {
            Ok((state, _)) => state,
            Err(poisoned) => poisoned.into_inner().0,
        }
    }
}

impl Publisher {
    /// Connects a device.
    ///
    /// # Errors
    /// [`HubError`] when the first try does not succeed.
    pub fn connect(
        hub: &Endpoint,
        id: &DeviceId,
        options: PublisherOptions,
    ) -> Result<Self, HubError> {
        let identity = Identity {
            client_id: id.as_str(),
            keeps_session: false,
        };
        let (handle, connection) = client::new(hub, &identity);
        let link = Arc::new(Link::default());
        let shared = Arc::clone(&link);
        let (stop, stopped) = oneshot::channel();
        let driver = super::on_a_thread(async move {
            tokio::select! {
                () = drive(connection, &shared) => {}
                _ = stopped => {}
            }
        })?;
        let publisher = Self {
            hub: hub.clone(),
            options,
            handle,
            link,
            driver: Some((stop, driver)),
        };
        publisher.await_connection()?;
        Ok(publisher)
    }

    fn await_connection(&self) -> Result<(), HubError> {
        // The client has a time limit of its own for connecting, which ends in a failure.
        let patience = Duration::from_secs(60);
        let mut state = self.link.wait(patience, |state| {
            state.was_connected || state.failure.is_some()
        });
        if state.was_connected {
            return Ok(());
        }
        Err(HubError::Connecting {
            url: self.hub.to_string(),
            failure: state.failure.take().unwrap_or(Failure::Silent),
        })
    }

    /// Whether the hub is there at the moment.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.link.lock().is_connected
    }

    /// Whether the hub has left a message unacknowledged for longer than it may, and still does.
    #[must_use]
    pub fn is_stalled(&self) -> bool {
        let state = self.link.lock();
        let pending = state.pending.as_ref();
        pending.is_some_and(|pending| pending.is_late && !pending.is_acknowledged)
    }

    /// Waits until the hub is there, or the time is over, and says whether it is.
    #[must_use]
    pub fn wait_connected(&self, limit: Duration) -> bool {
        self.link
            .wait(limit, |state| state.is_connected)
            .is_connected
    }

    /// Publishes a message and waits until the hub acknowledges it.
    ///
    /// A message that the hub was too slow to acknowledge is not published again when it is given again: it is then taken if it
    /// was acknowledged meanwhile. A message on a connection that was lost has to be published again, and may arrive twice.
    ///
    /// # Errors
    /// [`PublishError`] when the message has to be given again.
    pub fn publish(&self, topic: &str, payload: &[u8]) -> Result<(), PublishError> {
        let mut state = self.link.lock();
        if !state.is_connected {
            return Err(PublishError::NotConnected);
        }
        let limit = match &state.pending {
            // It was waited for before.
            Some(pending) if pending.is(topic, payload) => Duration::ZERO,
            _ => {
                state.pending = Some(Pending {
                    topic: topic.to_owned(),
                    payload: payload.to_vec(),
                    id: None,
                    is_acknowledged: false,
                    is_late: false,
                });
                self.handle
                    .publish(topic, payload)
                    .map_err(|_| PublishError::NotConnected)?;
                self.options.acknowledged_within
            }
        };
        drop(state);
        let mut state = self.link.wait(limit, |state| {
            state.is_acknowledged() || !state.is_connected
        });
        if state.is_acknowledged() {
            state.pending = None;
            Ok(())
        } else if state.is_connected {
            if let Some(pending) = &mut state.pending {
                pending.is_late = true;
            }
            Err(PublishError::NotAcknowledged)
        } else {
            Err(PublishError::NotConnected)
        }
    }
}

impl Drop for Publisher {
    fn drop(&mut self) {
        let said = self.handle.end();
        if let Some((stop, driver)) = self.driver.take() {
            super::leave(said, stop, driver);
        }
    }
}

/// Drives the connection until the publisher is dropped.
async fn drive(mut connection: Connection, link: &Link) {
    let mut backoff = Backoff::new();
    loop {
        match connection.next().await {
            Ok(Event::Connected { .. }) => {
                backoff.connected(Instant::now());
                link.update(|state| {
                    state.is_connected = true;
                    state.was_connected = true;
                    state.failure = None;
                });
            }
            Ok(Event::Sent(id)) => link.update(|state| {
                if let Some(pending) = &mut state.pending {
                    pending.id.get_or_insert(id);
                }
            }),
            // A late acknowledgement need not be that of the message that is waited for now.
            Ok(Event::Acknowledged(id)) => link.update(|state| {
                if let Some(pending) = &mut state.pending {
                    pending.is_acknowledged |= pending.id == Some(id);
                }
            }),
            Ok(Event::Ended) => break,
            Ok(_) => {}
            Err(failure) => {
                link.update(|state| {
                    // What was acknowledged is taken, even if nobody has asked yet.
                    if !state.is_acknowledged() {
                        state.pending = None;
                    }
                    state.is_connected = false;
                    state.failure = Some(failure);
                });
                time::sleep(backoff.failed(Instant::now())).await;
            }
        }
    }
}
