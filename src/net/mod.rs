//! NetX Duo: packet pools, IP instances, what applications do on the network, and network drivers.
//!
//! The host port of NetX Duo has no TCP/IP stack. There sockets, echo requests, DNS, DHCP and SNTP fail with `NX_NOT_SUPPORTED` (0x4B),
//! drivers are asked to enable the link, and what they deliver passes the packet hooks; nothing is ever sent to them.

#[cfg(dhcp)]
mod dhcp;
mod dns;
pub(crate) mod driver;
mod ip;
pub mod pair;
mod pool;
#[cfg(sntp)]
mod sntp;
#[cfg(all(feature = "std", target_os = "linux"))]
pub mod tap;
mod tcp;
mod udp;

#[cfg(dhcp)]
pub use self::dhcp::{Dhcp, DhcpStorage, Lease};
pub use self::dns::{Dns, DnsStorage};
pub use self::driver::{
    Frame, FrameDropped, FrameReceiver, LinkError, LinkInfo, LinkStatistics, MacAddress,
    NetworkDriver, ReceiverSlot,
};
pub use self::ip::{Ip, IpBuilder, IpStorage};
pub use self::pool::{PacketPool, PacketPoolStorage};
#[cfg(sntp)]
pub use self::sntp::{Sntp, SntpStorage};
pub use self::tcp::{TcpSocket, TcpSocketStorage};
pub use self::udp::{UdpSocket, UdpSocketStorage};

/// Whether the NetX Duo that this library was built with is a TCP/IP stack. The host port is none.
pub const HAS_TCP_IP: bool = !cfg!(host_port);
