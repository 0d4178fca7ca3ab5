//! TCP sockets.

use core::fmt;
use core::net::SocketAddr;
use core::time::Duration;

use super::Ip;
use crate::error::Error;
use crate::ffi::kernel::require_thread;
use crate::ffi::received::Received;
use crate::ffi::tcp::{State, Tcp, TcpRoom};
use crate::kernel::to_ticks;

/// Memory for a TCP socket; declare it as a `static`.
pub struct TcpSocketStorage {
    room: TcpRoom,
}

impl TcpSocketStorage {
    /// Memory that is not in use.
    pub const fn new() -> Self {
        Self {
            room: TcpRoom::new(),
        }
    }
}

impl Default for TcpSocketStorage {
    fn default() -> Self {
        Self::new()
    }
}

/// A TCP socket for IPv4 and IPv6: a client, or a server for one connection at a time.
///
/// Dropping it on a thread resets its connection and deletes it; elsewhere it stays. All its functions are for threads only and
/// fail with [`Error::NotAThread`] elsewhere. Times are the most that they wait, in ticks of 10 ms by default.
pub struct TcpSocket {
    /// Received, and read up to an offset. First, so that the packet goes back before the socket lets go of the instance, and with
    /// it of the pool that the packet belongs to.
    unread: Option<(Received, usize)>,
    tcp: Tcp,
}

impl Ip {
    /// A socket that is not connected yet. Threads only.
    ///
    /// # Errors
    /// [`Error::NotAThread`], [`Error::StorageInUse`], or [`Error::C`]: `NX_NOT_SUPPORTED` (0x4B) on the host port.
    pub fn tcp_socket(&self, storage: &'static TcpSocketStorage) -> Result<TcpSocket, Error> {
        require_thread()?;
        let tcp = storage.room.create(self.instance())?;
        Ok(TcpSocket { unread: None, tcp })
    }
}

impl TcpSocket {
    /// Connects to a server.
    ///
    /// # Errors
    /// [`Error::SocketInUse`] when it is connected or listens, or [`Error::C`]: `NX_NOT_CONNECTED` (0x38) when the server
    /// refuses, `NX_IN_PROGRESS` (0x37) when it does not answer in time.
    pub fn connect(&mut self, to: SocketAddr, wait: Duration) -> Result<(), Error> {
        self.require(State::Idle)?;
        self.tcp.connect(to, to_ticks(wait) as _)
    }

    /// Takes connection requests to a port from now on. Up to four wait for [`accept`](Self::accept).
    ///
    /// # Errors
    /// [`Error::SocketInUse`] when it is connected or listens, or [`Error::C`]: `NX_DUPLICATE_LISTEN` (0x34) when another socket
    /// has the port.
    pub fn listen(&mut self, port: u16) -> Result<(), Error> {
        self.require(State::Idle)?;
        self.tcp.listen(port)
    }

    /// Waits for a connection request, and accepts it; returns whose it was.
    ///
    /// # Errors
    /// [`Error::NotListening`], or [`Error::C`]: `NX_NOT_CONNECTED` (0x38) when the peer has gone again already, others when no
    /// request came in time. It listens on then.
    pub fn accept(&mut self, wait: Duration) -> Result<SocketAddr, Error> {
        require_thread()?;
        match self.tcp.state() {
            State::Listening { .. } => self.tcp.accept(to_ticks(wait) as _),
            _ => Err(Error::NotListening),
        }
    }

    /// Sends all of `data`; it has arrived when the peer says so at its own level.
    ///
    /// # Errors
    /// [`Error::C`]: `NX_NOT_CONNECTED` (0x38) or `NX_NOT_BOUND` (0x24) without a connection, `NX_WINDOW_OVERFLOW` (0x39) or
    /// `NX_TX_QUEUE_DEPTH` (0x49) when the peer does not take it in time, `NX_NO_PACKET` (0x01) when the instance's pool is
    /// empty. How much of it was sent is not known then.
    pub fn send(&mut self, data: &[u8], wait: Duration) -> Result<(), Error> {
        require_thread()?;
        self.tcp.send(data, to_ticks(wait))
    }

    /// Waits for data, and copies what there is to the beginning of `buffer`; returns how much that is, 0 when the connection has
    /// ended and everything was received.
    ///
    /// # Errors
    /// [`Error::C`]: `NX_NO_PACKET` (0x01) when no data came in time.
    pub fn receive(&mut self, buffer: &mut [u8], wait: Duration) -> Result<usize, Error> {
        require_thread()?;
        if buffer.is_empty() {
            return Ok(0);
        }
        let (packet, offset) = match self.unread.take() {
            Some(unread) => unread,
            None => match self.tcp.receive(to_ticks(wait) as _)? {
                Some(packet) => (packet, 0),
                None => return Ok(0),
            },
        };
        let length = packet.copy(offset, buffer)?;
        let offset = offset + length;
        if offset < packet.length() {
            self.unread = Some((packet, offset));
        }
        Ok(length)
    }

    /// Ends the connection, and waits until the peer knows; without waiting the connection is reset. Data that was not received is
    /// lost. A server listens on, until [`stop_listening`](Self::stop_listening).
    ///
    /// # Errors
    /// [`Error::C`] when the peer does not answer in time; the connection has ended nevertheless.
    pub fn disconnect(&mut self, wait: Duration) -> Result<(), Error> {
        require_thread()?;
        self.unread = None;
        self.tcp.disconnect(to_ticks(wait) as _)
    }

    /// Takes no connection requests any more; nothing happens unless it listens.
    ///
    /// # Errors
    /// [`Error::SocketInUse`] while it is connected, or [`Error::C`].
    pub fn stop_listening(&mut self) -> Result<(), Error> {
        require_thread()?;
        match self.tcp.state() {
            State::Client | State::Server { .. } => Err(Error::SocketInUse),
            State::Idle | State::Listening { .. } => self.tcp.stop_listening(),
        }
    }

    fn require(&self, state: State) -> Result<(), Error> {
        require_thread()?;
        if self.tcp.state() == state {
            Ok(())
        } else {
            Err(Error::SocketInUse)
        }
    }
}

impl fmt::Debug for TcpSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TcpSocket")
            .field("state", &self.tcp.state())
            .finish_non_exhaustive()
    }
}
