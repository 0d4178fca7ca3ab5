//! Where what sources see comes in.

use bytes::Bytes;
use defender_detect::SignalKind;
use tokio::sync::{mpsc, oneshot};

/// What a source has seen, in the order in which it is to have its effect.
#[derive(Debug)]
pub struct Delivery {
    /// When the source received it, in seconds of Unix time.
    pub received: u32,
    /// What it is.
    pub what: What,
    /// Told when it is in the journal; dropped untold when it could not be kept.
    pub kept: Option<oneshot::Sender<()>>,
}

/// What a source can have seen.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum What {
    /// A message of a device, whether or not it is a security message.
    Report {
        /// The device's id.
        device: String,
        /// The message's bytes.
        payload: Bytes,
    },
    /// Something else happened.
    Signal {
        /// The device's id. Empty: the hub itself.
        device: String,
        /// What happened.
        what: SignalKind,
    },
}

/// Where sources put what they have seen; bounded, so that a source waits when the journal is slow.
#[derive(Debug, Clone)]
pub struct Intake(mpsc::Sender<Delivery>);

/// Nobody takes deliveries any more: the hub is about to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the hub is stopping and takes no more")]
pub struct Closed;

impl Intake {
    /// An intake in which at most `capacity` deliveries wait, and where they come out.
    ///
    /// # Panics
    /// If `capacity` is 0.
    #[must_use]
    pub fn new(capacity: usize) -> (Self, mpsc::Receiver<Delivery>) {
        let (sender, receiver) = mpsc::channel(capacity);
        (Self(sender), receiver)
    }

    /// Puts in a delivery; waits while there is no room.
    ///
    /// # Errors
    /// [`Closed`] when the hub stops.
    pub async fn put(&self, delivery: Delivery) -> Result<(), Closed> {
        self.0.send(delivery).await.map_err(|_| Closed)
    }

    /// The same from a thread that is not asynchronous.
    ///
    /// # Errors
    /// [`Closed`] when the hub stops.
    ///
    /// # Panics
    /// Within an asynchronous task.
    pub fn put_blocking(&self, delivery: Delivery) -> Result<(), Closed> {
        self.0.blocking_send(delivery).map_err(|_| Closed)
    }
}
