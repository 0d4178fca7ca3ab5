//! IP instances.

use core::ffi::CStr;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use core::ptr;

use netxduo_sys::{
    NX_IP, NX_IP_ADDRESS_ERROR, NX_IP_DRIVER, NX_IPV6_ADDR_STATE_TENTATIVE, NX_OPTION_ERROR,
    NX_PACKET_POOL, NX_SIZE_ERROR, nx_arp_enable, nx_icmp_enable, nx_ip_address_get,
    nx_ip_address_set, nx_ip_create, nx_ip_delete, nx_ip_fragment_enable,
    nx_ip_gateway_address_set, nx_tcp_enable, nx_udp_enable, nxd_icmp_enable, nxd_icmp_ping,
    nxd_ipv6_address_set, nxd_ipv6_default_router_add, nxd_ipv6_enable,
};
#[cfg(simulation)]
use netxduo_sys::{
    NX_LINK_ARP_RESPONSE_SEND, NX_LINK_ARP_SEND, NX_LINK_ENABLE, NX_LINK_PACKET_BROADCAST,
    NX_LINK_PACKET_SEND, NX_LINK_RARP_SEND, NX_SUCCESS, NX_TRUE, nx_packet_transmit_release,
};
use threadx_sys::{TX_WAIT_FOREVER, UINT, ULONG, tx_mutex_get, tx_mutex_put};

use super::address::to_c;
use super::arguments::{Service, datagram, within};
use super::driver::{Attached, Link, LinkedIp, link_driver};
use super::handle::{Handle, Object};
use super::hooks;
use super::pinned::{Pinned, Use};
use super::pool::{Memory, Pool};
use super::received::Received;
use crate::error::{Api, Error, check};
use crate::net::{LinkError, LinkStatistics, MacAddress, NetworkDriver};

/// Bytes for the addresses that ARP has found: about 16 of them.
const ARP_CACHE: usize = 1024;

/// For how long a router is one: no number of seconds, but as long as the instance is there.
const FOR_GOOD: ULONG = 0xFFFF;

/// The least payload of the packets that an instance sends its own messages in, without looking whether they fit: answers with a part
/// of what they answer, and neighbour discovery.
const MIN_PAYLOAD: usize = 128;

/// The most that a pool's number of bytes can be.
pub(super) const MAX_PAYLOAD: usize = u32::MAX as usize;

/// An IP instance, with a stack for its thread and what ARP remembers.
#[repr(C)]
struct Parts<const STACK: usize> {
    /// First, so that a pointer to it is one to the whole.
    ip: LinkedIp,
    arp_cache: Memory<ARP_CACHE>,
    stack: Memory<STACK>,
}

pub(crate) struct IpRoom<const STACK: usize> {
    parts: Pinned<Parts<STACK>>,
    link: Link,
}

/// An IP instance.
pub(crate) struct Instance {
    ip: Handle<NX_IP, 1>,
    attached: Option<Attached>,
    link: &'static Link,
}

/// A network driver.
#[derive(Clone, Copy)]
pub(crate) enum Driver {
    /// As NetX Duo expects one.
    C(unsafe extern "C" fn(*mut NX_IP_DRIVER)),
    Rust(&'static dyn NetworkDriver),
    /// There is no network.
    #[cfg(simulation)]
    None,
}

impl Driver {
    /// # Safety
    /// `entry` is a network driver as NetX Duo expects one.
    pub const unsafe fn new(entry: unsafe extern "C" fn(*mut NX_IP_DRIVER)) -> Self {
        Self::C(entry)
    }
}

impl<const STACK: usize> IpRoom<STACK> {
    pub const fn new() -> Self {
        Self {
            parts: Pinned::new(),
            link: Link::new(),
        }
    }

    pub fn create(
        &'static self,
        name: &'static CStr,
        (address, mask): (Ipv4Addr, Ipv4Addr),
        pool: &Pool,
        driver: Driver,
        priority: u32,
    ) -> Result<Instance, Error> {
        let service = Service(Api::NetXDuo, "nx_ip_create");
        service.require_context()?;
        let stack = service.require_thread(priority, NX_OPTION_ERROR, STACK, NX_SIZE_ERROR)?;
        // Those of multicast groups and reserved ones are nobody's. A device that will ask for its address has none yet.
        service.require(address.octets()[0] < 0xE0, NX_IP_ADDRESS_ERROR)?;
        // Without a network it sends none of its own.
        if matches!(driver, Driver::C(_) | Driver::Rust(_)) {
            within(
                "the pool's payload",
                pool.payload(),
                MIN_PAYLOAD,
                MAX_PAYLOAD,
            )?;
        }
        let room = self.parts.take("IP instance")?;
        let (entry, attached) = match driver {
            Driver::C(entry) => (entry, None),
            #[cfg(simulation)]
            Driver::None => (no_network as _, None),
            Driver::Rust(driver) => match self.link.attach(driver) {
                Ok(attached) => (link_driver as _, Some(attached)),
                Err(error) => {
                    self.parts.release();
                    return Err(error);
                }
            },
        };
        // SAFETY: the room is ours, static and not in use.
        unsafe { LinkedIp::set(&raw mut (*room).ip, attached) };
        // SAFETY: the room is ours, static and not in use; the name is static; the pool exists, and stays as long as
        // the instance, which holds it; the driver is one, and ours finds what it needs in the room.
        let status = unsafe {
            nx_ip_create(
                room.cast(),
                name.as_ptr().cast_mut(),
                address.to_bits() as ULONG,
                mask.to_bits() as ULONG,
                pool.pointer(),
                Some(entry),
                (&raw mut (*room).stack).cast(),
                stack,
                priority,
            )
        };
        if let Err(error) = check(Api::NetXDuo, "nx_ip_create", status) {
            if let Some(attached) = attached {
                attached.detach();
            }
            self.parts.release();
            return Err(error);
        }
        let instance = Instance {
            // SAFETY: the instance exists in the room, which is ours.
            ip: unsafe { Handle::owning(room.cast(), self.parts.occupancy(), [pool.hold()]) },
            attached,
            link: &self.link,
        };
        if attached.is_some() {
            // SAFETY: the instance exists; the memory is part of the room.
            let status = unsafe {
                let cache = (&raw mut (*room).arp_cache).cast();
                nx_arp_enable(instance.pointer(), cache, ARP_CACHE as ULONG)
            };
            check(Api::NetXDuo, "nx_arp_enable", status)?;
        }
        Ok(instance)
    }
}

/// Of instances that C made: their driver is not ours.
static NO_LINK: Link = Link::new();

impl Instance {
    /// # Safety
    /// `pointer` is a created instance, and stays one and in its place for as long as the result and everything made from it lives.
    pub const unsafe fn from_raw(pointer: *mut NX_IP) -> Self {
        Self {
            // SAFETY: the caller says so.
            ip: unsafe { Handle::foreign(pointer) },
            attached: None,
            link: &NO_LINK,
        }
    }

    pub fn hold(&self) -> Use {
        self.ip.hold()
    }

    pub fn pointer(&self) -> *mut NX_IP {
        self.ip.pointer()
    }

    /// Where packets to send are taken from. It stays as long as the instance.
    pub(super) fn packet_pool(&self) -> *mut NX_PACKET_POOL {
        // SAFETY: the instance exists, and its pool does not change.
        unsafe { (*self.pointer()).nx_ip_default_packet_pool }
    }

    /// Turns on TCP, UDP, ICMP, IPv6, ICMPv6 and fragments.
    pub fn enable_protocols(&self) -> Result<(), Error> {
        type Enable = unsafe extern "C" fn(*mut NX_IP) -> UINT;
        let services: [(&'static str, Enable); 6] = [
            ("nx_tcp_enable", nx_tcp_enable),
            ("nx_udp_enable", nx_udp_enable),
            ("nx_icmp_enable", nx_icmp_enable),
            ("nxd_ipv6_enable", nxd_ipv6_enable),
            ("nxd_icmp_enable", nxd_icmp_enable),
            ("nx_ip_fragment_enable", nx_ip_fragment_enable),
        ];
        for (name, enable) in services {
            // SAFETY: the instance exists.
            check(Api::NetXDuo, name, unsafe { enable(self.pointer()) })?;
        }
        Ok(())
    }

    /// The IPv4 address of the first interface, and its mask.
    pub fn address(&self) -> Result<(Ipv4Addr, Ipv4Addr), Error> {
        // SAFETY: the instance exists.
        unsafe { address_of(self.pointer()) }
    }

    pub fn set_address(&self, address: Ipv4Addr, mask: Ipv4Addr) -> Result<(), Error> {
        let service = Service(Api::NetXDuo, "nx_ip_address_set");
        service.require_context()?;
        service.require(address.octets()[0] < 0xE0, NX_IP_ADDRESS_ERROR)?;
        let (address, mask) = (address.to_bits() as ULONG, mask.to_bits() as ULONG);
        // SAFETY: the instance exists.
        let status = unsafe { nx_ip_address_set(self.pointer(), address, mask) };
        check(Api::NetXDuo, "nx_ip_address_set", status)
    }

    /// Adds an IPv6 address to the first interface.
    pub fn add_ipv6_address(&self, address: Ipv6Addr, prefix_length: u8) -> Result<(), Error> {
        let service = Service(Api::NetXDuo, "nxd_ipv6_address_set");
        service.require_peer(address.into(), false)?;
        within("the prefix length", prefix_length.into(), 0, 128)?;
        let mut address = to_c(address.into());
        // SAFETY: the instance exists; the address is copied; nobody asks for its index.
        let status = unsafe {
            nxd_ipv6_address_set(
                self.pointer(),
                0,
                &raw mut address,
                ULONG::from(prefix_length),
                ptr::null_mut(),
            )
        };
        check(Api::NetXDuo, "nxd_ipv6_address_set", status)
    }

    pub fn set_gateway(&self, gateway: Ipv4Addr) -> Result<(), Error> {
        let service = Service(Api::NetXDuo, "nx_ip_gateway_address_set");
        service.require_context()?;
        service.require(!gateway.is_unspecified(), NX_IP_ADDRESS_ERROR)?;
        // SAFETY: the instance exists.
        let status =
            unsafe { nx_ip_gateway_address_set(self.pointer(), gateway.to_bits() as ULONG) };
        check(Api::NetXDuo, "nx_ip_gateway_address_set", status)
    }

    pub fn add_ipv6_router(&self, router: Ipv6Addr) -> Result<(), Error> {
        let service = Service(Api::NetXDuo, "nxd_ipv6_default_router_add");
        service.require_context()?;
        service.require_peer(router.into(), false)?;
        let mut router = to_c(router.into());
        // SAFETY: the instance exists; the address is copied.
        let status =
            unsafe { nxd_ipv6_default_router_add(self.pointer(), &raw mut router, FOR_GOOD, 0) };
        check(Api::NetXDuo, "nxd_ipv6_default_router_add", status)
    }

    /// Sends an echo request and waits for the answer. Threads only.
    pub fn ping(&self, address: IpAddr, data: &[u8], wait_ticks: ULONG) -> Result<(), Error> {
        Service(Api::NetXDuo, "nxd_icmp_ping").require_peer(address, true)?;
        let length = datagram("the data of an echo request", address, data)?;
        let mut address = to_c(address);
        let mut answer = ptr::null_mut();
        // SAFETY: the instance exists; address and data are copied; the answer is a packet that becomes ours.
        let status = unsafe {
            nxd_icmp_ping(
                self.pointer(),
                &raw mut address,
                data.as_ptr().cast_mut().cast(),
                length,
                &raw mut answer,
                wait_ticks,
            )
        };
        check(Api::NetXDuo, "nxd_icmp_ping", status)?;
        // SAFETY: the packet is ours now.
        drop(unsafe { Received::of(answer) });
        Ok(())
    }

    /// The address of the link's station, if its driver is written in Rust.
    pub fn mac_address(&self) -> Option<MacAddress> {
        self.attached.map(|attached| attached.info().mac_address)
    }

    pub fn link_statistics(&self) -> LinkStatistics {
        self.link.statistics()
    }

    pub fn link_error(&self) -> Option<LinkError> {
        self.link.last_error()
    }

    /// Whether the link is up and no IPv6 address is still being checked for duplicates. Threads only.
    pub fn is_ready(&self) -> Result<bool, Error> {
        // SAFETY: the instance exists.
        let (protection, interface) = unsafe {
            (
                &raw mut (*self.pointer()).nx_ip_protection,
                &raw const (*self.pointer()).nx_ip_interface[0],
            )
        };
        // SAFETY: the mutex exists as long as the instance.
        let status = unsafe { tx_mutex_get(protection, TX_WAIT_FOREVER) };
        check(Api::ThreadX, "tx_mutex_get", status)?;
        // SAFETY: the mutex guards the interface and the list of its addresses, which are part of the instance.
        let ready = unsafe {
            let mut ready = (*interface).nx_interface_link_up != 0;
            let mut address = (*interface).nxd_interface_ipv6_address_list_head;
            while !address.is_null() {
                let state = UINT::from((*address).nxd_ipv6_address_state);
                ready &= state != NX_IPV6_ADDR_STATE_TENTATIVE;
                address = (*address).nxd_ipv6_address_next;
            }
            ready
        };
        // SAFETY: this thread holds it.
        unsafe { tx_mutex_put(protection) };
        Ok(ready)
    }
}

/// The IPv4 address of an instance's first interface, and its mask. From initialization and threads.
///
/// # Safety
/// The instance exists.
pub(super) unsafe fn address_of(ip: *mut NX_IP) -> Result<(Ipv4Addr, Ipv4Addr), Error> {
    let service = Service(Api::NetXDuo, "nx_ip_address_get");
    service.require_context()?;
    let (mut address, mut mask): (ULONG, ULONG) = (0, 0);
    // SAFETY: the caller says so, and both have a place.
    let status = unsafe { nx_ip_address_get(ip, &raw mut address, &raw mut mask) };
    check(Api::NetXDuo, "nx_ip_address_get", status)?;
    Ok((Ipv4Addr::from_bits(address), Ipv4Addr::from_bits(mask)))
}

impl Object for NX_IP {
    unsafe fn delete(this: *mut Self) -> bool {
        // SAFETY: the caller says so; an instance in a room of ours begins a `LinkedIp`.
        unsafe {
            let attached = LinkedIp::attached(this);
            let deleted = nx_ip_delete(this) == 0;
            if deleted {
                hooks::forget(this);
                if let Some(attached) = attached {
                    attached.detach();
                }
            }
            deleted
        }
    }
}

/// A driver without a network: the link is up, and what is sent ends here. It leaves the interface's MTU as it is, 0, by which the
/// simulation knows that there is no network.
#[cfg(simulation)]
unsafe extern "C" fn no_network(request: *mut NX_IP_DRIVER) {
    // SAFETY: NetX Duo calls its driver with a valid request, with a packet where one is to be sent.
    unsafe {
        match (*request).nx_ip_driver_command {
            NX_LINK_ENABLE => {
                (*(*request).nx_ip_driver_interface).nx_interface_link_up = NX_TRUE as _;
            }
            NX_LINK_PACKET_SEND
            | NX_LINK_PACKET_BROADCAST
            | NX_LINK_ARP_SEND
            | NX_LINK_ARP_RESPONSE_SEND
            | NX_LINK_RARP_SEND => {
                nx_packet_transmit_release((*request).nx_ip_driver_packet);
            }
            _ => {}
        }
        (*request).nx_ip_driver_status = NX_SUCCESS;
    }
}
