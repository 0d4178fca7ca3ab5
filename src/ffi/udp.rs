//! UDP sockets.

use core::net::SocketAddr;
use core::ptr;

use netxduo_sys::{
    NX_UDP_PACKET, NX_UDP_SOCKET, nx_udp_socket_bind, nx_udp_socket_create, nx_udp_socket_delete,
    nx_udp_socket_port_get, nx_udp_socket_receive, nx_udp_socket_unbind, nxd_udp_socket_send,
    nxd_udp_source_extract,
};
use threadx_sys::{UINT, ULONG};

use super::address::{blank, to_c, with_port};
use super::arguments::{Service, datagram};
use super::handle::{Handle, Object};
use super::net::Instance;
use super::pinned::Pinned;
use super::received::{Received, send_packet};
use super::socket::{NO_WAIT, NORMAL_SERVICE, TIME_TO_LIVE, UNFRAGMENTED_OR_NOT};
use crate::error::{Api, Error, check};

/// Datagrams that wait to be received; those that come then are lost.
const QUEUE: ULONG = 16;

pub(crate) struct UdpRoom(Pinned<NX_UDP_SOCKET>);

/// A bound UDP socket.
pub(crate) struct Udp {
    socket: Handle<NX_UDP_SOCKET, 1>,
    pool: *mut netxduo_sys::NX_PACKET_POOL,
}

// SAFETY: the pool is a static's, and NetX Duo locks for itself.
unsafe impl Send for Udp {}
// SAFETY: likewise.
unsafe impl Sync for Udp {}

impl UdpRoom {
    pub const fn new() -> Self {
        Self(Pinned::new())
    }

    /// Threads only.
    pub fn bind(&'static self, ip: &Instance, port: u16) -> Result<Udp, Error> {
        let room = self.0.take("UDP socket")?;
        // SAFETY: the room is ours, static and not in use; the instance exists, and stays as long as the result.
        let status = unsafe {
            nx_udp_socket_create(
                ip.pointer(),
                room,
                c"udp".as_ptr().cast_mut(),
                NORMAL_SERVICE,
                UNFRAGMENTED_OR_NOT,
                TIME_TO_LIVE,
                QUEUE,
            )
        };
        check(Api::NetXDuo, "nx_udp_socket_create", status).inspect_err(|_| self.0.release())?;
        // From here on dropping it deletes the socket again.
        // SAFETY: the socket exists in the room, which is ours.
        let socket = unsafe { Handle::owning(room, self.0.occupancy(), [ip.hold()]) };
        // SAFETY: the socket exists.
        let status = unsafe { nx_udp_socket_bind(room, UINT::from(port), NO_WAIT) };
        check(Api::NetXDuo, "nx_udp_socket_bind", status)?;
        Ok(Udp {
            socket,
            pool: ip.packet_pool(),
        })
    }
}

impl Udp {
    pub fn port(&self) -> u16 {
        let mut port = 0;
        // SAFETY: the socket exists. It is bound, so the status says nothing new.
        unsafe { nx_udp_socket_port_get(self.socket.pointer(), &raw mut port) };
        // C keeps 16 bits.
        port as u16
    }

    pub fn send_to(&self, data: &[u8], to: SocketAddr) -> Result<(), Error> {
        Service(Api::NetXDuo, "nxd_udp_socket_send").require_peer(to.ip(), true)?;
        datagram("the datagram", to.ip(), data)?;
        let mut address = to_c(to.ip());
        let send = |packet| {
            // SAFETY: the socket exists, and the packet has room for the headers.
            unsafe {
                nxd_udp_socket_send(
                    self.socket.pointer(),
                    packet,
                    &raw mut address,
                    UINT::from(to.port()),
                )
            }
        };
        // SAFETY: the pool stays as long as the instance, which stays as long as the socket.
        unsafe {
            send_packet(
                self.pool,
                NX_UDP_PACKET,
                data,
                NO_WAIT,
                "nxd_udp_socket_send",
                send,
            )
        }
    }

    /// Threads only.
    pub fn receive(&self, wait_ticks: ULONG) -> Result<(Received, SocketAddr), Error> {
        let mut packet = ptr::null_mut();
        // SAFETY: the socket exists.
        let status =
            unsafe { nx_udp_socket_receive(self.socket.pointer(), &raw mut packet, wait_ticks) };
        check(Api::NetXDuo, "nx_udp_socket_receive", status)?;
        // SAFETY: the packet is ours now.
        let packet = unsafe { Received::of(packet) };
        let (mut address, mut port) = (blank(), 0);
        // SAFETY: the packet is one that a UDP socket received.
        let status =
            unsafe { nxd_udp_source_extract(packet.pointer(), &raw mut address, &raw mut port) };
        check(Api::NetXDuo, "nxd_udp_source_extract", status)?;
        Ok((packet, with_port(&address, port)))
    }
}

impl Object for NX_UDP_SOCKET {
    unsafe fn delete(this: *mut Self) -> bool {
        // SAFETY: the caller says so. A socket that is not bound refuses to be unbound, and does not have to.
        unsafe {
            nx_udp_socket_unbind(this);
            nx_udp_socket_delete(this) == 0
        }
    }
}
