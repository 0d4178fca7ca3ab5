//! Why a hub does not start, or does not go on.

use std::{io, net::SocketAddr};

use crate::{
    config::{PolicyError, SecretError},
    endpoint::tls::TlsError,
    identity::seal::SealingKeyError,
    mqtt::TrustError,
    sink::TargetError,
    store::StoreError,
    web::CertificateError,
};

/// Why a hub does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The store is of no use.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Rules, lists, exceptions or settings are of no use.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// A secret is not there.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// Where a sink posts to is of no use.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// It is not known whom to trust.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// The API's certificate is of no use.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// The API would be spoken to without TLS.
    #[error(
        "the API at {0} could be read by anybody on the way to it: give it certificate and key in section [web], name there the proxy before it that has them (`proxies`), or let it listen on 127.0.0.1"
    )]
    Open(SocketAddr),
    /// A certificate without a key, or the other way round.
    #[error("section [{0}] needs both certificate and key, or neither")]
    HalfCertificate(&'static str),
    /// MQTT would be open to everybody.
    #[error(
        "MQTT without TLS at {0} could be read and used by anybody who reaches it: let `mqtt` listen on 127.0.0.1, and `mqtts` there"
    )]
    OpenMqtt(SocketAddr),
    /// The certificate of MQTT over TLS is of no use.
    #[error("MQTT over TLS: {0}")]
    Mqtts(#[from] TlsError),
    /// The key that seals those of devices is of no use.
    #[error(transparent)]
    SealingKey(#[from] SealingKeyError),
    /// An address cannot be had.
    #[error("cannot listen on {address}: {error}; {}", way_out(error, name))]
    Bind {
        /// The address.
        address: SocketAddr,
        /// What it is called in the section `listen`, and as an option.
        name: &'static str,
        /// Why not.
        error: io::Error,
    },
    /// Listening does not work.
    #[error("cannot listen: {0}")]
    Listen(io::Error),
    /// The system starts no thread.
    #[error("cannot start a thread: {0}")]
    Thread(io::Error),
}

impl StartError {
    /// Whether somebody has to change the configuration.
    #[must_use]
    pub fn is_bad_input(&self) -> bool {
        matches!(
            self,
            Self::Policy(_)
                | Self::Secret(_)
                | Self::Target(_)
                | Self::Trust(_)
                | Self::Certificate(_)
                | Self::Open(_)
                | Self::OpenMqtt(_)
                | Self::HalfCertificate(_)
                | Self::Mqtts(_)
                | Self::SealingKey(_)
        )
    }
}

/// What somebody can do who wants to listen there.
fn way_out(error: &io::Error, name: &str) -> String {
    let other = format!("another address is chosen by --{name}");
    match error.kind() {
        io::ErrorKind::AddrInUse => format!("is another hub running, or a broker? {other}"),
        io::ErrorKind::AddrNotAvailable => format!("this machine has no such address; {other}"),
        io::ErrorKind::PermissionDenied => {
            format!("ports below 1024 are for privileged programs; {other}")
        }
        _ => other,
    }
}

/// Why a hub does not go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StopError {
    /// The store takes nothing any more. What was acknowledged is in the journal.
    #[error(transparent)]
    Store(StoreError),
    /// A thread has ended.
    #[error("a part of the hub has stopped; this is a bug, please report it")]
    Stopped,
}
