//! The hub's end of a connection, made by hand, so that a test can be a broker of any kind.

#![allow(dead_code, reason = "each test uses some of it")]

mod wire;

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    time::Duration,
};

use defender_message::flow::PROPERTIES;

pub use wire::publish;

/// Longer than anything in these tests takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// How a client introduced itself.
#[derive(Debug, PartialEq, Eq)]
pub struct Introduction {
    pub client_id: String,
    pub is_clean: bool,
}

/// A packet from a client.
#[derive(Debug)]
pub enum Packet {
    /// A message, with its packet id; whether it says that it may be a repetition.
    Publish {
        id: u16,
        topic: String,
        payload: Vec<u8>,
        is_repeated: bool,
    },
    /// An acknowledgement of this packet id.
    PubAck(u16),
    /// The packet id of a subscription, and its filters.
    Subscribe(u16, Vec<String>),
    /// A farewell.
    Disconnect,
}

/// A client's connection.
pub struct Peer<S = TcpStream>(pub S);

/// Where a hub listens, and its URL.
pub fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("mqtt://{}", listener.local_addr().unwrap());
    (listener, url)
}

/// Where a device's security messages go.
pub fn topic(device: &str) -> String {
    let properties = PROPERTIES.map(|(key, value)| format!("{key}={value}"));
    format!("devices/{device}/messages/events/{}", properties.join("&"))
}

/// What a client still says until it is gone.
pub fn drain(mut peer: Peer) -> Vec<Packet> {
    std::iter::from_fn(|| peer.next()).collect()
}

impl Peer {
    /// A client, with how it introduced itself. It is not answered yet.
    pub fn accept(listener: &TcpListener) -> (Self, Introduction) {
        let (stream, _) = listener.accept().unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        let mut peer = Self(stream);
        let introduction = peer.introduction();
        (peer, introduction)
    }

    /// A client that is connected, without a session.
    pub fn connected(listener: &TcpListener) -> Self {
        let (mut peer, _) = Self::accept(listener);
        peer.accept_connection(false);
        peer
    }

    /// A client that is connected and subscribed.
    pub fn subscribed(listener: &TcpListener) -> Self {
        let mut peer = Self::connected(listener);
        peer.accept_subscription();
        peer
    }
}

impl<S: Read + Write> Peer<S> {
    /// Reads CONNECT.
    pub fn introduction(&mut self) -> Introduction {
        let (first, content) = wire::read(&mut self.0).unwrap();
        assert_eq!(first, 0x10);
        // The protocol's name and level, flags, and the keep-alive time.
        assert_eq!(content[..7], *b"\0\x04MQTT\x04");
        let (client_id, _) = text(&content[10..]);
        Introduction {
            client_id,
            is_clean: content[7] & 2 != 0,
        }
    }

    /// Answers CONNECT.
    pub fn accept_connection(&mut self, session_present: bool) {
        self.send(&[0x20, 2, session_present.into(), 0]);
    }

    /// Reads SUBSCRIBE, and accepts it.
    pub fn accept_subscription(&mut self) {
        let (id, filters) = self.subscription();
        self.answer_subscription(id, &vec![1; filters.len()]);
    }

    /// Reads SUBSCRIBE.
    pub fn subscription(&mut self) -> (u16, Vec<String>) {
        match self.next() {
            Some(Packet::Subscribe(id, filters)) => (id, filters),
            other => panic!("{other:?}"),
        }
    }

    /// Answers a SUBSCRIBE with a code for each of its filters.
    pub fn answer_subscription(&mut self, id: u16, codes: &[u8]) {
        let mut packet = vec![0x90, 2 + codes.len() as u8];
        packet.extend(id.to_be_bytes());
        packet.extend(codes);
        self.send(&packet);
    }

    /// Sends a message; with a packet id it wants to be acknowledged.
    pub fn publish(&mut self, topic: &str, payload: &[u8], id: Option<u16>) {
        self.send(&publish(topic, payload, id));
    }

    /// Acknowledges a message.
    pub fn acknowledge(&mut self, id: u16) {
        let [high, low] = id.to_be_bytes();
        self.send(&[0x40, 2, high, low]);
    }

    /// Sends what it is given. A client that is gone already does not mind.
    pub fn send(&mut self, bytes: &[u8]) {
        let _ = self.0.write_all(bytes);
        let _ = self.0.flush();
    }

    /// The next packet; `None` when the client is gone. Pings are answered on the way.
    pub fn next(&mut self) -> Option<Packet> {
        loop {
            let (first, content) = wire::read(&mut self.0).ok()?;
            let id = |bytes: &[u8]| u16::from_be_bytes([bytes[0], bytes[1]]);
            return Some(match first >> 4 {
                3 => {
                    let (topic, rest) = text(&content);
                    Packet::Publish {
                        id: id(rest),
                        topic,
                        payload: rest[2..].to_vec(),
                        is_repeated: first & 8 != 0,
                    }
                }
                4 => Packet::PubAck(id(&content)),
                8 => {
                    let mut rest = &content[2..];
                    let mut filters = Vec::new();
                    while !rest.is_empty() {
                        let (filter, after) = text(rest);
                        filters.push(filter);
                        rest = &after[1..];
                    }
                    Packet::Subscribe(id(&content), filters)
                }
                12 => {
                    self.send(&[0xD0, 0]);
                    continue;
                }
                14 => Packet::Disconnect,
                other => panic!("packet of kind {other}"),
            });
        }
    }
}

/// A text and what comes after it.
fn text(bytes: &[u8]) -> (String, &[u8]) {
    let length = usize::from(u16::from_be_bytes([bytes[0], bytes[1]]));
    let (text, rest) = bytes[2..].split_at(length);
    (String::from_utf8(text.to_vec()).unwrap(), rest)
}
