//! The watcher's side: what devices send, as it comes.

use std::{process, thread, time::SystemTime};

use rumqttc::{Client, Connection, ConnectionError, Event, Packet, QoS, SubscribeFilter};

use super::{Endpoint, HubError, RECONNECT_AFTER, Sender, topic};

/// A subscription to the messages of all devices. When its connection is lost it is tried again and again.
pub struct Subscription {
    client: Client,
    connection: Connection,
    is_lost: bool,
}

/// What a subscription tells.
#[derive(Debug)]
pub enum Update {
    /// A security message, not decoded yet.
    Message {
        /// Who sent it.
        sender: Sender,
        /// The message.
        payload: Vec<u8>,
    },
    /// The connection is lost. Messages sent from now on are missed, until it is back.
    Lost(ConnectionError),
    /// The connection is back.
    Back,
}

impl Subscription {
    /// Connects and subscribes.
    pub fn open(hub: &Endpoint) -> Result<Self, HubError> {
        let (client, connection) = Client::new(hub.options(&client_id()), 8);
        let mut subscription = Self {
            client,
            connection,
            is_lost: false,
        };
        loop {
            match subscription.connection.recv() {
                Ok(Ok(Event::Incoming(Packet::ConnAck(_)))) => subscription.subscribe(),
                Ok(Ok(Event::Incoming(Packet::SubAck(_)))) => return Ok(subscription),
                Ok(Ok(_)) => {}
                Ok(Err(failure)) => return Err(HubError::connecting(hub, failure)),
                Err(_) => return Err(HubError::Stopped),
            }
        }
    }

    fn subscribe(&self) {
        let filters =
            topic::FILTERS.map(|filter| SubscribeFilter::new(filter.to_owned(), QoS::AtLeastOnce));
        // This fails only when requests queue up, and the queue is empty after a connect.
        let _ = self.client.try_subscribe_many(filters);
    }

    /// The next update; waits for it.
    pub fn next_update(&mut self) -> Result<Update, HubError> {
        loop {
            match self.connection.recv() {
                Ok(Ok(Event::Incoming(Packet::Publish(publish)))) => {
                    // Devices send other telemetry, too.
                    if let Some(sender) = Sender::of(&publish.topic) {
                        return Ok(Update::Message {
                            sender,
                            payload: publish.payload.to_vec(),
                        });
                    }
                }
                Ok(Ok(Event::Incoming(Packet::ConnAck(_)))) => self.subscribe(),
                Ok(Ok(Event::Incoming(Packet::SubAck(_)))) if self.is_lost => {
                    self.is_lost = false;
                    return Ok(Update::Back);
                }
                Ok(Ok(_)) => {}
                Ok(Err(failure)) if !self.is_lost => {
                    self.is_lost = true;
                    return Ok(Update::Lost(failure));
                }
                Ok(Err(_)) => thread::sleep(RECONNECT_AFTER),
                Err(_) => return Err(HubError::Stopped),
            }
        }
    }
}

/// A name that no other watcher has: a broker drops the older of two clients with the same name.
fn client_id() -> String {
    let now = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    format!("defender-watch-{}-{:x}", process::id(), now.as_nanos())
}
