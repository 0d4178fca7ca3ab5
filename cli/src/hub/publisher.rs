//! The device's side: publishes messages and knows whether the hub took them.

use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use rumqttc::{
    Client, Connection, ConnectionError, Event, NetworkOptions, Outgoing, Packet, PubAck, QoS,
};

use super::{DeviceId, Endpoint, HubError, RECONNECT_AFTER};

/// How long the hub may take to acknowledge a message.
const ACKNOWLEDGED_WITHIN: Duration = Duration::from_secs(5);

/// A connection to the hub. When it is lost it is tried again and again.
pub struct Publisher {
    hub: Endpoint,
    client: Client,
    link: Arc<Link>,
    driver: Option<JoinHandle<()>>,
}

/// Why a message was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PublishError {
    /// There is no connection now, or it was lost before the hub acknowledged the message.
    #[error("the hub is not connected")]
    NotConnected,
    /// The hub did not acknowledge the message in time.
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
    /// The packet id of the last message handed to the network.
    last_sent: Option<u16>,
    /// Whether that message is acknowledged.
    is_acknowledged: bool,
    /// Why there is no connection.
    failure: Option<ConnectionError>,
    is_stopping: bool,
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

    /// Waits until `is_done`; false when it was not by then.
    fn wait(&self, limit: Duration, is_done: impl Fn(&State) -> bool) -> MutexGuard<'_, State> {
        let deadline = Instant::now() + limit;
        let mut state = self.lock();
        while !is_done(&state) {
            let Some(left) = deadline.checked_duration_since(Instant::now()) else {
                break;
            };
            state = match self.changed.wait_timeout(state, left) {
                Ok((state, _)) => state,
                Err(poisoned) => poisoned.into_inner().0,
            };
        }
        state
    }
}

impl Publisher {
    /// Connects a device.
    pub fn connect(hub: &Endpoint, id: &DeviceId) -> Result<Self, HubError> {
        let (client, mut connection) = Client::new(hub.options(id.as_str()), 8);
        // Messages are small and waited for: do not hold them back.
        let mut network = NetworkOptions::new();
        network.set_tcp_nodelay(true);
        connection.eventloop.set_network_options(network);

        let link = Arc::new(Link::default());
        let shared = Arc::clone(&link);
        let driver = thread::Builder::new()
            .name("hub".into())
            .spawn(move || drive(connection, &shared))
            .map_err(|_| HubError::Stopped)?;
        let publisher = Self {
            hub: hub.clone(),
            client,
            link,
            driver: Some(driver),
        };
        publisher.await_connection()?;
        Ok(publisher)
    }

    fn await_connection(&self) -> Result<(), HubError> {
        // The client has a time limit of its own for connecting, which ends in a failure.
        let patience = Duration::from_secs(60);
        let mut state = self.link.wait(patience, |state| {
            state.is_connected || state.failure.is_some()
        });
        match state.failure.take() {
            Some(failure) => Err(HubError::connecting(&self.hub, failure)),
            None if state.is_connected => Ok(()),
            None => Err(HubError::Stopped),
        }
    }

    /// Whether the hub is there at the moment.
    pub fn is_connected(&self) -> bool {
        self.link.lock().is_connected
    }

    /// Publishes a message and waits until the hub acknowledges it.
    ///
    /// A message that was not acknowledged may have arrived nevertheless.
    pub fn publish(&self, topic: &str, payload: &[u8]) -> Result<(), PublishError> {
        if !self.is_connected() {
            return Err(PublishError::NotConnected);
        }
        self.link.update(|state| {
            state.last_sent = None;
            state.is_acknowledged = false;
        });
        self.client
            .try_publish(topic, QoS::AtLeastOnce, false, payload)
            .map_err(|_| PublishError::NotConnected)?;
        let state = self.link.wait(ACKNOWLEDGED_WITHIN, |state| {
            state.is_acknowledged || !state.is_connected
        });
        match (state.is_acknowledged, state.is_connected) {
            (true, _) => Ok(()),
            (false, true) => Err(PublishError::NotAcknowledged),
            (false, false) => Err(PublishError::NotConnected),
        }
    }

    /// What to say when the hub was lost.
    pub fn lost(&self) -> HubError {
        HubError::Lost {
            url: self.hub.to_string(),
        }
    }
}

impl Drop for Publisher {
    fn drop(&mut self) {
        self.link.update(|state| state.is_stopping = true);
        let is_on_its_way = self.client.try_disconnect().is_ok();
        if let Some(driver) = self.driver.take()
            && is_on_its_way
        {
            let _ = driver.join();
        }
    }
}

/// Drives the connection until the publisher is dropped.
fn drive(mut connection: Connection, link: &Link) {
    for event in connection.iter() {
        match event {
            Ok(Event::Incoming(Packet::ConnAck(_))) => link.update(|state| {
                state.is_connected = true;
                state.failure = None;
            }),
            Ok(Event::Outgoing(Outgoing::Publish(id))) => {
                link.update(|state| state.last_sent = Some(id));
            }
            // A late acknowledgement is not one of the message that is waited for now.
            Ok(Event::Incoming(Packet::PubAck(PubAck { pkid }))) => link.update(|state| {
                state.is_acknowledged |= state.last_sent == Some(pkid);
            }),
            Ok(Event::Outgoing(Outgoing::Disconnect)) => break,
            Ok(_) => {}
            Err(failure) => {
                link.update(|state| {
                    state.is_connected = false;
                    state.failure = Some(failure);
                });
                if link
                    .wait(RECONNECT_AFTER, |state| state.is_stopping)
                    .is_stopping
                {
                    break;
                }
            }
        }
    }
}
