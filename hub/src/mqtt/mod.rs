//! MQTT 3.1.1, as IoT Hubs and brokers speak it.
//!
//! One file, `client.rs`, knows the library that does it. Connections come from `transport.rs`, with TLS where the URL asks
//! for it, and through `limit.rs`, which cuts messages that are larger than a hub takes.

mod backoff;
mod client;
mod endpoint;
mod error;
mod handshake;
mod limit;
mod publisher;
mod queue;
mod subscription;
mod tls;
mod topic;
mod transport;
mod url;

use std::{
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use tokio::sync::oneshot;

pub use endpoint::Endpoint;
pub use error::{Failure, HubError, Rejection};
pub use handshake::HandshakeError;
pub use publisher::{PublishError, Publisher, PublisherOptions};
pub use subscription::{Arrival, Session, Subscription, SubscriptionOptions, Update};
pub use tls::TrustError;
pub(crate) use tls::client_config;
pub(crate) use topic::message;
pub use topic::{DeviceId, DeviceIdError, MessageKind, Sender};
pub use url::{HubUrl, UrlError};

/// The largest message that is sent or taken, in bytes: an IoT Hub takes no larger ones.
pub const MAX_MESSAGE: usize = 256 << 10;

/// How long a connection may be silent before it is asked for a sign of life.
const KEEP_ALIVE: Duration = Duration::from_secs(30);

/// How long a hub may take for the steps of a connection, and to answer a subscription.
const ANSWERS_WITHIN: Duration = Duration::from_secs(10);

/// How long a farewell may take.
const FAREWELL_WITHIN: Duration = Duration::from_secs(1);

/// Runs what drives a connection on a thread of its own.
fn on_a_thread(
    work: impl Future<Output = ()> + Send + 'static,
) -> Result<JoinHandle<()>, HubError> {
    let stopped = |error: std::io::Error| HubError::Stopped(error.to_string());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(stopped)?;
    thread::Builder::new()
        .name("hub".into())
        .spawn(move || runtime.block_on(work))
        .map_err(stopped)
}

/// Waits for such a thread to say farewell, if it is to, and ends it.
fn leave(says_farewell: bool, stop: oneshot::Sender<()>, driver: JoinHandle<()>) {
    let begun = Instant::now();
    while says_farewell && !driver.is_finished() && begun.elapsed() < FAREWELL_WITHIN {
        thread::sleep(Duration::from_millis(1));
    }
    // Both fail when it has ended already, which is what they are for.
    let _ = stop.send(());
    let _ = driver.join();
}
