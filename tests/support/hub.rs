//! Hubs that keep what they are given.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use defender_message::SecurityMessage;
use threadx_defender::host::{HubTransport, Refused};
use threadx_defender::kernel::Kernel;

use super::talk::{Tally, tally};

/// A hub that keeps what it is given.
pub struct Hub {
    published: Mutex<Vec<Published>>,
    refuses: AtomicBool,
    meanwhile: Mutex<Option<Meanwhile>>,
}

/// What happens while a message is published; whether the hub takes it.
type Meanwhile = Box<dyn FnMut() -> bool + Send>;

/// A message that a hub was given.
#[derive(Clone, Debug)]
pub struct Published {
    /// Whole seconds of uptime.
    pub at: u64,
    pub topic: String,
    pub payload: Vec<u8>,
    pub taken: bool,
}

impl Published {
    pub fn decoded(&self) -> SecurityMessage {
        SecurityMessage::decode(&self.payload).expect("a security message")
    }
}

impl Hub {
    pub const fn new() -> Self {
        Self {
            published: Mutex::new(Vec::new()),
            refuses: AtomicBool::new(false),
            meanwhile: Mutex::new(None),
        }
    }

    /// From now on it takes nothing, or everything again.
    pub fn refuse(&self, refuses: bool) {
        self.refuses.store(refuses, Ordering::Relaxed);
    }

    /// Does `work`, which also says whether the hub takes the message, each time that one is published.
    pub fn meanwhile(&self, work: impl FnMut() -> bool + Send + 'static) {
        *self.meanwhile.lock().unwrap() = Some(Box::new(work));
    }

    /// Everything that it was given.
    pub fn published(&self) -> Vec<Published> {
        self.published.lock().unwrap().clone()
    }

    /// The messages that it took.
    pub fn taken(&self) -> Vec<Published> {
        let mut published = self.published();
        published.retain(|message| message.taken);
        published
    }

    /// The messages that it took, decoded.
    pub fn messages(&self) -> Vec<SecurityMessage> {
        self.taken().iter().map(Published::decoded).collect()
    }

    /// The flows in the messages that it took.
    pub fn tally(&self) -> Tally {
        tally(&self.messages())
    }

    /// Forgets what it was given.
    pub fn clear(&self) {
        self.published.lock().unwrap().clear();
    }
}

impl HubTransport for Hub {
    fn publish(&self, topic: &[u8], payload: &[u8]) -> Result<(), Refused> {
        let at = Kernel::current().map_or(u64::MAX, |kernel| kernel.uptime().as_secs());
        // Not held during the work, which may look at this hub or set other work.
        let meanwhile = self.meanwhile.lock().unwrap().take();
        let accepted = meanwhile.is_none_or(|mut work| {
            let accepted = work();
            self.meanwhile.lock().unwrap().get_or_insert(work);
            accepted
        });
        let taken = accepted && !self.refuses.load(Ordering::Relaxed);
        self.published.lock().unwrap().push(Published {
            at,
            topic: String::from_utf8_lossy(topic).into_owned(),
            payload: payload.to_vec(),
            taken,
        });
        if taken { Ok(()) } else { Err(Refused) }
    }
}
