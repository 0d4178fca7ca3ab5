//! The MQTT client: the one file that knows the library which does it.
//!
//! What the library is not asked for is done beside it: connections and TLS (`transport.rs`), the size of messages
//! (`limit.rs`), when to connect again (`backoff.rs`), and what to say about failures (`error.rs`).

use std::{
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use rumqttc::{
    AckMode, AsyncClient, ConnectReturnCode, ConnectionError, EventLoop, ManualAck, MqttOptions,
    Outgoing, Packet, PublishOptions, QoS, SessionMode, StateError, SubscribeFilter,
    SubscribeReasonCode,
};

use super::{
    ANSWERS_WITHIN, Endpoint, Failure, KEEP_ALIVE, Rejection,
    limit::{CUT_TO, Cuts, LARGEST_PACKET},
    transport,
};

/// How many requests go out together.
const BATCH: usize = 128;

/// How a client introduces itself.
pub(super) struct Identity<'a> {
    pub client_id: &'a str,
    /// Whether the hub is to keep subscriptions and messages while the client is away. Messages are acknowledged
    /// by [`Handle::acknowledge`] then, and by themselves otherwise.
    pub keeps_session: bool,
}

/// What happens on a connection.
#[derive(Debug)]
pub(super) enum Event {
    /// It came about.
    Connected { session_present: bool },
    /// A subscription is answered: for each filter whether it was accepted.
    Subscribed(Vec<bool>),
    /// A message came in.
    Message(Incoming),
    /// A message went out, with this packet id.
    Sent(u16),
    /// A message was acknowledged by the hub.
    Acknowledged(u16),
    /// The farewell went out.
    Ended,
}

/// A message that came in.
#[derive(Debug)]
pub(super) struct Incoming {
    pub topic: Vec<u8>,
    /// The payload, as far as it is no larger than a packet may be.
    pub payload: Vec<u8>,
    /// How many bytes the payload had.
    pub size: usize,
    /// Whether it was sent some time ago, and the hub shows it to each who subscribes.
    pub is_retained: bool,
    pub receipt: Receipt,
}

/// What it takes to acknowledge a message.
#[derive(Debug)]
pub(super) struct Receipt {
    ack: Option<ManualAck>,
    connection: u64,
}

/// The client's connection: whoever has it drives it.
pub(super) struct Connection {
    events: EventLoop,
    current: Arc<Mutex<Current>>,
    cuts: Cuts,
}

/// Which connection there is.
#[derive(Default)]
struct Current {
    /// Its number. Receipts of earlier ones are void.
    number: u64,
    is_accepted: bool,
}

/// What asks the client for something, from any thread.
pub(super) struct Handle {
    client: AsyncClient,
    current: Arc<Mutex<Current>>,
}

/// The client has ended.
#[derive(Debug)]
pub(super) struct Ended;

/// A client of a hub.
pub(super) fn new(hub: &Endpoint, identity: &Identity<'_>) -> (Handle, Connection) {
    let url = hub.url.clone();
    let mut options = MqttOptions::new(identity.client_id, (url.host(), url.port()));
    // Both fit 16 bits.
    options.set_keep_alive(KEEP_ALIVE.as_secs() as u16);
    options.set_max_packet_size(LARGEST_PACKET, LARGEST_PACKET);
    options.set_max_request_batch(BATCH);
    options.set_session_mode(if identity.keeps_session {
        SessionMode::Persistent
    } else {
        SessionMode::Clean
    });
    options.set_ack_mode(if identity.keeps_session {
        AckMode::Manual
    } else {
        AckMode::Automatic
    });
    if let Some((user, password)) = url.credentials() {
        options.set_credentials(user, password.to_owned());
    }
    let cuts = Cuts::default();
    let (of_connection, tls) = (cuts.clone(), hub.tls.clone());
    options.set_socket_connector(move |_, _| {
        transport::connect(url.clone(), tls.clone(), of_connection.clone())
    });
    let (client, mut events) = AsyncClient::builder(options).unbounded().build();
    let mut network = events.network_options();
    network.set_connection_timeout(ANSWERS_WITHIN.as_secs());
    events.set_network_options(network);
    let current = Arc::<Mutex<Current>>::default();
    let handle = Handle {
        client,
        current: Arc::clone(&current),
    };
    let connection = Connection {
        events,
        current,
        cuts,
    };
    (handle, connection)
}

impl Connection {
    /// The next event. After a failure there is no connection, and the next call makes one.
    ///
    /// Dropped while it waits, it may lose a connection that was about to come about.
    pub async fn next(&mut self) -> Result<Event, Failure> {
        loop {
            let event = match self.events.poll().await {
                Ok(event) => event,
                Err(error) => {
                    let failure = failure(error, lock(&self.current).is_accepted);
                    self.leave();
                    return Err(failure);
                }
            };
            return Ok(match event {
                rumqttc::Event::Incoming(Packet::ConnAck(answer)) => {
                    lock(&self.current).is_accepted = true;
                    Event::Connected {
                        session_present: answer.session_present,
                    }
                }
                rumqttc::Event::Incoming(Packet::SubAck(answer)) => {
                    let is_accepted = |code: &SubscribeReasonCode| {
                        matches!(code, SubscribeReasonCode::Success(_))
                    };
                    Event::Subscribed(answer.return_codes.iter().map(is_accepted).collect())
                }
                rumqttc::Event::Incoming(Packet::Publish(publish)) => {
                    Event::Message(self.incoming(publish))
                }
                rumqttc::Event::Incoming(Packet::PubAck(ack)) => Event::Acknowledged(ack.pkid),
                rumqttc::Event::Outgoing(Outgoing::Publish(id)) => Event::Sent(id),
                rumqttc::Event::Outgoing(Outgoing::Disconnect) => Event::Ended,
                _ => continue,
            });
        }
    }

    /// Gives the connection up. The next event is that of another one.
    pub fn leave(&mut self) {
        {
            let mut current = lock(&self.current);
            current.number += 1;
            current.is_accepted = false;
        }
        // Receipts may have come in after the library did the same: of messages that nobody waits for now.
        self.events.clean();
    }

    fn incoming(&self, publish: rumqttc::Publish) -> Incoming {
        let id = if publish.qos == QoS::AtMostOnce { 0 } else { 2 };
        let content = 2 + publish.topic.len() + id + publish.payload.len();
        let left_out = match content {
            CUT_TO => self.cuts.next().unwrap_or_default(),
            _ => 0,
        };
        let ack = match self.events.mqtt_options.ack_mode() {
            AckMode::Manual if publish.qos == QoS::AtLeastOnce => {
                Some(ManualAck::PubAck(rumqttc::PubAck::new(publish.pkid)))
            }
            _ => None,
        };
        Incoming {
            size: publish.payload.len() + left_out,
            is_retained: publish.retain,
            topic: publish.topic.into(),
            payload: publish.payload.into(),
            receipt: Receipt {
                ack,
                connection: lock(&self.current).number,
            },
        }
    }
}

impl Handle {
    /// Asks for the messages of some filters.
    pub fn subscribe(&self, filters: &[&str]) -> Result<(), Ended> {
        let filters = filters
            .iter()
            .map(|filter| SubscribeFilter::new((*filter).to_owned(), QoS::AtLeastOnce));
        self.client.try_subscribe_many(filters).map_err(|_| Ended)
    }

    /// Publishes a message that the hub is to acknowledge.
    pub fn publish(&self, topic: &str, payload: &[u8]) -> Result<(), Ended> {
        let options = PublishOptions::new(QoS::AtLeastOnce);
        self.client
            .try_publish(topic, payload.to_vec(), options)
            .map_err(|_| Ended)
    }

    /// Acknowledges a message, if the hub waits for it: on another connection it sends it again.
    pub fn acknowledge(&self, receipt: Receipt) -> Result<(), Ended> {
        let current = lock(&self.current);
        match receipt.ack {
            Some(ack) if receipt.connection == current.number => {
                self.client.try_manual_ack(ack).map_err(|_| Ended)
            }
            _ => Ok(()),
        }
    }

    /// Says farewell to the hub, after what was asked for before, and says whether there is a hub to hear it.
    pub fn end(&self) -> bool {
        lock(&self.current).is_accepted && self.client.try_disconnect().is_ok()
    }
}

fn lock(current: &Mutex<Current>) -> MutexGuard<'_, Current> {
    // No code panics while it holds the lock.
    current.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What an error of the library means, on a connection that was accepted or on the way to one.
fn failure(error: ConnectionError, is_connected: bool) -> Failure {
    match error {
        ConnectionError::Io(error) | ConnectionError::MqttState(StateError::Io(error)) => {
            Failure::of_io(error)
        }
        ConnectionError::MqttState(StateError::Deserialization(rumqttc::Error::Io(error))) => {
            match error.kind() {
                // The end of the connection within a packet, or within what was taken for one.
                io::ErrorKind::Other if is_connected => Failure::Closed,
                io::ErrorKind::Other => Failure::Protocol("its answer is cut".into()),
                _ => Failure::of_io(error),
            }
        }
        ConnectionError::MqttState(StateError::ConnectionAborted) => Failure::Closed,
        ConnectionError::MqttState(StateError::AwaitPingResp)
        | ConnectionError::NetworkTimeout
        | ConnectionError::FlushTimeout => Failure::Silent,
        ConnectionError::ConnectionRefused(code) => Failure::Rejected(match code {
            ConnectReturnCode::BadClientId => Rejection::ClientId,
            ConnectReturnCode::ServiceUnavailable => Rejection::Unavailable,
            ConnectReturnCode::BadUserNamePassword => Rejection::Credentials,
            ConnectReturnCode::NotAuthorized => Rejection::NotAuthorized,
            ConnectReturnCode::RefusedProtocolVersion | ConnectReturnCode::Success => {
                Rejection::Version
            }
        }),
        ConnectionError::RequestsDone => Failure::Ended,
        // What the library says before the error itself is about the library.
        ConnectionError::MqttState(StateError::Deserialization(error)) => {
            Failure::Protocol(error.to_string())
        }
        ConnectionError::MqttState(error) => Failure::Protocol(error.to_string()),
        other => Failure::Protocol(other.to_string()),
    }
}
