//! Injected packets: what filters and receive functions see of them, and that malformed ones do no harm.

#[path = "../../threadx-sys/tests/common/mod.rs"]
mod common;
mod support;

use common::in_kernel;
use netxduo_sys::*;
use std::sync::Mutex;
use support::*;

/// A packet as a hook saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Seen {
    hook: &'static str,
    /// The bytes from the IP header to the data; empty if that is not there.
    header: Vec<u8>,
    data: Vec<u8>,
    version: u8,
}

static SEEN: Mutex<Vec<Seen>> = Mutex::new(Vec::new());

fn see(hook: &'static str, packet: *mut NX_PACKET) {
    // SAFETY: the stack passes a packet that is valid for the call, whose header lies in front of its data.
    let (header, version) = unsafe {
        let (start, end) = (
            (*packet).nx_packet_ip_header,
            (*packet).nx_packet_prepend_ptr,
        );
        assert!(
            start >= (*packet).nx_packet_data_start
                && (*packet).nx_packet_append_ptr <= (*packet).nx_packet_data_end
        );
        (
            std::slice::from_raw_parts(start, end.offset_from(start) as usize).to_vec(),
            (*packet).nx_packet_ip_version,
        )
    };
    let data = data(packet);
    SEEN.lock().unwrap().push(Seen {
        hook,
        header,
        data,
        version,
    });
}

fn take_seen() -> Vec<Seen> {
    std::mem::take(&mut SEEN.lock().unwrap())
}

macro_rules! receive_hook {
    ($name:ident) => {
        unsafe extern "C" fn $name(_: *mut NX_IP, packet: *mut NX_PACKET) {
            see(stringify!($name), packet);
            assert_eq!(release(packet), NX_SUCCESS);
        }
    };
}
receive_hook!(tcp);
receive_hook!(udp);
receive_hook!(icmp);
receive_hook!(icmpv6);

unsafe extern "C" fn filter(_: *mut NX_IP, packet: *mut NX_PACKET, direction: u32) -> u32 {
    see(
        if direction == NX_IP_PACKET_IN {
            "in"
        } else {
            "out"
        },
        packet,
    );
    NX_SUCCESS
}

/// An instance all of whose hooks are ours.
fn hooked(pool: Pool) -> Ip {
    let ip = Ip::new(pool);
    // SAFETY: the instance is valid, and no packet is under way.
    unsafe {
        (*ip.0).nx_ip_tcp_packet_receive = Some(tcp);
        (*ip.0).nx_ip_udp_packet_receive = Some(udp);
        (*ip.0).nx_ip_icmp_packet_receive = Some(icmp);
        (*ip.0).nx_ip_icmpv6_packet_process = Some(icmpv6);
        (*ip.0).nx_ip_packet_filter_extended = Some(filter);
    }
    ip
}

/// Words of a header in host byte order, as bytes in memory.
fn in_host_order(header: &[u8]) -> Vec<u8> {
    header
        .chunks(4)
        .flat_map(|word| u32::from_be_bytes(word.try_into().unwrap()).to_ne_bytes())
        .collect()
}

fn seen(hook: &'static str, header: &[u8], data: &[u8], version: u8) -> Seen {
    Seen {
        hook,
        header: header.to_vec(),
        data: data.to_vec(),
        version,
    }
}

#[test]
fn outgoing_packets_pass_the_filter_as_they_go_on_the_wire() {
    in_kernel(|| {
        let pool = Pool::new(4, 256);
        let ip = hooked(pool);
        for packet in [
            ipv4(NX_PROTOCOL_TCP, &[1; 30]),
            ipv6(NX_PROTOCOL_UDP, &[2; 30]),
        ] {
            assert_eq!(ip.inject(NX_IP_PACKET_OUT, &packet), NX_SUCCESS);
            assert_eq!(take_seen(), [seen("out", &[], &packet, packet[0] >> 4)]);
            let (status, built) = ip.build(NX_IP_PACKET_OUT, &packet);
            assert_eq!((status, data(built)), (NX_SUCCESS, packet));
            assert_eq!(release(built), NX_SUCCESS);
            assert_eq!(take_seen(), [], "no hook is called");
        }
        assert_eq!(pool.available(), 4);
    });
}

#[test]
fn incoming_ipv4_reaches_its_receive_function_in_host_order() {
    in_kernel(|| {
        let pool = Pool::new(4, 256);
        let ip = hooked(pool);
        for (protocol, hook) in [
            (NX_PROTOCOL_TCP, "tcp"),
            (NX_PROTOCOL_UDP, "udp"),
            (NX_PROTOCOL_ICMP, "icmp"),
        ] {
            let packet = ipv4(protocol, &[1, 2, 3, 4, 5, 6, 7, 8, 9]);
            assert_eq!(ip.inject(NX_IP_PACKET_IN, &packet), NX_SUCCESS);
            assert_eq!(
                take_seen(),
                [
                    seen("in", &[], &packet, 4),
                    seen(hook, &in_host_order(&packet[..20]), &packet[20..], 4)
                ]
            );
        }
        assert_eq!(pool.available(), 4);
    });
}

#[test]
fn ipv4_options_are_removed_and_the_total_length_stays() {
    in_kernel(|| {
        let ip = hooked(Pool::new(4, 256));
        let packet = ipv4_with(
            NX_PROTOCOL_TCP,
            LOCAL_V4,
            &[1, 1, 1, 1, 1, 1, 1, 0],
            &[9; 25],
        );
        let mut header = packet[..20].to_vec();
        assert_eq!(header[0], 0x47);
        header[0] = 0x45;
        assert_eq!(ip.inject(NX_IP_PACKET_IN, &packet), NX_SUCCESS);
        assert_eq!(
            take_seen()[1],
            seen("tcp", &in_host_order(&header), &[9; 25], 4)
        );
    });
}

#[test]
fn padding_behind_the_packet_is_cut_off() {
    in_kernel(|| {
        for payload_size in [256, 40] {
            let pool = Pool::new(16, payload_size);
            let ip = hooked(pool);
            for packet in [
                ipv4(NX_PROTOCOL_UDP, &[3; 50]),
                ipv6(NX_PROTOCOL_UDP, &[3; 50]),
            ] {
                for padding in [1, 10, 18, 80, 100] {
                    if payload_size == 40 && packet[0] >> 4 == 6 {
                        // Its header does not fit into one packet.
                        continue;
                    }
                    let padded = [packet.clone(), vec![0xEE; padding]].concat();
                    assert_eq!(ip.inject(NX_IP_PACKET_IN, &padded), NX_SUCCESS);
                    assert_eq!(take_seen()[1].data, [3; 50]);
                }
            }
            assert_eq!(pool.available(), 16);
        }
    });
}

/// What an IPv6 packet that begins with extension headers shows behind its main header.
fn ipv6_case(ip: Ip, first: u32, extensions: &[u8], payload: &[u8]) -> (u32, Vec<Seen>) {
    let packet = ipv6(first, &[extensions, payload].concat());
    (ip.inject(NX_IP_PACKET_IN, &packet), take_seen())
}

#[test]
fn incoming_ipv6_reaches_its_receive_function_behind_its_extension_headers() {
    in_kernel(|| {
        let ip = hooked(Pool::new(4, 512));
        let payload = [7; 20];
        let cases: [(u32, &[u8], &str); 7] = [
            (NX_PROTOCOL_TCP, &[], "tcp"),
            (NX_PROTOCOL_ICMPV6, &[], "icmpv6"),
            (0, &[17, 0, 1, 4, 0, 0, 0, 0], "udp"),
            (
                60,
                &[6, 1, 1, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
                "tcp",
            ),
            (43, &[6, 0, 0, 0, 0, 0, 0, 0], "tcp"),
            (44, &[17, 0xFF, 0, 1, 0, 0, 0, 1], "udp"),
            (
                51,
                &[0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2, 17, 0, 1, 4, 0, 0, 0, 0],
                "udp",
            ),
        ];
        for (first, extensions, hook) in cases {
            let packet = ipv6(first, &[extensions, &payload].concat());
            let header = [in_host_order(&packet[..40]), extensions.to_vec()].concat();
            let (status, all) = ipv6_case(ip, first, extensions, &payload);
            assert_eq!(status, NX_SUCCESS);
            assert_eq!(
                all,
                [
                    seen("in", &[], &packet, 6),
                    seen(hook, &header, &payload, 6)
                ]
            );
        }
        for (first, extensions) in [
            (59, &[][..]),
            (50, &[0; 16]),
            (0, &[59, 0, 1, 4, 0, 0, 0, 0]),
        ] {
            let (status, all) = ipv6_case(ip, first, extensions, &payload);
            assert_eq!(
                (status, all.len()),
                (NX_NOT_ENABLED, 1),
                "{first}: nobody receives that"
            );
        }
        for (first, extensions) in [
            (0, &[17, 3, 1, 4, 0, 0, 0, 0][..]),
            (0, &[17, 2, 0, 0, 0, 0, 0, 0]),
        ] {
            let (status, all) = ipv6_case(ip, first, extensions, &payload[..16]);
            assert_eq!(
                (status, all.len()),
                (NX_INVALID_PACKET, 1),
                "the header claims more than there is"
            );
        }
    });
}

#[test]
fn only_packets_for_the_instance_are_received() {
    in_kernel(|| {
        let ip = hooked(Pool::new(4, 256));
        let v4 = |destination| {
            ip.inject(
                NX_IP_PACKET_IN,
                &ipv4_with(NX_PROTOCOL_UDP, destination, &[], &[1; 8]),
            )
        };
        for destination in [
            LOCAL_V4,
            [10, 0, 0, 255],
            [255; 4],
            [224, 0, 0, 1],
            [127, 0, 0, 1],
            [0; 4],
        ] {
            assert_eq!(v4(destination), NX_SUCCESS, "{destination:?}");
        }
        for destination in [[10, 0, 0, 3], [10, 0, 1, 255], [224, 0, 0, 251]] {
            assert_eq!(v4(destination), NX_IP_ADDRESS_ERROR, "{destination:?}");
        }
        // SAFETY: the instance is valid.
        unsafe {
            assert_eq!(
                nx_ipv4_multicast_interface_join(ip.0, 0xE000_00FB, 0),
                NX_SUCCESS
            );
            assert_eq!(
                nx_ipv4_multicast_interface_join(ip.0, 0x0A00_00FB, 0),
                NX_IP_ADDRESS_ERROR
            );
            assert_eq!(
                nx_ipv4_multicast_interface_join(ip.0, 0xE000_00FB, 1),
                NX_INVALID_INTERFACE
            );
        }
        assert_eq!(v4([224, 0, 0, 251]), NX_SUCCESS);

        let v6 = |destination| {
            ip.inject(
                NX_IP_PACKET_IN,
                &ipv6_to(destination, NX_PROTOCOL_UDP, &[1; 8]),
            )
        };
        let group = |end: [u8; 5]| {
            let mut group = [0; 16];
            (group[0], group[1]) = (0xFF, 0x02);
            group[11..].copy_from_slice(&end);
            group
        };
        assert_eq!(v6(LOCAL_V6), NX_SUCCESS);
        assert_eq!(v6(group([0, 0, 0, 0, 1])), NX_SUCCESS, "all nodes");
        assert_eq!(
            v6(group([1, 0xFF, 0x12, 0x34, 0x56])),
            NX_SUCCESS,
            "solicited node"
        );
        assert_eq!(
            v6(group([1, 0xFF, 0x12, 0x34, 0x57])),
            NX_IP_ADDRESS_ERROR,
            "another's"
        );
        assert_eq!(v6(REMOTE_V6), NX_IP_ADDRESS_ERROR);
        assert_eq!(v6(group([0, 0, 0, 0, 0xFB])), NX_IP_ADDRESS_ERROR);
        let mut mdns = NXD_ADDRESS {
            nxd_ip_version: NX_IP_VERSION_V6,
            nxd_ip_address: NXD_ADDRESS_STRUCT__bindgen_ty_1 {
                v6: words(group([0, 0, 0, 0, 0xFB])),
            },
        };
        // SAFETY: the instance and the address are valid.
        let status = unsafe { nxd_ipv6_multicast_interface_join(ip.0, &raw mut mdns, 0) };
        assert_eq!(status, NX_SUCCESS);
        assert_eq!(v6(group([0, 0, 0, 0, 0xFB])), NX_SUCCESS);
    });
}

#[test]
fn a_packet_comes_in_by_the_interface_that_has_its_address() {
    in_kernel(|| {
        static INTERFACE: Mutex<Option<u8>> = Mutex::new(None);
        unsafe extern "C" fn note(_: *mut NX_IP, packet: *mut NX_PACKET, _: u32) -> u32 {
            // SAFETY: at the filter the packet carries its interface.
            let index = unsafe {
                (*(*packet).nx_packet_address.nx_packet_interface_ptr).nx_interface_index
            };
            *INTERFACE.lock().unwrap() = Some(index);
            NX_SUCCESS
        }
        let ip = Ip::new(Pool::new(4, 256));
        // SAFETY: the instance is valid, and the name is static.
        unsafe {
            let name = c"second".as_ptr().cast_mut().cast();
            let status =
                nx_ip_interface_attach(ip.0, name, 0x0A01_0002, 0xFFFF_FF00, Some(idle_driver));
            assert_eq!(status, NX_SUCCESS);
            (*ip.0).nx_ip_packet_filter_extended = Some(note);
        }
        for (destination, interface) in [
            ([10, 1, 0, 2], 1),
            (LOCAL_V4, 0),
            ([10, 1, 0, 255], 1),
            ([255; 4], 0),
        ] {
            assert_eq!(
                ip.inject(NX_IP_PACKET_IN, &ipv4_with(17, destination, &[], &[1; 8])),
                NX_SUCCESS
            );
            assert_eq!(
                *INTERFACE.lock().unwrap(),
                Some(interface),
                "{destination:?}"
            );
        }
    });
}

#[test]
fn filters_can_refuse() {
    in_kernel(|| {
        unsafe extern "C" fn refuse(_: *mut NX_IP, _: *mut NX_PACKET, _: u32) -> u32 {
            NX_NOT_SUPPORTED
        }
        unsafe extern "C" fn refuse_simply(_: *mut core::ffi::c_void, direction: u32) -> u32 {
            direction
        }
        let pool = Pool::new(4, 256);
        let ip = hooked(pool);
        let packet = ipv4(NX_PROTOCOL_TCP, &[1; 30]);
        // SAFETY: the instance is valid, and no packet is under way.
        unsafe { (*ip.0).nx_ip_packet_filter = Some(refuse_simply) };
        assert_eq!(ip.inject(NX_IP_PACKET_OUT, &packet), NX_NOT_SUCCESSFUL);
        assert_eq!(take_seen(), [], "the simple filter comes first");
        assert_eq!(ip.inject(NX_IP_PACKET_IN, &packet), NX_SUCCESS);
        assert_eq!(take_seen().len(), 2);
        // SAFETY: as above.
        unsafe { (*ip.0).nx_ip_packet_filter_extended = Some(refuse) };
        assert_eq!(ip.inject(NX_IP_PACKET_IN, &packet), NX_NOT_SUCCESSFUL);
        assert_eq!(take_seen(), []);
        assert_eq!(pool.available(), 4);
    });
}

#[test]
fn injection_says_why_not() {
    in_kernel(|| {
        let pool = Pool::new(2, 64);
        let ip = Ip::bare(pool);
        let packet = ipv4(NX_PROTOCOL_TCP, &[1; 8]);
        assert_eq!(
            ip.inject(NX_IP_PACKET_IN, &packet),
            NX_NOT_ENABLED,
            "no TCP"
        );
        assert_eq!(
            ip.inject(NX_IP_PACKET_IN, &ipv6(NX_PROTOCOL_TCP, &[1; 8])),
            NX_NOT_ENABLED,
            "no IPv6"
        );
        assert_eq!(
            ip.inject(NX_IP_PACKET_IN, &ipv4(47, &[1; 8])),
            NX_NOT_ENABLED
        );
        assert_eq!(
            ip.inject(NX_IP_PACKET_IN, &ipv4(17, &[1; 200])),
            NX_NO_PACKET
        );
        assert_eq!(
            ip.inject(NX_IP_PACKET_IN, &[0x50; 40]),
            NX_INVALID_PACKET,
            "version 5"
        );
        assert_eq!(ip.inject(NX_IP_PACKET_OUT, &[0x50; 40]), NX_INVALID_PACKET);
        assert_eq!(ip.inject(NX_IP_PACKET_IN, &[]), NX_INVALID_PACKET);
        assert_eq!(
            ip.inject(NX_IP_PACKET_IN, &ipv4(6, &[])),
            NX_INVALID_PACKET,
            "nothing behind the header"
        );
        assert_eq!(ip.inject(2, &packet), NX_OPTION_ERROR);
        assert_eq!(
            Ip(common::objects::leak()).inject(NX_IP_PACKET_IN, &packet),
            NX_PTR_ERROR
        );
        assert_eq!(pool.available(), 2);
    });
}

#[test]
fn large_packets_come_as_chains() {
    in_kernel(|| {
        for payload_size in [56, 64, 128, 1536] {
            let pool = Pool::new(40, payload_size);
            let ip = hooked(pool);
            let payload: Vec<u8> = (0..1400).map(|n| n as u8).collect();
            for packet in [
                ipv4(NX_PROTOCOL_TCP, &payload),
                ipv6(NX_PROTOCOL_TCP, &payload),
            ] {
                let (status, built) = ip.build(NX_IP_PACKET_IN, &packet);
                assert_eq!(status, NX_SUCCESS);
                assert_eq!(data(built), payload);
                assert_eq!(parts(built).len() > 1, payload_size < 1440);
                assert_eq!(release(built), NX_SUCCESS);
                assert_eq!(ip.inject(NX_IP_PACKET_OUT, &packet), NX_SUCCESS);
                assert_eq!(take_seen(), [seen("out", &[], &packet, packet[0] >> 4)]);
            }
            assert_eq!(pool.available(), 40);
        }
    });
}

/// Packets of every shape that the stack distinguishes.
fn samples() -> Vec<Vec<u8>> {
    vec![
        ipv4(NX_PROTOCOL_TCP, &[1; 40]),
        ipv4(NX_PROTOCOL_ICMP, &[2; 8]),
        ipv4_with(
            NX_PROTOCOL_UDP,
            LOCAL_V4,
            &[7, 7, 4, 0, 0, 0, 0, 0],
            &[3; 12],
        ),
        ipv6(NX_PROTOCOL_UDP, &[4; 12]),
        ipv6(
            0,
            &[
                &[
                    60, 0, 1, 4, 0, 0, 0, 0, 43, 0, 1, 4, 0, 0, 0, 0, 44, 0, 0, 0, 0, 0, 0, 0,
                ][..],
                &[51, 0, 0, 1, 0, 0, 0, 1, 58, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2][..],
                &[5; 16],
            ]
            .concat(),
        ),
    ]
}

/// Injects a packet twice, with different bytes wherever the packet is not, and so notices when those matter.
fn inject_twice(ip: Ip, pool: Pool, direction: u32, packet: &[u8]) -> (u32, Vec<Seen>) {
    let outcomes = [0x00, 0xFF].map(|byte| {
        pool.fill(byte);
        // A copy that ends where the packet ends, for tools that watch memory.
        (
            ip.inject(direction, &packet.to_vec().into_boxed_slice()),
            take_seen(),
        )
    });
    let [first, second] = outcomes;
    assert_eq!(
        first, second,
        "what is not in the packet counts: {packet:?}"
    );
    first
}

#[test]
fn cut_packets_do_no_harm() {
    in_kernel(|| {
        for payload_size in [16, 24, 40, 64, 256] {
            let pool = Pool::new(16, payload_size);
            let ip = hooked(pool);
            for packet in samples() {
                for length in 0..packet.len() {
                    let (status, seen) = inject_twice(ip, pool, NX_IP_PACKET_IN, &packet[..length]);
                    assert_ne!(status, NX_SUCCESS, "{length} of {packet:?}");
                    assert!(seen.iter().all(|seen| seen.hook == "in"));
                    inject_twice(ip, pool, NX_IP_PACKET_OUT, &packet[..length]);
                }
                if payload_size == 256 {
                    let (status, _) = inject_twice(ip, pool, NX_IP_PACKET_IN, &packet);
                    assert_eq!(status, NX_SUCCESS);
                }
            }
            assert_eq!(pool.available(), 16, "nothing leaks");
        }
    });
}

#[test]
fn corrupted_packets_do_no_harm() {
    in_kernel(|| {
        // A generator that gives the same sequence in every run (xorshift64).
        let mut state = 0x9E37_79B9_7F4A_7C15_u64;
        let mut random = move |below: usize| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state % below as u64) as usize
        };
        let samples = samples();
        for payload_size in [40, 56, 256] {
            let pool = Pool::new(16, payload_size);
            let ip = hooked(pool);
            for _ in 0..10_000 {
                let mut packet = samples[random(samples.len())].clone();
                for _ in 0..=random(4) {
                    let at = random(packet.len());
                    packet[at] = random(256) as u8;
                }
                packet.truncate(1 + random(packet.len()));
                packet.resize(packet.len() + random(3) * 10, 0);
                let direction = [NX_IP_PACKET_IN, NX_IP_PACKET_OUT][random(2)];
                let (status, seen) = inject_twice(ip, pool, direction, &packet);
                // A hook that sees a packet sees data that was in it.
                assert!(seen.iter().all(|seen| seen.data.len() <= packet.len()));
                if status == NX_SUCCESS && direction == NX_IP_PACKET_IN {
                    assert_eq!(seen.len(), 2);
                    assert!(
                        packet
                            .windows(seen[1].data.len().max(1))
                            .any(|part| part == seen[1].data)
                    );
                }
            }
            assert_eq!(pool.available(), 16, "nothing leaks");
        }
    });
}
