//! `defender replay` of captures that are made here, packet by packet.

mod support;

use std::{
    fs,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
};

use predicates::str::contains;
use serde_json::Value;
use support::{defender, json_lines, pcap, without_ids};
use tempfile::TempDir;

const ETHERNET: u32 = 1;
const RAW_IP: u32 = 101;

/// A UDP datagram with `length` bytes of data, in an IP packet.
fn udp(from: &str, to: &str, length: usize) -> Vec<u8> {
    let [from, to]: [SocketAddr; 2] = [from, to].map(|text| text.parse().unwrap());
    let udp_length = (8 + length) as u16;
    let mut packet = match (from.ip(), to.ip()) {
        (IpAddr::V4(from), IpAddr::V4(to)) => {
            let mut header = vec![0x45, 0, 0, 0, 0, 0, 0, 0, 64, 17, 0, 0];
            header[2..4].copy_from_slice(&(20 + udp_length).to_be_bytes());
            header.extend(from.octets());
            header.extend(to.octets());
            header
        }
        (IpAddr::V6(from), IpAddr::V6(to)) => {
            let mut header = vec![0x60, 0, 0, 0, 0, 0, 17, 64];
            header[4..6].copy_from_slice(&udp_length.to_be_bytes());
            header.extend(from.octets());
            header.extend(to.octets());
            header
        }
        _ => panic!("{from} and {to} are of different IP versions"),
    };
    for field in [from.port(), to.port(), udp_length, 0] {
        packet.extend(field.to_be_bytes());
    }
    packet.resize(packet.len() + length, 0xa5);
    packet
}

/// A capture in a directory of its own.
struct Capture {
    _directory: TempDir,
    path: PathBuf,
}

impl Capture {
    fn of(link: u32, packets: &[(u32, Vec<u8>)]) -> Self {
        let directory = TempDir::new().unwrap();
        let path = directory.path().join("capture.pcap");
        let packets: Vec<_> = packets
            .iter()
            .map(|(time, data)| (*time, data.as_slice()))
            .collect();
        fs::write(&path, pcap(link, &packets)).unwrap();
        Self {
            _directory: directory,
            path,
        }
    }

    /// Messages, and what is said on standard error.
    fn replay(&self, options: &[&str]) -> (Vec<Value>, String) {
        let output = defender(["replay", "--json"])
            .arg(&self.path)
            .args(options)
            .assert()
            .success();
        let output = output.get_output();
        (
            without_ids(json_lines(&output.stdout)),
            String::from_utf8(output.stderr.clone()).unwrap(),
        )
    }
}

/// Local address, remote address, bytes in and out of every flow.
fn flows(messages: &[Value]) -> Vec<(&str, &str, u64, u64)> {
    messages
        .iter()
        .flat_map(|message| message["events"].as_array().unwrap())
        .filter_map(|event| event["flows"].as_array())
        .flatten()
        .map(|flow| {
            (
                flow["local_address"].as_str().unwrap(),
                flow["remote_address"].as_str().unwrap(),
                flow["bytes_in"].as_u64().unwrap(),
                flow["bytes_out"].as_u64().unwrap(),
            )
        })
        .collect()
}

#[test]
fn a_device_may_have_several_addresses() {
    let ipv4: Vec<_> = (1..=4).map(|last| format!("10.0.{last}.2")).collect();
    let ipv6: Vec<_> = (1..=9).map(|last| format!("fd00:{last}::2")).collect();
    let mut packets = Vec::new();
    for (index, address) in ipv4.iter().enumerate() {
        let own = format!("{address}:5000");
        packets.push((1000, udp(&own, "192.0.2.1:53", 10 + index)));
        packets.push((1000, udp("192.0.2.1:53", &own, 20 + index)));
    }
    for (index, address) in ipv6.iter().enumerate() {
        let own = format!("[{address}]:5000");
        packets.push((1001, udp(&own, "[2001:db8::1]:53", 10 + index)));
        packets.push((1001, udp("[2001:db8::1]:53", &own, 20 + index)));
    }
    let mut options = Vec::new();
    for address in ipv4.iter().chain(&ipv6) {
        options.extend(["--local", address]);
    }
    // Long enough for the first collection.
    packets.push((1030, udp("10.0.1.2:1", "192.0.2.1:2", 0)));

    let capture = Capture::of(RAW_IP, &packets);
    let (messages, summary) = capture.replay(&options);
    let seen = flows(&messages[..1]);
    let of = |addresses: &[String], remote: &'static str| {
        addresses
            .iter()
            .enumerate()
            .map(|(index, address)| {
                (
                    address.clone(),
                    remote,
                    28 + index as u64,
                    18 + index as u64,
                )
            })
            .collect::<Vec<_>>()
    };
    let mut expected = of(&ipv4, "192.0.2.1");
    expected.extend(of(&ipv6, "2001:db8::1"));
    let seen: Vec<_> = seen
        .into_iter()
        .map(|(local, remote, bytes_in, bytes_out)| (local.to_owned(), remote, bytes_in, bytes_out))
        .collect();
    assert_eq!(seen, expected, "{summary}");
}

#[test]
fn every_packet_is_counted_ignored_or_malformed() {
    let mut cut = udp("10.0.0.1:53", "10.0.0.2:5000", 100);
    cut.truncate(60);
    let packets = [
        (1000, udp("10.0.0.2:5000", "10.0.0.1:53", 1)),
        (1000, udp("10.0.0.1:53", "10.0.0.2:5000", 2)),
        // Somebody else's, and to a group.
        (1001, udp("10.0.0.3:1", "10.0.0.4:2", 3)),
        (1001, udp("10.0.0.3:1", "224.0.0.251:5353", 4)),
        // Shorter than they claim, in and out.
        (1002, cut),
        (
            1002,
            udp("10.0.0.2:5000", "10.0.0.1:53", 100)[..27].to_vec(),
        ),
        // Nothing at all, and not IP.
        (1003, Vec::new()),
        (1003, vec![0xff; 40]),
    ];
    let capture = Capture::of(RAW_IP, &packets);
    let (_, summary) = capture.replay(&["--local", "10.0.0.2"]);
    let expected = "8 packets seen: 2 counted, 2 ignored, 4 malformed; ";
    assert!(summary.starts_with(expected), "{summary}");

    // With another hook the agent sees packets before NetX Duo drops them; each counts once nevertheless.
    let config = capture.path.with_file_name("config.toml");
    fs::write(&config, "[network-activity]\nunicast-only = false\n").unwrap();
    let options = ["--local", "10.0.0.2", "--config", config.to_str().unwrap()];
    let (_, summary) = capture.replay(&options);
    let expected = "8 packets seen: 3 counted, 1 ignored, 4 malformed; ";
    assert!(summary.starts_with(expected), "{summary}");
}

#[test]
fn frames_without_ip_are_ignored() {
    let ethernet =
        |kind: u16, payload: &[u8]| [&[2; 12][..], &kind.to_be_bytes(), payload].concat();
    let packet = udp("10.0.0.2:5000", "10.0.0.1:53", 18);
    let packets = [
        (1000, ethernet(0x0806, &[0; 28])),
        (1000, ethernet(0x0800, &packet)),
        // Padding behind the packet is no part of it.
        (1000, ethernet(0x0800, &[&packet[..], &[0; 10]].concat())),
    ];
    let capture = Capture::of(ETHERNET, &packets);
    let (_, summary) = capture.replay(&["--local", "10.0.0.2"]);
    assert!(
        summary.starts_with("3 packets seen: 2 counted, 1 ignored, 0 malformed; "),
        "{summary}"
    );
}

#[test]
fn the_largest_packets_are_counted() {
    let packets = [
        (1000, udp("10.0.0.1:53", "10.0.0.2:5000", 65_507)),
        (1000, udp("10.0.0.2:5000", "10.0.0.1:53", 65_507)),
        (1000, udp("[fd00::1]:53", "[fd00::2]:5000", 65_527)),
        (1030, udp("10.0.0.2:5000", "10.0.0.1:53", 0)),
    ];
    let capture = Capture::of(RAW_IP, &packets);
    let (messages, _) = capture.replay(&["--local", "10.0.0.2", "--local", "fd00::2"]);
    assert_eq!(
        flows(&messages[..1]),
        [
            ("10.0.0.2", "10.0.0.1", 65_515, 65_515),
            ("fd00::2", "fd00::1", 65_535, 0)
        ]
    );
    let (same, _) = capture.replay(&["--local", "10.0.0.2,fd00::2"]);
    assert_eq!(same, messages);
}

#[test]
fn time_never_goes_back() {
    let packets = [
        (1000, udp("10.0.0.2:1", "10.0.0.1:1", 1)),
        (1035, udp("10.0.0.2:1", "10.0.0.1:2", 2)),
        (1001, udp("10.0.0.2:1", "10.0.0.1:3", 3)),
        (1040, udp("10.0.0.2:1", "10.0.0.1:4", 4)),
    ];
    let capture = Capture::of(RAW_IP, &packets);
    let (messages, _) = capture.replay(&["--local", "10.0.0.2"]);
    let sent: Vec<_> = messages
        .iter()
        .map(|message| &message["received"])
        .collect();
    assert_eq!(sent, [1030, 1040, 1050]);
    let flows_each: Vec<_> = messages
        .iter()
        .map(|message| flows(std::slice::from_ref(message)).len())
        .collect();
    assert_eq!(flows_each, [1, 2, 1]);
}

#[test]
fn a_long_time_without_packets_is_left_out_when_all_is_reported() {
    let late = 1000 + 40 * 365 * 24 * 60 * 60;
    let packets = [
        (1000, udp("10.0.0.2:1", "10.0.0.1:1", 1)),
        (late, udp("10.0.0.2:1", "10.0.0.1:1", 2)),
    ];
    let capture = Capture::of(RAW_IP, &packets);
    let expected = [
        ("10.0.0.2", "10.0.0.1", 0, 9),
        ("10.0.0.2", "10.0.0.1", 0, 10),
    ];
    let (messages, summary) = capture.replay(&["--local", "10.0.0.2"]);
    assert!(summary.contains("left out 39years"), "{summary}");
    assert_eq!(flows(&messages), expected);
    // With a hub that comes after a day, nothing is left out before.
    let options = ["--local", "10.0.0.2", "--hub-events", "up@86400"];
    let (messages, _) = capture.replay(&options);
    assert_eq!(flows(&messages), expected);
    let first = messages[0]["received"].as_u64().unwrap();
    assert!((87_400..=87_403).contains(&first), "{first}");
    // The report says that it is about the whole of that day.
    let interval = messages[0]["events"][0]["collection_interval"]
        .as_u64()
        .unwrap();
    assert_eq!(interval, first - 1000);
}

#[test]
fn what_no_hub_took_is_told_in_bytes() {
    let packets = [
        (1000, udp("10.0.0.2:1", "10.0.0.1:1", 92)),
        (1050, udp("10.0.0.1:1", "10.0.0.2:1", 42)),
    ];
    let capture = Capture::of(RAW_IP, &packets);
    for pure in [&[][..], &["--pure"]] {
        for events in ["down@0", "fail@0", "down@0,fail@5"] {
            let options = ["--local", "10.0.0.2", "--hub-events", events];
            let (messages, summary) = capture.replay(&[&options[..], pure].concat());
            assert!(messages.is_empty());
            let said = "unreported, because no hub took it: 50 bytes in, 100 bytes out";
            assert!(summary.contains(said), "{events} {pure:?}: {summary}");
        }
    }
}

#[test]
fn a_capture_that_ends_early_is_reported_unless_it_is_cut() {
    let packets = [(1000, udp("10.0.0.2:1", "10.0.0.1:1", 92))];
    let capture = Capture::of(RAW_IP, &packets);
    let (messages, _) = capture.replay(&["--local", "10.0.0.2"]);
    assert_eq!(flows(&messages), [("10.0.0.2", "10.0.0.1", 0, 100)]);
    let (messages, summary) = capture.replay(&["--local", "10.0.0.2", "--cut"]);
    assert!(messages.is_empty());
    assert!(summary.contains("unreported"), "{summary}");
}

#[test]
fn years_go_by_at_once_through_the_hooks() {
    // A packet a week for ten years.
    let week = 7 * 24 * 60 * 60;
    let packets: Vec<_> = (0..520)
        .map(|index| (1000 + index * week, udp("10.0.0.2:1", "10.0.0.1:1", 92)))
        .collect();
    let capture = Capture::of(RAW_IP, &packets);
    // With a hub, with none, and with one that refuses everything, for nine years.
    for hub in [
        "up@0",
        "fail@40,ok@300000000",
        "down@40,up@300000000",
        "up@0,fail@0,down@90,up@200,ok@300000000",
    ] {
        let begun = std::time::Instant::now();
        let options = ["--local", "10.0.0.2", "--hub-events", hub];
        let (messages, _) = capture.replay(&options);
        // A fraction of a second, on a machine that does nothing else.
        assert!(
            begun.elapsed().as_secs() < 20,
            "{hub}: {:?}",
            begun.elapsed()
        );
        let sum: u64 = flows(&messages).iter().map(|flow| flow.3).sum();
        assert_eq!(sum, 52_000, "{hub}");
    }
}

#[test]
fn addresses_are_guessed_and_those_that_do_not_occur_are_told() {
    let packets = [
        (1000, udp("192.0.2.1:53", "10.0.0.2:5000", 1)),
        (1000, udp("10.0.0.2:5000", "192.0.2.1:53", 2)),
    ];
    let capture = Capture::of(RAW_IP, &packets);
    let (messages, said) = capture.replay(&[]);
    assert!(
        said.starts_with("taking 10.0.0.2 for the device's own"),
        "{said}"
    );
    assert_eq!(flows(&messages), [("10.0.0.2", "192.0.2.1", 9, 10)]);
    // Of two that are alike, the other one is told.
    let alike = [
        (1000, udp("10.0.0.2:5000", "10.0.0.3:5000", 1)),
        (1000, udp("10.0.0.3:5000", "10.0.0.2:5000", 2)),
    ];
    let (_, said) = Capture::of(RAW_IP, &alike).replay(&[]);
    let expected = "taking 10.0.0.2 for the device's own; the device may be 10.0.0.3 as well: ";
    assert!(said.starts_with(expected), "{said}");

    let (_, said) = capture.replay(&["--local", "10.0.0.9"]);
    let expected = "warning: 10.0.0.9 does not occur in ";
    assert!(said.starts_with(expected), "{said}");
    assert!(
        said.contains("10.0.0.2") && said.contains("192.0.2.1"),
        "{said}"
    );
}

/// Of pcapng only: pcap has no such times.
#[test]
fn times_beyond_2106_are_replayed() {
    let packet = udp("10.0.0.2:1", "10.0.0.1:1", 92);
    let block = |kind: u32, body: &[u8]| {
        let length = (12 + body.len() as u32).to_le_bytes();
        [&kind.to_le_bytes(), &length, body, &length].concat()
    };
    let enhanced = |seconds: u64| {
        let ticks = seconds * 1_000_000;
        let mut body = vec![0; 4];
        for number in [(ticks >> 32) as u32, ticks as u32, 120, 120] {
            body.extend(number.to_le_bytes());
        }
        body.extend(&packet);
        block(6, &body)
    };
    let section = [
        &0x1a2b_3c4d_u32.to_le_bytes()[..],
        &[1, 0, 0, 0],
        &[0xff; 8],
    ]
    .concat();
    // Around the end of 32 bits, and in the year 2200.
    for start in [u64::from(u32::MAX) - 5, 7_258_118_400] {
        let file = [
            block(0x0a0d_0d0a, &section),
            block(1, &[101, 0, 0, 0, 0, 0, 0, 0]),
            enhanced(start),
            enhanced(start + 35),
        ]
        .concat();
        let capture = Capture::of(RAW_IP, &[]);
        fs::write(&capture.path, file).unwrap();
        for pure in [&[][..], &["--pure"]] {
            let options = [&["--local", "10.0.0.2"][..], pure].concat();
            let (messages, said) = capture.replay(&options);
            assert!(said.contains("2106"), "{said}");
            let received: Vec<_> = messages
                .iter()
                .map(|message| message["received"].as_u64().unwrap() - start)
                .collect();
            assert_eq!(received, [30, 40]);
            let sum: u64 = flows(&messages).iter().map(|flow| flow.3).sum();
            assert_eq!(sum, 200);
            assert_eq!(messages[1]["events"][0]["time"], u32::MAX);
        }
    }
}

#[test]
fn an_option_takes_one_value_so_that_the_capture_may_follow() {
    let packets = [(1000, udp("10.0.0.2:1", "10.0.0.1:1", 1))];
    let capture = Capture::of(RAW_IP, &packets);
    defender(["replay", "--local", "10.0.0.2"])
        .arg(&capture.path)
        .assert()
        .success()
        .stderr(contains("1 packet seen: 1 counted"));
}

#[test]
fn a_cut_capture_is_replayed_with_a_warning_or_refused_when_strict() {
    let packets = [
        (1000, udp("10.0.0.2:1", "10.0.0.1:1", 92)),
        (1001, udp("10.0.0.2:1", "10.0.0.1:1", 92)),
    ];
    let capture = Capture::of(RAW_IP, &packets);
    let whole = fs::read(&capture.path).unwrap();
    fs::write(&capture.path, &whole[..whole.len() - 1]).unwrap();
    let (messages, said) = capture.replay(&["--local", "10.0.0.2"]);
    assert_eq!(flows(&messages), [("10.0.0.2", "10.0.0.1", 0, 100)]);
    assert!(said.contains("is cut"), "{said}");
    assert!(said.contains("1 unreadable packet left out"), "{said}");
    defender(["replay", "--strict", "--local", "10.0.0.2"])
        .arg(&capture.path)
        .assert()
        .code(2)
        .stdout("")
        .stderr(contains("is cut"));
}

#[test]
fn messages_are_not_written_among_other_files() {
    let packets = [(1000, udp("10.0.0.2:1", "10.0.0.1:1", 1))];
    let capture = Capture::of(RAW_IP, &packets);
    let directory = capture.path.parent().unwrap();
    let replay = |options: &[&str]| {
        defender(["replay", "--local", "10.0.0.2", "--write"])
            .arg(directory)
            .arg(&capture.path)
            .args(options)
            .assert()
    };
    replay(&[]).code(2).stdout("").stderr(contains("--force"));
    replay(&["--force"]).success();
    assert!(directory.join("000-1030.bin").exists());
}

#[test]
fn a_reserved_address_is_refused_by_name() {
    defender(["replay", "x.pcap", "--local", "240.0.0.2"])
        .assert()
        .code(2)
        .stderr(contains("240.0.0.2"));
}

#[test]
fn a_capture_may_come_from_standard_input() {
    let packets = [(1000, udp("10.0.0.2:1", "10.0.0.1:1", 1))];
    let capture = Capture::of(RAW_IP, &packets);
    defender(["replay", "-", "--local", "10.0.0.2"])
        .write_stdin(fs::read(&capture.path).unwrap())
        .assert()
        .success()
        .stderr(contains("1 packet seen: 1 counted"));
}
