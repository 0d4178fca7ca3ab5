//! Bytes of each protocol, peer and direction, as they are reported and as tshark counts them.

use std::{fs, net::IpAddr, path::Path};

use defender_message::SecurityMessage;
use defender_replay::{
    Plan, Replay,
    capture::{Capture, Name, Tolerance},
    device::{MAX_FLOWS, Traffic, default_settings},
};
use proptest::{collection::vec, prelude::*};

use crate::{
    build::{BOTH, ETHERNET, Endian, MICROSECONDS, NANOSECONDS, PATCHED, RAW},
    formats::compressed,
    frames::{self, Framing, Version},
    packets::{Carried, DEVICE, Ip, ip},
    tshark_support::{self, Sums},
};

/// What tshark 4.0 shows as bytes, or does not know.
fn is_beyond_tshark(framing: &Framing) -> bool {
    // SLIP, Cisco HDLC and frame relay with a direction, MPLS, tags of switches; and Ethernet with its preamble, as there is no
    // checksum behind it here.
    const LINKS: [u32; 10] = [8, 205, 206, 219, 241, 274, 281, 282, 284, 285];
    // VLAN tags of an old type.
    let is_old_tag = framing.header.get(12..14) == Some(&[0x92, 0x00]);
    // A firewall's log of a machine with the other order of bytes.
    let is_big = framing.link == 239 && framing.header.len() == 8;
    LINKS.contains(&framing.link) || is_big || (framing.link == ETHERNET && is_old_tag)
}

/// Whether tshark reads frames of a link type that were cut: not where a header says the length of the packet, and it takes that for
/// an error.
fn may_be_cut(link: u32) -> bool {
    ![226, 239].contains(&link)
}

/// Whether it says the length of a packet where larger numbers are types.
fn is_short(framing: &Framing) -> bool {
    let llc = |bytes: &[u8]| matches!(bytes, [0xaa, 0xaa, 3] | [6, 6, 3]);
    framing.link == ETHERNET && framing.header.windows(3).any(llc)
}

/// What is reported of a capture, to the last byte.
fn reported(file: &[u8], device: &[IpAddr]) -> Sums {
    let capture = Capture::in_memory(Name::Memory, file);
    let local = device.iter().map(|own| (*own).into()).collect();
    let opened = capture.open(local, Tolerance::Strict).unwrap();
    let mut settings = default_settings();
    settings.set_flow_limits(MAX_FLOWS, MAX_FLOWS).unwrap();
    let plan = Plan::new("device", opened.device).settings(settings);
    let mut replay = Replay::new(opened.packets, plan);
    let mut sums = Sums::new();
    while let Some(message) = replay.next_message().unwrap() {
        tshark_support::add(&mut sums, &SecurityMessage::decode(&message.bytes).unwrap());
    }
    assert_eq!(replay.unreported(), Traffic::default());
    sums
}

/// What is in one of them and not in the other.
fn difference(reported: &Sums, counted: &Sums) -> Vec<String> {
    let without = |all: &Sums, other: &Sums, who: &str| {
        let only = all.iter().filter(|(key, sum)| other.get(key) != Some(sum));
        let lines = only.map(|entry| format!("{who}: {entry:?}"));
        lines.collect::<Vec<_>>()
    };
    [
        without(reported, counted, "reported"),
        without(counted, reported, "counted"),
    ]
    .concat()
}

/// What tshark counts in a capture.
fn counted(file: &[u8], device: &[IpAddr]) -> Option<Sums> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("capture");
    fs::write(&path, file).unwrap();
    tshark_support::count(&path, device)
}

/// A capture of frames, each on an interface of its link type.
fn pcapng(frames: &[(u32, Vec<u8>, usize)]) -> Vec<u8> {
    let endian = Endian::Little;
    let mut file = endian.section();
    let mut links = Vec::new();
    for (link, _, _) in frames {
        if !links.contains(link) {
            links.push(*link);
            file.extend(endian.interface(*link as u16, &[]));
        }
    }
    for (at, (link, frame, captured)) in frames.iter().enumerate() {
        let interface = links.iter().position(|known| known == link).unwrap();
        let ticks = 1_000_000_000_000 + 300_000 * at as u64;
        file.extend(endian.enhanced(
            interface as u32,
            ticks,
            &frame[..*captured],
            frame.len() as u32,
        ));
    }
    file
}

/// A frame of every framing that tshark knows, with `ip` in it.
fn framed(at: usize, ip: &Ip) -> (u32, Vec<u8>) {
    let packet = ip.bytes();
    let mut all = frames::all(packet.len() as u16);
    all.retain(|framing| {
        let fits = packet.len() <= 1492 || !is_short(framing);
        fits && framing.version == ip.version && !is_beyond_tshark(framing)
    });
    let Framing { link, header, .. } = all.swap_remove(at % all.len());
    (link, [header, packet].concat())
}

/// Whole, and without what a snapshot length leaves out.
#[test]
fn every_framing_is_counted_as_tshark_counts_it() {
    for (data, captured) in [(100, usize::MAX), (1000, 320)] {
        let mut frames = Vec::new();
        for (at, framing) in frames::all(0).iter().enumerate() {
            let ip = Ip {
                version: framing.version,
                peer: at as u8,
                is_outgoing: at % 2 == 0,
                carried: Carried::Udp,
                data: data + at,
                options: 0,
            };
            let packet = ip.bytes();
            let framing = frames::all(packet.len() as u16).swap_remove(at);
            if is_beyond_tshark(&framing) {
                continue;
            }
            let frame = [framing.header, packet].concat();
            let captured = match may_be_cut(framing.link) {
                true => captured.min(frame.len()),
                false => frame.len(),
            };
            frames.push((framing.link, frame, captured));
        }
        let file = pcapng(&frames);
        let reported = reported(&file, &DEVICE);
        assert_eq!(reported.len(), frames.len());
        if let Some(counted) = counted(&file, &DEVICE) {
            assert_eq!(difference(&reported, &counted), [""; 0]);
        }
    }
}

#[test]
fn every_format_is_counted_as_tshark_counts_it() {
    let frames: Vec<_> = (0..40)
        .map(|at| {
            let version = if at % 3 == 0 {
                Version::V6
            } else {
                Version::V4
            };
            let carried = [Carried::Tcp, Carried::Udp, Carried::Icmp][at % 3];
            Ip {
                version,
                peer: at as u8 % 7,
                is_outgoing: at % 2 == 0,
                carried,
                data: at * 10,
                options: 0,
            }
            .bytes()
        })
        .collect();
    let timed: Vec<_> = frames
        .iter()
        .enumerate()
        .map(|(at, frame)| (1_000_000 + at as u32, &frame[..]))
        .collect();
    let mut files = Vec::new();
    for endian in BOTH {
        for magic in [MICROSECONDS, NANOSECONDS, PATCHED] {
            files.push(endian.pcap(magic, RAW, &timed));
        }
        let mut file = [endian.section(), endian.interface(RAW as u16, &[])].concat();
        for (time, frame) in &timed {
            let ticks = u64::from(*time) * 1_000_000;
            file.extend(match time % 3 {
                0 => endian.enhanced(0, ticks, frame, frame.len() as u32),
                1 => endian.packet(0, ticks, frame),
                _ => endian.simple(frame),
            });
        }
        files.push(file);
    }
    for program in ["gzip", "zstd"] {
        files.extend(compressed(program, &files[0]));
    }
    let Some(expected) = counted(&files[0], &DEVICE) else {
        return;
    };
    assert!(expected.len() > 7, "{expected:?}");
    for (at, file) in files.iter().enumerate() {
        assert_eq!(
            difference(&reported(file, &DEVICE), &expected),
            [""; 0],
            "file {at}"
        );
        // It may have been built without zstd.
        if !file.starts_with(&[0x28, 0xb5]) {
            assert_eq!(counted(file, &DEVICE).unwrap(), expected, "file {at}");
        }
    }
}

/// Those of the cases that tshark reads: one is cut, which is an error to it, and two are damaged.
#[test]
fn captures_as_seen_in_the_wild_are_counted_as_tshark_counts_them() {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data");
    let cases = [
        "200flows",
        "caplen-gt-origlen",
        "clock-back",
        "clock-set",
        "gap-1day",
        "short",
        "snap-ip",
        "snaplen54",
        "tso-total-length-0",
        "weekly-6.9d",
    ];
    let cases = cases.map(|name| (own.join(format!("{name}.pcap")), &["10.0.0.2"][..]));
    let others = [
        (own.join("gaps-3x7days.pcap"), &["10.77.0.2"][..]),
        (own.join("over-2038.pcap"), &["10.77.0.2"]),
        (vectors.join("office/input.pcap"), &["10.77.0.2", "fd77::2"]),
        (vectors.join("scan/input.pcap"), &["10.78.0.2", "fd78::2"]),
    ];
    for (path, device) in cases.into_iter().chain(others) {
        let device: Vec<_> = device.iter().map(|own| own.parse().unwrap()).collect();
        let Some(counted) = tshark_support::count(&path, &device) else {
            return;
        };
        let file = fs::read(&path).unwrap();
        let path = path.display();
        assert!(!counted.is_empty(), "{path}");
        let reported = reported(&file, &device);
        assert_eq!(difference(&reported, &counted), [""; 0], "{path}");
    }
}

proptest! {
    // Each starts tshark.
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// In any framing, with padding behind it, or without what a snapshot length leaves out.
    #[test]
    fn random_captures_are_counted_as_tshark_counts_them(
        packets in vec((ip(), any::<usize>(), 0..3_usize, any::<usize>()), 1..300),
    ) {
        let frames: Vec<_> = packets
            .iter()
            .map(|(ip, at, kind, amount)| {
                let (link, mut frame) = framed(*at, ip);
                // Only Ethernet fills up its frames. Headers are captured whole, longer than any framing's and packet's.
                if *kind == 1 && link == ETHERNET {
                    frame.resize(frame.len() + amount % 50, 0);
                }
                let least = frame.len().min(320);
                let captured = match kind {
                    2 if may_be_cut(link) => least + amount % (frame.len() - least + 1),
                    _ => frame.len(),
                };
                (link, frame, captured)
            })
            .collect();
        let file = pcapng(&frames);
        if let Some(counted) = counted(&file, &DEVICE) {
            prop_assert_eq!(difference(&reported(&file, &DEVICE), &counted), Vec::<String>::new());
        }
    }
}
