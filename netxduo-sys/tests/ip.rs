//! IP instances: the created list, interfaces and addresses, and what the checked services refuse.

#[path = "../../threadx-sys/tests/common/mod.rs"]
mod common;
mod support;

use common::objects::{leak, name};
use common::{in_kernel, in_kernel_after};
use netxduo_sys::*;
use std::ptr::null_mut;
use std::thread;
use support::*;

/// The created list, with its links checked both ways.
fn created() -> Vec<*mut NX_IP> {
    // SAFETY: nobody creates or deletes instances now.
    unsafe {
        let (mut list, mut ip) = (Vec::new(), _nx_ip_created_ptr);
        for _ in 0.._nx_ip_created_count {
            list.push(ip);
            assert_eq!((*(*ip).nx_ip_created_next).nx_ip_created_previous, ip);
            ip = (*ip).nx_ip_created_next;
        }
        let first = _nx_ip_created_ptr;
        assert_eq!(ip, first);
        list
    }
}

#[test]
fn the_created_list_follows_create_and_delete() {
    in_kernel(|| {
        let pool = Pool::new(2, 64);
        assert_eq!(created(), []);
        let (first, second, third) = (Ip::bare(pool), Ip::bare(pool), Ip::bare(pool));
        assert_eq!(created(), [first.0, second.0, third.0]);
        let delete = |ip: Ip| {
            // SAFETY: the control block is valid memory, which the stack checks to be an instance.
            unsafe { nx_ip_delete(ip.0) }
        };
        assert_eq!(delete(first), NX_SUCCESS);
        assert_eq!(created(), [second.0, third.0]);
        assert_eq!(delete(first), NX_PTR_ERROR);
        assert_eq!(delete(third), NX_SUCCESS);
        assert_eq!(created(), [second.0]);
        assert_eq!(delete(second), NX_SUCCESS);
        assert_eq!(created(), []);
        let again = Ip::bare(pool);
        assert_eq!(created(), [again.0]);
    });
}

#[test]
fn the_driver_is_asked_to_open_and_close_the_link() {
    in_kernel(|| {
        driver_requests();
        let ip = Ip::bare(Pool::new(2, 64));
        assert_eq!(
            driver_requests(),
            [NX_LINK_INTERFACE_ATTACH, NX_LINK_INITIALIZE, NX_LINK_ENABLE]
        );
        // SAFETY: the instance is valid and not used any more.
        assert_eq!(unsafe { nx_ip_delete(ip.0) }, NX_SUCCESS);
        assert_eq!(driver_requests(), [NX_LINK_DISABLE, NX_LINK_UNINITIALIZE]);
    });
}

#[test]
fn addresses_are_kept_by_interface() {
    in_kernel(|| {
        let ip = Ip::new(Pool::new(2, 64));
        let (mut address, mut mask) = (0, 0);
        let mut v6 = NXD_ADDRESS {
            nxd_ip_version: NX_IP_VERSION_V6,
            nxd_ip_address: NXD_ADDRESS_STRUCT__bindgen_ty_1 {
                v6: words(LOCAL_V6),
            },
        };
        let mut index = u32::MAX;
        // SAFETY: the instance is valid, and so are the addresses.
        unsafe {
            assert_eq!(
                nx_ip_address_get(ip.0, &raw mut address, &raw mut mask),
                NX_SUCCESS
            );
            assert_eq!((address, mask), (0x0A00_0002, 0xFFFF_FF00));
            assert_eq!(
                nx_ip_address_set(ip.0, 0x0A0B_0C0D, 0xFFFF_0000),
                NX_SUCCESS
            );
            assert_eq!(
                (*ip.0).nx_ip_interface[0].nx_interface_ip_network,
                0x0A0B_0000
            );
            assert_eq!(
                nx_ip_address_set(ip.0, 0xE000_0001, 0xFFFF_0000),
                NX_IP_ADDRESS_ERROR
            );

            assert_eq!(
                nxd_ipv6_address_set(ip.0, 0, &raw mut v6, 64, &raw mut index),
                NX_DUPLICATED_ENTRY
            );
            assert_eq!(
                nxd_ipv6_address_set(ip.0, 1, &raw mut v6, 64, &raw mut index),
                NX_INVALID_INTERFACE
            );
            // RFC 4291's example of an interface identifier: 34-56-78-9A-BC-DE.
            (*ip.0).nx_ip_interface[0].nx_interface_physical_address_msw = 0x3456;
            (*ip.0).nx_ip_interface[0].nx_interface_physical_address_lsw = 0x789A_BCDE;
            assert_eq!(
                nxd_ipv6_address_set(ip.0, 0, null_mut(), 10, &raw mut index),
                NX_SUCCESS
            );
            let first = (*ip.0).nx_ip_interface[0].nxd_interface_ipv6_address_list_head;
            let second = (*first).nxd_ipv6_address_next;
            assert_eq!((*first).nxd_ipv6_address, words(LOCAL_V6));
            assert_eq!(
                (*second).nxd_ipv6_address,
                [0xFE80_0000, 0, 0x3656_78FF, 0xFE9A_BCDE]
            );
            assert_eq!(u32::from((*second).nxd_ipv6_address_index), index);
            assert_eq!(nxd_ipv6_enable(ip.0), NX_ALREADY_ENABLED);
            assert_eq!(nx_tcp_enable(ip.0), NX_ALREADY_ENABLED);
        }
    });
}

#[test]
fn interfaces_run_out() {
    in_kernel(|| {
        let ip = Ip::bare(Pool::new(2, 64));
        let attach = |address| {
            // SAFETY: the instance is valid, and the name is static.
            unsafe {
                nx_ip_interface_attach(ip.0, name(c"more"), address, 0xFFFF_FF00, Some(idle_driver))
            }
        };
        for number in 1..NX_MAX_PHYSICAL_INTERFACES {
            assert_eq!(attach(0x0A00_0001 + (number << 16)), NX_SUCCESS);
        }
        assert_eq!(attach(0x0A63_0001), NX_NO_MORE_ENTRIES);
        assert_eq!(attach(0xF000_0001), NX_IP_ADDRESS_ERROR);
    });
}

#[test]
fn wrong_arguments_are_named() {
    in_kernel(|| {
        type Driver = Option<unsafe extern "C" fn(*mut NX_IP_DRIVER)>;
        let pool = Pool::new(2, 64);
        let stack: *mut u8 = leak::<[u8; 512]>().cast();
        let create = move |ip, pool, driver: Driver, stack: *mut u8, size, address, priority| {
            // SAFETY: every call has an argument or a caller that the checked form refuses before it uses anything.
            unsafe {
                nx_ip_create(
                    ip,
                    null_mut(),
                    address,
                    0,
                    pool,
                    driver,
                    stack.cast(),
                    size,
                    priority,
                )
            }
        };
        let ours: Driver = Some(idle_driver);
        assert_eq!(
            create(null_mut(), pool.0, ours, stack, 512, 0, 1),
            NX_PTR_ERROR
        );
        assert_eq!(
            create(leak(), null_mut(), ours, stack, 512, 0, 1),
            NX_PTR_ERROR
        );
        assert_eq!(create(leak(), leak(), ours, stack, 512, 0, 1), NX_PTR_ERROR);
        assert_eq!(create(leak(), pool.0, None, stack, 512, 0, 1), NX_PTR_ERROR);
        assert_eq!(
            create(leak(), pool.0, ours, null_mut(), 512, 0, 1),
            NX_PTR_ERROR
        );
        assert_eq!(
            create(Ip::bare(pool).0, pool.0, ours, stack, 512, 0, 1),
            NX_PTR_ERROR,
            "it exists"
        );
        assert_eq!(
            create(leak(), pool.0, ours, stack, 100, 0, 1),
            NX_SIZE_ERROR
        );
        assert_eq!(
            create(leak(), pool.0, ours, stack, 512, 0, 32),
            NX_OPTION_ERROR
        );
        assert_eq!(
            create(leak(), pool.0, ours, stack, 512, 0xE000_0001, 1),
            NX_IP_ADDRESS_ERROR
        );
        let status = thread::spawn(move || {
            let pool = { pool }.0;
            create(
                leak(),
                pool,
                Some(idle_driver),
                leak::<[u8; 512]>().cast(),
                512,
                0,
                1,
            )
        });
        assert_eq!(status.join().unwrap(), NX_CALLER_ERROR);
        // SAFETY: not an instance.
        unsafe {
            assert_eq!(nx_tcp_enable(leak()), NX_PTR_ERROR);
            assert_eq!(nx_ip_delete(null_mut()), NX_PTR_ERROR);
        }
    });
}

#[test]
fn instances_can_be_created_before_the_threads_start() {
    in_kernel_after(
        || {
            let ip = Ip::new(Pool::new(2, 256));
            assert_eq!(
                ip.inject(NX_IP_PACKET_IN, &ipv4(NX_PROTOCOL_TCP, &[1; 8])),
                NX_SUCCESS
            );
            // SAFETY: the instance is valid.
            assert_eq!(unsafe { nx_ip_delete(ip.0) }, NX_CALLER_ERROR);
        },
        || assert_eq!(created().len(), 1),
    );
}
