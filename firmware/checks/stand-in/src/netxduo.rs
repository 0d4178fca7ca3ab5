//! NetX Duo: IP instances, each with one interface and receive functions that keep the packet, so that it can come again.

use core::mem::MaybeUninit;

use netxduo_sys::{_nx_ip_created_count, _nx_ip_created_ptr, NX_IP, NX_PACKET};
use threadx_sys::{UINT, ULONG};

use crate::cell::Block;
use crate::opaque::{functions, variables};

functions! {
    _nxe_packet_release = packet_release;
}

variables! {
    _nx_ip_created_ptr: *mut NX_IP;
    _nx_ip_created_count: ULONG;
}

static PACKET: Block<NX_PACKET> = Block::new();
static BYTES: Block<[u32; 128]> = Block::new();

unsafe extern "C" fn packet_release(_: *mut *mut NX_PACKET) -> UINT {
    0
}

unsafe extern "C" fn keep(_: *mut NX_IP, _: *mut NX_PACKET) {}

/// Creates `ips`, whose interfaces have the address `10.0.0.2`, in place of all that were created before.
pub fn create(ips: &'static mut [MaybeUninit<NX_IP>]) {
    let count = ips.len();
    let first: *mut NX_IP = ips.as_mut_ptr().cast();
    for index in 0..count {
        // SAFETY: the blocks are the caller's no more; all zero is a valid instance, whose fields C would fill in.
        unsafe {
            let ip = first.add(index);
            ip.write_bytes(0, 1);
            (*ip).nx_ip_interface[0].nx_interface_ip_address = 0x0A00_0002;
            (*ip).nx_ip_interface[0].nx_interface_ip_network_mask = 0xFFFF_FF00;
            (*ip).nx_ip_interface[0].nx_interface_ip_network = 0x0A00_0000;
            (*ip).nx_ip_tcp_packet_receive = Some(keep);
            (*ip).nx_ip_udp_packet_receive = Some(keep);
            (*ip).nx_ip_icmp_packet_receive = Some(keep);
            (*ip).nx_ip_icmpv6_packet_process = Some(keep);
            // As in NetX Duo, the list is a ring.
            (*ip).nx_ip_created_next = first.add((index + 1) % count);
        }
    }
    // SAFETY: these programs have one thread.
    unsafe {
        _nx_ip_created_ptr = first;
        _nx_ip_created_count = count as ULONG;
    }
}

/// A packet of the first instance with these bytes, in the state in which the filter sees it, or, for `transport` behind the
/// IP header, a receive function: with the header in the processor's order, in front of the data. One at a time.
pub fn packet(bytes: &[u8], transport: Option<usize>) -> *mut NX_PACKET {
    let buffer: *mut u8 = BYTES.get().cast();
    let packet = PACKET.get();
    assert!(
        bytes.len() <= size_of::<[u32; 128]>(),
        "the packet is too long"
    );
    let begin = transport.unwrap_or(0);
    // SAFETY: these programs have one thread; the bytes fit.
    unsafe {
        buffer.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len());
        if transport.is_some() {
            let words: *mut u32 = BYTES.get().cast();
            let header = if bytes[0] >> 4 == 6 { 10 } else { 5 };
            for index in 0..header {
                *words.add(index) = (*words.add(index)).swap_bytes();
            }
        }
        packet.write_bytes(0, 1);
        (*packet).nx_packet_ip_header = buffer;
        (*packet).nx_packet_ip_version = bytes[0] >> 4;
        (*packet).nx_packet_prepend_ptr = buffer.add(begin);
        (*packet).nx_packet_append_ptr = buffer.add(bytes.len());
        (*packet).nx_packet_length = (bytes.len() - begin) as ULONG;
        (*packet).nx_packet_address.nx_packet_interface_ptr =
            &raw mut (*_nx_ip_created_ptr).nx_ip_interface[0];
    }
    packet
}
