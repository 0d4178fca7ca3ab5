//! `defender evaluate`: figures on scenarios, which must not fall.

mod support;

use std::{fs, path::Path};

use predicates::str::contains;
use serde_json::{Value, json};
use support::{defender, json_lines};

/// Makes a scenario's capture.
fn make(path: &Path, scenario: &str, args: &[&str]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    defender(["scenario", scenario, "--out"])
        .arg(path)
        .args(args)
        .assert()
        .success();
}

const BENIGN: [&str; 7] = [
    "office",
    "camera",
    "plc-master",
    "ssdp-mdns",
    "firmware-update",
    "reconnect-storm",
    "busy-server",
];
const FOUND: [&str; 8] = [
    "telnet-bot",
    "vertical-scan",
    "horizontal-scan",
    "address-sweep",
    "password-guessing-out",
    "password-guessing-in",
    "dns-tunnel",
    "icmp-tunnel",
];
/// They need a baseline.
const MISSED: [&str; 2] = ["mining-pool", "new-peer"];

/// The figures may become better, not worse.
#[test]
fn the_figures_of_scenarios_do_not_fall() {
    let directory = tempfile::tempdir().unwrap();
    let mut manifest = "where\tlabel\tcontent\tdevice_addresses\tsource_path\n".to_owned();
    let all = BENIGN.iter().map(|name| (name, "benign"));
    let hostile = FOUND.iter().chain(&MISSED).map(|name| (name, "malicious"));
    for (name, label) in all.chain(hostile) {
        make(
            &directory.path().join(format!("{name}.pcap")),
            name,
            &["--duration", "5m"],
        );
        manifest += &format!("{name}.pcap\t{label}\t{name}\t192.168.20.7\t\n");
    }
    manifest += "(fetch)\tsuspicious\tnot there\t\tpcaps/none.pcap\n";
    fs::write(directory.path().join("MANIFEST.tsv"), manifest).unwrap();
    let run = defender(["evaluate", "--json"])
        .arg(directory.path())
        .assert()
        .code(0);
    let lines = json_lines(&run.get_output().stdout);
    let totals = &lines.last().unwrap()["totals"];
    let number = |name: &str| totals[name].as_u64().unwrap();
    assert!(number("found") >= 8, "{lines:#?}");
    assert_eq!(number("false"), 0, "{lines:#?}");
    assert_eq!(number("found") + number("missed"), 10);
    assert_eq!((number("quiet"), number("absent")), (7, 1));
    let of = |name: &str| -> &Value {
        let is_it = |line: &&Value| line["content"] == name;
        lines.iter().find(is_it).unwrap()
    };
    let bot = of("telnet-bot");
    assert_eq!(
        (&bot["verdict"], &bot["label"]),
        (&json!("found"), &json!("malicious"))
    );
    assert!(bot["time_to_alert"].as_u64().unwrap() <= 150, "{bot}");
    assert!(bot["rules"]["HostScan"].as_u64().unwrap() >= 1);
    assert_eq!(of("not there")["verdict"], "absent");
    // The same as a table.
    defender(["evaluate"])
        .arg(directory.path())
        .assert()
        .code(0)
        .stdout(contains("malicious: "))
        .stdout(contains("benign: 0 false, 7 quiet; 1 not there"));
}

#[test]
fn what_a_device_did_before_is_learned_first() {
    let directory = tempfile::tempdir().unwrap();
    let (now, before) = (
        directory.path().join("now"),
        directory.path().join("before"),
    );
    make(
        &now.join("sensor.pcap"),
        "mining-pool",
        &["--duration", "10m"],
    );
    make(
        &before.join("sensor.pcap"),
        "office",
        &["--duration", "30m", "--start", "2025-12-31T00:00:00Z"],
    );
    fs::write(
        now.join("MANIFEST.tsv"),
        "where\tlabel\tcontent\tdevice_addresses\nsensor.pcap\tmalicious\tminer\t192.168.20.7\n",
    )
    .unwrap();
    let config = directory.path().join("config.toml");
    fs::write(&config, "[baseline]\nlearning = '20m'\n").unwrap();
    let evaluate = |args: &[&Path]| {
        let run = defender(["evaluate", "--json", "--config"])
            .arg(&config)
            .arg(&now)
            .args(args)
            .assert()
            .code(0);
        json_lines(&run.get_output().stdout)[0].clone()
    };
    assert_eq!(evaluate(&[])["verdict"], "missed");
    let learned = evaluate(&[Path::new("--learn"), &before]);
    assert_eq!(learned["verdict"], "found");
    assert_eq!(learned["new_classes"], 1);
}

#[test]
fn what_is_wrong_with_a_manifest_is_said() {
    let directory = tempfile::tempdir().unwrap();
    let evaluate = || {
        defender(["evaluate"])
            .arg(directory.path())
            .assert()
            .code(2)
    };
    evaluate().stderr(contains("MANIFEST.tsv: cannot be read"));
    fs::write(
        directory.path().join("MANIFEST.tsv"),
        "where\tlabel\nx\tgood\n",
    )
    .unwrap();
    evaluate().stderr(contains("MANIFEST.tsv: line 2: `good` is no label"));
    fs::write(
        directory.path().join("MANIFEST.tsv"),
        "where\tlabel\nMANIFEST.tsv\tbenign\n",
    )
    .unwrap();
    evaluate().stderr(contains("MANIFEST.tsv"));
}
