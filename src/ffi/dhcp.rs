//! DHCP clients.

use core::net::Ipv4Addr;

use netxduo_sys::{
    NX_DHCP, NX_DHCP_NOT_BOUND, NX_DHCP_OPTION_DNS_SVR, NX_DHCP_OPTION_GATEWAYS,
    NX_DHCP_OPTION_NTP_SVR, NX_DHCP_PACKET_PAYLOAD, NX_DHCP_PARSE_ERROR, NX_IP, NX_NOT_ENABLED,
    nx_dhcp_create, nx_dhcp_delete, nx_dhcp_interface_server_address_get,
    nx_dhcp_interface_user_option_retrieve, nx_dhcp_packet_pool_set, nx_dhcp_start,
    nx_dhcp_user_option_request,
};
use threadx_sys::{UINT, ULONG};

use super::arguments::within;
use super::handle::{Handle, Object};
use super::net::{Instance, MAX_PAYLOAD, address_of};
use super::pinned::Pinned;
use super::pool::Pool;
use crate::error::{Api, Error, check};

/// The first interface, which is the one that instances of this library have.
const INTERFACE: UINT = 0;

/// The most addresses of one kind that are taken from a server.
pub(crate) const MAX_ADDRESSES: usize = 4;

/// The most that a server's answer may have, of which the first are taken: an option has 255 bytes at most.
const MAX_ANSWER: usize = 63;

pub(crate) struct DhcpRoom(Pinned<NX_DHCP>);

/// A DHCP client that runs.
pub(crate) struct Client {
    dhcp: Handle<NX_DHCP, 2>,
    ip: *mut NX_IP,
}

// SAFETY: the instance stays as long as the client, and C locks for itself.
unsafe impl Send for Client {}
// SAFETY: likewise.
unsafe impl Sync for Client {}

/// What a server says more about the network.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Routers,
    NameServers,
    TimeServers,
}

impl DhcpRoom {
    pub const fn new() -> Self {
        Self(Pinned::new())
    }

    /// Creates a client on the first interface, and starts it. Threads only.
    pub fn start(&'static self, ip: &Instance, pool: &Pool) -> Result<Client, Error> {
        let least = NX_DHCP_PACKET_PAYLOAD as usize;
        within("the pool's payload", pool.payload(), least, MAX_PAYLOAD)?;
        let room = self.0.take("DHCP client")?;
        // SAFETY: the room is ours, static and not in use; the instance stays as long as the result; the name is static.
        let status = unsafe { nx_dhcp_create(room, ip.pointer(), c"dhcp".as_ptr().cast_mut()) };
        check(Api::NetXDuo, "nx_dhcp_create", status).inspect_err(|_| self.0.release())?;
        let uses = [ip.hold(), pool.hold()];
        // From here on dropping it deletes the client again.
        // SAFETY: the client exists in the room, which is ours.
        let dhcp = unsafe { Handle::owning(room, self.0.occupancy(), uses) };
        // SAFETY: the client exists, and the pool stays as long as it.
        let status = unsafe { nx_dhcp_packet_pool_set(room, pool.pointer()) };
        // Configured so, the client has a pool of its own.
        if status != NX_NOT_ENABLED {
            check(Api::NetXDuo, "nx_dhcp_packet_pool_set", status)?;
        }
        // SAFETY: the client exists.
        let status = unsafe { nx_dhcp_user_option_request(room, NX_DHCP_OPTION_NTP_SVR) };
        check(Api::NetXDuo, "nx_dhcp_user_option_request", status)?;
        // SAFETY: the client exists.
        check(Api::NetXDuo, "nx_dhcp_start", unsafe {
            nx_dhcp_start(room)
        })?;
        Ok(Client {
            dhcp,
            ip: ip.pointer(),
        })
    }
}

impl Client {
    /// The address and mask that the interface has. From initialization and threads.
    pub fn address(&self) -> Result<(Ipv4Addr, Ipv4Addr), Error> {
        // SAFETY: the client holds the instance.
        unsafe { address_of(self.ip) }
    }

    /// Who has given the address, if somebody has. Threads only.
    pub fn server(&self) -> Result<Option<Ipv4Addr>, Error> {
        let mut server: ULONG = 0;
        // SAFETY: the client exists, and the address has its place.
        let status = unsafe {
            nx_dhcp_interface_server_address_get(self.dhcp.pointer(), INTERFACE, &raw mut server)
        };
        if status == NX_DHCP_NOT_BOUND {
            return Ok(None);
        }
        check(Api::NetXDuo, "nx_dhcp_interface_server_address_get", status)?;
        Ok(Some(Ipv4Addr::from_bits(server)))
    }

    /// Addresses that the server has named: how many, and the first of them. Threads only.
    pub fn named(&self, kind: Kind) -> Result<([Ipv4Addr; MAX_ADDRESSES], usize), Error> {
        let option = match kind {
            Kind::Routers => NX_DHCP_OPTION_GATEWAYS,
            Kind::NameServers => NX_DHCP_OPTION_DNS_SVR,
            Kind::TimeServers => NX_DHCP_OPTION_NTP_SVR,
        };
        let mut answer: [ULONG; MAX_ANSWER] = [0; MAX_ANSWER];
        let mut bytes = (MAX_ANSWER * 4) as UINT;
        // SAFETY: the client exists; a word of the answer is written for each 4 of these bytes.
        let status = unsafe {
            nx_dhcp_interface_user_option_retrieve(
                self.dhcp.pointer(),
                INTERFACE,
                option,
                answer.as_mut_ptr().cast(),
                &raw mut bytes,
            )
        };
        let mut addresses = [Ipv4Addr::UNSPECIFIED; MAX_ADDRESSES];
        // It said nothing of the kind.
        if status == NX_DHCP_PARSE_ERROR {
            return Ok((addresses, 0));
        }
        check(
            Api::NetXDuo,
            "nx_dhcp_interface_user_option_retrieve",
            status,
        )?;
        let count = (bytes as usize / 4).min(MAX_ADDRESSES);
        for (address, word) in addresses.iter_mut().zip(&answer[..count]) {
            *address = Ipv4Addr::from_bits(*word);
        }
        Ok((addresses, count))
    }
}

impl Object for NX_DHCP {
    unsafe fn delete(this: *mut Self) -> bool {
        // SAFETY: the caller says so.
        unsafe { nx_dhcp_delete(this) == 0 }
    }
}
