//! Captures that were made after what was seen in public ones. The right values were counted by another reader.

use std::{collections::BTreeMap, path::PathBuf, time::Instant};

use defender_message::{SecurityMessage, decode::Payload, flow::Protocol};
use defender_replay::{
    Plan, Replay,
    capture::{Capture, CaptureError, Reason, Tolerance},
    device::Traffic,
};

/// Bytes in and out of each protocol and remote address.
type Sums = BTreeMap<(Protocol, String), (u64, u64)>;

/// What is reported of a case, and its warnings.
fn replay(name: &str, local: &str) -> Result<(Sums, Vec<String>), CaptureError> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(name);
    let local = vec![local.parse().unwrap()];
    let begun = Instant::now();
    let opened = Capture::at(&path)?.open(local, Tolerance::Lenient)?;
    let mut replay = Replay::new(opened.packets, Plan::new("case", opened.device));
    let mut sums = Sums::new();
    while let Some(message) = replay.next_message()? {
        let message = SecurityMessage::decode(&message.bytes).unwrap();
        for event in message.events {
            let Payload::NetworkActivity { flows } = event.payload else {
                continue;
            };
            for flow in flows {
                let key = (flow.protocol, flow.remote_address.to_string());
                let sum = sums.entry(key).or_default();
                sum.0 += u64::from(flow.bytes_in);
                sum.1 += u64::from(flow.bytes_out);
            }
        }
    }
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
            ((*protocol, (*remote).to_owned()), (*bytes_in, *bytes_out))
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
    for name in ["gaps-3x7days.pcap", "over-2038.pcap"] {
        assert!(!replay(name, "10.77.0.2").unwrap().0.is_empty(), "{name}");
    }
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
    assert!(!replay("200flows.pcap", "10.0.0.2").unwrap().0.is_empty());
}

#[test]
fn damage_is_an_error_and_no_panic() {
    let error = replay("pcapparser-sub-overflow.pcapng", "10.0.0.2").unwrap_err();
    assert!(matches!(error.reason, Reason::Fault { .. }), "{error}");
}
