//! The service's side of the endpoint: messages to devices, methods, twins, and what there is to know.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use defender_detect::input::{SignalKind, Transport};
use tokio::{sync::oneshot, time::timeout};

use super::{
    connection::MAX_TO_DEVICE,
    hub::{Call, Hub},
    outgoing::Message,
    registry::{NotSent, lock},
    strangers::Stranger,
    topic::{self, Filter},
    twin::TwinError,
};

/// What the service's side of an endpoint may do. Clones are of the same endpoint.
#[derive(Clone)]
pub struct Control {
    hub: Arc<Hub>,
}

/// Why a message does not go to a device.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// There is no such device.
    #[error("there is no device {0}; `defender hub device add` enrols it")]
    Unknown(String),
    /// As many messages wait for it as may.
    #[error("too many messages wait for {0} already")]
    Full(String),
    /// The message is too large.
    #[error("a message to a device has at most {} KiB", MAX_TO_DEVICE >> 10)]
    TooLarge,
}

/// Why a method is not answered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvokeError {
    /// Text that is no name of a method.
    #[error("'{0}' is no name of a method: use letters, digits, '-', '_', '.', ':' and '*'")]
    Name(String),
    /// The payload is too large.
    #[error("what a method is given has at most {} KiB", MAX_TO_DEVICE >> 10)]
    TooLarge,
    /// The device is not there, or does not listen to methods.
    #[error("{0} is not connected, or has no methods")]
    Absent(String),
    /// It has not answered in time.
    #[error("{0} has not answered in time")]
    Unanswered(String),
}

/// What the endpoint has counted since it was made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Statistics {
    /// Connections that there are now.
    pub connections: usize,
    /// Clients that the endpoint keeps something for, those included that are there.
    pub sessions: usize,
    /// Clients that were let in.
    pub accepted: u64,
    /// Clients that were refused, by the reason: `version`, `name`, `unknown`, `unauthorized`, `token-expired`, `token-invalid`,
    /// `certificate-expired`, `certificate-mismatch`, `unavailable`.
    pub refused: BTreeMap<&'static str, u64>,
    /// Clients that were refused because nobody of their name is enrolled.
    pub strangers: u64,
    /// Connections that were closed before they said who they are, or for want of room.
    pub turned_away: u64,
    /// Messages of devices that the journal has.
    pub messages: u64,
    /// Their bytes, without topics.
    pub bytes: u64,
    /// Connections that were closed because of what they sent.
    pub violations: u64,
    /// Connections that were closed because they were silent, took nothing, or had lost their right.
    pub cut_off: u64,
    /// Refusals that detection was not told of, because there were too many.
    pub unsignalled: u64,
}

/// A device's answer to a method.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Answer {
    /// The status that the device gives.
    pub status: u16,
    /// What it says.
    pub payload: Bytes,
}

static CALLS: AtomicU64 = AtomicU64::new(1);

impl Control {
    pub(super) fn new(hub: Arc<Hub>) -> Self {
        Self { hub }
    }

    /// Sends a message to a device. One that is away gets it when it is back, unless the hub was stopped meanwhile.
    ///
    /// # Errors
    /// [`SendError`] when there is no such device, or no room.
    pub async fn send(&self, device: &str, payload: Bytes) -> Result<(), SendError> {
        self.hub.send(device, "", payload).await
    }

    /// Invokes a method of a device, and waits for its answer.
    ///
    /// # Errors
    /// [`InvokeError`] when it does not answer.
    pub async fn invoke(
        &self,
        device: &str,
        method: &str,
        payload: Bytes,
        within: Duration,
    ) -> Result<Answer, InvokeError> {
        if !topic::is_method_name(method) {
            return Err(InvokeError::Name(method.to_owned()));
        }
        if payload.len() > MAX_TO_DEVICE {
            return Err(InvokeError::TooLarge);
        }
        let number = CALLS.fetch_add(1, Ordering::Relaxed);
        let waiting = Waiting {
            hub: &self.hub,
            call: (device.to_owned(), number),
        };
        let (answer, answered) = oneshot::channel();
        lock(&self.hub.calls).insert(waiting.call.clone(), answer);
        let message = Message {
            topic: topic::method(method, number).into(),
            payload,
        };
        if !self.hub.registry.tell(device, Filter::Methods, message) {
            return Err(InvokeError::Absent(device.to_owned()));
        }
        self.hub.signal(device, SignalKind::DirectMethod).await;
        match timeout(within, answered).await {
            Ok(Ok((status, payload))) => Ok(Answer { status, payload }),
            _ => Err(InvokeError::Unanswered(device.to_owned())),
        }
    }

    /// Desires something of a device: a JSON merge patch. A device that is there is told at once; gives the version.
    ///
    /// # Errors
    /// [`TwinError`] when the patch is none, or too large.
    pub async fn desire(&self, device: &str, patch: &[u8]) -> Result<u64, TwinError> {
        let (version, told) = lock(&self.hub.twins).desire(device, patch)?;
        let message = Message {
            topic: topic::twin_desired(version).into(),
            payload: told.into(),
        };
        self.hub.registry.tell(device, Filter::TwinDesired, message);
        self.hub.signal(device, SignalKind::TwinUpdate).await;
        Ok(version)
    }

    /// A device's twin, as a JSON document with what is desired and what is reported.
    #[must_use]
    pub fn twin(&self, device: &str) -> Vec<u8> {
        lock(&self.hub.twins).document(device)
    }

    /// Whether a device is connected.
    #[must_use]
    pub fn is_connected(&self, device: &str) -> bool {
        self.hub.registry.is_present(device)
    }

    /// What the endpoint has counted.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        let counters = &self.hub.counters;
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Statistics {
            connections: counters.connections.load(Ordering::Relaxed),
            sessions: self.hub.registry.len(),
            accepted: read(&counters.accepted),
            refused: lock(&self.hub.refused).clone(),
            strangers: lock(&self.hub.strangers).total(),
            turned_away: read(&counters.turned_away),
            messages: read(&counters.messages),
            bytes: read(&counters.bytes),
            violations: read(&counters.violations),
            cut_off: read(&counters.cut_off),
            unsignalled: read(&counters.unsignalled),
        }
    }

    /// Those who wanted in most often and are not enrolled: at most 128 names, the most frequent first.
    #[must_use]
    pub fn strangers(&self) -> Vec<Stranger> {
        lock(&self.hub.strangers).list()
    }
}

impl Hub {
    /// Sends a message with these properties to a device.
    pub(super) async fn send(
        self: &Arc<Self>,
        device: &str,
        properties: &str,
        payload: Bytes,
    ) -> Result<(), SendError> {
        if payload.len() > MAX_TO_DEVICE {
            return Err(SendError::TooLarge);
        }
        let message = Message {
            topic: topic::cloud_to_device(device, properties).into(),
            // Of its own: what it came in with may be larger, and it may wait for long.
            payload: Bytes::copy_from_slice(&payload),
        };
        let mut sent = self.registry.send(device, message.clone(), false);
        if sent == Err(NotSent::Unknown) && self.find(device).await.is_some() {
            sent = self.registry.send(device, message, true);
        }
        let transport = Transport::Mqtt;
        match sent {
            Ok(()) => {
                let what = SignalKind::CloudToDevice { transport };
                self.signal(device, what).await;
                Ok(())
            }
            Err(NotSent::Unknown) => Err(SendError::Unknown(device.to_owned())),
            Err(NotSent::Full) => Err(SendError::Full(device.to_owned())),
        }
    }
}

/// A call, forgotten when nobody waits for its answer any more.
struct Waiting<'a> {
    hub: &'a Hub,
    call: Call,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        lock(&self.hub.calls).remove(&self.call);
    }
}
