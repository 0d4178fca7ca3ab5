//! What NetX Duo calls as the receive functions of its transport protocols: incoming packets for the device.

use core::sync::atomic::Ordering;

use netxduo_sys::{NX_IP, NX_IP_PACKET_IN, NX_PACKET, nx_packet_release};

use super::HOOKS;
use super::callable::{Callable, Entries, Instance, installed};
use super::filter::{INCOMING_AT_FILTER, direction_v4, direction_v6, observe_any};
use super::place::{RECEIVERS, Receive, Receiver};
use crate::ffi::lock::{Section, locked};
use crate::ffi::packet;

/// A packet for a transport protocol.
///
/// # Safety
/// NetX Duo called a receive function with these arguments.
#[inline(always)]
unsafe fn receive<const RECEIVER: usize>(ip: *mut NX_IP, packet: *mut NX_PACKET) {
    let entries = installed();
    if INCOMING_AT_FILTER.load(Ordering::Relaxed) {
        // SAFETY: NetX Duo calls its receive functions with a valid packet whose IP header is in front of its data.
        unsafe { pass_received::<RECEIVER>(ip, packet, entries) };
    } else {
        // SAFETY: likewise; the entries are a static's, and get themselves.
        unsafe { ((*entries).received[RECEIVER])(ip, packet, entries) };
    }
}

/// A packet at a receive function that the agent does not look at.
///
/// # Safety
/// NetX Duo called a receive function.
#[inline(never)]
pub(super) unsafe extern "C" fn pass_received<const RECEIVER: usize>(
    ip: *mut NX_IP,
    packet: *mut NX_PACKET,
    _: *const Entries,
) {
    let before = locked(|section| HOOKS.get(section).receiver_before(ip, RECEIVER));
    // SAFETY: NetX Duo called its receive function.
    unsafe { deliver(before, ip, packet) };
}

/// Passes a packet on to the receive function before ours.
///
/// # Safety
/// NetX Duo called a receive function with these arguments.
#[inline(always)]
pub(super) unsafe fn deliver(before: Option<Receive>, ip: *mut NX_IP, packet: *mut NX_PACKET) {
    match before {
        // SAFETY: the function before us gets what NetX Duo gave us.
        Some(before) => unsafe { before(ip, packet) },
        None => {
            // The instance is gone, and nobody else takes the packet.
            // SAFETY: a receive function owns the packet.
            unsafe { nx_packet_release(packet) };
        }
    }
}

pub(super) unsafe extern "C" fn tcp_packet_receive(ip: *mut NX_IP, packet: *mut NX_PACKET) {
    // SAFETY: NetX Duo called.
    unsafe { receive::<{ Receiver::Tcp as usize }>(ip, packet) }
}

pub(super) unsafe extern "C" fn udp_packet_receive(ip: *mut NX_IP, packet: *mut NX_PACKET) {
    // SAFETY: NetX Duo called.
    unsafe { receive::<{ Receiver::Udp as usize }>(ip, packet) }
}

pub(super) unsafe extern "C" fn icmp_packet_receive(ip: *mut NX_IP, packet: *mut NX_PACKET) {
    // SAFETY: NetX Duo called.
    unsafe { receive::<{ Receiver::Icmp as usize }>(ip, packet) }
}

pub(super) unsafe extern "C" fn icmpv6_packet_process(ip: *mut NX_IP, packet: *mut NX_PACKET) {
    // SAFETY: NetX Duo called.
    unsafe { receive::<{ Receiver::IcmpV6 as usize }>(ip, packet) }
}

/// A packet at the receive function of a transport protocol; the usual IPv4 packets take the short way.
///
/// # Safety
/// `entries` points to a `Callable<T>`, and NetX Duo called a receive function with the rest.
pub(super) unsafe extern "C" fn received<T: Instance, const RECEIVER: usize>(
    ip: *mut NX_IP,
    packet: *mut NX_PACKET,
    entries: *const Entries,
) {
    let protocol = RECEIVERS[RECEIVER].protocol();
    let mut section = Section::enter();
    // SAFETY: the packet is valid, and its IP header in front of its data.
    let Some(observation) = (unsafe { packet::received_usual_v4(protocol, packet) }) else {
        // SAFETY: as for this function.
        return unsafe { received_v6::<T, RECEIVER>(ip, packet, entries, section) };
    };
    // SAFETY: it does, and the packet is valid.
    let (instance, direction) = unsafe {
        (
            Callable::<T>::instance(entries),
            direction_v4::<NX_IP_PACKET_IN>(packet, &observation),
        )
    };
    instance.observe_v4(&mut section, direction, &observation);
    let before = HOOKS.get(&mut section).receiver_before(ip, RECEIVER);
    drop(section);
    // SAFETY: NetX Duo called its receive function.
    unsafe { deliver(before, ip, packet) };
}

/// [`received`] for the usual IPv6 packets.
///
/// # Safety
/// As there.
#[inline(never)]
unsafe extern "C" fn received_v6<T: Instance, const RECEIVER: usize>(
    ip: *mut NX_IP,
    packet: *mut NX_PACKET,
    entries: *const Entries,
    mut section: Section,
) {
    let protocol = RECEIVERS[RECEIVER].protocol();
    // SAFETY: the packet is valid, and its IP header in front of its data.
    let Some(observation) = (unsafe { packet::received_usual_v6(protocol, packet) }) else {
        drop(section);
        // SAFETY: as for this function.
        return unsafe { received_unusual::<T, RECEIVER>(ip, packet, entries) };
    };
    // SAFETY: it does.
    let instance = unsafe { Callable::<T>::instance(entries) };
    let direction = direction_v6::<NX_IP_PACKET_IN>(&observation);
    instance.observe_v6(&mut section, direction, &observation);
    let before = HOOKS.get(&mut section).receiver_before(ip, RECEIVER);
    drop(section);
    // SAFETY: NetX Duo called its receive function.
    unsafe { deliver(before, ip, packet) };
}

/// [`received`] for all other packets.
///
/// # Safety
/// As there.
#[inline(never)]
unsafe extern "C" fn received_unusual<T: Instance, const RECEIVER: usize>(
    ip: *mut NX_IP,
    packet: *mut NX_PACKET,
    entries: *const Entries,
) {
    let protocol = RECEIVERS[RECEIVER].protocol();
    // SAFETY: it does, and the packet is valid, its IP header in front of its data.
    let (instance, seen) = unsafe {
        (
            Callable::<T>::instance(entries),
            packet::received(protocol, packet),
        )
    };
    // SAFETY: the packet is valid.
    let mut section = unsafe { observe_any::<T, NX_IP_PACKET_IN>(instance, packet, seen) };
    let before = HOOKS.get(&mut section).receiver_before(ip, RECEIVER);
    drop(section);
    // SAFETY: NetX Duo called its receive function.
    unsafe { deliver(before, ip, packet) };
}
