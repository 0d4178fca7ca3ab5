//! The original agent as the hooks see it: it gets the packets as they are, and reads them itself.

use core::mem::MaybeUninit;
use core::ptr;

use netxduo_sys::original::{
    DEFENDER_ORIGINAL_ICMP, DEFENDER_ORIGINAL_TCP, DEFENDER_ORIGINAL_UDP,
    defender_original_received, defender_original_sent,
};
use netxduo_sys::{NX_IP, NX_PACKET, NX_SUCCESS};
use threadx_sys::UINT;

use super::callable::{Entries, Handle, Target};
use super::passage::{Passage, hand_on};
use crate::agent::Protocol;
use crate::ffi::lock::locked;

/// The original agent, and what is to be called once a second.
#[repr(C)]
pub(crate) struct Original {
    entries: Entries,
    /// Right behind them.
    tick: fn(),
}

impl Original {
    pub const fn new(tick: fn()) -> Self {
        Self {
            entries: Entries::new(),
            tick,
        }
    }

    /// The agent as C sees it.
    pub fn target(&'static self) -> Target {
        self.entries.fill(sent, [received, observe], second);
        Target(ptr::from_ref(self).cast::<Entries>().wrapping_add(1))
    }
}

/// A packet of either version passes a hook.
///
/// # Safety
/// NetX Duo called the hook.
unsafe extern "C" fn observe(
    ip: *mut NX_IP,
    packet: *mut NX_PACKET,
    passage: Passage,
    _: Handle,
) -> UINT {
    // The agent's tables are for one thread at a time, and any thread may send.
    // SAFETY: the packet is valid, where it came in with its IP header in front of its data, and interrupts are off.
    locked(|_| unsafe {
        match passage {
            Passage::Out => defender_original_sent(ip, packet),
            // It counts incoming packets where they are received.
            Passage::In => {}
            _ => {
                let protocol = match passage.protocol() {
                    Some(Protocol::Tcp) => DEFENDER_ORIGINAL_TCP,
                    Some(Protocol::Udp) => DEFENDER_ORIGINAL_UDP,
                    _ => DEFENDER_ORIGINAL_ICMP,
                };
                defender_original_received(protocol, ip, packet);
            }
        }
    });
    NX_SUCCESS
}

/// An outgoing packet.
///
/// # Safety
/// NetX Duo called the hook.
unsafe extern "C" fn sent(
    ip: *mut NX_IP,
    packet: *mut NX_PACKET,
    _: MaybeUninit<UINT>,
    to: Handle,
) -> UINT {
    // SAFETY: NetX Duo called the hook.
    unsafe { observe(ip, packet, Passage::Out, to) }
}

/// A packet for a transport protocol.
///
/// # Safety
/// NetX Duo called the hook.
unsafe extern "C" fn received(
    ip: *mut NX_IP,
    packet: *mut NX_PACKET,
    passage: Passage,
    to: Handle,
) -> UINT {
    // SAFETY: NetX Duo called the hook.
    unsafe {
        observe(ip, packet, passage, to);
        hand_on(ip, packet, passage);
    }
    NX_SUCCESS
}

/// # Safety
/// `original` points to what is behind the entries of an `Original`.
unsafe fn second(original: Handle) {
    // SAFETY: it does, and that is its tick.
    let tick = unsafe { *original.cast::<fn()>() };
    tick();
}
