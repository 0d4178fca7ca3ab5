//! The hub over MQTT: the device's side, the watcher's side, and a broker between them for demonstrations.

mod broker;
mod endpoint;
mod publisher;
mod subscription;
#[cfg(test)]
mod tests;
mod tls;
mod topic;
mod url;

use std::time::Duration;

use rumqttc::ConnectionError;

use tls::HandshakeError;

pub use broker::{Broker, BrokerError};
pub use endpoint::Endpoint;
pub use publisher::Publisher;
pub use subscription::{Subscription, Update};
pub use tls::TrustError;
pub use topic::{DeviceId, Sender};
pub use url::HubUrl;

/// The largest MQTT packet that is sent or taken. An IoT Hub takes messages of up to 256 KiB.
const MAX_PACKET: usize = 257 << 10;

/// How long a connection may be silent before it is asked for a sign of life.
const KEEP_ALIVE: Duration = Duration::from_secs(30);

/// How long to wait before a lost connection is tried again.
const RECONNECT_AFTER: Duration = Duration::from_millis(500);

/// Why a hub cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum HubError {
    /// No connection came about.
    #[error("cannot connect to {url}: {reason}; is a broker listening there?")]
    Unreachable {
        /// Where to, without credentials.
        url: String,
        /// What happened.
        reason: Box<ConnectionError>,
    },
    /// The broker is there, but does not want us.
    #[error("{url} refused the connection: {reason}; check user name and password in the URL")]
    Refused {
        /// Where to, without credentials.
        url: String,
        /// What it said.
        reason: Box<ConnectionError>,
    },
    /// The broker is there, but no encrypted connection came about.
    #[error("{url} {reason}")]
    Handshake {
        /// Where to, without credentials.
        url: String,
        /// What was in the way.
        reason: HandshakeError,
    },
    /// The connection was lost and did not come back before the end.
    #[error("{url} went away; what the device did since then was not reported")]
    Lost {
        /// Where to, without credentials.
        url: String,
    },
    /// The client's own thread does not run.
    #[error("the MQTT client stopped; this is a bug, please report it")]
    Stopped,
}

impl HubError {
    fn connecting(hub: &Endpoint, reason: ConnectionError) -> Self {
        let url = hub.to_string();
        if let Some(reason) = HandshakeError::of(&reason) {
            return Self::Handshake { url, reason };
        }
        let reason = Box::new(reason);
        match *reason {
            ConnectionError::ConnectionRefused(_) => Self::Refused { url, reason },
            _ => Self::Unreachable { url, reason },
        }
    }
}
