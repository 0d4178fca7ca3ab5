//! What becomes of a hub client's connection.

use crate::error::Status;

/// What a hub client's connection is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ConnectionStatus {
    /// It was not connected yet.
    NotConnected,
    /// It is being connected.
    Connecting,
    /// It is connected.
    Connected,
    /// It was connected, until it was disconnected or the network broke.
    Disconnected,
    /// It was connected until its token expired: connect again, for a new one.
    TokenExpired,
    /// It could not be connected.
    Failed(Status),
}

/// Who is told what becomes of a hub client's connection. Every `Fn(ConnectionStatus)` is one, so a closure that captures nothing can
/// be given by reference: `&|status| …`.
///
/// Called on the thread that connects or disconnects, or that of the cloud helper, with the middleware locked: it must be brief,
/// and must neither call functions of the client nor wait for a thread that does, nor for locks of the operating system, such as
/// that of the standard output. One that panics has been told nevertheless.
pub trait StatusListener: Sync {
    /// The status has changed.
    fn status_changed(&self, status: ConnectionStatus);
}

impl<F: Fn(ConnectionStatus) + Sync> StatusListener for F {
    fn status_changed(&self, status: ConnectionStatus) {
        self(status);
    }
}
