//! Two network drivers back to back, for two IP instances in one program.

use core::sync::atomic::{AtomicBool, Ordering};

use super::{Frame, FrameReceiver, LinkError, LinkInfo, MacAddress, NetworkDriver, ReceiverSlot};
use crate::ffi::lock::{Locked, locked};

/// A cable with an end on both sides: what one sends the other receives, copied once, without a queue of its own; the receiving
/// instance's packet pool is what holds it. Declare it as a `static`.
///
/// ```no_run
/// # use core::net::Ipv4Addr;
/// # use threadx_defender::kernel::Kernel;
/// use threadx_defender::net::pair::Pair;
/// use threadx_defender::net::{Ip, IpStorage, PacketPool};
///
/// static PAIR: Pair = Pair::new();
/// static IPS: [IpStorage<4096>; 2] = [const { IpStorage::new() }; 2];
///
/// # fn example(kernel: Kernel, pool: &PacketPool) -> Result<(), threadx_defender::Error> {
/// let mask = Ipv4Addr::new(255, 255, 255, 0);
/// let left = Ip::builder(c"left", Ipv4Addr::new(10, 0, 0, 1), mask)
///     .network_driver(PAIR.left())
///     .create(kernel, &IPS[0], pool)?;
/// let right = Ip::builder(c"right", Ipv4Addr::new(10, 0, 0, 2), mask)
///     .network_driver(PAIR.right())
///     .create(kernel, &IPS[1], pool)?;
/// # Ok(())
/// # }
/// ```
pub struct Pair {
    left: End,
    right: End,
}

/// One end of the cable.
struct End {
    mac_address: MacAddress,
    receiver: ReceiverSlot,
    peer: Locked<Option<&'static End>>,
    up: AtomicBool,
}

impl Pair {
    /// A cable, plugged in on both sides. The stations' addresses are `02:00:00:00:00:01` and `02:00:00:00:00:02`.
    pub const fn new() -> Self {
        Self {
            left: End::new(MacAddress([0x02, 0, 0, 0, 0, 1])),
            right: End::new(MacAddress([0x02, 0, 0, 0, 0, 2])),
        }
    }

    /// The driver on the one side.
    pub fn left(&'static self) -> &'static dyn NetworkDriver {
        self.left.connect(&self.right)
    }

    /// The driver on the other side.
    pub fn right(&'static self) -> &'static dyn NetworkDriver {
        self.right.connect(&self.left)
    }

    /// Pulls the cable, or plugs it in again; both instances are told. From everywhere.
    pub fn set_link(&self, up: bool) {
        for end in [&self.left, &self.right] {
            end.up.store(up, Ordering::Release);
            if let Some(receiver) = end.receiver.get() {
                receiver.link_changed();
            }
        }
    }
}

impl Default for Pair {
    fn default() -> Self {
        Self::new()
    }
}

impl End {
    const fn new(mac_address: MacAddress) -> Self {
        Self {
            mac_address,
            receiver: ReceiverSlot::new(),
            peer: Locked::new(None),
            up: AtomicBool::new(true),
        }
    }

    fn connect(&'static self, peer: &'static Self) -> &'static dyn NetworkDriver {
        locked(|section| *self.peer.get(section) = Some(peer));
        self
    }
}

impl NetworkDriver for End {
    fn attach(&'static self, receiver: FrameReceiver) -> Result<LinkInfo, LinkError> {
        self.receiver.occupy(receiver)?;
        Ok(LinkInfo::ethernet(self.mac_address))
    }

    fn send(&self, frame: &Frame<'_>) -> Result<(), LinkError> {
        // On a network nobody learns whether there is somebody at the other end who takes it.
        let peer = self.peer.load();
        if let Some(receiver) = peer.and_then(|peer| peer.receiver.get()) {
            let _ = receiver.forward(frame);
        }
        Ok(())
    }

    fn detach(&self) {
        self.receiver.clear();
    }

    fn is_up(&self) -> bool {
        self.up.load(Ordering::Acquire)
    }
}
