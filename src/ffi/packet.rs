//! Reads the packets that NetX Duo hands to its hooks.

use core::hint::assert_unchecked;
use core::ops::Range;
use core::slice;

use netxduo_sys::NX_PACKET;
use threadx_sys::UCHAR;

use super::hooks::Instance;
use super::lock::Section;
use crate::agent::Protocol;
use crate::agent::packet::{
    Delivered, Direction, HostOrder, NetworkOrder, Rejection, Sample, parse_usual_delivered_v4,
    parse_usual_delivered_v6, parse_usual_v4, parse_usual_v6,
};

/// How much of a chained packet is put together when its first buffer does not hold all headers. More headers than that
/// count as malformed.
const GATHERED: usize = 256;

/// Shows a usual packet that begins with its IP header in network order, as the IP packet filters see it, to an instance.
/// Returns whether that has counted it.
///
/// # Safety
/// `packet` is a valid packet that nobody changes meanwhile, as NetX Duo hands it to a filter.
#[inline(always)]
pub(super) unsafe fn show_filtered(
    packet: *const NX_PACKET,
    instance: &impl Instance,
    section: &mut Section,
) -> bool {
    // SAFETY: the packet is valid.
    let (head, length) = unsafe { (buffer(packet), length(packet)) };
    if let Some(seen) = parse_usual_v4(head, length) {
        return instance.observe_usual(section, Direction::Out, &seen);
    }
    match parse_usual_v6(head, length) {
        Some(seen) => instance.observe_usual(section, Direction::Out, &seen),
        None => false,
    }
}

/// The same for a packet whose headers are done with, as the receive functions of TCP and UDP see it; the protocol is given
/// [as two bits](crate::agent::packet::protocol_bits). It is taken for one for the device alone: a flow of a group is not in the
/// table, as nothing [unusual](super::hooks::count_incoming_at_filter) is to be done.
///
/// # Safety
/// `packet` is a valid packet that nobody changes meanwhile, as NetX Duo hands it to a receive function: the IP header
/// stands in front of the data in the same buffer.
#[inline(always)]
pub(super) unsafe fn show_received(
    protocol: u32,
    packet: *const NX_PACKET,
    instance: &impl Instance,
    section: &mut Section,
) -> bool {
    // SAFETY: the packet is valid, and its IP header and data are in the same buffer.
    let (headers, transport) = unsafe { (headers(packet), buffer(packet)) };
    // SAFETY: likewise.
    let length = || unsafe { length(packet) };
    if let Some(seen) =
        parse_usual_delivered_v4::<HostOrder, _>(protocol, headers, transport, length)
    {
        return instance.observe_usual(section, Direction::In, &seen);
    }
    match parse_usual_delivered_v6::<HostOrder, _>(protocol, headers, transport, length) {
        Some(seen) => instance.observe_usual(section, Direction::In, &seen),
        None => false,
    }
}

/// Reads any packet, as if it were sent: one that begins with its IP header in network order, or, for a transport protocol, one whose
/// headers are done with.
///
/// # Safety
/// `packet` is a valid packet that nobody changes meanwhile, and so are those chained to it; with a protocol it is as for
/// [`show_received`].
#[inline(never)]
pub(super) unsafe fn read(
    packet: *const NX_PACKET,
    protocol: Option<Protocol>,
    sample: &mut Sample,
) -> Result<(), Rejection> {
    // SAFETY: as the caller says.
    unsafe {
        match read_from(packet, protocol, buffer(packet), sample) {
            Err(Rejection::HeadTooShort { .. }) => read_gathered(packet, protocol, sample),
            result => result,
        }
    }
}

/// The same with what is put together of all its buffers, which takes room on the stack.
///
/// # Safety
/// The same.
#[cold]
#[inline(never)]
unsafe fn read_gathered(
    packet: *const NX_PACKET,
    protocol: Option<Protocol>,
    sample: &mut Sample,
) -> Result<(), Rejection> {
    let mut gathered = [0; GATHERED];
    // SAFETY: as the caller says.
    unsafe {
        let data = gather(packet, &mut gathered);
        read_from(packet, protocol, data, sample)
    }
}

/// The same with the beginning of its data, from the prepend pointer on.
///
/// # Safety
/// The same.
unsafe fn read_from(
    packet: *const NX_PACKET,
    protocol: Option<Protocol>,
    data: &[u8],
    sample: &mut Sample,
) -> Result<(), Rejection> {
    // SAFETY: as the caller says.
    unsafe {
        match protocol {
            None => sample.parse::<NetworkOrder>(data, length(packet)),
            Some(protocol) => sample.parse_delivered::<HostOrder>(&Delivered {
                protocol,
                headers: headers(packet),
                transport: data,
                length: length(packet),
            }),
        }
    }
}

/// Which kind of incoming packet it is, of which the sample was read: for IPv4 its interface tells the device's address, and the
/// subnet's for broadcasts.
///
/// # Safety
/// As for the functions above; `packet` came in.
pub(super) unsafe fn incoming(packet: *const NX_PACKET, sample: &Sample) -> Direction {
    if let Some(destination) = sample.destination_v4() {
        let destination = destination.to_bits();
        // SAFETY: as in `interface_address`.
        let (address, subnet_broadcast) = unsafe {
            let interface = (*packet).nx_packet_address.nx_packet_interface_ptr;
            let network = (&raw const (*interface).nx_interface_ip_network).read_volatile();
            let mask = (&raw const (*interface).nx_interface_ip_network_mask).read_volatile();
            (interface_address(packet), network | !mask)
        };
        if destination == address {
            return Direction::In;
        }
        if destination == subnet_broadcast {
            return Direction::InGroup;
        }
    }
    sample.incoming()
}

/// The address of the interface that an IPv4 packet came in by.
///
/// # Safety
/// `packet` is valid, and came in.
#[inline(always)]
unsafe fn interface_address(packet: *const NX_PACKET) -> u32 {
    // SAFETY: the packet is valid; for IPv4 this member of the union is the interface that it came in by, which NetX Duo
    // looks at, too, before it calls a hook. Interfaces are part of an IP instance, which outlives its packets; their
    // addresses may change meanwhile, a word at a time.
    unsafe {
        let interface = (*packet).nx_packet_address.nx_packet_interface_ptr;
        (&raw const (*interface).nx_interface_ip_address).read_volatile()
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

/// The data in a packet's own buffer.
///
/// # Safety
/// `packet` is valid, and its data stays while the slice is used.
#[inline(always)]
unsafe fn buffer<'a>(packet: *const NX_PACKET) -> &'a [u8] {
    // SAFETY: prepend and append pointer delimit the data in the packet's buffer.
    unsafe { between((*packet).nx_packet_prepend_ptr..(*packet).nx_packet_append_ptr) }
}

/// Everything between the beginning of its IP header and its data.
///
/// # Safety
/// As for [`show_received`].
#[inline(always)]
unsafe fn headers<'a>(packet: *const NX_PACKET) -> &'a [u8] {
    // SAFETY: the packet is valid, and its IP header and data are in the same buffer.
    unsafe { between((*packet).nx_packet_ip_header..(*packet).nx_packet_prepend_ptr) }
}

/// The bytes of a range.
///
/// # Safety
/// Both ends point into the same buffer, the first not behind the second, and its bytes stay while the slice is used.
#[inline(always)]
unsafe fn between<'a>(range: Range<*mut UCHAR>) -> &'a [u8] {
    // SAFETY: so the range is within the buffer, and there is one.
    unsafe {
        assert_unchecked(!range.start.is_null());
        slice::from_raw_parts(range.start, range.end.offset_from_unsigned(range.start))
    }
}

/// Puts the first bytes of all buffers together.
///
/// # Safety
/// `packet` is valid, and so are those chained to it.
unsafe fn gather(packet: *const NX_PACKET, head: &mut [u8; GATHERED]) -> &[u8] {
    let mut filled = 0;
    let mut next = packet;
    while !next.is_null() && filled < head.len() {
        // SAFETY: the packet and those chained to it are valid.
        let buffer = unsafe { buffer(next) };
        let taken = buffer.len().min(head.len() - filled);
        head[filled..filled + taken].copy_from_slice(&buffer[..taken]);
        filled += taken;
        // SAFETY: as before.
        next = unsafe { (*next).nx_packet_next };
    }
    &head[..filled]
}
