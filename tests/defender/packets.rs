//! Packets that are broken, in fragments, or spread over several buffers.

use std::ffi::CStr;
use std::path::Path;

use netxduo_sys::{NX_INVALID_PACKET, NX_PHYSICAL_HEADER};
use pcap_parser::PcapCapture;
use threadx_defender::Error;
use threadx_defender::agent::packet::Direction::{self, In, Out};
use threadx_defender::agent::{PacketStatistics, Protocol, Settings};
use threadx_defender::defender::{Defender, DefenderStorage};
use threadx_defender::kernel::Kernel;
use threadx_defender::net::{Ip, PacketPool, PacketPoolStorage};

use crate::device::talk::{Talk, Tally, talk};
use crate::device::{Device, HUBS, IPS, MASK, count_packet, create_ip, no_jitter};
use crate::kernel::in_kernel;

static SMALL_POOL: PacketPoolStorage<{ 1 << 20 }> = PacketPoolStorage::new();

/// The payload of a packet whose first buffer holds so many bytes.
const fn payload(first_buffer: u32) -> u32 {
    NX_PHYSICAL_HEADER + first_buffer
}

/// One flow of each protocol and IP version, of the second instance.
fn talks() -> [Talk; 6] {
    [
        talk(Protocol::Tcp, "10.0.1.2:50000", "192.0.2.1:8883"),
        talk(Protocol::Udp, "10.0.1.2:50001", "192.0.2.2:53"),
        talk(Protocol::Icmp, "10.0.1.2:0", "192.0.2.3:0"),
        talk(Protocol::Tcp, "[fd00:1::2]:50002", "[2001:db8::1]:443"),
        talk(Protocol::Udp, "[fd00:1::2]:50003", "[2001:db8::2]:123"),
        talk(Protocol::Icmp, "[fd00:1::2]:0", "[2001:db8::3]:0"),
    ]
}

#[test]
fn outgoing_packets_may_be_spread_over_the_smallest_buffers() {
    in_kernel(|kernel| {
        let device = Device::start(kernel);
        let pool = SMALL_POOL.create(kernel, c"small", payload(8)).unwrap();
        let ip = create_ip(kernel, 1, c"small", &pool);
        device.seconds(1);
        let free = pool.available();
        let mut injected = Tally::new();
        for talk in &talks() {
            for data in [0, 1, 7, 8, 9, 100, 1400] {
                count_packet(&ip, &mut injected, talk, Out, data);
            }
        }
        device.seconds(30);
        assert_eq!(HUBS[0].tally(), injected);
        assert_eq!(pool.available(), free);
    });
}

#[test]
fn incoming_packets_may_be_cut_right_behind_or_within_their_headers() {
    in_kernel(|kernel| {
        let device = Device::start(kernel);
        let pool = SMALL_POOL.create(kernel, c"small", payload(40)).unwrap();
        let ip = create_ip(kernel, 1, c"small", &pool);
        device.seconds(1);
        let free = pool.available();
        let mut injected = Tally::new();
        // For IPv4 the first buffer ends in or behind the TCP header; for IPv6 the transport header is in the second.
        for talk in &talks() {
            for data in [0, 1, 12, 100, 1400] {
                count_packet(&ip, &mut injected, talk, In, data);
            }
        }
        device.seconds(30);
        assert_eq!(HUBS[0].tally(), injected);
        assert_eq!(pool.available(), free);
    });
}

#[test]
fn incoming_packets_at_the_filter_may_be_spread_over_the_smallest_buffers() {
    in_kernel(|kernel| {
        let device = Device::start(kernel);
        device.agent().set_unicast_only(false).unwrap();
        let pool = SMALL_POOL.create(kernel, c"small", payload(8)).unwrap();
        let ip = create_ip(kernel, 1, c"small", &pool);
        device.seconds(1);
        let mut injected = Tally::new();
        for talk in &talks() {
            // NetX Duo wants an IP header in one piece, but only after the filter.
            let status = status(ip.inject(In, &talk.packet(In, 50)));
            assert_eq!(status, NX_INVALID_PACKET);
            crate::device::talk::count(&mut injected, talk, In, 50);
        }
        device.seconds(30);
        assert_eq!(HUBS[0].tally(), injected);
    });
}

/// The status of what failed.
fn status(result: Result<(), Error>) -> u32 {
    match result {
        Err(Error::C { status, .. }) => status.code,
        other => panic!("{other:?} in place of a status"),
    }
}

#[test]
fn fragments_never_get_made_up_ports() {
    in_kernel(|kernel| {
        let device = Device::start(kernel);
        let whole = talk(Protocol::Udp, "10.0.0.2:5000", "192.0.2.1:53");
        let mut injected = Tally::new();
        let portless = talk(Protocol::Udp, "10.0.0.2:0", "192.0.2.1:0");
        for direction in [In, Out] {
            let mut first = whole.packet(direction, 100);
            first[6] = 0x20; // More fragments.
            device.ip.inject(direction, &first).unwrap();
            crate::device::talk::count(&mut injected, &whole, direction, 100);
            let mut later = whole.packet(direction, 64);
            later[7] = 0x0E; // At 14 times 8 bytes, so that what follows are data.
            later[20..].fill(0xEE);
            device.ip.inject(direction, &later).unwrap();
            // The same number of bytes as a header and 64 bytes of data.
            crate::device::talk::count(&mut injected, &portless, direction, 64);
        }
        device.seconds(30);
        assert_eq!(HUBS[0].tally(), injected);
    });
}

#[test]
fn a_packet_shorter_than_its_headers_claim_is_malformed() {
    in_kernel(|kernel| {
        let device = Device::start(kernel);
        let whole = talk(Protocol::Udp, "10.0.0.2:5000", "192.0.2.1:53").packet(Out, 100);
        let v6 = talk(Protocol::Tcp, "[fd00::2]:5000", "[2001:db8::1]:443").packet(Out, 100);
        let mut malformed = 0;
        for (packet, header) in [(&whole, 20), (&v6, 40)] {
            for length in header..packet.len() {
                device.ip.inject(Out, &packet[..length]).unwrap();
                malformed += 1;
            }
            // NetX Duo neither sends nor delivers half an IP header.
            for length in 1..header {
                let packet = &packet[..length];
                assert_eq!(status(device.ip.inject(Out, packet)), NX_INVALID_PACKET);
                assert_eq!(status(device.ip.inject(In, packet)), NX_INVALID_PACKET);
            }
        }
        let packets = device.agent().statistics().unwrap().packets;
        assert_eq!(packets.packets_malformed, malformed);
        assert_eq!(packets.packets_seen(), malformed);
        device.seconds(30);
        assert_eq!(HUBS[0].tally(), Tally::new());
    });
}

/// The packets of the capture of broken packets.
fn broken_packets() -> Vec<Vec<u8>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/malformed/input.pcap");
    let file = std::fs::read(path).unwrap();
    let (_, capture) = pcap_parser::parse_pcap(&file).unwrap();
    let capture: PcapCapture<'_> = capture;
    let packets = capture.blocks.iter().filter_map(|block| {
        let (_ethernet, packet) = block.data.split_at_checked(14)?;
        (!packet.is_empty()).then(|| packet.to_vec())
    });
    let packets: Vec<_> = packets.collect();
    assert!(packets.len() > 3_000);
    packets
}

/// An IP instance with the addresses of that capture.
fn broken_ip(
    kernel: threadx_defender::kernel::Kernel,
    number: usize,
    name: &'static CStr,
    pool: &PacketPool,
) -> Ip {
    Ip::builder(name, [10, 79, 0, 2].into(), MASK)
        .ipv6_address("fd79::2".parse().unwrap(), 64)
        .create(kernel, &IPS[number], pool)
        .unwrap()
}

/// Passes them all by an instance, and says how many of them it took, what was counted, and what a hub was told.
fn pass_broken(
    device: &Device,
    agent: &Defender,
    ip: &Ip,
    pool: &PacketPool,
    direction: Direction,
) -> (u64, PacketStatistics, Tally) {
    let free = pool.available();
    let before = agent.statistics().unwrap().packets;
    let mut taken = 0;
    for packet in broken_packets() {
        match ip.inject(direction, &packet) {
            Ok(()) => taken += 1,
            Err(Error::C { status, .. }) => {
                assert_ne!(
                    status.code,
                    netxduo_sys::NX_NO_PACKET,
                    "the pool is too small"
                );
            }
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!(pool.available(), free);
    let after = agent.statistics().unwrap().packets;
    let mut counted = PacketStatistics::new();
    counted.packets_counted = after.packets_counted - before.packets_counted;
    counted.packets_ignored = after.packets_ignored - before.packets_ignored;
    counted.packets_malformed = after.packets_malformed - before.packets_malformed;
    HUBS[0].clear();
    device.seconds(60);
    (taken, counted, HUBS[0].tally())
}

static LARGE_AGENT: DefenderStorage<2048, 2048> = DefenderStorage::new();

/// A device with an IP instance on its pool and one on a pool of packets with `small_payload` bytes, each with its pool, and
/// an agent that has these settings and room for every flow.
fn with_two_pools(
    kernel: Kernel,
    settings: Settings,
    small_payload: u32,
    test: impl FnOnce(&Device, &Defender, [(&Ip, &PacketPool); 2]),
) {
    let device = Device::without_agent(kernel);
    let agent = Defender::builder()
        .settings(settings)
        .enable(&LARGE_AGENT, &device.azure)
        .unwrap();
    let pool = SMALL_POOL
        .create(kernel, c"small", payload(small_payload))
        .unwrap();
    let large = broken_ip(kernel, 1, c"large", &device.pool);
    let small = broken_ip(kernel, 2, c"small", &pool);
    device.seconds(1);
    test(&device, &agent, [(&large, &device.pool), (&small, &pool)]);
}

#[test]
fn broken_outgoing_packets_are_read_alike_in_one_buffer_and_in_many() {
    in_kernel(|kernel| {
        with_two_pools(kernel, no_jitter(), 8, |device, agent, [large, small]| {
            let large = pass_broken(device, agent, large.0, large.1, Out);
            let small = pass_broken(device, agent, small.0, small.1, Out);
            assert_eq!(
                large.0,
                large.1.packets_seen(),
                "the filter sees what goes out"
            );
            assert!(large.1.packets_malformed > 0 && large.1.packets_counted > 0);
            assert_eq!(small, large);
        });
    });
}

#[test]
fn broken_incoming_packets_are_read_alike_in_one_buffer_and_in_many() {
    in_kernel(|kernel| {
        let mut settings = no_jitter();
        settings.set_unicast_only(false);
        with_two_pools(kernel, settings, 8, |device, agent, [large, small]| {
            let large = pass_broken(device, agent, large.0, large.1, In);
            let small = pass_broken(device, agent, small.0, small.1, In);
            assert_eq!(large.1.packets_seen(), broken_packets().len() as u64);
            assert_eq!((small.1, small.2), (large.1, large.2));
        });
    });
}

#[test]
fn broken_packets_that_reach_a_receive_function_do_no_harm() {
    in_kernel(|kernel| {
        with_two_pools(kernel, no_jitter(), 40, |device, agent, instances| {
            for (ip, pool) in instances {
                let (delivered, counted, _) = pass_broken(device, agent, ip, pool, In);
                assert!(delivered > 100);
                assert!(counted.packets_counted > 100);
                // IGMP reaches a receive function as well, but not one that is hooked.
                assert!(counted.packets_seen() <= delivered);
            }
        });
    });
}
