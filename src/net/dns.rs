//! DNS clients.

use core::fmt;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use core::time::Duration;

use netxduo_sys::{NX_IP_VERSION_V4, NX_IP_VERSION_V6};

use super::{Ip, PacketPool};
use crate::error::Error;
use crate::ffi::dns::{Client, DnsRoom, HostName};
use crate::ffi::kernel::require_thread;
use crate::kernel::to_ticks;

/// Memory for a DNS client; declare it as a `static`.
pub struct DnsStorage {
    room: DnsRoom,
}

impl DnsStorage {
    /// Memory that is not in use.
    pub const fn new() -> Self {
        Self {
            room: DnsRoom::new(),
        }
    }
}

impl Default for DnsStorage {
    fn default() -> Self {
        Self::new()
    }
}

/// A DNS client for the application; an [`AzureIot`](crate::azure::AzureIot) has one of its own. Dropping it on a thread deletes
/// it; elsewhere it stays.
pub struct Dns {
    client: Client,
}

impl Ip {
    /// A client that asks these servers, in this order, with packets of a pool, which need about 600 bytes of payload. Threads only.
    ///
    /// # Errors
    /// [`Error::NotAThread`], [`Error::StorageInUse`], or [`Error::C`]: `NX_DNS_PARAM_ERROR` (0xA8) when the pool's packets are
    /// too small, `NX_NO_MORE_ENTRIES` (0x17) for too many servers (five by default).
    pub fn dns(
        &self,
        storage: &'static DnsStorage,
        pool: &PacketPool,
        servers: &[IpAddr],
    ) -> Result<Dns, Error> {
        require_thread()?;
        let client = storage.room.create(self.instance(), pool.pool(), servers)?;
        Ok(Dns { client })
    }
}

impl Dns {
    /// An IPv4 address of a host, for which each server is waited for up to `wait`. Threads only.
    ///
    /// # Errors
    /// [`Error::NotAThread`], [`Error::TextLength`] and [`Error::NulInText`] for what is no host name, or [`Error::C`]:
    /// `NX_DNS_QUERY_FAILED` (0xA3) when nobody knows it, `NX_NOT_SUPPORTED` (0x4B) on the host port.
    pub fn resolve(&self, host: &str, wait: Duration) -> Result<Ipv4Addr, Error> {
        match self.address(host, NX_IP_VERSION_V4, wait)? {
            IpAddr::V4(address) => Ok(address),
            IpAddr::V6(_) => Err(Error::NoSuchAddress),
        }
    }

    /// An IPv6 address of a host. Otherwise as [`resolve`](Self::resolve).
    ///
    /// # Errors
    /// Those of [`resolve`](Self::resolve).
    pub fn resolve_ipv6(&self, host: &str, wait: Duration) -> Result<Ipv6Addr, Error> {
        match self.address(host, NX_IP_VERSION_V6, wait)? {
            IpAddr::V6(address) => Ok(address),
            IpAddr::V4(_) => Err(Error::NoSuchAddress),
        }
    }

    fn address(&self, host: &str, version: u32, wait: Duration) -> Result<IpAddr, Error> {
        require_thread()?;
        let host = HostName::new(host)?;
        self.client.resolve(host, version, to_ticks(wait) as _)
    }
}

impl fmt::Debug for Dns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dns").finish_non_exhaustive()
    }
}
