//! Captures that were made after what was seen in public ones. The right values were counted by another reader.

use std::{
    net::{IpAddr, Ipv4Addr},
    path::PathBuf,
    time::Instant,
};

use defender_message::{SecurityMessage, flow::Protocol};
use defender_replay::{
    Plan, Replay,
    capture::{Capture, CaptureError, Name, Packets, Reason, Tolerance},
    device::Traffic,
};

use crate::{
    build::{Endian, RAW, udp},
    tshark_support::{self, Sums},
};

/// What is reported in all, and what has reported it.
fn sums(mut replay: Replay<Packets>) -> (Sums, Replay<Packets>) {
    let mut sums = Sums::new();
    while let Some(message) = replay.next_message().unwrap() {
        tshark_support::add(&mut sums, &SecurityMessage::decode(&message.bytes).unwrap());
    }
    (sums, replay)
}

/// What is reported of a case, and its warnings.
fn replay(name: &str, local: &str) -> Result<(Sums, Vec<String>), CaptureError> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(name);
    let local = vec![local.parse().unwrap()];
    let begun = Instant::now();
    let opened = Capture::at(&path)?.open(local, Tolerance::Lenient)?;
    let (sums, replay) = sums(Replay::new(
        opened.packets,
        Plan::new("case", opened.device),
    ));
    // Even where nothing is optimized, and eight others build meanwhile.
    assert!(
        begun.elapsed().as_secs() < 20,
        "{name}: {:?}",
        begun.elapsed()
    );
    assert_eq!(replay.unreported(), Traffic::default());
    let faults = replay.source().reader().faults();
    Ok((sums, faults.sentences(&name)))
}

#[track_caller]
fn is_reported(name: &str, expected: &[(Protocol, &str, u64, u64)], warnings: usize) {
    let (sums, said) = replay(name, "10.0.0.2").unwrap();
    let expected: Sums = expected
        .iter()
        .map(|(protocol, remote, bytes_in, bytes_out)| {
            (
                (*protocol, remote.parse().unwrap()),
                (*bytes_in, *bytes_out),
            )
        })
        .collect();
    assert_eq!(sums, expected, "{name}: {said:?}");
    assert_eq!(said.len(), warnings, "{said:?}");
}

/// UDP out to one peer.
#[track_caller]
fn is_udp_out(name: &str, bytes: u64, warnings: usize) {
    let (sums, said) = replay(name, "10.0.0.2").unwrap();
    let out: u64 = sums
        .iter()
        .filter(|((protocol, _), _)| *protocol == Protocol::Udp)
        .map(|(_, (_, bytes_out))| bytes_out)
        .sum();
    assert_eq!(out, bytes, "{name}: {sums:?} {said:?}");
    assert_eq!(said.len(), warnings, "{said:?}");
}

#[test]
fn a_capture_that_ends_before_the_first_collection_is_reported() {
    is_udp_out("short.pcap", 200, 0);
}

#[test]
fn long_times_without_packets_are_no_time_at_all() {
    for (name, packets) in [("weekly-6.9d.pcap", 8), ("gap-1day.pcap", 2)] {
        let (sums, said) = replay(name, "10.0.0.2").unwrap();
        let total: u64 = sums
            .values()
            .map(|(bytes_in, bytes_out)| bytes_in + bytes_out)
            .sum();
        // Each packet of a file is as long as the others.
        assert!(
            total > 0 && total.is_multiple_of(packets),
            "{name}: {sums:?}"
        );
        assert!(said.is_empty(), "{said:?}");
    }
    // 4 packets of 12 bytes in three weeks, and 60 around the last second of 32 signed bits.
    for (name, bytes) in [("gaps-3x7days.pcap", 48), ("over-2038.pcap", 720)] {
        let (sums, said) = replay(name, "10.77.0.2").unwrap();
        let expected = (
            (Protocol::Udp, Ipv4Addr::new(10, 0, 0, 1).into()),
            (0, bytes),
        );
        assert_eq!(sums, Sums::from([expected]), "{name}");
        assert!(said.is_empty(), "{said:?}");
    }
}

/// The 64 that have room keep their names; of the others there is the sum.
#[test]
fn more_flows_than_have_room_are_reported_to_the_last_byte() {
    let (sums, said) = replay("200flows.pcap", "10.0.0.2").unwrap();
    assert!(said.is_empty(), "{said:?}");
    assert_eq!(sums.len(), 64 + 2);
    let mut others = 25_500;
    for ((protocol, remote), (bytes_in, bytes_out)) in &sums {
        let IpAddr::V4(remote) = remote else {
            panic!("{remote}");
        };
        assert_eq!((*protocol, *bytes_in), (Protocol::Udp, 0));
        // 10.1.0.1 to 10.1.0.100 and 10.1.1.1 to 10.1.1.100 have 28 to 227 bytes.
        match remote.octets() {
            [10, 1, block, number] => {
                let expected = 27 + 100 * u64::from(block) + u64::from(number);
                assert_eq!(*bytes_out, expected, "{remote}");
            }
            // The last packet, half a minute later.
            [10, 0, 0, 1] => {
                assert_eq!(*bytes_out, 9);
                continue;
            }
            other => assert_eq!(other, [0; 4]),
        }
        others -= bytes_out;
    }
    assert_eq!(others, 0);
}

/// As `valid-shb-2x60k-comments.pcapng`: two comments in its header, and one packet.
#[test]
fn a_large_header_hides_no_packet() {
    let endian = Endian::Little;
    let packet = udp([10, 0, 0, 2], [10, 0, 0, 1], 4);
    let file = [
        endian.section_with(&[60_000, 60_000]),
        endian.interface(RAW as u16, &[]),
        endian.enhanced(0, 7_000_000, &packet, packet.len() as u32),
    ]
    .concat();
    let capture = Capture::in_memory(Name::Memory, file);
    let opened = capture.open(vec!["10.0.0.2".parse().unwrap()], Tolerance::Strict);
    let opened = opened.unwrap();
    let (sums, replay) = sums(Replay::new(
        opened.packets,
        Plan::new("case", opened.device),
    ));
    let expected = ((Protocol::Udp, Ipv4Addr::new(10, 0, 0, 1).into()), (0, 12));
    assert_eq!(sums, Sums::from([expected]));
    assert_eq!(replay.source().reader().packets(), 1);
}

#[test]
fn segments_that_the_card_was_to_cut_count_with_the_frames_length() {
    let (sums, said) = replay("tso-total-length-0.pcap", "10.0.0.2").unwrap();
    let of = |wanted| -> u64 {
        sums.iter()
            .filter(|((protocol, _), _)| *protocol == wanted)
            .map(|(_, (_, bytes_out))| bytes_out)
            .sum()
    };
    assert_eq!((of(Protocol::Tcp), of(Protocol::Udp)), (3000, 100));
    assert!(said[0].contains("segmentation offload"), "{said:?}");
}

#[test]
fn whole_packets_of_a_cut_capture_are_reported() {
    is_udp_out("cut.pcap", 200, 1);
}

#[test]
fn who_asks_for_an_address_is_the_device() {
    is_reported(
        "dhcp-discover.pcap",
        &[
            (Protocol::Udp, "255.255.255.255", 0, 308),
            (Protocol::Udp, "10.0.0.1", 0, 100),
        ],
        0,
    );
}

#[test]
fn snap_is_read_like_ethernet() {
    is_udp_out("snap-ip.pcap", 200, 0);
}

#[test]
fn what_was_right_stays_right() {
    let (sums, _) = replay("snaplen54.pcap", "10.0.0.2").unwrap();
    let tcp: u64 = sums
        .iter()
        .filter(|((protocol, _), _)| *protocol == Protocol::Tcp)
        .map(|(_, (_, bytes_out))| bytes_out)
        .sum();
    assert_eq!(tcp, 2800);
    is_udp_out("clock-set.pcap", 400, 0);
    is_udp_out("clock-back.pcap", 500, 0);
    is_udp_out("caplen-gt-origlen.pcap", 200, 0);
}

#[test]
fn damage_is_an_error_and_no_panic() {
    let error = replay("pcapparser-sub-overflow.pcapng", "10.0.0.2").unwrap_err();
    assert!(matches!(error.reason, Reason::Fault { .. }), "{error}");
}
