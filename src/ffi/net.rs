//! Packet pools and IP instances.

use core::cell::UnsafeCell;
use core::ffi::CStr;
use core::mem::{self, MaybeUninit};
use core::net::{Ipv4Addr, Ipv6Addr};
use core::ptr;

use netxduo_sys::{
    NX_IP, NX_IP_DRIVER, NX_IP_VERSION_V6, NX_PACKET_POOL, NXD_ADDRESS, nx_icmp_enable,
    nx_ip_create, nx_ip_delete, nx_packet_pool_create, nx_packet_pool_delete, nx_system_initialize,
    nx_tcp_enable, nx_udp_enable, nxd_icmp_enable, nxd_ipv6_address_set, nxd_ipv6_enable,
};
use threadx_sys::{UINT, ULONG};

use super::hooks;
use super::pinned::{Occupancy, Pinned, Use};
use crate::error::{Api, Error, check};

/// A control block and memory that goes with it.
#[repr(C)]
struct WithMemory<T, const BYTES: usize> {
    block: T,
    memory: Memory<BYTES>,
}

#[repr(C, align(16))]
pub(super) struct Memory<const BYTES: usize>(UnsafeCell<[MaybeUninit<u8>; BYTES]>);

pub(crate) struct PoolRoom<const BYTES: usize>(Pinned<WithMemory<NX_PACKET_POOL, BYTES>>);

/// A packet pool.
pub(crate) struct Pool {
    pub(super) pointer: *mut NX_PACKET_POOL,
    occupancy: &'static Occupancy,
}

// SAFETY: the pointer is to a static, and NetX Duo locks for itself.
unsafe impl Send for Pool {}
// SAFETY: likewise.
unsafe impl Sync for Pool {}

impl<const BYTES: usize> PoolRoom<BYTES> {
    pub const fn new() -> Self {
        Self(Pinned::new())
    }

    pub fn create(&'static self, name: &'static CStr, payload_bytes: u32) -> Result<Pool, Error> {
        let room = self.0.take("packet pool")?;
        // SAFETY: only sets up NetX Duo's own variables, any number of times.
        unsafe { nx_system_initialize() };
        // SAFETY: the room is ours, static and not in use; the name is static.
        let status = unsafe {
            nx_packet_pool_create(
                &raw mut (*room).block,
                name.as_ptr().cast_mut(),
                payload_bytes,
                (&raw mut (*room).memory).cast(),
                BYTES as ULONG,
            )
        };
        if let Err(error) = check(Api::NetXDuo, "nx_packet_pool_create", status) {
            self.0.release();
            return Err(error);
        }
        Ok(Pool {
            // SAFETY: the room is valid.
            pointer: unsafe { &raw mut (*room).block },
            occupancy: self.0.occupancy(),
        })
    }
}

impl Pool {
    pub fn hold(&self) -> Use {
        Use::of(Some(self.occupancy))
    }

    /// Packets that are free now.
    pub fn available(&self) -> u32 {
        // SAFETY: the pool exists; the number is a word that NetX Duo may change meanwhile.
        unsafe { (&raw const (*self.pointer).nx_packet_pool_available).read_volatile() }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        if self.occupancy.in_use() {
            return;
        }
        // SAFETY: the pool exists, and no object of ours uses it.
        if unsafe { nx_packet_pool_delete(self.pointer) } == 0 {
            self.occupancy.release();
        }
    }
}

pub(crate) struct IpRoom<const STACK: usize>(Pinned<WithMemory<NX_IP, STACK>>);

/// An IP instance.
pub(crate) struct Instance {
    pub(super) pointer: *mut NX_IP,
    occupancy: Option<&'static Occupancy>,
    pool: Option<Use>,
}

// SAFETY: the pointer is to a static, and NetX Duo locks for itself.
unsafe impl Send for Instance {}
// SAFETY: likewise.
unsafe impl Sync for Instance {}

/// A network driver as NetX Duo expects one.
#[derive(Clone, Copy)]
pub(crate) struct Driver(unsafe extern "C" fn(*mut NX_IP_DRIVER));

impl Driver {
    /// A driver without a network.
    #[cfg(host_port)]
    pub const NO_NETWORK: Self = Self(no_network);

    /// # Safety
    /// `entry` is a network driver as NetX Duo expects one.
    pub const unsafe fn new(entry: unsafe extern "C" fn(*mut NX_IP_DRIVER)) -> Self {
        Self(entry)
    }
}

impl<const STACK: usize> IpRoom<STACK> {
    pub const fn new() -> Self {
        Self(Pinned::new())
    }

    pub fn create(
        &'static self,
        name: &'static CStr,
        (address, mask): (Ipv4Addr, Ipv4Addr),
        pool: &Pool,
        driver: Driver,
        priority: u32,
    ) -> Result<Instance, Error> {
        let room = self.0.take("IP instance")?;
        // SAFETY: the room is ours, static and not in use; the name is static; the pool exists, and stays as long as
        // the instance, which holds it; the driver is one.
        let status = unsafe {
            nx_ip_create(
                &raw mut (*room).block,
                name.as_ptr().cast_mut(),
                address.to_bits(),
                mask.to_bits(),
                pool.pointer,
                Some(driver.0),
                (&raw mut (*room).memory).cast(),
                STACK as ULONG,
                priority,
            )
        };
        if let Err(error) = check(Api::NetXDuo, "nx_ip_create", status) {
            self.0.release();
            return Err(error);
        }
        Ok(Instance {
            // SAFETY: the room is valid.
            pointer: unsafe { &raw mut (*room).block },
            occupancy: Some(self.0.occupancy()),
            pool: Some(pool.hold()),
        })
    }
}

impl Instance {
    pub fn hold(&self) -> Use {
        Use::of(self.occupancy)
    }

    /// Turns on TCP, UDP, ICMP, IPv6 and ICMPv6.
    pub fn enable_protocols(&self) -> Result<(), Error> {
        type Enable = unsafe extern "C" fn(*mut NX_IP) -> UINT;
        let services: [(&'static str, Enable); 5] = [
            ("nx_tcp_enable", nx_tcp_enable),
            ("nx_udp_enable", nx_udp_enable),
            ("nx_icmp_enable", nx_icmp_enable),
            ("nxd_ipv6_enable", nxd_ipv6_enable),
            ("nxd_icmp_enable", nxd_icmp_enable),
        ];
        for (name, enable) in services {
            // SAFETY: the instance exists.
            check(Api::NetXDuo, name, unsafe { enable(self.pointer) })?;
        }
        Ok(())
    }

    /// Adds an IPv6 address to the first interface.
    pub fn add_ipv6_address(&self, address: Ipv6Addr, prefix_length: u8) -> Result<(), Error> {
        // SAFETY: all zero is a valid address.
        let mut raw: NXD_ADDRESS = unsafe { mem::zeroed() };
        raw.nxd_ip_version = NX_IP_VERSION_V6;
        let mut words = [0; 4];
        for (word, bytes) in words.iter_mut().zip(address.octets().chunks_exact(4)) {
            *word = bytes
                .iter()
                .fold(0, |word, &byte| word << 8 | ULONG::from(byte));
        }
        raw.nxd_ip_address.v6 = words;
        // SAFETY: the instance exists; the address is copied; nobody asks for its index.
        let status = unsafe {
            nxd_ipv6_address_set(
                self.pointer,
                0,
                &raw mut raw,
                ULONG::from(prefix_length),
                ptr::null_mut(),
            )
        };
        check(Api::NetXDuo, "nxd_ipv6_address_set", status)
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        let Some(occupancy) = self.occupancy else {
            return;
        };
        // SAFETY: the instance exists, and no object of ours uses it.
        if !occupancy.in_use() && unsafe { nx_ip_delete(self.pointer) } == 0 {
            hooks::forget(self.pointer);
            occupancy.release();
        } else {
            // It stays, so its pool must.
            mem::forget(self.pool.take());
        }
    }
}

/// The host port asks a driver for nothing but to be there.
#[cfg(host_port)]
unsafe extern "C" fn no_network(request: *mut NX_IP_DRIVER) {
    // SAFETY: NetX Duo calls its driver with a valid request.
    unsafe { (*request).nx_ip_driver_status = netxduo_sys::NX_SUCCESS };
}
