//! Where what sources see comes in.

use bytes::Bytes;
use defender_detect::{SignalKind, baseline::Class, input::Transport};
use serde::{Deserialize, Serialize};
use tokio::sync::{mpsc, oneshot};

use crate::mqtt::MessageKind;

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

/// What a source can have seen, and what else goes through the journal.
// Written to the journal by number: new ones come last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Time has passed while the hub was there.
    Tick,
    /// A person closes an alert.
    Close {
        /// The device that it is about. Empty: the hub itself.
        device: String,
        /// The alert's id.
        alert: String,
    },
    /// A person says whether a class of traffic is normal.
    Baseline {
        /// The security group.
        group: String,
        /// The class.
        class: Class,
        /// Whether it is normal; if not, it is new when it is seen again.
        is_accepted: bool,
    },
}

impl What {
    /// What a message over MQTT is to detection, whoever passed it on: of one that is no security message it matters that it was sent.
    pub(crate) fn message(device: String, kind: MessageKind, payload: Bytes) -> Self {
        let transport = Transport::Mqtt;
        let what = match kind {
            MessageKind::Security => return Self::Report { device, payload },
            MessageKind::DeviceToCloud => SignalKind::DeviceToCloud { transport },
            MessageKind::CloudToDevice => SignalKind::CloudToDevice { transport },
        };
        Self::Signal { device, what }
    }

    /// About how many bytes it takes.
    pub(crate) fn size(&self) -> usize {
        const REST: usize = 64;
        REST + match self {
            Self::Report { device, payload } => device.len() + payload.len(),
            Self::Signal { device, .. } => device.len(),
            Self::Tick => 0,
            Self::Close { device, alert } => device.len() + alert.len(),
            Self::Baseline { group, .. } => group.len(),
        }
    }
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

    /// Puts in a delivery if there is room.
    pub(crate) fn try_put(&self, delivery: Delivery) {
        // Who calls this only wants to wake somebody.
        let _ = self.0.try_send(delivery);
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
