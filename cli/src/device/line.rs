//! The hub client's connection, in place of a network.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use threadx_defender::host::HubTransport;

pub use threadx_defender::host::Refused;

/// What a device's messages go to.
pub trait Hub: Send + Sync + 'static {
    /// Whether it is there at the moment.
    fn is_connected(&self) -> bool {
        true
    }

    /// Takes a message, or fails to.
    fn take(&self, message: &Message<'_>) -> Result<(), Refused>;
}

/// A message on its way to the hub.
pub struct Message<'a> {
    /// The Unix second at which it is sent.
    pub sent: u64,
    /// The MQTT topic that it goes to.
    pub topic: &'a str,
    /// The security message.
    pub payload: &'a [u8],
}

/// The hub client's connection.
pub(super) struct Line {
    hub: Mutex<Option<Arc<dyn Hub>>>,
    is_refusing: AtomicBool,
}

impl Line {
    pub const fn new() -> Self {
        Self {
            hub: Mutex::new(None),
            is_refusing: AtomicBool::new(false),
        }
    }

    /// Makes every send fail, or lets them pass again.
    pub fn refuse(&self, refusing: bool) {
        self.is_refusing.store(refusing, Ordering::Relaxed);
    }

    /// Connects the device to `hub`, or to nothing.
    pub fn plug(&self, hub: Option<Arc<dyn Hub>>) {
        *self.hub.lock().unwrap_or_else(PoisonError::into_inner) = hub;
    }
}

impl HubTransport for Line {
    fn publish(&self, topic: &[u8], payload: &[u8]) -> Result<(), Refused> {
        if self.is_refusing.load(Ordering::Relaxed) {
            return Err(Refused);
        }
        let topic = str::from_utf8(topic).map_err(|_| Refused)?;
        let hub = self.hub.lock().unwrap_or_else(PoisonError::into_inner);
        hub.as_ref().ok_or(Refused)?.take(&Message {
            sent: super::now(),
            topic,
            payload,
        })
    }
}
