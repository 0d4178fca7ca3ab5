//! A network driver for TAP interfaces of Linux.

extern crate std;

use std::sync::Arc;

use super::{Frame, FrameReceiver, LinkError, LinkInfo, MacAddress, NetworkDriver};
use crate::ffi::lock::{Locked, locked};
use crate::ffi::tap::{Device, Running};

/// The longest name of an interface, in bytes.
pub(crate) const MAX_NAME: usize = 15;

/// Why a TAP interface cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TapError {
    /// The process may not create or open the interface.
    #[error(
        "not allowed to open the TAP interface {interface}: run as root, or let root make it with `ip tuntap add dev {interface} \
         mode tap user YOU`"
    )]
    NotPermitted {
        /// Its name.
        interface: &'static str,
    },
    /// The kernel has no TUN/TAP driver.
    #[error(
        "there is no /dev/net/tun: load the kernel module tun, or give the container that device"
    )]
    NoTunDevice,
    /// Another process has it open.
    #[error("another process uses the TAP interface {interface}")]
    Busy {
        /// Its name.
        interface: &'static str,
    },
    /// The name cannot be one of an interface.
    #[error("{interface:?} is no name of an interface: 1 to 15 bytes without zero")]
    Name {
        /// The name.
        interface: &'static str,
    },
    /// The interface exists, and is no TAP interface.
    #[error("{interface} is no TAP interface: choose another name")]
    NoTap {
        /// Its name.
        interface: &'static str,
    },
    /// Another call of the operating system failed.
    #[error("{call} failed with error {errno}")]
    Os {
        /// The call.
        call: &'static str,
        /// What it failed with.
        errno: i32,
    },
}

/// A driver for a TAP interface: its other side is a network interface of this computer. Declare it as a `static`.
///
/// The interface is opened, and made if there is none of that name, when an IP instance gets the driver, in the network namespace
/// of the thread that creates the instance. It is the user who gives the computer's side an address and brings it up, with
/// `ip address add 10.90.0.1/24 dev tap0` and `ip link set tap0 up`. An interface that was made goes with the instance.
///
/// Frames are received on a thread of the operating system.
pub struct Tap {
    interface: &'static str,
    mac_address: MacAddress,
    device: Locked<Option<Arc<Device>>>,
    running: Locked<Option<Running>>,
}

#[cfg(feature = "defmt")]
impl defmt::Format for TapError {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::Display2Format(self).format(f);
    }
}

impl Tap {
    /// A driver for an interface with a name of 1 to 15 bytes. The device's own address is `02:…`, and follows from the name, so
    /// that it stays the same.
    pub const fn new(interface: &'static str) -> Self {
        Self::with_mac_address(interface, address_of(interface.as_bytes()))
    }

    /// The same with another address of the device, which must not be that of the interface.
    pub const fn with_mac_address(interface: &'static str, mac_address: MacAddress) -> Self {
        Self {
            interface,
            mac_address,
            device: Locked::new(None),
            running: Locked::new(None),
        }
    }
}

/// An address that is administered locally, from the hash of a name (FNV-1a).
const fn address_of(name: &[u8]) -> MacAddress {
    let mut hash: u64 = 0xCBF2_9CE4_8422_2325;
    let mut index = 0;
    while index < name.len() {
        hash = (hash ^ name[index] as u64).wrapping_mul(0x0100_0000_01B3);
        index += 1;
    }
    let [.., a, b, c, d, e] = hash.to_be_bytes();
    MacAddress([0x02, a, b, c, d, e])
}

impl NetworkDriver for Tap {
    fn attach(&'static self, receiver: FrameReceiver) -> Result<LinkInfo, LinkError> {
        let in_use = locked(|section| self.device.get(section).is_some());
        if in_use {
            return Err(LinkError::InUse);
        }
        let device = Arc::new(Device::open(self.interface)?);
        let running = Running::start(Arc::clone(&device), receiver)?;
        // Whoever came first keeps the driver.
        let running = locked(|section| match self.device.get(section) {
            Some(_) => Some(running),
            free => {
                *free = Some(device);
                *self.running.get(section) = Some(running);
                None
            }
        });
        match running {
            None => Ok(LinkInfo::ethernet(self.mac_address)),
            Some(running) => {
                running.stop();
                Err(LinkError::InUse)
            }
        }
    }

    fn send(&self, frame: &Frame<'_>) -> Result<(), LinkError> {
        let device = locked(|section| self.device.get(section).clone());
        device.ok_or(LinkError::Down)?.write(frame)
    }

    fn detach(&self) {
        // Stopped outside of the section, because that takes its time.
        let running = locked(|section| self.running.get(section).take());
        if let Some(running) = running {
            running.stop();
        }
        drop(locked(|section| self.device.get(section).take()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_local_and_follow_from_the_name() {
        let [first, second] = ["tap0", "tap1"].map(|name| Tap::new(name).mac_address.0);
        assert_eq!(first[0], 0x02);
        assert_ne!(first, second);
        assert_eq!(first, Tap::new("tap0").mac_address.0);
        let own = MacAddress([0x02, 1, 2, 3, 4, 5]);
        assert_eq!(Tap::with_mac_address("tap0", own).mac_address, own);
    }
}
