//! What the host port has besides packets and hubs: services for link drivers, addresses of others, certificates. Upstream's own
//! are not for us to test.
#![cfg(host_port)]

#[path = "../../threadx-sys/tests/common/mod.rs"]
mod common;
mod support;

use common::in_kernel;
use common::objects::leak;
use netxduo_sys::threadx_sys::{ULONG, USHORT};
use netxduo_sys::*;
use std::ptr::{null, null_mut};
use support::*;

/// A packet of a pool with data in it.
fn packet(pool: Pool, bytes: &[u8]) -> *mut NX_PACKET {
    let (status, packet) = pool.allocate(NX_PHYSICAL_HEADER, 0);
    assert_eq!(status, NX_SUCCESS);
    // SAFETY: packet and pool are valid, and the bytes are copied.
    let status = unsafe {
        nx_packet_data_append(
            packet,
            bytes.as_ptr().cast_mut().cast(),
            bytes.len() as ULONG,
            pool.0,
            0,
        )
    };
    assert_eq!(
        status,
        if bytes.is_empty() {
            NX_SIZE_ERROR
        } else {
            NX_SUCCESS
        }
    );
    packet
}

fn address(bytes: [u8; 4]) -> NXD_ADDRESS {
    NXD_ADDRESS {
        nxd_ip_version: NX_IP_VERSION_V4,
        nxd_ip_address: NXD_ADDRESS_STRUCT__bindgen_ty_1 {
            v4: u32::from_be_bytes(bytes),
        },
    }
}

#[test]
fn what_a_driver_receives_goes_the_way_of_injected_packets() {
    in_kernel(|| {
        let pool = Pool::new(8, 256);
        let ip = Ip::new(pool);
        let datagram = ipv4(NX_PROTOCOL_UDP, &[0, 9, 0, 9, 0, 8, 0, 0]);
        let arp = [0; 28];
        // SAFETY: the instance is valid, and the packets become its own.
        let (received, delivered) = unsafe {
            _nx_ip_packet_deferred_receive(ip.0, packet(pool, &datagram));
            _nx_ip_packet_deferred_receive(ip.0, packet(pool, &datagram[..10]));
            _nx_ip_packet_deferred_receive(ip.0, packet(pool, &[]));
            _nx_arp_packet_deferred_receive(ip.0, packet(pool, &arp));
            (
                (*ip.0).nx_ip_total_packets_received,
                (*ip.0).nx_ip_total_packets_delivered,
            )
        };
        assert_eq!((received, delivered), (2, 1));
        assert_eq!(pool.available(), 8);
    });
}

#[test]
fn a_driver_is_called_for_what_it_deferred() {
    in_kernel(|| {
        let ip = Ip::bare(Pool::new(2, 64));
        driver_requests();
        // SAFETY: the instance is valid.
        unsafe { nx_ip_driver_deferred_processing(ip.0) };
        assert_eq!(driver_requests(), [NX_LINK_DEFERRED_PROCESSING]);
    });
}

#[test]
fn arp_is_enabled_once() {
    in_kernel(|| {
        let ip = Ip::bare(Pool::new(2, 64));
        let cache: *mut [u8; 512] = leak();
        // SAFETY: the instance is valid, and so is the memory.
        unsafe {
            assert_eq!(nx_arp_enable(null_mut(), cache.cast(), 512), NX_PTR_ERROR);
            assert_eq!(nx_arp_enable(ip.0, null_mut(), 512), NX_PTR_ERROR);
            assert_eq!(nx_arp_enable(ip.0, cache.cast(), 0), NX_SIZE_ERROR);
            assert_eq!(nx_arp_enable(ip.0, cache.cast(), 512), NX_SUCCESS);
            assert_eq!(nx_arp_enable(ip.0, cache.cast(), 512), NX_ALREADY_ENABLED);
            assert_eq!(nx_ip_fragment_enable(ip.0), NX_SUCCESS);
            assert_eq!(nx_ip_fragment_enable(null_mut()), NX_PTR_ERROR);
        }
    });
}

#[test]
fn an_ipv6_router_is_on_the_link() {
    in_kernel(|| {
        let ip = Ip::bare(Pool::new(2, 64));
        // SAFETY: the instance is valid.
        assert_eq!(unsafe { nxd_ipv6_enable(ip.0) }, NX_SUCCESS);
        let v6 = |words: [u32; 4]| {
            // SAFETY: all zero is a valid address.
            let mut address: NXD_ADDRESS = unsafe { std::mem::zeroed() };
            address.nxd_ip_version = NX_IP_VERSION_V6 as _;
            address.nxd_ip_address.v6 = words.map(|word| word as _);
            address
        };
        let mut own = v6([0xFD00_0000, 0x12, 0, 2]);
        // SAFETY: the instance is valid, and the address is copied.
        let status = unsafe { nxd_ipv6_address_set(ip.0, 0, &raw mut own, 61, null_mut()) };
        assert_eq!(status, NX_SUCCESS);
        let add = |words| {
            let mut router = v6(words);
            // SAFETY: likewise.
            unsafe { nxd_ipv6_default_router_add(ip.0, &raw mut router, 0xFFFF, 0) }
        };
        assert_eq!(add([0xFE80_0000, 0, 0, 1]), NX_SUCCESS);
        assert_eq!(add([0xFD00_0000, 0x12, 0, 1]), NX_SUCCESS);
        // Of the second word the first 29 bits belong to the network.
        assert_eq!(add([0xFD00_0000, 0x17, 9, 1]), NX_SUCCESS);
        assert_eq!(add([0xFD00_0000, 0x18, 0, 1]), NX_IP_ADDRESS_ERROR);
        assert_eq!(add([0xFF02_0000, 0, 0, 2]), NX_IP_ADDRESS_ERROR);
        assert_eq!(add([0; 4]), NX_IP_ADDRESS_ERROR);
    });
}

#[test]
fn the_gateway_is_in_the_network() {
    in_kernel(|| {
        let ip = Ip::bare(Pool::new(2, 64));
        let set = |gateway| {
            // SAFETY: the instance is valid.
            unsafe { nx_ip_gateway_address_set(ip.0, u32::from_be_bytes(gateway)) }
        };
        assert_eq!(set([10, 0, 0, 1]), NX_SUCCESS);
        assert_eq!(set([10, 0, 1, 1]), NX_IP_ADDRESS_ERROR);
        assert_eq!(set([0; 4]), NX_IP_ADDRESS_ERROR);
        // SAFETY: as above.
        let gateway = unsafe { (*ip.0).nx_ip_gateway_address };
        assert_eq!(gateway.to_be_bytes(), [10, 0, 0, 1]);
    });
}

#[test]
fn a_dns_client_knows_each_server_once() {
    in_kernel(|| {
        let pool = Pool::new(2, 64);
        let ip = Ip::bare(pool);
        let dns = leak();
        let add = |server| {
            let mut server = address([10, 0, 0, server]);
            // SAFETY: the client is valid, and the address is copied.
            unsafe { nxd_dns_server_add(dns, &raw mut server) }
        };
        // SAFETY: the control block is leaked, the instance valid.
        unsafe {
            assert_eq!(nxd_dns_server_add(dns, null_mut()), NX_PTR_ERROR);
            assert_eq!(
                nx_dns_create(dns, ip.0, c"".as_ptr().cast_mut().cast()),
                NX_SUCCESS
            );
            assert_eq!(nx_dns_packet_pool_set(dns, null_mut()), NX_PTR_ERROR);
            assert_eq!(nx_dns_packet_pool_set(dns, pool.0), NX_SUCCESS);
        }
        for server in 0..NX_DNS_MAX_SERVERS as u8 {
            assert_eq!(add(server), NX_SUCCESS);
            assert_eq!(add(server), NX_DNS_DUPLICATE_ENTRY);
        }
        assert_eq!(add(100), NX_NO_MORE_ENTRIES);
    });
}

/// The status of a certificate with a key.
fn certificate(der: &[u8], key: &[u8], key_type: u32) -> u32 {
    let certificate = leak();
    // SAFETY: the control block is leaked; whether the data is valid is for the function to find out.
    unsafe {
        nx_secure_x509_certificate_initialize(
            certificate,
            der.as_ptr().cast_mut(),
            der.len() as USHORT,
            null_mut(),
            0,
            if key.is_empty() { null() } else { key.as_ptr() },
            key.len() as USHORT,
            key_type,
        )
    }
}

#[test]
fn certificates_and_keys_are_sequences() {
    in_kernel(|| {
        let sequence = [0x30, 3, 2, 1, 7];
        let mut long = vec![0x30, 0x82, 1, 0];
        long.resize(4 + 256, 0);
        let rsa = NX_SECURE_X509_KEY_TYPE_RSA_PKCS1_DER;
        assert_eq!(
            certificate(&sequence, &[], NX_SECURE_X509_KEY_TYPE_NONE),
            NX_SUCCESS
        );
        assert_eq!(certificate(&long, &sequence, rsa), NX_SUCCESS);
        assert_eq!(
            certificate(&sequence, &sequence, NX_SECURE_X509_KEY_TYPE_NONE),
            NX_SECURE_X509_INVALID_PRIVATE_KEY_TYPE
        );
        // Another tag, cut off, empty, without an end, and with a length of more bytes than there can be.
        let broken: [&[u8]; 6] = [
            &[0x31, 3, 2, 1, 7],
            &sequence[..4],
            &[0x30, 0],
            &[0x30, 0x80, 0, 0],
            &[0x30, 0x83, 0, 0, 1, 0],
            &long[..259],
        ];
        for der in broken {
            assert_eq!(
                certificate(der, &[], 0),
                NX_SECURE_X509_INVALID_CERTIFICATE,
                "{der:?}"
            );
            let status = certificate(&sequence, der, rsa);
            assert_eq!(status, NX_SECURE_PKCS1_INVALID_PRIVATE_KEY, "{der:?}");
        }
        assert_eq!(certificate(&[], &[], 0), NX_PTR_ERROR);
    });
}

#[test]
fn what_needs_a_stack_is_not_supported() {
    in_kernel(|| {
        let ip = Ip::bare(Pool::new(2, 64));
        // SAFETY: the instance is valid, and the others are not looked at.
        unsafe {
            let udp = nx_udp_socket_create(ip.0, leak(), null_mut(), 0, 0, 128, 4);
            let tcp = nx_tcp_socket_create(ip.0, leak(), null_mut(), 0, 0, 128, 512, None, None);
            let mut peer = address([10, 0, 0, 1]);
            let ping = nxd_icmp_ping(ip.0, &raw mut peer, null_mut(), 0, null_mut(), 0);
            assert_eq!([udp, tcp, ping], [NX_NOT_SUPPORTED; 3]);
        }
    });
}
