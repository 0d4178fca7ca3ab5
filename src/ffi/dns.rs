//! DNS clients.

use core::net::IpAddr;

use netxduo_sys::{
    NX_DNS, NX_NOT_ENABLED, nx_dns_create, nx_dns_delete, nx_dns_packet_pool_set,
    nxd_dns_host_by_name_get, nxd_dns_server_add,
};
use threadx_sys::{UINT, ULONG};

use super::address::{blank, from_c, to_c};
use super::handle::{Handle, Object};
use super::net::Instance;
use super::pinned::Pinned;
use super::pool::Pool;
use crate::error::{Api, Error, check};

/// The longest host name, in bytes.
const MAX_HOST_NAME: usize = 253;

/// A host name as C wants it, with a zero at its end.
pub(crate) struct HostName(pub(super) [u8; MAX_HOST_NAME + 1]);

impl HostName {
    /// # Errors
    /// [`Error::TextLength`], [`Error::NulInText`].
    pub fn new(name: &str) -> Result<Self, Error> {
        let mut terminated = [0; MAX_HOST_NAME + 1];
        let length = name.len();
        match terminated.get_mut(..length) {
            Some(place) if (1..=MAX_HOST_NAME).contains(&length) => {
                place.copy_from_slice(name.as_bytes());
            }
            _ => {
                return Err(Error::TextLength {
                    what: "the host name",
                    length,
                    min: 1,
                    max: MAX_HOST_NAME,
                });
            }
        }
        if name.contains('\0') {
            return Err(Error::NulInText {
                what: "the host name",
            });
        }
        Ok(Self(terminated))
    }
}

pub(crate) struct DnsRoom(Pinned<NX_DNS>);

/// A DNS client.
pub(crate) struct Client(Handle<NX_DNS, 2>);

impl DnsRoom {
    pub const fn new() -> Self {
        Self(Pinned::new())
    }

    /// Threads only.
    pub fn create(
        &'static self,
        ip: &Instance,
        pool: &Pool,
        servers: &[IpAddr],
    ) -> Result<Client, Error> {
        let room = self.0.take("DNS client")?;
        // SAFETY: the room is ours, static and not in use; IP instance and pool stay as long as the result.
        unsafe { create(room, ip, pool, servers) }.inspect_err(|_| self.0.release())?;
        let uses = [ip.hold(), pool.hold()];
        // SAFETY: the client exists in the room, which is ours.
        Ok(Client(unsafe {
            Handle::owning(room, self.0.occupancy(), uses)
        }))
    }
}

/// Creates a client that takes packets from the pool and asks the servers, or none.
///
/// # Safety
/// `dns` points to memory for one that is not in use; it, the IP instance and the pool stay as long as the client.
pub(super) unsafe fn create(
    dns: *mut NX_DNS,
    ip: &Instance,
    pool: &Pool,
    servers: &[IpAddr],
) -> Result<(), Error> {
    // SAFETY: the caller says so; the domain is a static text.
    let status = unsafe { nx_dns_create(dns, ip.pointer(), c"".as_ptr().cast_mut().cast()) };
    check(Api::NetXDuo, "nx_dns_create", status)?;
    // SAFETY: the client exists, and the pool stays as long as it.
    let result = unsafe { set_up(dns, pool, servers) };
    if result.is_err() {
        // SAFETY: it was created above, and nothing uses it.
        unsafe { nx_dns_delete(dns) };
    }
    result
}

/// # Safety
/// `dns` is a created client, and the pool stays as long as it.
unsafe fn set_up(dns: *mut NX_DNS, pool: &Pool, servers: &[IpAddr]) -> Result<(), Error> {
    // SAFETY: the caller says so.
    let status = unsafe { nx_dns_packet_pool_set(dns, pool.pointer()) };
    // Configured so, the client has a pool of its own.
    if status != NX_NOT_ENABLED {
        check(Api::NetXDuo, "nx_dns_packet_pool_set", status)?;
    }
    for server in servers {
        let mut server = to_c(*server);
        // SAFETY: the client exists, and the address is copied.
        let status = unsafe { nxd_dns_server_add(dns, &raw mut server) };
        check(Api::NetXDuo, "nxd_dns_server_add", status)?;
    }
    Ok(())
}

impl Client {
    /// Asks for an address of a version, `NX_IP_VERSION_V4` or `NX_IP_VERSION_V6`. Threads only.
    pub fn resolve(
        &self,
        mut host: HostName,
        version: u32,
        wait_ticks: ULONG,
    ) -> Result<IpAddr, Error> {
        let mut address = blank();
        // SAFETY: the client exists; the name ends with a zero, and the address has its place.
        let status = unsafe {
            nxd_dns_host_by_name_get(
                self.0.pointer(),
                host.0.as_mut_ptr(),
                &raw mut address,
                wait_ticks,
                version as UINT,
            )
        };
        check(Api::NetXDuo, "nxd_dns_host_by_name_get", status)?;
        Ok(from_c(&address))
    }
}

impl Object for NX_DNS {
    unsafe fn delete(this: *mut Self) -> bool {
        // SAFETY: the caller says so.
        unsafe { nx_dns_delete(this) == 0 }
    }
}
