//! IP instances.

use core::ffi::CStr;
use core::fmt;
use core::net::{Ipv4Addr, Ipv6Addr};

use crate::error::Error;
use crate::ffi::net::{Driver, Instance, IpRoom};
use crate::kernel::Kernel;

use super::PacketPool;

/// The most IPv6 addresses that an [`IpBuilder`] takes.
const MAX_IPV6: usize = 4;

/// Memory for an IP instance whose thread has a stack of `STACK` bytes (2048 is usual); declare it as a `static`.
pub struct IpStorage<const STACK: usize> {
    room: IpRoom<STACK>,
}

impl<const STACK: usize> IpStorage<STACK> {
    /// Memory that is not in use.
    pub const fn new() -> Self {
        Self {
            room: IpRoom::new(),
        }
    }
}

impl<const STACK: usize> Default for IpStorage<STACK> {
    fn default() -> Self {
        Self::new()
    }
}

/// An IP instance. Dropping it on a thread deletes it, unless an object that was made with it still exists: then it stays, as it
/// does when it is dropped elsewhere.
pub struct Ip {
    instance: Instance,
}

impl Ip {
    /// An instance with this address and network mask, and TCP, UDP, ICMP, IPv6 and ICMPv6 turned on.
    ///
    /// ```no_run
    /// # use core::net::Ipv4Addr;
    /// # use threadx_defender::kernel::Kernel;
    /// # use threadx_defender::net::{Ip, IpStorage, PacketPool};
    /// static IP: IpStorage<2048> = IpStorage::new();
    ///
    /// # fn example(kernel: Kernel, pool: &PacketPool) -> Result<Ip, threadx_defender::Error> {
    /// let ip = Ip::builder(c"ip", Ipv4Addr::new(10, 0, 0, 2), Ipv4Addr::new(255, 255, 255, 0))
    ///     .ipv6_address("fd00::2".parse().unwrap(), 64)
    ///     .create(kernel, &IP, pool)?;
    /// # Ok(ip)
    /// # }
    /// ```
    pub fn builder(name: &'static CStr, address: Ipv4Addr, mask: Ipv4Addr) -> IpBuilder {
        IpBuilder {
            name,
            address,
            mask,
            ipv6: [(Ipv6Addr::UNSPECIFIED, 0); MAX_IPV6],
            ipv6_count: 0,
            priority: 1,
            driver: default_driver(),
        }
    }

    pub(crate) fn instance(&self) -> &Instance {
        &self.instance
    }
}

/// What an [`Ip`] is to be.
pub struct IpBuilder {
    name: &'static CStr,
    address: Ipv4Addr,
    mask: Ipv4Addr,
    ipv6: [(Ipv6Addr, u8); MAX_IPV6],
    ipv6_count: usize,
    priority: u32,
    driver: Option<Driver>,
}

impl IpBuilder {
    /// Adds an IPv6 address to the first interface, up to four.
    #[must_use]
    pub fn ipv6_address(mut self, address: Ipv6Addr, prefix_length: u8) -> Self {
        if let Some(place) = self.ipv6.get_mut(self.ipv6_count) {
            *place = (address, prefix_length);
        }
        self.ipv6_count += 1;
        self
    }

    /// The priority of the instance's thread, 1 by default.
    #[must_use]
    pub fn priority(mut self, priority: u32) -> Self {
        self.priority = priority;
        self
    }

    /// The network driver. The host port has one without a network by default, other targets have none.
    ///
    /// # Safety
    /// `entry` is a network driver as NetX Duo expects one (`VOID driver(NX_IP_DRIVER *)`), and may be called on any
    /// thread as long as the instance exists.
    #[must_use]
    pub unsafe fn driver(
        mut self,
        entry: unsafe extern "C" fn(*mut netxduo_sys::NX_IP_DRIVER),
    ) -> Self {
        // SAFETY: the caller says so.
        self.driver = Some(unsafe { Driver::new(entry) });
        self
    }

    /// Creates the instance. From initialization and threads.
    ///
    /// # Errors
    /// [`Error::NoDriver`], [`Error::TooManyAddresses`], [`Error::StorageInUse`], or [`Error::C`] when NetX Duo refuses a parameter.
    pub fn create<const STACK: usize>(
        self,
        _kernel: Kernel,
        storage: &'static IpStorage<STACK>,
        pool: &PacketPool,
    ) -> Result<Ip, Error> {
        let driver = self.driver.ok_or(Error::NoDriver)?;
        if self.ipv6_count > MAX_IPV6 {
            let count = self.ipv6_count;
            return Err(Error::TooManyAddresses {
                count,
                max: MAX_IPV6,
            });
        }
        let instance = storage.room.create(
            self.name,
            (self.address, self.mask),
            pool.pool(),
            driver,
            self.priority,
        )?;
        instance.enable_protocols()?;
        for (address, prefix_length) in self.ipv6.iter().take(self.ipv6_count) {
            instance.add_ipv6_address(*address, *prefix_length)?;
        }
        Ok(Ip { instance })
    }
}

/// On the host port a driver without a network; elsewhere the firmware has to bring one.
fn default_driver() -> Option<Driver> {
    #[cfg(host_port)]
    return Some(Driver::NO_NETWORK);
    #[cfg(not(host_port))]
    None
}

impl fmt::Debug for Ip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ip").finish_non_exhaustive()
    }
}
