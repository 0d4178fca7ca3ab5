//! `defender detect --learn`, `--baseline`, and `defender baseline`.

mod support;

use std::{fs, path::PathBuf};

use predicates::str::contains;
use serde_json::Value;
use support::{defender, json_lines};
use tempfile::TempDir;

/// A directory with a quarter of an hour of a sensor, and of the same sensor that has begun to mine.
fn captures() -> (TempDir, PathBuf, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let made = ["office", "mining-pool"].map(|scenario| {
        let path = directory.path().join(format!("{scenario}.pcap"));
        defender(["scenario", scenario, "--duration", "15m", "--out"])
            .arg(&path)
            .assert()
            .success();
        path
    });
    let [usual, mining] = made;
    (directory, usual, mining)
}

fn rules(output: &[u8]) -> Vec<String> {
    let lines = json_lines(output).into_iter();
    lines
        .map(|line: Value| line["rule"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn what_one_capture_taught_judges_another_one() {
    let (directory, usual, mining) = captures();
    let normal = directory.path().join("normal.toml");
    // Alone it is too short to learn from.
    defender(["detect", "--json"])
        .arg(&mining)
        .assert()
        .code(0)
        .stdout("");
    defender(["detect", "--learn"])
        .args([&normal, &usual])
        .assert()
        .code(0);
    let text = fs::read_to_string(&normal).unwrap();
    assert!(text.contains("TCP 8883 out to the Internet"), "{text}");
    // What was learned is too little, a person has said that it is enough.
    let text: String = text
        .lines()
        .filter(|line| !line.starts_with("learned = "))
        .flat_map(|line| [line, "\n"])
        .collect();
    fs::write(&normal, text).unwrap();

    let found = directory.path().join("found.toml");
    let run = defender(["detect", "--json", "--baseline"])
        .args([&normal, &PathBuf::from("--learn"), &found, &mining])
        .assert()
        .code(3);
    let found_rules = rules(&run.get_output().stdout);
    assert!(
        found_rules.contains(&"NewTrafficClass".to_owned()),
        "{found_rules:?}"
    );
    defender(["baseline", "show"])
        .arg(&found)
        .assert()
        .success()
        .stdout(contains("TCP 3333 out to the Internet"))
        .stdout(contains("alerted, not accepted"));
    defender(["baseline", "accept"])
        .arg(&found)
        .arg("TCP 3333 out to the Internet")
        .assert()
        .success()
        .stderr(contains("TCP 3333 out to the Internet: accepted"));
    let detect = |file: &PathBuf| {
        let run = defender(["detect", "--json", "--baseline"])
            .args([file, &mining])
            .assert();
        rules(&run.get_output().stdout)
    };
    assert!(!detect(&found).contains(&"NewTrafficClass".to_owned()));
    defender(["baseline", "forget"])
        .arg(&found)
        .arg("TCP 3333 out to the Internet")
        .assert()
        .success()
        .stderr(contains("forgotten"));
    assert!(detect(&found).contains(&"NewTrafficClass".to_owned()));
    let shown = defender(["baseline", "show", "--json"])
        .arg(&found)
        .assert()
        .success();
    assert_eq!(json_lines(&shown.get_output().stdout)[0]["name"], "default");
}

#[test]
fn what_is_wrong_is_said() {
    let (directory, usual, _) = captures();
    let file = directory.path().join("broken.toml");
    fs::write(&file, "[[group]]\nname = 7\n").unwrap();
    defender(["detect", "--baseline"])
        .args([&file, &usual])
        .assert()
        .code(2)
        .stderr(contains("broken.toml: line 2"));
    defender(["baseline", "show"])
        .arg(directory.path().join("none"))
        .assert()
        .code(2);
    fs::write(&file, "[[group]]\nname = 'cameras'\n").unwrap();
    defender(["baseline", "accept"])
        .arg(&file)
        .arg("TCP 80 out to the Internet")
        .assert()
        .code(2)
        .stderr(contains("has no group `default`, but: cameras"));
    defender(["baseline", "accept", "--group", "cameras"])
        .arg(&file)
        .arg("TCP eighty")
        .assert()
        .code(2)
        .stderr(contains("is no class of traffic"));
    // Where nothing can be written, that is said.
    let nowhere = directory.path().join("none/normal.toml");
    defender(["detect", "--learn"])
        .args([&nowhere, &usual])
        .assert()
        .code(1)
        .stderr(contains("cannot write"));
}
