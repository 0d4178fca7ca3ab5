//! Bytes of each protocol and direction: those that the packet hooks report, and those that tshark counts.

mod support;
#[path = "../../replay/tests/support/tshark.rs"]
mod tshark;

use std::{collections::BTreeMap, net::IpAddr, path::Path};

use defender_message::{Record, flow::Protocol};
use support::{defender, vector};
use tshark::Sums;

/// What the flows of all peers come to: more of them than have room are not told apart.
fn of_protocols(sums: &Sums) -> BTreeMap<Protocol, (u64, u64)> {
    let mut all = BTreeMap::<_, (u64, u64)>::new();
    for ((protocol, _), (bytes_in, bytes_out)) in sums {
        let sum = all.entry(*protocol).or_default();
        sum.0 += bytes_in;
        sum.1 += bytes_out;
    }
    all
}

fn reported(capture: &Path, device: &str) -> Sums {
    let output = defender(["replay", "--json", "--local", device])
        .arg(capture)
        .assert()
        .success();
    let mut sums = Sums::new();
    for line in output.get_output().stdout.split(|byte| *byte == b'\n') {
        if !line.is_empty() {
            let record: Record = serde_json::from_slice(line).unwrap();
            tshark::add(&mut sums, &record.message);
        }
    }
    sums
}

/// False where tshark is missing.
fn is_counted(capture: &Path, device: &str) -> bool {
    let addresses: Vec<IpAddr> = device.split(',').map(|own| own.parse().unwrap()).collect();
    let Some(counted) = tshark::count(capture, &addresses) else {
        return false;
    };
    let counted = of_protocols(&counted);
    assert!(!counted.is_empty());
    let reported = of_protocols(&reported(capture, device));
    assert_eq!(reported, counted, "{}", capture.display());
    true
}

#[test]
fn the_hooks_report_what_tshark_counts() {
    if !is_counted(&vector("office/input.pcap"), "10.77.0.2,fd77::2") {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    for (scenario, more) in [
        ("office", &[][..]),
        ("ssdp-mdns", &[]),
        ("port-scanned", &[]),
        ("address-sweep", &["--ipv6"]),
        ("udp-flood", &["--ipv6"]),
    ] {
        let capture = directory.path().join(format!("{scenario}.pcap"));
        let device = if more.is_empty() {
            "192.168.20.7"
        } else {
            "fd20::7"
        };
        defender(["scenario", scenario, "--local", device, "--duration", "2m"])
            .args(more)
            .arg("--out")
            .arg(&capture)
            .assert()
            .success();
        is_counted(&capture, device);
    }
}
