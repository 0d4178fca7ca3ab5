//! Packet pools.

use core::ffi::CStr;
use core::fmt;

use netxduo_sys::NX_PACKET_POOL;

use crate::error::Error;
use crate::ffi::pool::{Pool, PoolRoom};
use crate::kernel::Kernel;

/// Memory for a packet pool of `BYTES` bytes; declare it as a `static`.
///
/// A packet takes its payload and about 100 bytes of header.
pub struct PacketPoolStorage<const BYTES: usize> {
    room: PoolRoom<BYTES>,
}

impl<const BYTES: usize> PacketPoolStorage<BYTES> {
    /// Memory that is not in use.
    pub const fn new() -> Self {
        Self {
            room: PoolRoom::new(),
        }
    }

    /// Creates a pool of packets with `payload_bytes` each. From initialization and threads.
    ///
    /// # Errors
    /// [`Error::StorageInUse`], or [`Error::C`] when not one packet fits.
    pub fn create(
        &'static self,
        _kernel: Kernel,
        name: &'static CStr,
        payload_bytes: u32,
    ) -> Result<PacketPool, Error> {
        let pool = self.room.create(name, payload_bytes)?;
        Ok(PacketPool { pool })
    }
}

impl<const BYTES: usize> Default for PacketPoolStorage<BYTES> {
    fn default() -> Self {
        Self::new()
    }
}

/// A packet pool. Dropping it on a thread deletes it, unless an object that was made with it still exists, or not all of its
/// packets are free: then it stays for good, and its storage in use, as when it is dropped elsewhere.
pub struct PacketPool {
    pool: Pool,
}

impl PacketPool {
    /// Adopts a pool that C created. Dropping the result deletes nothing.
    ///
    /// # Safety
    /// `pool` points to a pool that `nx_packet_pool_create` made. It stays created and in its place for as long as the result and
    /// everything made with it lives.
    pub const unsafe fn from_raw(pool: *mut NX_PACKET_POOL) -> Self {
        Self {
            // SAFETY: the caller says so.
            pool: unsafe { Pool::from_raw(pool) },
        }
    }

    /// The pool for C, for as long as this lives. C must not delete it.
    pub fn as_ptr(&self) -> *mut NX_PACKET_POOL {
        self.pool.pointer()
    }

    pub(crate) fn pool(&self) -> &Pool {
        &self.pool
    }

    /// Packets that are free now. From everywhere.
    pub fn available(&self) -> u32 {
        self.pool.available()
    }
}

impl fmt::Debug for PacketPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PacketPool")
            .field("available", &self.available())
            .finish()
    }
}
