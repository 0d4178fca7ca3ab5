//! DHCP clients.

use core::fmt;
use core::net::Ipv4Addr;
use core::time::Duration;

use super::{Ip, PacketPool};
use crate::error::Error;
use crate::ffi::dhcp::{Client, DhcpRoom, Kind, MAX_ADDRESSES};
use crate::ffi::kernel::{require_thread, sleep};
use crate::ffi::socket::Deadline;
use crate::kernel::to_ticks;

/// Memory for a DHCP client, 7 KB with the stack of its thread; declare it as a `static`.
pub struct DhcpStorage {
    room: DhcpRoom,
}

impl DhcpStorage {
    /// Memory that is not in use.
    pub const fn new() -> Self {
        Self {
            room: DhcpRoom::new(),
        }
    }
}

impl Default for DhcpStorage {
    fn default() -> Self {
        Self::new()
    }
}

/// A DHCP client: it asks for an address of the first interface, sets it with mask and router, and renews it for as long as it lives.
/// Dropping it on a thread deletes it, and takes the address away; elsewhere it stays.
pub struct Dhcp {
    client: Client,
}

impl Ip {
    /// A client that has begun to ask, with packets of a pool. The instance's own address may be 0.0.0.0 until then. Threads only.
    ///
    /// ```no_run
    /// # use core::net::Ipv4Addr;
    /// # use core::time::Duration;
    /// # use threadx_defender::net::{Dhcp, DhcpStorage, Ip, PacketPool};
    /// static DHCP: DhcpStorage = DhcpStorage::new();
    ///
    /// # fn example(ip: &Ip, pool: &PacketPool) -> Result<Dhcp, threadx_defender::Error> {
    /// let dhcp = ip.dhcp(&DHCP, pool)?;
    /// let lease = dhcp.wait(Duration::from_secs(30))?;
    /// # Ok(dhcp)
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::NotAThread`], [`Error::StorageInUse`], [`Error::OutOfRange`] when the pool's packets are too small (592 bytes do), or
    /// [`Error::C`]: `NX_PORT_UNAVAILABLE` (0x23) when another client runs, `NX_NOT_SUPPORTED` (0x4B) on the host port.
    pub fn dhcp(&self, storage: &'static DhcpStorage, pool: &PacketPool) -> Result<Dhcp, Error> {
        require_thread()?;
        let client = storage.room.start(self.instance(), pool.pool())?;
        Ok(Dhcp { client })
    }
}

impl Dhcp {
    /// What a server has given, if one has and it has not ended. Threads only.
    ///
    /// # Errors
    /// [`Error::NotAThread`].
    pub fn lease(&self) -> Result<Option<Lease>, Error> {
        require_thread()?;
        let Some(server) = self.client.server()? else {
            return Ok(None);
        };
        let (address, mask) = self.client.address()?;
        let (routers, _) = self.client.named(Kind::Routers)?;
        Ok(Some(Lease {
            address,
            mask,
            server,
            router: routers
                .first()
                .copied()
                .filter(|router| !router.is_unspecified()),
            name_servers: self.client.named(Kind::NameServers)?,
            time_servers: self.client.named(Kind::TimeServers)?,
        }))
    }

    /// Waits up to `wait` for a server to give an address. Until then the client asks again after 4 s, 8 s, and so on. Threads only.
    ///
    /// # Errors
    /// [`Error::NotAThread`], or [`Error::NoAnswer`].
    pub fn wait(&self, wait: Duration) -> Result<Lease, Error> {
        let deadline = Deadline::after(to_ticks(wait));
        loop {
            if let Some(lease) = self.lease()? {
                return Ok(lease);
            }
            if deadline.remaining() == 0 {
                return Err(Error::NoAnswer {
                    of: "a DHCP server",
                });
            }
            sleep(1)?;
        }
    }
}

impl fmt::Debug for Dhcp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dhcp").finish_non_exhaustive()
    }
}

/// What a DHCP server has given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Lease {
    /// The device's address.
    pub address: Ipv4Addr,
    /// Its network's mask.
    pub mask: Ipv4Addr,
    /// The server.
    pub server: Ipv4Addr,
    /// The way out of the network, if the server named one.
    pub router: Option<Ipv4Addr>,
    name_servers: Servers,
    time_servers: Servers,
}

/// The first servers of a kind, and how many they are.
type Servers = ([Ipv4Addr; MAX_ADDRESSES], usize);

impl Lease {
    /// Whom to ask for names, at most four.
    pub fn name_servers(&self) -> &[Ipv4Addr] {
        first(&self.name_servers)
    }

    /// Whom to ask for the time by SNTP, at most four.
    pub fn time_servers(&self) -> &[Ipv4Addr] {
        first(&self.time_servers)
    }
}

fn first((servers, count): &Servers) -> &[Ipv4Addr] {
    servers.get(..*count).unwrap_or_default()
}
