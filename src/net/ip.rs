//! IP instances.

use core::ffi::CStr;
use core::fmt;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use core::time::Duration;

use netxduo_sys::NX_IP;

use crate::error::Error;
use crate::ffi::kernel::{require_thread, sleep};
use crate::ffi::net::{Driver, Instance, IpRoom};
use crate::ffi::socket::Deadline;
use crate::kernel::{Kernel, to_ticks};

use super::{LinkStatistics, MacAddress, NetworkDriver, PacketPool};

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
            gateway: None,
            ipv6_router: None,
        }
    }

    /// Adopts an instance that C created. Nothing is turned on, and dropping the result deletes nothing.
    ///
    /// # Safety
    /// `ip` points to an instance that `nx_ip_create` made. It stays created and in its place for as long as the result and everything
    /// made with it lives.
    pub const unsafe fn from_raw(ip: *mut NX_IP) -> Self {
        Self {
            // SAFETY: the caller says so.
            instance: unsafe { Instance::from_raw(ip) },
        }
    }

    /// The instance for C, for as long as this lives. C must not delete it.
    pub fn as_ptr(&self) -> *mut NX_IP {
        self.instance.pointer()
    }

    /// The IPv4 address of the first interface, and its network mask. From initialization and threads.
    ///
    /// # Errors
    /// [`Error::C`] elsewhere.
    pub fn address(&self) -> Result<(Ipv4Addr, Ipv4Addr), Error> {
        self.instance.address()
    }

    /// Changes the IPv4 address of the first interface, and its network mask: 0.0.0.0 is none. Connections of the address before do not go on.
    /// From initialization and threads.
    ///
    /// # Errors
    /// [`Error::C`]: `NX_IP_ADDRESS_ERROR` (0x21) for an address of a group.
    pub fn set_address(&self, address: Ipv4Addr, mask: Ipv4Addr) -> Result<(), Error> {
        self.instance.set_address(address, mask)
    }

    /// Adds an IPv6 address to the first interface, which is checked for duplicates before it is used. From initialization and threads.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for a prefix longer than 128 bits, or [`Error::C`]: `NX_IP_ADDRESS_ERROR` (0x21) for an address of a group,
    /// and when there is no room for one more.
    pub fn add_ipv6_address(&self, address: Ipv6Addr, prefix_length: u8) -> Result<(), Error> {
        self.instance.add_ipv6_address(address, prefix_length)
    }

    /// Sets the IPv4 router to everything outside of the network. From initialization and threads.
    ///
    /// # Errors
    /// [`Error::C`]: `NX_IP_ADDRESS_ERROR` (0x21) when it is not in the network itself.
    pub fn set_gateway(&self, gateway: Ipv4Addr) -> Result<(), Error> {
        self.instance.set_gateway(gateway)
    }

    /// Adds an IPv6 router to everything outside of the link. Those that announce themselves need not be added. From initialization and
    /// threads.
    ///
    /// # Errors
    /// [`Error::C`]: `NX_IP_ADDRESS_ERROR` (0x21) when it is neither link-local nor in a network of the first interface,
    /// `NX_NO_MORE_ENTRIES` (0x17) when there is no room for one more.
    pub fn add_ipv6_router(&self, router: Ipv6Addr) -> Result<(), Error> {
        self.instance.add_ipv6_router(router)
    }

    /// Waits up to `wait` until the link is up, and every IPv6 address was checked for duplicates, which takes some seconds. IPv4
    /// works before. Threads only.
    ///
    /// # Errors
    /// [`Error::NotAThread`], [`Error::NotReady`], or [`Error::Link`] with what the driver said when it was to enable the link.
    pub fn wait_until_ready(&self, wait: Duration) -> Result<(), Error> {
        require_thread()?;
        let deadline = Deadline::after(to_ticks(wait));
        while !self.instance.is_ready()? {
            if let Some(error) = self.instance.link_error() {
                return Err(error.into());
            }
            if deadline.remaining() == 0 {
                return Err(Error::NotReady);
            }
            sleep(1)?;
        }
        Ok(())
    }

    /// Sends an echo request with data, and waits up to `wait` for the answer. Threads only.
    ///
    /// # Errors
    /// [`Error::NotAThread`], or [`Error::C`]: `NX_NO_RESPONSE` (0x29) when nobody answers, `NX_NOT_SUPPORTED` (0x4B) on the
    /// host port.
    pub fn ping(&self, address: IpAddr, data: &[u8], wait: Duration) -> Result<(), Error> {
        require_thread()?;
        self.instance.ping(address, data, to_ticks(wait) as _)
    }

    /// The address of its station, if a [`NetworkDriver`] is its driver. From everywhere.
    pub fn mac_address(&self) -> Option<MacAddress> {
        self.instance.mac_address()
    }

    /// What its link has carried, if a [`NetworkDriver`] is its driver. From everywhere.
    pub fn link_statistics(&self) -> LinkStatistics {
        self.instance.link_statistics()
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
    gateway: Option<Ipv4Addr>,
    ipv6_router: Option<Ipv6Addr>,
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

    /// The IPv4 router to everything outside of the network.
    #[must_use]
    pub fn gateway(mut self, gateway: Ipv4Addr) -> Self {
        self.gateway = Some(gateway);
        self
    }

    /// The IPv6 router to everything outside of the link, as for [`Ip::add_ipv6_router`].
    #[must_use]
    pub fn ipv6_router(mut self, router: Ipv6Addr) -> Self {
        self.ipv6_router = Some(router);
        self
    }

    /// The network driver. With it come ARP, with about 16 addresses, and a link-local IPv6 address.
    ///
    /// The simulation has a driver without a network by default; elsewhere there is none.
    #[must_use]
    pub fn network_driver(mut self, driver: &'static dyn NetworkDriver) -> Self {
        self.driver = Some(Driver::Rust(driver));
        self
    }

    /// A network driver in C. ARP is for the caller to enable.
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
    /// [`Error::NoDriver`], [`Error::TooManyAddresses`], [`Error::StorageInUse`], [`Error::Link`] when the driver has no link, or
    /// [`Error::C`] when NetX Duo refuses a parameter.
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
        if let Some(mac_address) = instance.mac_address() {
            instance.add_ipv6_address(link_local(mac_address), LINK_LOCAL_PREFIX)?;
        }
        for (address, prefix_length) in self.ipv6.iter().take(self.ipv6_count) {
            instance.add_ipv6_address(*address, *prefix_length)?;
        }
        if let Some(gateway) = self.gateway {
            instance.set_gateway(gateway)?;
        }
        if let Some(router) = self.ipv6_router {
            instance.add_ipv6_router(router)?;
        }
        Ok(Ip { instance })
    }
}

/// As NetX Duo has it for addresses that it makes itself.
const LINK_LOCAL_PREFIX: u8 = 10;

/// The address that a station has on its link without being told: its own, spread out and with the bit turned over that says
/// who gave it.
fn link_local(MacAddress([a, b, c, d, e, f]): MacAddress) -> Ipv6Addr {
    Ipv6Addr::from([
        0xFE,
        0x80,
        0,
        0,
        0,
        0,
        0,
        0,
        a ^ 2,
        b,
        c,
        0xFF,
        0xFE,
        d,
        e,
        f,
    ])
}

/// In the simulation a driver without a network; elsewhere the firmware has to bring one.
fn default_driver() -> Option<Driver> {
    #[cfg(simulation)]
    return Some(Driver::None);
    #[cfg(not(simulation))]
    None
}

impl fmt::Debug for Ip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ip").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn link_local_addresses_follow_rfc_4291() {
        // The example of its appendix A.
        let address = link_local(MacAddress([0x34, 0x56, 0x78, 0x9A, 0xBC, 0xDE]));
        assert_eq!(
            address,
            Ipv6Addr::new(0xFE80, 0, 0, 0, 0x3656, 0x78FF, 0xFE9A, 0xBCDE)
        );
    }
}
