//! Reads the packets that NetX Duo hands to its hooks.

use core::ops::Range;
use core::slice;

use netxduo_sys::NX_PACKET;
use threadx_sys::UCHAR;

use crate::agent::packet::{HostOrder, NetworkOrder, Packet, Rejection, parse, parse_delivered};
use crate::agent::{Protocol, packet::Direction};

/// How much of a chained packet is put together when its first buffer does not hold all headers. More headers than that
/// count as malformed.
const GATHERED: usize = 256;

/// A packet that begins with its IP header in network order, as the IP packet filters see it.
///
/// # Safety
/// `packet` is a valid packet that nobody changes meanwhile, as NetX Duo hands it to a filter.
#[inline(always)]
pub(super) unsafe fn parse_filtered(packet: *const NX_PACKET) -> Result<Packet, Rejection> {
    // SAFETY: the packet is valid.
    let (head, length) = unsafe { (first_buffer(packet), length(packet)) };
    match parse::<NetworkOrder>(head, length) {
        // SAFETY: as before.
        Err(Rejection::HeadTooShort { .. }) => unsafe {
            gathered(packet, |head| parse::<NetworkOrder>(head, length))
        },
        result => result,
    }
}

/// A packet whose headers are done with, as the receive functions of the transport protocols see it.
///
/// # Safety
/// `packet` is a valid packet that nobody changes meanwhile, as NetX Duo hands it to a receive function: the IP header
/// stands in front of the data in the same buffer.
#[inline(always)]
pub(super) unsafe fn parse_received(
    protocol: Protocol,
    packet: *const NX_PACKET,
) -> Result<Packet, Rejection> {
    // SAFETY: the packet is valid.
    let (header, data, length) = unsafe {
        (
            (*packet).nx_packet_ip_header,
            (*packet).nx_packet_prepend_ptr,
            length(packet),
        )
    };
    // SAFETY: both point into the packet's buffer, the IP header first.
    let headers = unsafe { between(header..data) };
    // SAFETY: the packet is valid.
    let head = unsafe { first_buffer(packet) };
    match parse_delivered::<HostOrder>(protocol, headers, head, length) {
        // SAFETY: as before.
        Err(Rejection::HeadTooShort { .. }) => unsafe {
            gathered(packet, |head| {
                parse_delivered::<HostOrder>(protocol, headers, head, length)
            })
        },
        result => result,
    }
}

/// Which kind of incoming packet it is: its interface tells the subnet's broadcast address.
///
/// # Safety
/// As for the functions above; `packet` came in.
#[inline(always)]
pub(super) unsafe fn incoming(packet: *const NX_PACKET, parsed: &Packet) -> Direction {
    let Packet::V4(observation) = parsed else {
        return Direction::In;
    };
    // SAFETY: the packet is valid; for IPv4 this member of the union is the interface that it came in by.
    let interface = unsafe { (*packet).nx_packet_address.nx_packet_interface_ptr };
    // SAFETY: null, or an interface of an IP instance, which outlives its packets.
    match unsafe { interface.as_ref() } {
        Some(interface) if interface.nx_interface_ip_address != observation.destination => {
            let broadcast = interface.nx_interface_ip_network | !interface.nx_interface_ip_network_mask;
            if observation.destination == broadcast {
                Direction::InBroadcast
            } else {
                Direction::In
            }
        }
        _ => Direction::In,
    }
}

/// Bytes from the prepend pointer on, over all buffers.
///
/// # Safety
/// `packet` is valid.
#[inline(always)]
unsafe fn length(packet: *const NX_PACKET) -> usize {
    // SAFETY: the packet is valid.
    unsafe { (*packet).nx_packet_length as usize }
}

/// The data in the first buffer.
///
/// # Safety
/// `packet` is valid, and its data stays while the slice is used.
#[inline(always)]
unsafe fn first_buffer<'a>(packet: *const NX_PACKET) -> &'a [u8] {
    // SAFETY: prepend and append pointer delimit the data in the packet's buffer. No more than the packet's length of
    // it is the packet's.
    unsafe {
        let data = between((*packet).nx_packet_prepend_ptr..(*packet).nx_packet_append_ptr);
        &data[..data.len().min(length(packet))]
    }
}

/// The bytes of a range, none when it is no range.
///
/// # Safety
/// Both ends are null or point into the same buffer, whose bytes stay while the slice is used.
#[inline(always)]
unsafe fn between<'a>(range: Range<*mut UCHAR>) -> &'a [u8] {
    let length = range.end.addr().saturating_sub(range.start.addr());
    if range.start.is_null() {
        return &[];
    }
    // SAFETY: `length` is the distance within the buffer, or 0.
    unsafe { slice::from_raw_parts(range.start, length) }
}

/// Asks again with the first bytes of all buffers put together.
///
/// # Safety
/// `packet` is valid, and so are those chained to it.
#[cold]
#[inline(never)]
unsafe fn gathered(
    packet: *const NX_PACKET,
    parse: impl Fn(&[u8]) -> Result<Packet, Rejection>,
) -> Result<Packet, Rejection> {
    let mut head = [0; GATHERED];
    let mut filled = 0;
    let mut next = packet;
    while !next.is_null() && filled < head.len() {
        // SAFETY: the packet and those chained to it are valid.
        let buffer = unsafe { between((*next).nx_packet_prepend_ptr..(*next).nx_packet_append_ptr) };
        let taken = buffer.len().min(head.len() - filled);
        head[filled..filled + taken].copy_from_slice(&buffer[..taken]);
        filled += taken;
        // SAFETY: as before.
        next = unsafe { (*next).nx_packet_next };
    }
    parse(&head[..filled])
}
