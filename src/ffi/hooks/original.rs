//! The original agent as the hooks see it: it gets the packets as they are, and reads them itself.

use core::ptr;

use netxduo_sys::original::{
    DEFENDER_ORIGINAL_ICMP, DEFENDER_ORIGINAL_TCP, DEFENDER_ORIGINAL_UDP,
    defender_original_received, defender_original_sent,
};
use netxduo_sys::{NX_IP, NX_IP_PACKET_IN, NX_IP_PACKET_OUT, NX_PACKET};
use threadx_sys::UINT;

use super::HOOKS;
use super::callable::{ByVersion, Entries, Target};
use super::filter::{filter, pass_filtered};
use super::place::{RECEIVERS, Receiver};
use super::receive::deliver;
use crate::agent::Protocol;
use crate::ffi::lock::Section;

/// The original agent, and what is to be called once a second.
#[repr(C)]
pub(crate) struct Original {
    /// First, so that a pointer to the whole is one to them.
    entries: Entries,
    tick: fn(),
}

impl Original {
    pub const fn new(tick: fn()) -> Self {
        Self {
            entries: Entries {
                outgoing: ByVersion::both(sent),
                incoming: ByVersion::both(pass_filtered::<NX_IP_PACKET_IN>),
                received: [
                    received::<{ Receiver::Tcp as usize }>,
                    received::<{ Receiver::Udp as usize }>,
                    received::<{ Receiver::Icmp as usize }>,
                    received::<{ Receiver::IcmpV6 as usize }>,
                ],
                tick: second,
            },
            tick,
        }
    }

    /// The agent as C sees it.
    pub fn target(&'static self) -> Target {
        Target(ptr::from_ref(self).cast())
    }
}

/// A packet at the filter, on its way out.
///
/// # Safety
/// NetX Duo called its filter with such a packet.
unsafe extern "C" fn sent(ip: *mut NX_IP, packet: *mut NX_PACKET, _: *const Entries) -> UINT {
    // The agent's tables are for one thread at a time, and any thread may send.
    let mut section = Section::enter();
    // SAFETY: the packet is valid, and interrupts are off.
    unsafe { defender_original_sent(ip, packet) };
    let before = HOOKS.get(&mut section).filter_before(ip);
    drop(section);
    // SAFETY: NetX Duo called its filter.
    unsafe { filter(before, ip, packet, NX_IP_PACKET_OUT) }
}

/// A packet at the receive function of a transport protocol.
///
/// # Safety
/// NetX Duo called a receive function with these arguments.
unsafe extern "C" fn received<const RECEIVER: usize>(
    ip: *mut NX_IP,
    packet: *mut NX_PACKET,
    _: *const Entries,
) {
    let protocol = match RECEIVERS[RECEIVER].protocol() {
        Protocol::Tcp => DEFENDER_ORIGINAL_TCP,
        Protocol::Udp => DEFENDER_ORIGINAL_UDP,
        Protocol::Icmp => DEFENDER_ORIGINAL_ICMP,
    };
    let mut section = Section::enter();
    // SAFETY: the packet is valid, its IP header in front of its data, and interrupts are off.
    unsafe { defender_original_received(protocol, ip, packet) };
    let before = HOOKS.get(&mut section).receiver_before(ip, RECEIVER);
    drop(section);
    // SAFETY: NetX Duo called its receive function.
    unsafe { deliver(before, ip, packet) };
}

/// # Safety
/// `entries` points to an `Original`.
unsafe fn second(entries: *const Entries) {
    // SAFETY: it does, and the entries are its first field.
    let tick = unsafe { (*entries.cast::<Original>()).tick };
    tick();
}
