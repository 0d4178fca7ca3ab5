//! A client that is made by hand, so that it can do what none does.

#![allow(dead_code, reason = "each test uses some of it")]

#[path = "../support/wire.rs"]
mod wire;

use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpStream},
    path::Path,
    sync::Arc,
    time::Duration,
};

use defender_hub::identity::authority::Issued;
use rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use socket2::{Domain, Socket, Type};

use wire::text;
pub use wire::{packet, publish, read};

/// Longer than anything in these tests takes.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Properties of security messages.
pub const OURS: &str = "mti=2.3-1-0-0&%24.ifid=urn%3Aazureiot%3ASecurity%3ASecurityAgent%3A1";

/// What CONNECT says.
#[derive(Clone)]
pub struct Connect<'a> {
    pub client: &'a str,
    pub user: Option<&'a str>,
    pub password: Option<&'a [u8]>,
    pub is_clean: bool,
    pub keep_alive: u16,
    pub will: Option<(&'a str, &'a [u8])>,
}

impl<'a> Connect<'a> {
    pub fn new(client: &'a str) -> Self {
        Self {
            client,
            user: None,
            password: None,
            is_clean: true,
            keep_alive: 60,
            will: None,
        }
    }

    /// As an IoT Hub client with a token does it.
    pub fn with(client: &'a str, user: &'a str, password: &'a str) -> Self {
        Self {
            user: Some(user),
            password: Some(password.as_bytes()),
            ..Self::new(client)
        }
    }

    pub fn kept(self) -> Self {
        Self {
            is_clean: false,
            ..self
        }
    }

    pub fn bytes(&self) -> Vec<u8> {
        let mut flags = u8::from(self.is_clean) << 1;
        let mut content = text("MQTT");
        content.extend([4, 0]);
        content.extend(self.keep_alive.to_be_bytes());
        content.extend(text(self.client));
        if let Some((topic, payload)) = self.will {
            flags |= 0x04 | 0x08;
            content.extend(text(topic));
            content.extend((payload.len() as u16).to_be_bytes());
            content.extend(payload);
        }
        if let Some(user) = self.user {
            flags |= 0x80;
            content.extend(text(user));
        }
        if let Some(password) = self.password {
            flags |= 0x40;
            content.extend((password.len() as u16).to_be_bytes());
            content.extend(password);
        }
        content[7] = flags;
        packet(0x10, &content)
    }
}

/// What comes from the hub.
#[derive(Debug, PartialEq, Eq)]
pub enum Packet {
    ConnAck {
        is_present: bool,
        code: u8,
    },
    Publish {
        topic: String,
        payload: Vec<u8>,
        id: Option<u16>,
        is_again: bool,
    },
    PubAck(u16),
    SubAck(Vec<u8>),
    UnsubAck,
    Pong,
}

/// A connection.
pub struct Client<S = TcpStream>(pub S);

impl Client {
    pub fn open(address: SocketAddr) -> Self {
        Self::on(TcpStream::connect(address).unwrap())
    }

    /// A client on another host than all the others of a test: at an address of its own, where the system has a second one of
    /// the loopback interface.
    pub fn elsewhere(address: SocketAddr) -> Self {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        if cfg!(target_os = "linux") {
            let local = SocketAddr::from(([127, 0, 0, 2], 0));
            socket.bind(&local.into()).unwrap();
        }
        socket.connect(&address.into()).unwrap();
        Self::on(socket.into())
    }

    fn on(stream: TcpStream) -> Self {
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self(stream)
    }

    /// A client that is let in.
    pub fn connected(address: SocketAddr, connect: &Connect<'_>) -> Self {
        let mut client = Self::open(address);
        assert_eq!(client.connect(connect).1, 0, "{}", connect.client);
        client
    }

    /// The code that a client is answered with.
    pub fn refused(address: SocketAddr, connect: &Connect<'_>) -> u8 {
        let mut client = Self::open(address);
        let (_, code) = client.connect(connect);
        assert_eq!(client.next(), None, "still open");
        code
    }
}

/// A connection over TLS to an address that the certificate names, with a certificate of the client's own.
pub fn over_tls(
    address: SocketAddr,
    ca: &Path,
    own: Option<&Issued>,
) -> Client<StreamOwned<ClientConnection, TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_file(ca).unwrap())
        .unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots);
    let config = match own {
        None => config.with_no_client_auth(),
        Some(own) => {
            let chain = vec![own.certificate.clone().into()];
            let key = PrivateKeyDer::from_pem_slice(own.key_pem.as_bytes()).unwrap();
            config.with_client_auth_cert(chain, key).unwrap()
        }
    };
    let connection = ClientConnection::new(Arc::new(config), address.ip().into()).unwrap();
    Client(StreamOwned::new(connection, Client::open(address).0))
}

impl<S: Read + Write> Client<S> {
    /// Sends CONNECT; gives whether a session is present, and the code.
    pub fn connect(&mut self, connect: &Connect<'_>) -> (bool, u8) {
        self.send(&connect.bytes());
        match self.next() {
            Some(Packet::ConnAck { is_present, code }) => (is_present, code),
            other => panic!("{other:?}"),
        }
    }

    /// Publishes; with an id it wants to be acknowledged.
    pub fn publish(&mut self, topic: &str, payload: &[u8], id: Option<u16>) {
        self.send(&publish(topic, payload, id));
    }

    /// Subscribes to these filters with QoS 1; gives the codes.
    pub fn subscribe(&mut self, filters: &[&str]) -> Vec<u8> {
        let mut content = vec![0, 1];
        for filter in filters {
            content.extend(text(filter));
            content.push(1);
        }
        self.send(&packet(0x82, &content));
        match self.next() {
            Some(Packet::SubAck(codes)) => codes,
            other => panic!("{other:?}"),
        }
    }

    pub fn acknowledge(&mut self, id: u16) {
        self.send(&packet(0x40, &id.to_be_bytes()));
    }

    pub fn ping(&mut self) {
        self.send(&[0xC0, 0]);
    }

    pub fn disconnect(mut self) {
        self.send(&[0xE0, 0]);
        while self.next().is_some() {}
    }

    /// Sends bytes. A hub that has closed the connection already does not mind.
    pub fn send(&mut self, bytes: &[u8]) {
        let _ = self.0.write_all(bytes);
        let _ = self.0.flush();
    }

    /// The next packet; `None` when the hub has closed the connection.
    pub fn next(&mut self) -> Option<Packet> {
        match self.try_next() {
            Ok(packet) => Some(packet),
            Err(error) => {
                let is_late = matches!(
                    error.kind(),
                    io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
                );
                assert!(!is_late, "the hub says nothing");
                None
            }
        }
    }

    /// A packet that must be a message.
    pub fn message(&mut self) -> (String, Vec<u8>, Option<u16>, bool) {
        match self.next() {
            Some(Packet::Publish {
                topic,
                payload,
                id,
                is_again,
            }) => (topic, payload, id, is_again),
            other => panic!("{other:?}"),
        }
    }

    fn try_next(&mut self) -> io::Result<Packet> {
        let (first, content) = read(&mut self.0)?;
        let number = |at: usize| u16::from_be_bytes([content[at], content[at + 1]]);
        Ok(match first >> 4 {
            2 => Packet::ConnAck {
                is_present: content[0] == 1,
                code: content[1],
            },
            3 => {
                let end = 2 + usize::from(number(0));
                let (id, rest) = match first & 0x06 {
                    0 => (None, end),
                    2 => (Some(number(end)), end + 2),
                    other => panic!("QoS in {other}"),
                };
                assert_eq!(first & 1, 0, "retained");
                Packet::Publish {
                    topic: String::from_utf8(content[2..end].to_vec()).unwrap(),
                    payload: content[rest..].to_vec(),
                    id,
                    is_again: first & 8 != 0,
                }
            }
            4 => Packet::PubAck(number(0)),
            9 => Packet::SubAck(content[2..].to_vec()),
            11 => Packet::UnsubAck,
            13 => Packet::Pong,
            other => panic!("packet of kind {other}"),
        })
    }
}
