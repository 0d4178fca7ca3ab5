//! Packets that sockets give to the application, and those that it gives to sockets.

use core::ptr;

use netxduo_sys::{
    NX_PACKET, NX_PACKET_POOL, nx_packet_allocate, nx_packet_data_append,
    nx_packet_data_extract_offset, nx_packet_release,
};
use threadx_sys::ULONG;

use super::arguments::word;
use crate::error::{Api, Error, check};

/// A received packet, which is released when it is dropped.
pub(crate) struct Received(*mut NX_PACKET);

// SAFETY: the packet is ours alone.
unsafe impl Send for Received {}
// SAFETY: a shared reference only reads it.
unsafe impl Sync for Received {}

impl Received {
    /// # Safety
    /// `packet` is null, or a packet that nobody else owns.
    pub unsafe fn of(packet: *mut NX_PACKET) -> Self {
        Self(packet)
    }

    pub fn pointer(&self) -> *mut NX_PACKET {
        self.0
    }

    pub fn length(&self) -> usize {
        if self.0.is_null() {
            return 0;
        }
        // SAFETY: the packet is ours.
        unsafe { (*self.0).nx_packet_length as usize }
    }

    /// Copies data from `offset` on, as much as there is and fits; returns how much that is.
    pub fn copy(&self, offset: usize, buffer: &mut [u8]) -> Result<usize, Error> {
        if offset >= self.length() || buffer.is_empty() {
            return Ok(0);
        }
        let mut copied = 0;
        // SAFETY: the packet is ours; the buffer is as long as stated.
        let status = unsafe {
            nx_packet_data_extract_offset(
                self.0,
                offset as ULONG,
                buffer.as_mut_ptr().cast(),
                ULONG::try_from(buffer.len()).unwrap_or(ULONG::MAX),
                &raw mut copied,
            )
        };
        check(Api::NetXDuo, "nx_packet_data_extract_offset", status)?;
        Ok(copied as usize)
    }
}

impl Drop for Received {
    fn drop(&mut self) {
        if !self.0.is_null() {
            // SAFETY: the packet is ours.
            unsafe { nx_packet_release(self.0) };
        }
    }
}

/// Puts data into a packet of a pool, behind room for headers, and gives it to `send`, which takes it if it returns 0. Waits for
/// up to `wait_ticks` for each packet that is needed.
///
/// # Safety
/// The pool exists.
pub(super) unsafe fn send_packet(
    pool: *mut NX_PACKET_POOL,
    headers: u32,
    data: &[u8],
    wait_ticks: ULONG,
    call: &'static str,
    send: impl FnOnce(*mut NX_PACKET) -> u32,
) -> Result<(), Error> {
    let length = word("the data", data.len())?;
    let mut packet = ptr::null_mut();
    // SAFETY: the pool exists.
    let status = unsafe { nx_packet_allocate(pool, &raw mut packet, headers as ULONG, wait_ticks) };
    check(Api::NetXDuo, "nx_packet_allocate", status)?;
    // SAFETY: the packet is ours until it is sent.
    let packet = unsafe { Received::of(packet) };
    if !data.is_empty() {
        // SAFETY: the packet is ours, and the data is copied.
        let status = unsafe {
            nx_packet_data_append(
                packet.pointer(),
                data.as_ptr().cast_mut().cast(),
                length,
                pool,
                wait_ticks,
            )
        };
        check(Api::NetXDuo, "nx_packet_data_append", status)?;
    }
    check(Api::NetXDuo, call, send(packet.pointer()))?;
    // It is the stack's now.
    core::mem::forget(packet);
    Ok(())
}
