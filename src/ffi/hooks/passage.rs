//! What NetX Duo calls: a packet passes one of the hooks, on its way out or in.

use core::hint::assert_unchecked;
use core::mem::{self, MaybeUninit};
use core::ptr;

use netxduo_sys::{
    NX_IP, NX_IP_PACKET_IN, NX_IP_PACKET_OUT, NX_PACKET, NX_SUCCESS, nx_packet_release,
};
use threadx_sys::UINT;

use super::callable::{
    self, COUNT_AT_FILTER, Handle, Instance, KNOW_GROUPS, installed, is_unusual, set_unusual,
    usually_installed,
};
use super::place::{FILTER, Filter};
use super::{entry_of, first_entry};
use crate::agent::Protocol;
use crate::agent::packet::{Sample, protocol_bits};
use crate::ffi::lock::{Section, locked_in_place};
use crate::ffi::packet;

/// Which hook a packet passes, and how.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub(super) enum Passage {
    /// The receive function of a transport protocol, with the headers done with. Those of TCP and UDP have the numbers that the agent
    /// has for these protocols.
    Tcp = protocol_bits(Protocol::Tcp) as usize,
    Udp = protocol_bits(Protocol::Udp) as usize,
    Icmp,
    IcmpV6,
    /// The filter, on the way out.
    Out,
    /// The filter, before anything has been done with the packet.
    In,
}

impl Passage {
    /// What its packets count as, if that is known.
    pub(super) const fn protocol(self) -> Option<Protocol> {
        match self {
            Self::Tcp => Some(Protocol::Tcp),
            Self::Udp => Some(Protocol::Udp),
            Self::Icmp | Self::IcmpV6 => Some(Protocol::Icmp),
            Self::Out | Self::In => None,
        }
    }

    /// The place of a receive function.
    #[inline(always)]
    const fn receiver(self) -> usize {
        // Those are the first four.
        self as usize & 3
    }
}

/// The type of a receive function, as if it returned something.
type LastCall = unsafe extern "C" fn(*mut NX_IP, *mut NX_PACKET) -> UINT;

/// Sets where incoming packets are counted: at the filter with multicast and broadcast, else at the receive functions. `anew`: no
/// flow has been counted yet.
pub(crate) fn count_incoming_at_filter(section: &mut Section, at_filter: bool, anew: bool) {
    set_unusual(section, COUNT_AT_FILTER, at_filter);
    if at_filter || anew {
        set_unusual(section, KNOW_GROUPS, at_filter);
    }
}

/// The IP packet filter: outgoing packets, and incoming ones before anything has been done with them.
pub(super) unsafe extern "C" fn packet_filter(
    ip: *mut NX_IP,
    packet: *mut NX_PACKET,
    direction: UINT,
) -> UINT {
    let to = usually_installed();
    // SAFETY: NetX Duo called its filter; it is an installed target.
    unsafe {
        if to.is_null() {
            return filter_unusually(ip, packet, direction);
        }
        if direction == NX_IP_PACKET_OUT {
            return callable::sent(to, ip, packet);
        }
    }
    NX_SUCCESS
}

/// The filter where it has more to do.
#[cold]
#[inline(never)]
unsafe extern "C" fn filter_unusually(
    ip: *mut NX_IP,
    packet: *mut NX_PACKET,
    direction: UINT,
) -> UINT {
    let to = installed();
    // SAFETY: NetX Duo called its filter; it is an installed target.
    unsafe {
        if to.is_null() {
            // There is only what was there before.
        } else if direction == NX_IP_PACKET_OUT {
            callable::sent(to, ip, packet);
        } else if is_unusual(COUNT_AT_FILTER) {
            callable::any(to, ip, packet, Passage::In);
        }
        let before = before(ip, FILTER);
        if before.is_null() {
            return NX_SUCCESS;
        }
        let direction = if direction == NX_IP_PACKET_OUT {
            NX_IP_PACKET_OUT
        } else {
            NX_IP_PACKET_IN
        };
        // It was found as a filter, and gets what NetX Duo gave us.
        mem::transmute::<*mut (), Filter>(before)(ip, packet, direction)
    }
}

pub(super) unsafe extern "C" fn tcp_packet_receive(ip: *mut NX_IP, packet: *mut NX_PACKET) {
    // SAFETY: NetX Duo called.
    unsafe { receive(ip, packet, Passage::Tcp) };
}

pub(super) unsafe extern "C" fn udp_packet_receive(ip: *mut NX_IP, packet: *mut NX_PACKET) {
    // SAFETY: NetX Duo called.
    unsafe { receive(ip, packet, Passage::Udp) };
}

pub(super) unsafe extern "C" fn icmp_packet_receive(ip: *mut NX_IP, packet: *mut NX_PACKET) {
    // SAFETY: NetX Duo called.
    unsafe { receive_unusually(ip, packet, Passage::Icmp) };
}

pub(super) unsafe extern "C" fn icmpv6_packet_process(ip: *mut NX_IP, packet: *mut NX_PACKET) {
    // SAFETY: NetX Duo called.
    unsafe { receive_unusually(ip, packet, Passage::IcmpV6) };
}

/// A packet for TCP or UDP.
///
/// # Safety
/// NetX Duo called its receive function with these arguments.
#[inline(always)]
unsafe fn receive(ip: *mut NX_IP, packet: *mut NX_PACKET, passage: Passage) -> UINT {
    let to = usually_installed();
    // SAFETY: NetX Duo called; it is an installed target.
    unsafe {
        if to.is_null() {
            return receive_unusually(ip, packet, passage);
        }
        callable::received(to, ip, packet, passage)
    }
}

/// A packet for a transport protocol, when it is ICMP, of which there are few, or where there is more to do.
///
/// # Safety
/// NetX Duo called its receive function with these arguments.
#[inline(never)]
unsafe extern "C" fn receive_unusually(
    ip: *mut NX_IP,
    packet: *mut NX_PACKET,
    passage: Passage,
) -> UINT {
    let to = installed();
    // SAFETY: NetX Duo called; it is an installed target.
    unsafe {
        if !to.is_null() && !is_unusual(COUNT_AT_FILTER) {
            callable::any(to, ip, packet, passage);
        }
        hand_on_further(ip, packet, passage)
    }
}

/// What was there before the hook; null: nothing.
fn before(ip: *mut NX_IP, place: usize) -> *mut () {
    entry_of(ip).map_or(ptr::null_mut(), |entry| entry.before(place))
}

/// Hands a packet on to the receive function that was there before the hook.
///
/// # Safety
/// NetX Duo called the hook with these arguments.
#[inline(always)]
pub(super) unsafe fn hand_on(ip: *mut NX_IP, packet: *mut NX_PACKET, passage: Passage) -> UINT {
    // Most devices have one instance.
    let before = first_entry().before(passage.receiver());
    // SAFETY: NetX Duo called the hook. What was found as a receive function gets what NetX Duo gave us. What it returns is
    // nothing, and nobody looks at it: so it is the last call of the hook, which costs least.
    unsafe {
        if !first_entry().is_of(ip) || before.is_null() {
            return hand_on_further(ip, packet, passage);
        }
        mem::transmute::<*mut (), LastCall>(before)(ip, packet)
    }
}

/// The same, whichever instance it is. If it is gone, nobody else takes the packet.
///
/// # Safety
/// The same.
#[cold]
#[inline(never)]
unsafe extern "C" fn hand_on_further(
    ip: *mut NX_IP,
    packet: *mut NX_PACKET,
    passage: Passage,
) -> UINT {
    let before = before(ip, passage.receiver());
    // SAFETY: as in `hand_on`; a receive function owns the packet.
    unsafe {
        if before.is_null() {
            return nx_packet_release(packet);
        }
        mem::transmute::<*mut (), LastCall>(before)(ip, packet)
    }
}

/// An outgoing packet in the filter.
///
/// Reading a usual packet takes a few steps, whatever is in it, so it may be done with interrupts off: that leaves nothing to be
/// kept from before.
///
/// # Safety
/// `to` points to a `T`, and NetX Duo called the hook with the rest.
pub(super) unsafe extern "C" fn sent<T: Instance>(
    ip: *mut NX_IP,
    packet: *mut NX_PACKET,
    _: MaybeUninit<UINT>,
    to: Handle,
) -> UINT {
    // SAFETY: the packet is valid, and as NetX Duo hands it to this hook; the instance is as the caller says.
    let is_counted = locked_in_place(|section| unsafe {
        packet::show_filtered(packet, &*to.cast::<T>(), section)
    });
    if !is_counted {
        // SAFETY: as for this function.
        return unsafe { observe::<T>(ip, packet, Passage::Out, to) };
    }
    NX_SUCCESS
}

/// A packet in the receive function of TCP or UDP.
///
/// # Safety
/// As for [`sent`]; `passage` is one of these two.
pub(super) unsafe extern "C" fn received<T: Instance>(
    ip: *mut NX_IP,
    packet: *mut NX_PACKET,
    passage: Passage,
    to: Handle,
) -> UINT {
    // SAFETY: as the caller says.
    unsafe { assert_unchecked(matches!(passage, Passage::Tcp | Passage::Udp)) };
    // SAFETY: the packet is valid, and as NetX Duo hands it to this hook; the instance is as the caller says.
    let is_counted = locked_in_place(|section| unsafe {
        packet::show_received(passage.receiver() as u32, packet, &*to.cast::<T>(), section)
    });
    // SAFETY: as for this function.
    unsafe {
        if !is_counted {
            return receive_closer::<T>(ip, packet, passage, to);
        }
        hand_on(ip, packet, passage)
    }
}

/// The same where a first look at it was not enough.
///
/// # Safety
/// As for [`sent`].
#[cold]
#[inline(never)]
unsafe extern "C" fn receive_closer<T: Instance>(
    ip: *mut NX_IP,
    packet: *mut NX_PACKET,
    passage: Passage,
    to: Handle,
) -> UINT {
    // SAFETY: as for this function.
    unsafe {
        observe::<T>(ip, packet, passage, to);
        hand_on_further(ip, packet, passage)
    }
}

/// Any packet in any hook.
///
/// # Safety
/// As for [`sent`].
#[cold]
#[inline(never)]
pub(super) unsafe extern "C" fn observe<T: Instance>(
    _: *mut NX_IP,
    packet: *mut NX_PACKET,
    passage: Passage,
    to: Handle,
) -> UINT {
    // SAFETY: the packet is valid, and as NetX Duo hands it to this hook; the instance is as the caller says.
    unsafe {
        let instance = &*to.cast::<T>();
        let mut sample = Sample::NONE;
        match packet::read(packet, passage.protocol(), &mut sample) {
            Ok(()) => {
                if passage != Passage::Out {
                    sample.turn(packet::incoming(packet, &sample));
                }
                instance.observe(&sample);
            }
            Err(reason) => instance.reject(reason),
        }
    }
    NX_SUCCESS
}
