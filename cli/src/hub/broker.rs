//! An MQTT broker within this program, for demonstrations.

use std::{
    collections::HashMap,
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    thread,
    time::{Duration, Instant},
};

use rumqttd::{Config, ConnectionSettings, RouterConfig, ServerSettings};

use super::{Endpoint, MAX_MESSAGE};

/// How long the broker may take to listen.
const READY_WITHIN: Duration = Duration::from_secs(5);

/// How many ports are tried: another program may take a port between our finding and using it.
const ATTEMPTS: usize = 5;

/// Why there is no broker.
#[derive(Debug, thiserror::Error)]
pub enum BrokerError {
    /// The machine gives no port.
    #[error("cannot find a free port on the loopback interface: {0}")]
    NoPort(io::Error),
    /// The broker does not listen on the ports it was given.
    #[error("the embedded MQTT broker does not start; is the loopback interface up?")]
    NotReady,
}

/// A broker on a free port of the loopback interface. It runs until the program ends.
#[derive(Debug)]
pub struct Broker {
    port: u16,
}

impl Broker {
    /// Starts a broker and waits until it listens.
    pub fn start() -> Result<Self, BrokerError> {
        for _ in 0..ATTEMPTS {
            let address = free_port().map_err(BrokerError::NoPort)?;
            let mut broker = rumqttd::Broker::new(config(address));
            let server = thread::Builder::new()
                .name("broker".into())
                .spawn(move || broker.start().is_ok())
                .map_err(BrokerError::NoPort)?;
            let begun = Instant::now();
            // It ends only when it could not listen.
            while !server.is_finished() && begun.elapsed() < READY_WITHIN {
                if TcpStream::connect(address).is_ok() {
                    return Ok(Self {
                        port: address.port(),
                    });
                }
                thread::sleep(Duration::from_millis(5));
            }
        }
        Err(BrokerError::NotReady)
    }

    /// Where it listens.
    pub fn endpoint(&self) -> Endpoint {
        Endpoint::loopback(self.port)
    }
}

fn free_port() -> io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}

fn config(listen: SocketAddr) -> Config {
    let server = ServerSettings {
        name: "loopback".into(),
        listen,
        tls: None,
        next_connection_delay_ms: 1,
        connections: ConnectionSettings {
            connection_timeout_ms: 5000,
            max_payload_size: MAX_MESSAGE,
            max_inflight_count: 100,
            auth: None,
            external_auth: None,
            dynamic_filters: true,
        },
    };
    Config {
        router: RouterConfig {
            max_connections: 64,
            max_outgoing_packet_count: 200,
            max_segment_size: 1 << 20,
            max_segment_count: 10,
            ..RouterConfig::default()
        },
        v4: Some(HashMap::from([("loopback".to_owned(), server)])),
        ..Config::default()
    }
}
