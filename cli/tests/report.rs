//! `defender report`.

mod support;

use std::fs;

use predicates::str::contains;
use support::defender;

#[test]
fn a_capture_becomes_a_page_for_a_ticket() {
    let directory = tempfile::tempdir().unwrap();
    let capture = directory.path().join("lamp-3.pcap");
    defender(["scenario", "telnet-bot", "--duration", "4m", "--out"])
        .arg(&capture)
        .assert()
        .success();
    let out = directory.path().join("lamp-3.html");
    defender(["report"])
        .arg(&capture)
        .arg("--out")
        .arg(&out)
        .assert()
        .code(3)
        .stdout("");
    let page = fs::read_to_string(&out).unwrap();
    for text in [
        "lamp-3: Scan of many hosts (High)",
        "Disconnect the device",
        "TCP port 23",
        "taken to be 192.168.20.7",
        "Evidence",
    ] {
        assert!(page.contains(text), "{text}");
    }
    // The same bytes each time, and on standard output.
    let again = defender(["report"]).arg(&capture).assert().code(3);
    assert_eq!(again.get_output().stdout, page.as_bytes());
    defender(["report", "--fail-on", "high", "--out"])
        .arg(directory.path().join("no-such-directory/x.html"))
        .arg(&capture)
        .assert()
        .code(1)
        .stderr(contains("no-such-directory"));
}

#[test]
fn what_could_not_be_read_is_in_the_report() {
    let directory = tempfile::tempdir().unwrap();
    let capture = directory.path().join("camera.pcap");
    defender(["scenario", "camera", "--duration", "4m", "--out"])
        .arg(&capture)
        .assert()
        .success();
    let whole = fs::read(&capture).unwrap();
    fs::write(&capture, &whole[..whole.len() - 7]).unwrap();
    let page = defender(["report"]).arg(&capture).assert().success();
    page.stdout(contains("what follows is left out"))
        .stdout(contains("No alert"));
    let missing = directory.path().join("missing.pcap");
    let page = defender(["report"])
        .arg(&capture)
        .arg(&missing)
        .assert()
        .code(2);
    page.stdout(contains("missing.pcap cannot be read"));
}

#[test]
fn arguments_that_contradict_each_other_are_refused() {
    for args in [
        &["report"][..],
        &["report", "--hub", "http://127.0.0.1:1"],
        &["report", "--day", "2026-01-01", "x.pcap"],
        &[
            "report",
            "--hub",
            "http://127.0.0.1:1",
            "--day",
            "2026-01-01",
            "x.pcap",
        ],
        &["report", "--hub", "http://127.0.0.1:1", "--day", "tomorrow"],
    ] {
        defender(args).assert().code(2).stdout("");
    }
    defender([
        "report",
        "--hub",
        "http://127.0.0.1:1",
        "--day",
        "2026-01-01",
    ])
    .assert()
    .code(1)
    .stderr(contains("no hub answers"));
}
