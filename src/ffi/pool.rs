//! Packet pools.

use core::cell::UnsafeCell;
use core::ffi::CStr;
use core::mem::MaybeUninit;

use netxduo_sys::{
    NX_PACKET, NX_PACKET_POOL, NX_SIZE_ERROR, nx_packet_pool_create, nx_packet_pool_delete,
    nx_system_initialize,
};

use super::arguments::{Service, word};
use super::handle::{Handle, Object};
use super::pinned::{Pinned, Use};
use crate::error::{Api, Error, check};

/// The most that NetX Duo aligns headers, payloads and packets to: lines of caches.
const MAX_ALIGNMENT: usize = 32;

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
pub(crate) struct Pool(Handle<NX_PACKET_POOL, 0>);

impl<const BYTES: usize> PoolRoom<BYTES> {
    pub const fn new() -> Self {
        Self(Pinned::new())
    }

    pub fn create(&'static self, name: &'static CStr, payload_bytes: u32) -> Result<Pool, Error> {
        let service = Service(Api::NetXDuo, "nx_packet_pool_create");
        service.require_context()?;
        let size = word("the packet pool", BYTES)?;
        // C's own check overflows, and without one packet at least it writes in front of the memory.
        let packet = (payload_bytes as usize)
            .checked_add(size_of::<NX_PACKET>() + 3 * MAX_ALIGNMENT)
            .filter(|_| payload_bytes > 0);
        service.require(packet.is_some_and(|packet| packet <= BYTES), NX_SIZE_ERROR)?;
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
                size,
            )
        };
        if let Err(error) = check(Api::NetXDuo, "nx_packet_pool_create", status) {
            self.0.release();
            return Err(error);
        }
        // SAFETY: the pool exists in the room, which is ours.
        Ok(Pool(unsafe {
            Handle::owning(&raw mut (*room).block, self.0.occupancy(), [])
        }))
    }
}

impl Pool {
    /// # Safety
    /// `pointer` is a created pool, and stays one and in its place for as long as the result and everything made from it lives.
    pub const unsafe fn from_raw(pointer: *mut NX_PACKET_POOL) -> Self {
        // SAFETY: the caller says so.
        Self(unsafe { Handle::foreign(pointer) })
    }

    pub fn hold(&self) -> Use {
        self.0.hold()
    }

    pub fn pointer(&self) -> *mut NX_PACKET_POOL {
        self.0.pointer()
    }

    /// Bytes that a packet holds.
    pub fn payload(&self) -> usize {
        // SAFETY: the pool exists, and its packets keep their size.
        unsafe { (*self.pointer()).nx_packet_pool_payload_size as usize }
    }

    /// Packets that are free now.
    pub fn available(&self) -> u32 {
        // SAFETY: the pool exists.
        unsafe { available(self.pointer()) }
    }
}

/// # Safety
/// The pool exists.
unsafe fn available(pool: *const NX_PACKET_POOL) -> u32 {
    // SAFETY: the pool exists; the number is a word that NetX Duo may change meanwhile.
    unsafe { (&raw const (*pool).nx_packet_pool_available).read_volatile() }
}

impl Object for NX_PACKET_POOL {
    unsafe fn delete(this: *mut Self) -> bool {
        // C would delete it under packets that are still on the way, too, which come back into the memory then.
        // SAFETY: the caller says so; the number of all packets does not change.
        unsafe {
            available(this) == (*this).nx_packet_pool_total && nx_packet_pool_delete(this) == 0
        }
    }
}
