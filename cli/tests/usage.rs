//! Help, and what is said about bad usage and bad input.

mod support;

use std::{fs, path::PathBuf};

use predicates::{prelude::PredicateBooleanExt, str::contains};
use support::{defender, pcap, vector};
use tempfile::TempDir;

const RAW_IP: u32 = 101;

/// A file in a directory of its own.
fn file(content: &[u8]) -> (TempDir, PathBuf) {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("input");
    fs::write(&path, content).unwrap();
    (directory, path)
}

/// Replaying `capture` is refused with exit code 2 and a sentence that has `expected` in it.
fn refused(capture: &[u8], expected: &str) {
    let (_directory, path) = file(capture);
    defender(["replay", "--local", "10.0.0.2", "--"])
        .arg(&path)
        .assert()
        .code(2)
        .stdout("")
        .stderr(contains(expected))
        .stderr(contains(path.display().to_string()))
        .stderr(contains("panicked").not());
}

#[test]
fn help_teaches_by_example() {
    defender(["--help"])
        .assert()
        .success()
        .stdout(contains("Examples:"))
        .stdout(contains("Exit codes:"));
    for command in [
        "replay", "decode", "device", "watch", "hub", "report", "top",
    ] {
        defender(["help", command])
            .assert()
            .success()
            .stdout(contains(format!("defender {command}")))
            .stdout(contains("Examples:"));
    }
}

#[test]
fn help_fits_a_terminal() {
    let commands = [
        "demo", "replay", "decode", "device", "watch", "detect", "rules", "posture", "baseline",
        "mud", "evaluate", "scenario", "hub", "report", "top",
    ];
    let help = commands.map(|command| vec!["help", command]);
    for args in help.into_iter().chain([vec!["--help"], vec!["-h"]]) {
        let output = defender(&args).assert().success();
        let text = String::from_utf8(output.get_output().stdout.clone()).unwrap();
        for line in text.lines() {
            assert!(line.chars().count() <= 80, "{args:?}: {line}");
        }
    }
}

#[test]
fn unknown_options_and_missing_arguments_exit_with_2() {
    for args in [
        &["--nonsense"][..],
        &["replay"],
        &["replay", "x.pcap"],
        &["decode"],
        &["device", "--hub", "mqtt://localhost", "x.pcap"],
        &["watch"],
        &[
            "device",
            "--hub",
            "mqtt://localhost",
            "--id",
            "x",
            "--ack-timeout",
            "18446744073709551615s 1000000000ns",
            "x.pcap",
        ],
    ] {
        defender(args).assert().code(2).stdout("");
    }
}

#[test]
fn values_that_make_no_sense_are_explained() {
    for (args, expected) in [
        (["--local", "10.0.0"], "'10.0.0' is no IP address"),
        (["--local", "224.0.0.1"], "no device's own address"),
        (["--local", "10.0.0.1/40"], "prefix length"),
        (["--hub-events", "up"], "'up' has no time"),
        (["--hub-events", "away@3"], "'away' is no event"),
        (["--jitter", "60"], "0..=59"),
    ] {
        defender(["replay", "x.pcap", "--local", "10.0.0.2"])
            .args(args)
            .assert()
            .code(2)
            .stdout("")
            .stderr(contains(expected));
    }
    for (url, expected) in [
        ("localhost", "is no URL"),
        ("http://localhost", "no MQTT broker"),
        ("wss://localhost", "no MQTT broker"),
    ] {
        defender(["watch", url])
            .assert()
            .code(2)
            .stderr(contains(expected));
    }
    defender([
        "device",
        "--hub",
        "mqtt://localhost",
        "--id",
        "a/b",
        "x.pcap",
    ])
    .assert()
    .code(2)
    .stderr(contains("must not contain '/'"));
}

/// Also what somebody was made to paste.
#[test]
fn arguments_are_shown_with_escapes() {
    for args in [
        &["watch", "http://\u{9b}2J\u{202e}"][..],
        &["watch", "\x1b[31m://x"],
        &["\x1b]0;gone\x07"],
        &["decode", "/nowhere/\x1b[2J\n\u{2028}"],
    ] {
        let assert = defender(args).assert().code(2).stdout("");
        let said = String::from_utf8(assert.get_output().stderr.clone()).unwrap();
        let is_shown = |character: char| character == '\n' || (' '..='~').contains(&character);
        assert!(said.chars().all(is_shown), "{said:?}");
        assert!(!said.is_empty());
    }
}

#[test]
fn bad_captures_are_explained() {
    let packet: &[u8] = &[0x45; 40];
    let whole = pcap(RAW_IP, &[(1, packet), (2, packet)]);
    refused(b"", "is empty");
    refused(b"something else", "neither pcap nor pcapng");
    refused(&whole[..20], "cut within its file header");
    refused(&whole[..24], "has no packets");
    refused(&whole[..50], "after 0 whole packets");
    refused(&pcap(147, &[(1, packet)]), "link type 147");
    defender(["replay", "/nowhere/at/all", "--local", "10.0.0.2"])
        .assert()
        .code(2)
        .stderr(contains("/nowhere/at/all cannot be opened"));
    defender(["replay", "-", "--local", "10.0.0.2"])
        .write_stdin("")
        .assert()
        .code(2)
        .stderr(contains("standard input is empty"));
}

#[test]
fn bad_configurations_are_explained() {
    for (text, expected) in [
        (
            "[intervals]\nhigh = \"0s\"\n",
            ": line 2, column 8: `intervals.high`: ",
        ),
        (
            "\nintervall = 3\n",
            ": line 2, column 1: there is no key `intervall`",
        ),
        ("retry-time = \"soon\"\n", ": line 1, column 14: `\"soon\"`"),
        (
            "max-hub-devices = 0\n",
            ": line 1, column 19: `max-hub-devices`: ",
        ),
    ] {
        let (_directory, config) = file(text.as_bytes());
        defender(["replay", "--local", "10.77.0.2", "--config"])
            .arg(&config)
            .arg(vector("office/input.pcap"))
            .assert()
            .code(2)
            .stdout("")
            .stderr(contains(format!("{}{expected}", config.display())));
    }
    defender([
        "replay",
        "--config",
        "/nowhere",
        "--local",
        "10.77.0.2",
        "--",
    ])
    .arg(vector("office/input.pcap"))
    .assert()
    .code(2)
    .stderr(contains("/nowhere cannot be read"));
}

#[test]
fn a_hub_that_is_not_there_exits_with_1() {
    // Bound and dropped: nobody listens there now.
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .unwrap()
        .port();
    let url = format!("mqtt://127.0.0.1:{port}");
    defender(["watch", &url])
        .assert()
        .code(1)
        .stderr(contains(format!("cannot connect to {url}")));
    defender(["device", "--hub", &url, "--id", "dev1"])
        .arg(vector("office/input.pcap"))
        .assert()
        .code(1)
        .stderr(contains(format!("cannot connect to {url}")));
}

#[test]
fn top_is_for_people() {
    // There is no terminal here.
    let run = defender(["top"]).assert().code(2).stdout("");
    run.stderr(contains("needs a terminal"));
    let run = defender(["top", "--url", "ftp://127.0.0.1"])
        .assert()
        .code(2);
    run.stderr(contains("ftp"));
}
