//! Packets, their pools and their data.

#[path = "../../threadx-sys/tests/common/mod.rs"]
mod common;
mod support;

use common::objects::*;
use common::{in_kernel, in_kernel_after};
use netxduo_sys::threadx_sys::*;
use netxduo_sys::*;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use support::*;

fn append(packet: *mut NX_PACKET, bytes: &[u8], pool: Pool) -> UINT {
    // SAFETY: the packet is the caller's, and so is the slice.
    unsafe {
        nx_packet_data_append(
            packet,
            bytes.as_ptr().cast_mut().cast(),
            bytes.len() as ULONG,
            pool.0,
            NX_NO_WAIT,
        )
    }
}

#[test]
fn an_empty_pool_says_so_and_packets_come_back() {
    in_kernel(|| {
        let pool = Pool::new(3, 64);
        let packets: Vec<_> = (0..3).map(|_| pool.allocate(0, NX_NO_WAIT)).collect();
        assert!(
            packets
                .iter()
                .all(|(status, packet)| *status == NX_SUCCESS && !packet.is_null())
        );
        assert_eq!(pool.allocate(0, NX_NO_WAIT), (NX_NO_PACKET, null_mut()));
        assert_eq!(pool.available(), 0);
        assert_eq!(release(packets[1].1), NX_SUCCESS);
        assert_eq!(release(packets[1].1), NX_PTR_ERROR, "it is free already");
        assert_eq!(pool.available(), 1);
        assert_eq!(pool.allocate(0, NX_NO_WAIT), (NX_SUCCESS, packets[1].1));
        // SAFETY: the pool is valid.
        let (requests, invalid) = unsafe {
            (
                (*pool.0).nx_packet_pool_empty_requests,
                (*pool.0).nx_packet_pool_invalid_releases,
            )
        };
        assert_eq!((requests, invalid), (1, 1));
    });
}

#[test]
fn waiting_for_a_packet_ends_with_one_or_at_the_timeout_or_with_the_pool() {
    in_kernel_after(manual_clock, || {
        static STATUS: AtomicU32 = AtomicU32::new(u32::MAX);
        let pool = Pool::new(1, 64);
        let (_, packet) = pool.allocate(0, NX_NO_WAIT);
        let wait = move |ticks| {
            spawn("waiter", move || {
                STATUS.store(pool.allocate(0, ticks).0, Ordering::Relaxed)
            });
            settle();
        };
        wait(10);
        advance(9);
        assert_eq!(STATUS.load(Ordering::Relaxed), u32::MAX);
        advance(1);
        assert_eq!(STATUS.swap(u32::MAX, Ordering::Relaxed), NX_NO_PACKET);
        wait(10);
        assert_eq!(release(packet), NX_SUCCESS);
        settle();
        assert_eq!(STATUS.swap(u32::MAX, Ordering::Relaxed), NX_SUCCESS);
        wait(NX_WAIT_FOREVER);
        // SAFETY: the pool is valid and not used any more.
        assert_eq!(unsafe { nx_packet_pool_delete(pool.0) }, NX_SUCCESS);
        settle();
        assert_eq!(STATUS.load(Ordering::Relaxed), NX_POOL_DELETED);
        assert_eq!(pool.allocate(0, NX_NO_WAIT).0, NX_PTR_ERROR);
    });
}

#[test]
fn threads_share_a_pool() {
    in_kernel(|| {
        let pool = Pool::new(3, 64);
        let done = Semaphore::new(0);
        let churn = move |wait| {
            let mut got = 0;
            while got < 5_000 {
                let (status, packet) = pool.allocate(0, wait);
                if status == NX_SUCCESS {
                    got += 1;
                    assert_eq!(append(packet, &[7; 40], pool), NX_SUCCESS);
                    assert_eq!(data(packet), [7; 40]);
                    assert_eq!(release(packet), NX_SUCCESS);
                }
            }
        };
        for _ in 0..3 {
            spawn("churn", move || {
                churn(NX_WAIT_FOREVER);
                done.put();
            });
        }
        let foreign = thread::spawn(move || churn(NX_NO_WAIT));
        for _ in 0..3 {
            assert_eq!(done.get(TX_WAIT_FOREVER), TX_SUCCESS);
        }
        foreign.join().unwrap();
        assert_eq!(pool.available(), 3);
    });
}

#[test]
fn data_spreads_over_a_chain() {
    in_kernel(|| {
        let pool = Pool::new(5, 64);
        let (_, packet) = pool.allocate(NX_PHYSICAL_HEADER, NX_NO_WAIT);
        let bytes: Vec<u8> = (0..200).collect();
        assert_eq!(append(packet, &bytes[..10], pool), NX_SUCCESS);
        assert_eq!(parts(packet), [10]);
        assert_eq!(append(packet, &bytes[10..], pool), NX_SUCCESS);
        assert_eq!(parts(packet), [48, 64, 64, 24]);
        assert_eq!(data(packet), bytes);
        assert_eq!(pool.available(), 1);
        assert_eq!(
            append(packet, &[1; 105], pool),
            NX_NO_PACKET,
            "40 fit, 65 need two packets"
        );
        assert_eq!(
            (data(packet), pool.available()),
            (bytes.clone(), 1),
            "as it was before"
        );
        assert_eq!(append(packet, &[1; 104], pool), NX_SUCCESS);
        assert_eq!(parts(packet), [48, 64, 64, 64, 64]);
        assert_eq!(release(packet), NX_SUCCESS);
        assert_eq!(pool.available(), 5, "the whole chain");
    });
}

#[test]
fn data_is_extracted_from_anywhere() {
    in_kernel(|| {
        let pool = Pool::new(5, 64);
        let bytes: Vec<u8> = (0..200).collect();
        let (_, packet) = pool.allocate(NX_PHYSICAL_HEADER, NX_NO_WAIT);
        assert_eq!(append(packet, &bytes, pool), NX_SUCCESS);
        let extract = |offset: usize, length: usize| {
            let mut buffer = vec![0; length];
            let mut copied = u32::MAX;
            // SAFETY: the packet is valid, and so is the buffer.
            let status = unsafe {
                nx_packet_data_extract_offset(
                    packet,
                    offset as ULONG,
                    buffer.as_mut_ptr().cast(),
                    length as ULONG,
                    &raw mut copied,
                )
            };
            buffer.truncate(copied as usize);
            (status, buffer)
        };
        for offset in 0..200 {
            for length in [1, 17, 64, 300] {
                let end = (offset + length).min(200);
                assert_eq!(
                    extract(offset, length),
                    (NX_SUCCESS, bytes[offset..end].to_vec())
                );
            }
        }
        assert_eq!(extract(200, 1).0, NX_PACKET_OFFSET_ERROR);
    });
}

#[test]
fn a_copy_is_the_same_and_independent() {
    in_kernel(|| {
        let (pool, other) = (Pool::new(5, 64), Pool::new(8, 32));
        let bytes: Vec<u8> = (0..200).collect();
        let (_, packet) = pool.allocate(NX_PHYSICAL_HEADER, NX_NO_WAIT);
        let mut copy = null_mut();
        // SAFETY: the packets are valid or null.
        unsafe {
            assert_eq!(
                nx_packet_copy(packet, &raw mut copy, other.0, NX_NO_WAIT),
                NX_INVALID_PACKET,
                "it is empty"
            );
            assert_eq!(append(packet, &bytes, pool), NX_SUCCESS);
            assert_eq!(
                nx_packet_copy(packet, &raw mut copy, other.0, NX_NO_WAIT),
                NX_SUCCESS
            );
            (*(*packet).nx_packet_prepend_ptr) = 99;
        }
        assert_eq!(data(copy), bytes);
        assert_eq!(release(packet), NX_SUCCESS);
        assert_eq!(data(copy), bytes);
        let mut second = null_mut();
        // SAFETY: the packets are valid.
        let status = unsafe { nx_packet_copy(copy, &raw mut second, other.0, NX_NO_WAIT) };
        assert_eq!(status, NX_NO_PACKET);
        assert!(second.is_null());
        assert_eq!(release(copy), NX_SUCCESS);
        assert_eq!((pool.available(), other.available()), (5, 8));
    });
}

#[test]
fn wrong_arguments_are_named() {
    in_kernel(|| {
        let pool = Pool::new(1, 64);
        let (_, packet) = pool.allocate(0, NX_NO_WAIT);
        let memory: *mut u64 = leak::<[u64; 64]>().cast();
        let create = |pool, payload, memory: *mut u64, size| {
            // SAFETY: every call has an argument that the checked form refuses before it uses it.
            unsafe { nx_packet_pool_create(pool, null_mut(), payload, memory.cast(), size) }
        };
        assert_eq!(create(null_mut(), 16, memory, 512), NX_PTR_ERROR);
        assert_eq!(create(leak(), 16, null_mut(), 512), NX_PTR_ERROR);
        assert_eq!(create(pool.0, 16, memory, 512), NX_PTR_ERROR, "it exists");
        assert_eq!(create(leak(), 0, memory, 512), NX_SIZE_ERROR);
        assert_eq!(
            create(leak(), 512, memory, 512),
            NX_SIZE_ERROR,
            "no room for the header"
        );
        // NetX Duo itself does not notice that the sum of these overflows.
        #[cfg(host_port)]
        assert_eq!(create(leak(), u32::MAX, memory, u32::MAX), NX_SIZE_ERROR);
        // SAFETY: the pool is valid.
        let inside = unsafe { (*pool.0).nx_packet_pool_start }.cast::<u64>();
        assert_eq!(
            create(leak(), 16, inside, 512),
            NX_PTR_ERROR,
            "another pool's memory"
        );
        assert_eq!(pool.allocate(3, NX_NO_WAIT).0, NX_OPTION_ERROR);
        assert_eq!(pool.allocate(68, NX_NO_WAIT).0, NX_INVALID_PARAMETERS);
        assert_eq!(append(packet, &[], pool), NX_SIZE_ERROR);
        assert_eq!(append(null_mut(), &[1], pool), NX_PTR_ERROR);
        assert_eq!(release(null_mut()), NX_PTR_ERROR);
        // SAFETY: the packet is valid, and its pointers are put back.
        unsafe {
            let prepend = (*packet).nx_packet_prepend_ptr;
            (*packet).nx_packet_prepend_ptr = prepend.sub(1);
            assert_eq!(release(packet), NX_UNDERFLOW);
            assert_eq!(append(packet, &[1], pool), NX_UNDERFLOW);
            (*packet).nx_packet_prepend_ptr = prepend;
            (*packet).nx_packet_append_ptr = (*packet).nx_packet_data_end.add(1);
            assert_eq!(release(packet), NX_OVERFLOW);
            (*packet).nx_packet_append_ptr = prepend;
        }
        assert_eq!(release(packet), NX_SUCCESS);
        let refused = thread::spawn(move || pool.allocate(0, 1).0);
        assert_eq!(
            refused.join().unwrap(),
            NX_CALLER_ERROR,
            "a foreign thread may not wait"
        );
    });
}
