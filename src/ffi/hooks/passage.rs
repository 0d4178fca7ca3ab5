//! What NetX Duo calls: a packet passes one of the hooks, on its way out or in.

use core::mem;
use core::net::Ipv4Addr;
use core::sync::atomic::{AtomicBool, Ordering};

use netxduo_sys::{
    NX_IP, NX_IP_PACKET_IN, NX_IP_PACKET_OUT, NX_IP_VERSION_V6, NX_PACKET, NX_SUCCESS,
    nx_packet_release,
};
use threadx_sys::UINT;

use super::callable::{Callable, Entries, Instance, installed};
use super::entry;
use super::place::{Filter, Place, Receive};
use crate::agent::packet::{Direction, Observation, Packet};
use crate::ffi::lock::Section;
use crate::ffi::packet;

/// Which hook a packet passes, and how.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Passage {
    /// The filter, on the way out.
    Out,
    /// The filter, before anything has been done with the packet.
    In,
    /// The receive function of a transport protocol, with the headers done with.
    Tcp,
    Udp,
    Icmp,
    IcmpV6,
}

impl Passage {
    #[inline(always)]
    pub const fn place(self) -> Place {
        match self {
            Self::Out | Self::In => Place::Filter,
            Self::Tcp => Place::Tcp,
            Self::Udp => Place::Udp,
            Self::Icmp => Place::Icmp,
            Self::IcmpV6 => Place::IcmpV6,
        }
    }

    #[inline(always)]
    pub const fn is_filter(self) -> bool {
        matches!(self, Self::Out | Self::In)
    }
}

/// Incoming packets are counted by the filter, not by the receive functions.
static INCOMING_AT_FILTER: AtomicBool = AtomicBool::new(false);

/// Sets where incoming packets are counted: at the filter with multicast and broadcast, else at the receive functions.
pub(crate) fn count_incoming_at_filter(at_filter: bool) {
    INCOMING_AT_FILTER.store(at_filter, Ordering::Relaxed);
}

/// There was a filter before ours in some instance, once at least.
static OTHER_FILTERS: AtomicBool = AtomicBool::new(false);

pub(super) fn filters_exist() {
    OTHER_FILTERS.store(true, Ordering::Relaxed);
}

/// The IP packet filter: outgoing packets, and incoming ones before anything has been done with them.
pub(super) unsafe extern "C" fn packet_filter(
    ip: *mut NX_IP,
    packet: *mut NX_PACKET,
    direction: UINT,
) -> UINT {
    // SAFETY: NetX Duo called its filter.
    unsafe {
        if direction == NX_IP_PACKET_OUT {
            note(ip, packet, Passage::Out)
        } else if INCOMING_AT_FILTER.load(Ordering::Relaxed) {
            note(ip, packet, Passage::In)
        } else if OTHER_FILTERS.load(Ordering::Relaxed) {
            pass_on_filtered(ip, packet)
        } else {
            NX_SUCCESS
        }
    }
}

/// An incoming packet that only others look at.
///
/// # Safety
/// NetX Duo called its filter.
#[cold]
#[inline(never)]
unsafe extern "C" fn pass_on_filtered(ip: *mut NX_IP, packet: *mut NX_PACKET) -> UINT {
    // SAFETY: NetX Duo called its filter.
    unsafe { pass_on(ip, packet, Passage::In) }
}

pub(super) unsafe extern "C" fn tcp_packet_receive(ip: *mut NX_IP, packet: *mut NX_PACKET) {
    // SAFETY: NetX Duo called.
    unsafe { received(ip, packet, Passage::Tcp) };
}

pub(super) unsafe extern "C" fn udp_packet_receive(ip: *mut NX_IP, packet: *mut NX_PACKET) {
    // SAFETY: NetX Duo called.
    unsafe { received(ip, packet, Passage::Udp) };
}

pub(super) unsafe extern "C" fn icmp_packet_receive(ip: *mut NX_IP, packet: *mut NX_PACKET) {
    // SAFETY: NetX Duo called.
    unsafe { received(ip, packet, Passage::Icmp) };
}

pub(super) unsafe extern "C" fn icmpv6_packet_process(ip: *mut NX_IP, packet: *mut NX_PACKET) {
    // SAFETY: NetX Duo called.
    unsafe { received(ip, packet, Passage::IcmpV6) };
}

/// A packet for a transport protocol.
///
/// # Safety
/// NetX Duo called its receive function with these arguments.
#[inline(never)]
unsafe extern "C" fn received(ip: *mut NX_IP, packet: *mut NX_PACKET, passage: Passage) -> UINT {
    // SAFETY: NetX Duo called.
    unsafe {
        if INCOMING_AT_FILTER.load(Ordering::Relaxed) {
            pass_on(ip, packet, passage)
        } else {
            note(ip, packet, passage)
        }
    }
}

/// Gives a packet to the agent, if there is one, which passes it on.
///
/// # Safety
/// NetX Duo called the hook with these arguments.
#[inline(always)]
unsafe fn note(ip: *mut NX_IP, packet: *mut NX_PACKET, passage: Passage) -> UINT {
    let entries = installed();
    if entries.is_null() {
        // SAFETY: NetX Duo called the hook.
        return unsafe { pass_on(ip, packet, passage) };
    }
    // SAFETY: NetX Duo calls its hooks with a valid packet; the entries are an installed target's, and get themselves.
    unsafe {
        let v6 = UINT::from((*packet).nx_packet_ip_version) == NX_IP_VERSION_V6;
        (*entries).observe(v6)(ip, packet, passage, entries)
    }
}

/// Passes a packet on to what was there before the hook.
///
/// # Safety
/// NetX Duo called the hook with these arguments.
#[inline(always)]
pub(super) unsafe fn pass_on(ip: *mut NX_IP, packet: *mut NX_PACKET, passage: Passage) -> UINT {
    let place = passage.place();
    let before = entry(ip).map_or(core::ptr::null_mut(), |entry| entry.before(place));
    if passage.is_filter() {
        if before.is_null() {
            return NX_SUCCESS;
        }
        let direction = if passage == Passage::Out {
            NX_IP_PACKET_OUT
        } else {
            NX_IP_PACKET_IN
        };
        // SAFETY: it was found as a filter, and gets what NetX Duo gave us.
        return unsafe { mem::transmute::<*mut (), Filter>(before)(ip, packet, direction) };
    }
    if before.is_null() {
        // The instance is gone, and nobody else takes the packet.
        // SAFETY: a receive function owns the packet.
        unsafe { nx_packet_release(packet) };
    } else {
        // SAFETY: it was found as a receive function, and gets what NetX Duo gave us.
        unsafe { mem::transmute::<*mut (), Receive>(before)(ip, packet) };
    }
    NX_SUCCESS
}

/// A packet that does not claim to be IPv6.
///
/// Reading a usual packet takes a few steps, whatever is in it, so it may be done with interrupts off: that leaves nothing to be
/// kept from before. The others are read before, in a function of their own.
///
/// # Safety
/// `entries` points to a `Callable<T>`, and NetX Duo called the hook with the rest.
pub(super) unsafe extern "C" fn observe_v4<T: Instance>(
    ip: *mut NX_IP,
    packet: *mut NX_PACKET,
    passage: Passage,
    entries: *const Entries,
) -> UINT {
    let mut section = Section::enter();
    // SAFETY: the packet is valid, and as NetX Duo hands it to this hook; the entries are as the caller says.
    let (usual, instance) = unsafe {
        let usual = if passage.is_filter() {
            packet::filtered_usual_v4(packet)
        } else {
            packet::received_usual_v4(passage.place().protocol(), packet)
        };
        (usual, Callable::<T>::instance(entries))
    };
    let Some(observation) = usual else {
        drop(section);
        // SAFETY: as for this function.
        return unsafe { observe_unusual::<T>(ip, packet, passage, entries) };
    };
    // SAFETY: the packet is valid.
    let direction = unsafe { direction_v4(packet, passage, &observation) };
    let known = instance.observe_known_v4(&mut section, direction, &observation);
    drop(section);
    if !known {
        instance.observe_new_v4(direction, observation);
    }
    // SAFETY: NetX Duo called the hook.
    unsafe { pass_on(ip, packet, passage) }
}

/// A packet that claims to be IPv6; see [`observe_v4`].
///
/// # Safety
/// As there.
pub(super) unsafe extern "C" fn observe_v6<T: Instance>(
    ip: *mut NX_IP,
    packet: *mut NX_PACKET,
    passage: Passage,
    entries: *const Entries,
) -> UINT {
    let mut section = Section::enter();
    // SAFETY: the packet is valid, and as NetX Duo hands it to this hook; the entries are as the caller says.
    let (usual, instance) = unsafe {
        let usual = if passage.is_filter() {
            packet::filtered_usual_v6(packet)
        } else {
            packet::received_usual_v6(passage.place().protocol(), packet)
        };
        (usual, Callable::<T>::instance(entries))
    };
    let Some(observation) = usual else {
        drop(section);
        // SAFETY: as for this function.
        return unsafe { observe_unusual::<T>(ip, packet, passage, entries) };
    };
    let direction = match passage {
        Passage::Out => Direction::Out,
        _ => Direction::incoming_v6(observation.destination),
    };
    let known = instance.observe_known_v6(&mut section, direction, &observation);
    drop(section);
    if !known {
        instance.observe_new_v6(direction, observation);
    }
    // SAFETY: NetX Duo called the hook.
    unsafe { pass_on(ip, packet, passage) }
}

/// [`observe_v4`] and [`observe_v6`] for all other packets.
///
/// # Safety
/// As there.
#[cold]
#[inline(never)]
unsafe extern "C" fn observe_unusual<T: Instance>(
    ip: *mut NX_IP,
    packet: *mut NX_PACKET,
    passage: Passage,
    entries: *const Entries,
) -> UINT {
    // SAFETY: the packet is valid, and as NetX Duo hands it to this hook; the entries are as the caller says.
    let (seen, instance) = unsafe {
        let seen = if passage.is_filter() {
            packet::filtered(packet)
        } else {
            packet::received(passage.place().protocol(), packet)
        };
        (seen, Callable::<T>::instance(entries))
    };
    match seen {
        Ok(Packet::V4(observation)) => {
            // SAFETY: the packet is valid.
            let direction = unsafe { direction_v4(packet, passage, &observation) };
            let known = instance.observe_known_v4(&mut Section::enter(), direction, &observation);
            if !known {
                instance.observe_new_v4(direction, observation);
            }
        }
        Ok(Packet::V6(observation)) => {
            let direction = match passage {
                Passage::Out => Direction::Out,
                _ => Direction::incoming_v6(observation.destination),
            };
            let known = instance.observe_known_v6(&mut Section::enter(), direction, &observation);
            if !known {
                instance.observe_new_v6(direction, observation);
            }
        }
        Err(reason) => instance.reject(&mut Section::enter(), reason),
    }
    // SAFETY: NetX Duo called the hook.
    unsafe { pass_on(ip, packet, passage) }
}

/// The direction of an IPv4 packet.
///
/// # Safety
/// `packet` is valid.
#[inline(always)]
unsafe fn direction_v4(
    packet: *const NX_PACKET,
    passage: Passage,
    observation: &Observation<Ipv4Addr>,
) -> Direction {
    if passage == Passage::Out {
        return Direction::Out;
    }
    // SAFETY: the packet is valid, and came in.
    unsafe { packet::incoming_v4(packet, observation.destination) }
}
