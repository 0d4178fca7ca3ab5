//! `defender mud`, and MUD files as baselines.

mod support;

use std::{fs, path::PathBuf};

use predicates::{prelude::PredicateBooleanExt, str::contains};
use serde_json::Value;
use support::{defender, json_lines};
use tempfile::TempDir;

/// A directory with captures of a sensor, and of the same sensor that has begun to mine, and what was learned of the first.
fn made() -> (TempDir, [PathBuf; 3]) {
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name);
    let files = [
        path("sensor.pcap"),
        path("mining.pcap"),
        path("normal.toml"),
    ];
    for (scenario, to) in ["office", "mining-pool"].iter().zip(&files) {
        defender(["scenario", scenario, "--duration", "15m", "--out"])
            .arg(to)
            .assert()
            .success();
    }
    defender(["detect", "--learn"])
        .args([&files[2], &files[0]])
        .assert()
        .success();
    (directory, files)
}

#[test]
fn what_was_learned_is_exported_checked_and_given() {
    let (directory, [usual, mining, normal]) = made();
    let exported = defender(["mud", "export", "--url", "https://sensor.example/mud.json"])
        .arg(&normal)
        .assert()
        .success();
    let mud: Value = serde_json::from_slice(&exported.get_output().stdout).unwrap();
    assert_eq!(mud["ietf-mud:mud"]["mud-version"], 1);
    let file = directory.path().join("mud.json");
    fs::write(&file, mud.to_string()).unwrap();
    let check = |inputs: &[&PathBuf]| {
        let mut command = defender(["mud", "check"]);
        command.arg(&file).args(inputs).assert()
    };
    let fits = |output: &[u8]| {
        let text = String::from_utf8(output.to_vec()).unwrap();
        assert!(
            text.lines().all(|line| line.chars().count() <= 80),
            "{text}"
        );
    };
    check(&[]).success().stdout(contains("port 8883 there"));
    check(&[&usual])
        .success()
        .stdout(contains("Nothing breaks it."));
    let broken = check(&[&mining]).code(3).stdout(contains(
        "BROKEN by mining: TCP port 3333 of 198.51.100.66: 26 flows",
    ));
    fits(&broken.get_output().stdout);
    let broken = defender(["mud", "check", "--json"])
        .args([&file, &mining])
        .assert()
        .code(3);
    let broken = json_lines(&broken.get_output().stdout);
    assert_eq!(
        (&broken[0]["device"], &broken[0]["port"]),
        (&"mining".into(), &3333.into())
    );

    // It needs no learning.
    let detect = |baseline: &str| {
        defender(["detect", "--json", "--baseline", baseline])
            .arg(&mining)
            .assert()
    };
    let path = file.to_str().unwrap();
    detect(path).code(3).stdout(contains("NewTrafficClass"));
    detect(&format!("default={path}")).code(3);
    // It is of another group.
    detect(&format!("lamps={path}")).code(0).stdout("");
    detect(&format!("lamps={}", normal.display()))
        .code(2)
        .stderr(contains("names its groups itself"));
}

#[test]
fn what_is_wrong_is_said() {
    let (directory, [_, _, normal]) = made();
    let file = directory.path().join("broken.json");
    fs::write(&file, "{ \"ietf-mud:mud\": {} }").unwrap();
    defender(["mud", "check"])
        .arg(&file)
        .assert()
        .code(2)
        .stdout("")
        .stderr(contains("broken.json: line 1").and(contains("no `mud-url`")));
    defender(["detect", "--baseline"])
        .args([&file, &file])
        .assert()
        .code(2)
        .stderr(contains("no `mud-url`"));
    defender(["mud", "check", "none.json"])
        .assert()
        .code(2)
        .stderr(contains("none.json: cannot be read"));
    let export = |args: &[&str]| {
        let mut command = defender(["mud", "export"]);
        command.arg(&normal).args(args).assert().code(2).stdout("")
    };
    export(&["--url", "ftp://x"]).stderr(contains("begins with https://"));
    export(&["--url", "https://x", "--group", "lamps"])
        .stderr(contains("has no group `lamps`, but: default"));
    let text = fs::read_to_string(&normal).unwrap();
    fs::write(&normal, text.replace("candidate", "alerted")).unwrap();
    export(&["--url", "https://x"]).stderr(contains("is known to be normal for `default`"));
}
