//! `defender scenario`.

mod support;

use std::{fs, process::Command};

use predicates::{prelude::PredicateBooleanExt, str::contains};
use serde_json::Value;
use support::defender;

/// Runs a scenario for a minute, and gives the capture and the truth.
fn made(args: &[&str]) -> (Vec<u8>, Value) {
    let directory = tempfile::tempdir().unwrap();
    let (capture, truth) = (
        directory.path().join("a.pcap"),
        directory.path().join("a.json"),
    );
    defender(["scenario", "--duration", "60s", "--out"])
        .arg(&capture)
        .arg("--truth")
        .arg(&truth)
        .args(args)
        .assert()
        .success()
        .stdout("");
    let truth = serde_json::from_str(&fs::read_to_string(truth).unwrap()).unwrap();
    (fs::read(capture).unwrap(), truth)
}

#[test]
fn the_same_seed_gives_the_same_file() {
    let (first, truth) = made(&["telnet-bot", "--seed", "4"]);
    assert_eq!((first.clone(), truth), made(&["telnet-bot", "--seed", "4"]));
    assert_ne!(first, made(&["telnet-bot", "--seed", "5"]).0);
    defender([
        "scenario",
        "telnet-bot",
        "--seed",
        "4",
        "--duration",
        "60s",
        "--out",
        "-",
    ])
    .assert()
    .success()
    .stdout(first);
}

#[test]
fn the_truth_says_what_happens() {
    let (_, truth) = made(&[
        "password-guessing-in",
        "--local",
        "10.1.2.3",
        "--peer",
        "10.1.2.9",
        "--start",
        "2030-01-01T00:00:00Z",
    ]);
    assert_eq!(truth["scenario"], "password-guessing-in");
    assert_eq!(truth["label"], "hostile");
    assert_eq!(truth["device_addresses"], serde_json::json!(["10.1.2.3"]));
    assert_eq!(truth["start"], 1_893_456_000);
    assert_eq!(truth["end"], 1_893_456_060);
    let attack = &truth["happenings"][0];
    assert_eq!(attack["peer"], "10.1.2.9");
    let port = attack["port"].as_u64().unwrap();
    let guesses = truth["flows"].as_array().unwrap().iter().filter(|flow| {
        flow["remote_address"] == "10.1.2.9" && flow["local_port"].as_u64() == Some(port)
    });
    assert!(guesses.count() > 2, "{truth}");
}

#[test]
fn the_list_has_every_scenario_on_a_line_of_its_own() {
    let listed = defender(["scenario", "--list"]).assert().success();
    let listed = String::from_utf8(listed.get_output().stdout.clone()).unwrap();
    for line in listed.lines() {
        assert!(line.chars().count() <= 100, "{line}");
    }
    for name in ["office", "plc-master", "telnet-bot", "mining-pool"] {
        assert_eq!(
            listed.lines().filter(|line| line.starts_with(name)).count(),
            1
        );
    }
    defender(["help", "scenario"])
        .assert()
        .success()
        .stdout(contains("telnet-bot"));
}

#[test]
fn what_cannot_be_is_explained() {
    for (args, expected) in [
        (&["nothing"][..], "telnet-bot"),
        (
            &["office", "--local", "10.0.0.2", "--ipv6"],
            "is an IPv4 address",
        ),
        (&["office", "--local", "224.0.0.1"], "unicast"),
        (&["office", "--duration", "0s"], "no time"),
        (&["office", "--duration", "99999years"], "2106"),
        (
            &["office", "--duration", "18446744073709551615s 1000000000ns"],
            "too long",
        ),
        (&["office", "--start", "soon"], "seconds of Unix time"),
    ] {
        defender(["scenario", "--out", "-"])
            .args(args)
            .assert()
            .code(2)
            .stdout("")
            .stderr(contains(expected).and(contains("panicked").not()));
    }
    defender(["scenario", "office", "--out", "/nowhere/at/all.pcap"])
        .assert()
        .code(1)
        .stderr(contains("/nowhere/at/all.pcap"));
}

#[test]
fn a_full_disk_is_told() {
    if !cfg!(target_os = "linux") {
        return;
    }
    defender(["scenario", "office", "--out", "/dev/full"])
        .assert()
        .code(1)
        .stderr(contains("cannot write /dev/full"));
}

/// An independent reader finds nothing wrong with any packet.
#[test]
fn tshark_finds_nothing_wrong() {
    if Command::new("tshark").arg("--version").output().is_err() {
        assert!(std::env::var_os("CI").is_none(), "tshark is missing");
        eprintln!("skipped: tshark is missing");
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    for (name, is_ipv6) in [
        ("telnet-bot", false),
        ("password-guessing-out", true),
        ("dns-tunnel", true),
        ("icmp-tunnel", true),
        ("plc-master", false),
        ("ssdp-mdns", false),
        ("camera", true),
    ] {
        let capture = directory.path().join(format!("{name}.pcap"));
        defender(["scenario", name, "--duration", "40s", "--out"])
            .arg(&capture)
            .args(is_ipv6.then_some("--ipv6"))
            .assert()
            .success();
        let wrong = Command::new("tshark")
            .args(["-o", "ip.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE"])
            .args(["-Y", "_ws.malformed || ip.checksum.status == 0 || tcp.checksum.status == 0 || udp.checksum.status == 0 || tcp.analysis.ack_lost_segment || tcp.analysis.lost_segment"])
            .arg("-r")
            .arg(&capture)
            .output()
            .unwrap();
        assert!(
            wrong.status.success(),
            "{}",
            String::from_utf8_lossy(&wrong.stderr)
        );
        let wrong = String::from_utf8_lossy(&wrong.stdout);
        assert_eq!(wrong.lines().next(), None, "{name}");
    }
}
