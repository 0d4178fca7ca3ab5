//! UDP sockets.

use core::fmt;
use core::net::SocketAddr;
use core::time::Duration;

use super::Ip;
use crate::error::Error;
use crate::ffi::kernel::require_thread;
use crate::ffi::udp::{Udp, UdpRoom};
use crate::kernel::to_ticks;

/// Memory for a UDP socket; declare it as a `static`.
pub struct UdpSocketStorage {
    room: UdpRoom,
}

impl UdpSocketStorage {
    /// Memory that is not in use.
    pub const fn new() -> Self {
        Self {
            room: UdpRoom::new(),
        }
    }
}

impl Default for UdpSocketStorage {
    fn default() -> Self {
        Self::new()
    }
}

/// A UDP socket for IPv4 and IPv6, bound to a port. Dropping it on a thread deletes it; elsewhere it stays.
///
/// It keeps up to 16 received datagrams. On the host port there are none.
pub struct UdpSocket {
    udp: Udp,
}

impl Ip {
    /// A socket that is bound to a port, or, with 0, to any that is free. Threads only.
    ///
    /// # Errors
    /// [`Error::NotAThread`], [`Error::StorageInUse`], or [`Error::C`]: `NX_PORT_UNAVAILABLE` (0x23) when another socket has
    /// the port, `NX_NOT_SUPPORTED` (0x4B) on the host port.
    pub fn bind_udp(
        &self,
        storage: &'static UdpSocketStorage,
        port: u16,
    ) -> Result<UdpSocket, Error> {
        require_thread()?;
        let udp = storage.room.bind(self.instance(), port)?;
        Ok(UdpSocket { udp })
    }
}

impl UdpSocket {
    /// The port that it is bound to. From threads.
    pub fn port(&self) -> u16 {
        self.udp.port()
    }

    /// Sends a datagram. It does not wait, but for the address of the link's station, which the stack finds on its own while
    /// it keeps the packet. Threads only.
    ///
    /// # Errors
    /// [`Error::NotAThread`], or [`Error::C`]: `NX_NO_PACKET` (0x01) when the instance's pool is empty,
    /// `NX_IP_ADDRESS_ERROR` (0x21) or `NX_NO_INTERFACE_ADDRESS` (0x50) without a way there.
    pub fn send_to(&self, data: &[u8], to: SocketAddr) -> Result<(), Error> {
        require_thread()?;
        self.udp.send_to(data, to)
    }

    /// Waits up to `wait` for a datagram, and copies it to the beginning of `buffer`: its length, and who sent it. What does not
    /// fit is lost. Threads only.
    ///
    /// # Errors
    /// [`Error::NotAThread`], or [`Error::C`]: `NX_NO_PACKET` (0x01) when none came.
    pub fn receive_from(
        &self,
        buffer: &mut [u8],
        wait: Duration,
    ) -> Result<(usize, SocketAddr), Error> {
        require_thread()?;
        let (datagram, from) = self.udp.receive(to_ticks(wait) as _)?;
        let length = datagram.copy(0, buffer)?;
        Ok((length, from))
    }
}

impl fmt::Debug for UdpSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UdpSocket").finish_non_exhaustive()
    }
}
