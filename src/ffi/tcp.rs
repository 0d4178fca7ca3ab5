//! TCP sockets.

use core::net::SocketAddr;
use core::ptr;

use netxduo_sys::{
    NX_ANY_PORT, NX_IN_PROGRESS, NX_IP, NX_NOT_CONNECTED, NX_TCP_PACKET, NX_TCP_SOCKET,
    nx_tcp_client_socket_bind, nx_tcp_client_socket_unbind, nx_tcp_server_socket_accept,
    nx_tcp_server_socket_listen, nx_tcp_server_socket_relisten, nx_tcp_server_socket_unaccept,
    nx_tcp_server_socket_unlisten, nx_tcp_socket_create, nx_tcp_socket_delete,
    nx_tcp_socket_disconnect, nx_tcp_socket_mss_get, nx_tcp_socket_receive, nx_tcp_socket_send,
    nxd_tcp_client_socket_connect, nxd_tcp_socket_peer_info_get,
};
use threadx_sys::{UINT, ULONG};

use super::address::{blank, to_c, with_port};
use super::arguments::Service;
use super::handle::{Handle, Object, may_delete};
use super::net::Instance;
use super::pinned::Pinned;
use super::received::{Received, send_packet};
use super::socket::{Deadline, NO_WAIT, NORMAL_SERVICE, TIME_TO_LIVE, UNFRAGMENTED_OR_NOT};
use crate::error::{Api, Error, check};

/// Bytes that the peer may send before they are received.
const WINDOW: ULONG = 8192;

/// Connection requests that wait until the socket accepts another one.
const LISTEN_QUEUE: UINT = 4;

/// The segment size that every host takes.
const LEAST_SEGMENT: ULONG = 536;

/// `NX_CONNECTION_PENDING`: a request was waiting already.
const CONNECTION_PENDING: UINT = 0x48;

/// `NX_INVALID_PORT`.
const INVALID_PORT: UINT = 0x46;

pub(crate) struct TcpRoom(Pinned<NX_TCP_SOCKET>);

/// A TCP socket.
pub(crate) struct Tcp {
    socket: Handle<NX_TCP_SOCKET, 1>,
    instance: *mut NX_IP,
    pool: *mut netxduo_sys::NX_PACKET_POOL,
    state: State,
}

// SAFETY: instance and pool stay as long as the socket, and NetX Duo locks for itself.
unsafe impl Send for Tcp {}
// SAFETY: likewise.
unsafe impl Sync for Tcp {}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Idle,
    /// Bound to a port of its own, and connected.
    Client,
    /// Waits for connection requests to a port.
    Listening {
        port: u16,
    },
    /// Has accepted one.
    Server {
        port: u16,
    },
}

impl TcpRoom {
    pub const fn new() -> Self {
        Self(Pinned::new())
    }

    pub fn create(&'static self, ip: &Instance) -> Result<Tcp, Error> {
        let room = self.0.take("TCP socket")?;
        // SAFETY: the room is ours, static and not in use; the instance exists, and stays as long as the result.
        let status = unsafe {
            nx_tcp_socket_create(
                ip.pointer(),
                room,
                c"tcp".as_ptr().cast_mut(),
                NORMAL_SERVICE,
                UNFRAGMENTED_OR_NOT,
                TIME_TO_LIVE,
                WINDOW,
                None,
                None,
            )
        };
        check(Api::NetXDuo, "nx_tcp_socket_create", status).inspect_err(|_| self.0.release())?;
        Ok(Tcp {
            // SAFETY: the socket exists in the room, which is ours.
            socket: unsafe { Handle::owning(room, self.0.occupancy(), [ip.hold()]) },
            instance: ip.pointer(),
            pool: ip.packet_pool(),
            state: State::Idle,
        })
    }
}

impl Tcp {
    pub fn state(&self) -> State {
        self.state
    }

    /// Threads only, as everything below.
    pub fn connect(&mut self, to: SocketAddr, wait_ticks: ULONG) -> Result<(), Error> {
        Service(Api::NetXDuo, "nxd_tcp_client_socket_connect").require_peer(to.ip(), false)?;
        // SAFETY: the socket exists.
        let status =
            unsafe { nx_tcp_client_socket_bind(self.socket.pointer(), NX_ANY_PORT, NO_WAIT) };
        check(Api::NetXDuo, "nx_tcp_client_socket_bind", status)?;
        self.state = State::Client;
        let mut address = to_c(to.ip());
        // SAFETY: the socket exists; the address is copied.
        let status = unsafe {
            nxd_tcp_client_socket_connect(
                self.socket.pointer(),
                &raw mut address,
                UINT::from(to.port()),
                wait_ticks,
            )
        };
        check(Api::NetXDuo, "nxd_tcp_client_socket_connect", status).inspect_err(|_| {
            // The first error is the one that matters.
            let _ = self.disconnect(NO_WAIT);
        })
    }

    pub fn listen(&mut self, port: u16) -> Result<(), Error> {
        Service(Api::NetXDuo, "nx_tcp_server_socket_listen").require(port > 0, INVALID_PORT)?;
        // SAFETY: instance and socket exist; the socket unlistens before it goes.
        let status = unsafe {
            nx_tcp_server_socket_listen(
                self.instance,
                UINT::from(port),
                self.socket.pointer(),
                LISTEN_QUEUE,
                None,
            )
        };
        check(Api::NetXDuo, "nx_tcp_server_socket_listen", status)?;
        self.state = State::Listening { port };
        Ok(())
    }

    /// In state `Listening` only.
    pub fn accept(&mut self, wait_ticks: ULONG) -> Result<SocketAddr, Error> {
        // SAFETY: the socket exists.
        let status = unsafe { nx_tcp_server_socket_accept(self.socket.pointer(), wait_ticks) };
        check(Api::NetXDuo, "nx_tcp_server_socket_accept", status)?;
        if let State::Listening { port } = self.state {
            self.state = State::Server { port };
        }
        let (mut address, mut port) = (blank(), 0);
        // SAFETY: the socket exists.
        let status = unsafe {
            nxd_tcp_socket_peer_info_get(self.socket.pointer(), &raw mut address, &raw mut port)
        };
        check(Api::NetXDuo, "nxd_tcp_socket_peer_info_get", status).inspect_err(|_| {
            // The peer has gone already. This error is the one that matters.
            let _ = self.disconnect(NO_WAIT);
        })?;
        Ok(with_port(&address, port))
    }

    pub fn send(&self, data: &[u8], wait_ticks: u32) -> Result<(), Error> {
        let deadline = Deadline::after(wait_ticks);
        let mut segment = 0;
        // SAFETY: the socket exists. On an error there is no size, and sending will say why.
        unsafe { nx_tcp_socket_mss_get(self.socket.pointer(), &raw mut segment) };
        for data in data.chunks(segment.max(LEAST_SEGMENT) as usize) {
            let send = |packet| {
                // SAFETY: the socket exists, and the packet has room for the headers.
                unsafe { nx_tcp_socket_send(self.socket.pointer(), packet, deadline.remaining()) }
            };
            // SAFETY: the pool stays as long as the instance, which stays as long as the socket.
            unsafe {
                send_packet(
                    self.pool,
                    NX_TCP_PACKET,
                    data,
                    deadline.remaining(),
                    "nx_tcp_socket_send",
                    send,
                )?;
            }
        }
        Ok(())
    }

    /// `None`: the connection has ended.
    pub fn receive(&self, wait_ticks: ULONG) -> Result<Option<Received>, Error> {
        let mut packet = ptr::null_mut();
        // SAFETY: the socket exists.
        let status =
            unsafe { nx_tcp_socket_receive(self.socket.pointer(), &raw mut packet, wait_ticks) };
        if status == NX_NOT_CONNECTED && self.state != State::Idle {
            return Ok(None);
        }
        check(Api::NetXDuo, "nx_tcp_socket_receive", status)?;
        // SAFETY: the packet is ours now.
        Ok(Some(unsafe { Received::of(packet) }))
    }

    /// Ends the connection. A server listens on.
    pub fn disconnect(&mut self, wait_ticks: ULONG) -> Result<(), Error> {
        match self.state {
            State::Idle | State::Listening { .. } => Ok(()),
            State::Client => {
                let ended = self.end_connection(wait_ticks);
                // SAFETY: the socket exists.
                let status = unsafe { nx_tcp_client_socket_unbind(self.socket.pointer()) };
                check(Api::NetXDuo, "nx_tcp_client_socket_unbind", status)?;
                self.state = State::Idle;
                ended
            }
            State::Server { port } => {
                let ended = self.end_connection(wait_ticks);
                // SAFETY: the socket exists.
                let status = unsafe { nx_tcp_server_socket_unaccept(self.socket.pointer()) };
                check(Api::NetXDuo, "nx_tcp_server_socket_unaccept", status)?;
                self.state = State::Listening { port };
                // SAFETY: instance and socket exist.
                let status = unsafe {
                    nx_tcp_server_socket_relisten(
                        self.instance,
                        UINT::from(port),
                        self.socket.pointer(),
                    )
                };
                if status != CONNECTION_PENDING {
                    check(Api::NetXDuo, "nx_tcp_server_socket_relisten", status)?;
                }
                ended
            }
        }
    }

    fn end_connection(&self, wait_ticks: ULONG) -> Result<(), Error> {
        // SAFETY: the socket exists.
        let status = unsafe { nx_tcp_socket_disconnect(self.socket.pointer(), wait_ticks) };
        match status {
            // The peer was faster, or nobody wants to wait for it.
            NX_NOT_CONNECTED | NX_IN_PROGRESS => Ok(()),
            status => check(Api::NetXDuo, "nx_tcp_socket_disconnect", status),
        }
    }

    /// Takes no connection requests any more. Not while connected.
    pub fn stop_listening(&mut self) -> Result<(), Error> {
        let State::Listening { port } = self.state else {
            return Ok(());
        };
        // An attempt to accept that did not wait has left the socket half connected, whether there was a request or not, and so
        // it does not count as listening.
        // SAFETY: instance and socket exist; a socket that is not connected says so, which is no news.
        let status = unsafe {
            nx_tcp_socket_disconnect(self.socket.pointer(), NO_WAIT);
            nx_tcp_server_socket_unlisten(self.instance, UINT::from(port))
        };
        check(Api::NetXDuo, "nx_tcp_server_socket_unlisten", status)?;
        // A request that came meanwhile has bound the socket.
        // SAFETY: the socket exists; one that is not bound says so, which is no news.
        unsafe { nx_tcp_server_socket_unaccept(self.socket.pointer()) };
        self.state = State::Idle;
        Ok(())
    }
}

impl Drop for Tcp {
    fn drop(&mut self) {
        if may_delete() {
            // What fails here shows when the socket is deleted.
            let _ = self.disconnect(NO_WAIT);
            let _ = self.stop_listening();
        }
    }
}

impl Object for NX_TCP_SOCKET {
    unsafe fn delete(this: *mut Self) -> bool {
        // SAFETY: the caller says so.
        unsafe { nx_tcp_socket_delete(this) == 0 }
    }
}
