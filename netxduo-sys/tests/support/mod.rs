//! An IP instance with its packets for tests, and IP packets as bytes.

#![allow(dead_code)] // Every test binary uses its part of it.

use crate::common::objects::{leak, name};
use netxduo_sys::host::*;
use netxduo_sys::threadx_sys::*;
use netxduo_sys::*;
use std::sync::Mutex;

/// The address of the test's device, and of whoever talks to it.
pub const LOCAL_V4: [u8; 4] = [10, 0, 0, 2];
pub const REMOTE_V4: [u8; 4] = [10, 0, 0, 1];
pub const LOCAL_V6: [u8; 16] = [0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x12, 0x34, 0x56];
pub const REMOTE_V6: [u8; 16] = [0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];

#[derive(Clone, Copy)]
pub struct Pool(pub *mut NX_PACKET_POOL);
// SAFETY: the stack guards its control blocks.
unsafe impl Send for Pool {}
// SAFETY: as above.
unsafe impl Sync for Pool {}

impl Pool {
    /// A pool of as many packets.
    pub fn new(packets: usize, payload: u32) -> Self {
        let size = packets * (size_of::<NX_PACKET>() + payload.next_multiple_of(8) as usize);
        let memory: &'static mut [u64] = Box::leak(vec![0; size.div_ceil(8)].into_boxed_slice());
        let pool = leak();
        // SAFETY: control block and memory are leaked.
        let status = unsafe {
            nx_packet_pool_create(
                pool,
                name(c"pool"),
                payload,
                memory.as_mut_ptr().cast(),
                size as ULONG,
            )
        };
        assert_eq!(status, NX_SUCCESS);
        let pool = Self(pool);
        assert_eq!(pool.available(), packets as u32);
        pool
    }

    pub fn available(self) -> u32 {
        // SAFETY: the control block is valid, and a number that changes meanwhile is as good as another.
        unsafe { (*self.0).nx_packet_pool_available }
    }

    /// Fills the payload of the free packets.
    pub fn fill(self, byte: u8) {
        // SAFETY: the pool is valid, nobody uses it meanwhile, and free packets' payloads are nobody's.
        unsafe {
            let mut packet = (*self.0).nx_packet_pool_available_list;
            while !packet.is_null() {
                let (start, end) = ((*packet).nx_packet_data_start, (*packet).nx_packet_data_end);
                start.write_bytes(byte, end.offset_from(start) as usize);
                packet = (*packet).nx_packet_queue_next;
            }
        }
    }

    /// Status and packet.
    pub fn allocate(self, headroom: u32, wait: u32) -> (UINT, *mut NX_PACKET) {
        let mut packet = std::ptr::null_mut();
        // SAFETY: the pool is valid, and the pointer lives until the call returns.
        let status = unsafe { nx_packet_allocate(self.0, &raw mut packet, headroom, wait) };
        (status, packet)
    }
}

pub fn release(packet: *mut NX_PACKET) -> UINT {
    // SAFETY: packets lie in leaked pools.
    unsafe { nx_packet_release(packet) }
}

/// The lengths of the parts of a chain.
pub fn parts(packet: *const NX_PACKET) -> Vec<usize> {
    let mut parts = Vec::new();
    let mut link = packet;
    // SAFETY: the packet is the caller's, and its chain is well-formed.
    while let Some(part) = unsafe { link.as_ref() } {
        // SAFETY: both point into the packet's payload.
        parts.push(unsafe {
            part.nx_packet_append_ptr
                .offset_from(part.nx_packet_prepend_ptr)
        } as usize);
        link = part.nx_packet_next;
    }
    parts
}

/// All data of a packet, checked against its length.
pub fn data(packet: *mut NX_PACKET) -> Vec<u8> {
    // SAFETY: the packet is the caller's.
    let length = unsafe { (*packet).nx_packet_length } as usize;
    assert_eq!(parts(packet).iter().sum::<usize>(), length);
    let mut data = vec![0; length.max(1)];
    let mut copied = 0;
    // SAFETY: the buffer has room for the packet's length.
    let status =
        unsafe { nx_packet_data_retrieve(packet, data.as_mut_ptr().cast(), &raw mut copied) };
    assert_eq!(
        (status == NX_SUCCESS, copied as usize),
        (length > 0, length)
    );
    data.truncate(length);
    data
}

/// On the host port a driver is asked on the thread that uses the instance, in NetX Duo on the instance's own.
static DRIVER_REQUESTS: Mutex<Vec<UINT>> = Mutex::new(Vec::new());

/// A driver without a network, which notes what it is asked.
unsafe extern "C" fn driver(request: *mut NX_IP_DRIVER) {
    // SAFETY: the stack passes a request that is valid for the call.
    unsafe { idle_driver(request) };
    // SAFETY: as above.
    let command = unsafe { (*request).nx_ip_driver_command };
    DRIVER_REQUESTS.lock().unwrap().push(command);
}

/// A driver without a network: nobody sends anything by it.
pub unsafe extern "C" fn idle_driver(request: *mut NX_IP_DRIVER) {
    // SAFETY: the stack passes a request that is valid for the call.
    unsafe { (*request).nx_ip_driver_status = NX_SUCCESS };
}

/// What drivers were asked since the last call.
pub fn driver_requests() -> Vec<UINT> {
    std::mem::take(&mut DRIVER_REQUESTS.lock().unwrap())
}

#[derive(Clone, Copy)]
pub struct Ip(pub *mut NX_IP);
// SAFETY: the stack guards its control blocks.
unsafe impl Send for Ip {}
// SAFETY: as above.
unsafe impl Sync for Ip {}

impl Ip {
    /// An instance with 10.0.0.2/24 that receives nothing yet.
    pub fn bare(pool: Pool) -> Self {
        let ip = leak();
        // SAFETY: control block and stack are leaked.
        let status = unsafe {
            nx_ip_create(
                ip,
                name(c"ip"),
                u32::from_be_bytes(LOCAL_V4),
                0xFFFF_FF00,
                pool.0,
                Some(driver),
                leak::<[u8; 2048]>().cast(),
                2048,
                1,
            )
        };
        assert_eq!(status, NX_SUCCESS);
        Self(ip)
    }

    /// An instance with 10.0.0.2/24 and fd00::12:3456/64 and all protocols.
    pub fn new(pool: Pool) -> Self {
        let ip = Self::bare(pool);
        let mut address = NXD_ADDRESS {
            nxd_ip_version: NX_IP_VERSION_V6,
            nxd_ip_address: NXD_ADDRESS_STRUCT__bindgen_ty_1 {
                v6: words(LOCAL_V6),
            },
        };
        // SAFETY: the instance is valid, and the address lives until the calls return.
        unsafe {
            assert_eq!(nxd_ipv6_enable(ip.0), NX_SUCCESS);
            assert_eq!(
                nxd_ipv6_address_set(ip.0, 0, &raw mut address, 64, std::ptr::null_mut()),
                NX_SUCCESS
            );
            assert_eq!(nx_tcp_enable(ip.0), NX_SUCCESS);
            assert_eq!(nx_udp_enable(ip.0), NX_SUCCESS);
            assert_eq!(nxd_icmp_enable(ip.0), NX_SUCCESS);
        }
        ip
    }

    pub fn inject(self, direction: UINT, packet: &[u8]) -> UINT {
        // SAFETY: the instance is valid, and so is the slice.
        unsafe { nx_host_packet_inject(self.0, direction, packet.as_ptr(), packet.len() as ULONG) }
    }

    /// Status and packet.
    pub fn build(self, direction: UINT, packet: &[u8]) -> (UINT, *mut NX_PACKET) {
        let mut built = std::ptr::null_mut();
        // SAFETY: the instance is valid, and so are the slice and the pointer.
        let status = unsafe {
            nx_host_packet_build(
                self.0,
                direction,
                packet.as_ptr(),
                packet.len() as ULONG,
                &raw mut built,
            )
        };
        (status, built)
    }
}

/// An IPv6 address as four words in host byte order.
pub fn words(address: [u8; 16]) -> [u32; 4] {
    std::array::from_fn(|word| {
        u32::from_be_bytes(address[4 * word..4 * word + 4].try_into().unwrap())
    })
}

/// An IPv4 packet; `options` has a multiple of four bytes.
pub fn ipv4_with(protocol: u32, destination: [u8; 4], options: &[u8], payload: &[u8]) -> Vec<u8> {
    let header_length = 20 + options.len();
    let mut packet = vec![0x40 | (header_length / 4) as u8, 0x11];
    packet.extend(((header_length + payload.len()) as u16).to_be_bytes());
    packet.extend([0x12, 0x34, 0x40, 0x00, 0x3F, protocol as u8, 0xAB, 0xCD]);
    packet.extend(REMOTE_V4);
    packet.extend(destination);
    packet.extend(options);
    packet.extend(payload);
    packet
}

pub fn ipv4(protocol: u32, payload: &[u8]) -> Vec<u8> {
    ipv4_with(protocol, LOCAL_V4, &[], payload)
}

/// An IPv6 packet; `rest` begins with the header that `next_header` names.
pub fn ipv6_to(destination: [u8; 16], next_header: u32, rest: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x61, 0x23, 0x45, 0x67];
    packet.extend((rest.len() as u16).to_be_bytes());
    packet.extend([next_header as u8, 0x3F]);
    packet.extend(REMOTE_V6);
    packet.extend(destination);
    packet.extend(rest);
    packet
}

pub fn ipv6(next_header: u32, rest: &[u8]) -> Vec<u8> {
    ipv6_to(LOCAL_V6, next_header, rest)
}
