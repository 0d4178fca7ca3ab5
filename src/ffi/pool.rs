//! Packet pools.

use core::cell::UnsafeCell;
use core::ffi::CStr;
use core::mem::MaybeUninit;

use netxduo_sys::{
    NX_PACKET_POOL, nx_packet_pool_create, nx_packet_pool_delete, nx_system_initialize,
};
use threadx_sys::ULONG;

use super::kernel::in_thread;
use super::pinned::{Occupancy, Pinned, Use};
use crate::error::{Api, Error, check};

/// The control block, and the memory of the packets.
#[repr(C)]
struct Parts<const BYTES: usize> {
    block: NX_PACKET_POOL,
    memory: Memory<BYTES>,
}

#[repr(C, align(16))]
pub(super) struct Memory<const BYTES: usize>(UnsafeCell<[MaybeUninit<u8>; BYTES]>);

pub(crate) struct PoolRoom<const BYTES: usize>(Pinned<Parts<BYTES>>);

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

    /// Bytes that a packet holds.
    pub fn payload(&self) -> usize {
        // SAFETY: the pool exists, and its packets keep their size.
        unsafe { (*self.pointer).nx_packet_pool_payload_size as usize }
    }

    /// Whether nobody has a packet.
    fn is_full(&self) -> bool {
        // SAFETY: the pool exists, and its number of packets does not change.
        let total = unsafe { (*self.pointer).nx_packet_pool_total };
        self.available() == total
    }

    /// Packets that are free now.
    pub fn available(&self) -> u32 {
        // SAFETY: the pool exists; the number is a word that NetX Duo may change meanwhile.
        unsafe { (&raw const (*self.pointer).nx_packet_pool_available).read_volatile() }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        // Only a thread may delete it, and without error checking C does not refuse others. C would delete it under packets that
        // are still on the way, too, which come back into the memory then.
        if !in_thread() || self.occupancy.in_use() || !self.is_full() {
            return;
        }
        // SAFETY: the pool exists, no object of ours uses it, nobody has a packet of it, and the caller is a thread.
        if unsafe { nx_packet_pool_delete(self.pointer) } == 0 {
            self.occupancy.release();
        }
    }
}
