//! Why a hub cannot be used, in sentences that say what to do.

use std::{fmt, io};

use super::{ANSWERS_WITHIN, HandshakeError};

/// Why there is no connection. Displayed, it goes on a sentence that began with the hub.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// Nobody listens there, or no way leads there.
    #[error("cannot be reached: {0}; is a broker listening there?")]
    Unreachable(io::Error),
    /// The connection was closed.
    #[error("closed the connection")]
    Closed,
    /// It gives no sign of life.
    #[error("does not answer; is it a broker, and is the network slow?")]
    Silent,
    /// It is there, but does not want us.
    #[error("refused the connection: {0}")]
    Rejected(Rejection),
    /// It is there, but no encrypted connection came about.
    #[error(transparent)]
    Handshake(HandshakeError),
    /// What it sends is no MQTT.
    #[error(
        "does not speak MQTT 3.1.1 ({0}); is the port one for mqtts://, or for something else?"
    )]
    Protocol(String),
    /// It does not let us subscribe.
    #[error("refused the subscription to {filters}; may this user read there?", filters = .0.join(" and "))]
    NotSubscribed(Vec<String>),
    /// It closed the connection when it was asked for messages.
    #[error("closed the connection when asked for messages; may this user read there?")]
    ClosedInstead,
    /// It does not say whether we are subscribed.
    #[error("did not answer the subscription within {seconds} s", seconds = ANSWERS_WITHIN.as_secs())]
    NoAnswer,
    /// The connection was ended by this side.
    #[error("was left")]
    Ended,
}

/// Why a hub refused a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Rejection {
    /// The protocol is not the one that it speaks.
    #[error("it does not speak MQTT 3.1.1")]
    Version,
    /// The client's name is not one that it likes.
    #[error("it does not accept the client's name; choose another")]
    ClientId,
    /// It is too busy.
    #[error("it is not available; try again later")]
    Unavailable,
    /// User name or password are wrong.
    #[error("check user name and password in the URL")]
    Credentials,
    /// User name and password do not suffice.
    #[error("not authorized; check user name and password in the URL")]
    NotAuthorized,
}

impl Failure {
    /// What an I/O error on the way to a hub, or on a connection to it, means.
    pub(super) fn of_io(error: io::Error) -> Self {
        if let Some(handshake) = HandshakeError::of(&error) {
            return Self::Handshake(handshake);
        }
        match error.kind() {
            io::ErrorKind::UnexpectedEof
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe => Self::Closed,
            io::ErrorKind::TimedOut => Self::Silent,
            _ => Self::Unreachable(error),
        }
    }
}

/// Why a hub cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HubError {
    /// No connection came about.
    #[error("{}", Connecting(url, failure))]
    Connecting {
        /// Where to, without credentials.
        url: String,
        /// What was in the way.
        failure: Failure,
    },
    /// The client's own thread does not run.
    #[error("the MQTT client does not run: {0}")]
    Stopped(String),
}

/// The hub, and what was in the way.
struct Connecting<'a>(&'a str, &'a Failure);

impl fmt::Display for Connecting<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self(url, Failure::Unreachable(reason)) => {
                write!(
                    f,
                    "cannot connect to {url}: {reason}; is a broker listening there?"
                )
            }
            Self(url, Failure::Closed) => {
                write!(
                    f,
                    "{url} closed the connection before it was accepted; is the port one for mqtts://?"
                )
            }
            Self(url, failure) => write!(f, "{url} {failure}"),
        }
    }
}
