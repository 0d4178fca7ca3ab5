//! Why a hub does not start, or does not go on.

use std::{io, net::SocketAddr};

use crate::{
    config::{PolicyError, SecretError},
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
    /// The API would be open to everybody.
    #[error(
        "the API at {0} could be used by anybody who reaches it: give it certificate, key and token in section [web], or let it listen on 127.0.0.1"
    )]
    Open(SocketAddr),
    /// A certificate without a key, or the other way round.
    #[error("section [web] needs both certificate and key, or neither")]
    HalfCertificate,
    /// Somebody else has the address.
    #[error("cannot listen on {address}: {error}")]
    Bind {
        /// The address.
        address: SocketAddr,
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
                | Self::HalfCertificate
        )
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
