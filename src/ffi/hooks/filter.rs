//! What NetX Duo calls as its IP packet filter: outgoing packets, and incoming ones before anything has been done with them.

use core::net::{Ipv4Addr, Ipv6Addr};
use core::sync::atomic::{AtomicBool, Ordering};

use netxduo_sys::{NX_IP, NX_IP_PACKET_IN, NX_IP_PACKET_OUT, NX_PACKET, NX_SUCCESS};
use threadx_sys::UINT;

use super::HOOKS;
use super::callable::{Callable, Entries, Instance, installed};
use super::place::Filter;
use crate::agent::packet::{Direction, Observation, Packet, Rejection};
use crate::ffi::lock::{Section, locked};
use crate::ffi::packet;

/// Incoming packets are counted by the filter, not by the receive functions.
pub(super) static INCOMING_AT_FILTER: AtomicBool = AtomicBool::new(false);

/// Sets where incoming packets are counted: at the filter with multicast and broadcast, else at the receive functions.
pub(crate) fn count_incoming_at_filter(at_filter: bool) {
    INCOMING_AT_FILTER.store(at_filter, Ordering::Relaxed);
}

/// The IP packet filter: outgoing packets, and incoming ones before anything has been done with them.
pub(super) unsafe extern "C" fn packet_filter(
    ip: *mut NX_IP,
    packet: *mut NX_PACKET,
    direction: UINT,
) -> UINT {
    let entries = installed();
    if direction == NX_IP_PACKET_OUT {
        // SAFETY: NetX Duo calls its filter with a valid packet that begins with the IP header; the entries are a static's,
        // and get themselves.
        unsafe { (*entries).outgoing.call(ip, packet, entries) }
    } else if INCOMING_AT_FILTER.load(Ordering::Relaxed) {
        // SAFETY: likewise.
        unsafe { (*entries).incoming.call(ip, packet, entries) }
    } else {
        // SAFETY: likewise.
        unsafe { pass_filtered::<NX_IP_PACKET_IN>(ip, packet, entries) }
    }
}

/// A packet at the filter that the agent does not look at.
///
/// # Safety
/// NetX Duo called its filter, in its direction `DIRECTION`.
#[inline(never)]
pub(super) unsafe extern "C" fn pass_filtered<const DIRECTION: UINT>(
    ip: *mut NX_IP,
    packet: *mut NX_PACKET,
    _: *const Entries,
) -> UINT {
    let before = locked(|section| HOOKS.get(section).filter_before(ip));
    // SAFETY: NetX Duo called its filter.
    unsafe { filter(before, ip, packet, DIRECTION) }
}

/// Passes a packet on to the filter before ours.
///
/// # Safety
/// NetX Duo called its filter with these arguments.
#[inline(always)]
pub(super) unsafe fn filter(
    before: Option<Filter>,
    ip: *mut NX_IP,
    packet: *mut NX_PACKET,
    direction: UINT,
) -> UINT {
    match before {
        // SAFETY: the filter before us gets what NetX Duo gave us.
        Some(before) => unsafe { before(ip, packet, direction) },
        None => NX_SUCCESS,
    }
}

/// A packet at the filter that does not claim to be IPv6, in NetX Duo's direction `DIRECTION`.
///
/// The usual packets take the short way; the others are read in a function of their own, so that the short way does not
/// pay for its variables.
///
/// # Safety
/// `entries` points to a `Callable<T>`, and NetX Duo called its filter with the rest.
pub(super) unsafe extern "C" fn filtered_v4<T: Instance, const DIRECTION: UINT>(
    ip: *mut NX_IP,
    packet: *mut NX_PACKET,
    entries: *const Entries,
) -> UINT {
    // Reading a usual packet takes a few steps, whatever is in it, so it may be done with interrupts off: that leaves
    // nothing to be kept from before.
    let mut section = Section::enter();
    // SAFETY: the packet is valid and begins with its IP header.
    let Some(observation) = (unsafe { packet::filtered_usual_v4(packet) }) else {
        drop(section);
        // SAFETY: as for this function.
        return unsafe { filtered_unusual::<T, DIRECTION>(ip, packet, entries) };
    };
    // SAFETY: it does, and the packet is valid.
    let (instance, direction) = unsafe {
        (
            Callable::<T>::instance(entries),
            direction_v4::<DIRECTION>(packet, &observation),
        )
    };
    instance.observe_v4(&mut section, direction, &observation);
    let before = HOOKS.get(&mut section).filter_before(ip);
    drop(section);
    // SAFETY: NetX Duo called its filter.
    unsafe { filter(before, ip, packet, DIRECTION) }
}

/// A packet at the filter that claims to be IPv6; see [`filtered_v4`].
///
/// # Safety
/// As there.
#[inline(never)]
pub(super) unsafe extern "C" fn filtered_v6<T: Instance, const DIRECTION: UINT>(
    ip: *mut NX_IP,
    packet: *mut NX_PACKET,
    entries: *const Entries,
) -> UINT {
    let mut section = Section::enter();
    // SAFETY: the packet is valid and begins with its IP header.
    let Some(observation) = (unsafe { packet::filtered_usual_v6(packet) }) else {
        drop(section);
        // SAFETY: as for this function.
        return unsafe { filtered_unusual::<T, DIRECTION>(ip, packet, entries) };
    };
    // SAFETY: it does.
    let instance = unsafe { Callable::<T>::instance(entries) };
    let direction = direction_v6::<DIRECTION>(&observation);
    instance.observe_v6(&mut section, direction, &observation);
    let before = HOOKS.get(&mut section).filter_before(ip);
    drop(section);
    // SAFETY: NetX Duo called its filter.
    unsafe { filter(before, ip, packet, DIRECTION) }
}

/// [`filtered_v4`] and [`filtered_v6`] for all other packets.
///
/// # Safety
/// As there.
#[inline(never)]
unsafe extern "C" fn filtered_unusual<T: Instance, const DIRECTION: UINT>(
    ip: *mut NX_IP,
    packet: *mut NX_PACKET,
    entries: *const Entries,
) -> UINT {
    // SAFETY: it does, and the packet is valid and begins with its IP header.
    let (instance, seen) = unsafe { (Callable::<T>::instance(entries), packet::filtered(packet)) };
    // SAFETY: the packet is valid.
    let mut section = unsafe { observe_any::<T, DIRECTION>(instance, packet, seen) };
    let before = HOOKS.get(&mut section).filter_before(ip);
    drop(section);
    // SAFETY: NetX Duo called its filter.
    unsafe { filter(before, ip, packet, DIRECTION) }
}

/// Tells an instance what was seen. Returns with interrupts off.
///
/// # Safety
/// `packet` is valid.
pub(super) unsafe fn observe_any<T: Instance, const DIRECTION: UINT>(
    instance: &T,
    packet: *const NX_PACKET,
    seen: Result<Packet, Rejection>,
) -> Section {
    let mut section = Section::enter();
    match seen {
        Ok(Packet::V4(observation)) => {
            // SAFETY: the packet is valid.
            let direction = unsafe { direction_v4::<DIRECTION>(packet, &observation) };
            instance.observe_v4(&mut section, direction, &observation);
        }
        Ok(Packet::V6(observation)) => {
            let direction = direction_v6::<DIRECTION>(&observation);
            instance.observe_v6(&mut section, direction, &observation);
        }
        Err(reason) => instance.reject(&mut section, reason),
    }
    section
}

/// The direction of an IPv4 packet.
///
/// # Safety
/// `packet` is valid, and goes in NetX Duo's direction `DIRECTION`.
#[inline(always)]
pub(super) unsafe fn direction_v4<const DIRECTION: UINT>(
    packet: *const NX_PACKET,
    observation: &Observation<Ipv4Addr>,
) -> Direction {
    if DIRECTION == NX_IP_PACKET_OUT {
        return Direction::Out;
    }
    // SAFETY: the packet is valid, and came in.
    unsafe { packet::incoming_v4(packet, observation.destination) }
}

/// The direction of an IPv6 packet in NetX Duo's direction `DIRECTION`.
#[inline(always)]
pub(super) fn direction_v6<const DIRECTION: UINT>(
    observation: &Observation<Ipv6Addr>,
) -> Direction {
    if DIRECTION == NX_IP_PACKET_OUT {
        return Direction::Out;
    }
    Direction::incoming_v6(observation.destination)
}
