//! What `defender detect` recommends below its alerts, and `defender posture`.

mod support;

use std::{fs, path::PathBuf};

use predicates::{prelude::PredicateBooleanExt, str::contains};
use serde_json::{Value, json};
use support::{defender, json_lines};
use tempfile::TempDir;

fn bot() -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let capture = directory.path().join("lamp.pcap");
    defender(["scenario", "telnet-bot", "--duration", "3m", "--out"])
        .arg(&capture)
        .assert()
        .success();
    (directory, capture)
}

fn types(lines: &[Value]) -> Vec<&str> {
    let types = lines.iter();
    types
        .filter_map(|line| line["recommendation_type"].as_str())
        .collect()
}

#[test]
fn recommendations_stand_below_the_alerts() {
    let (_directory, capture) = bot();
    let run = defender(["detect"]).arg(&capture).assert().code(3);
    let text = String::from_utf8(run.get_output().stdout.clone()).unwrap();
    let (alerts, recommendations) = text.split_once("\nRecommendations\n\n").unwrap();
    assert!(alerts.starts_with("High    Scan of many hosts"), "{text}");
    assert!(
        recommendations.contains("Clear-text service in use"),
        "{text}"
    );
    // A capture does not say what its device runs.
    assert!(!recommendations.contains("ThreadX"), "{text}");
    assert!(
        text.lines().all(|line| line.chars().count() <= 80),
        "{text}"
    );
    run.stderr(contains(" recommendations"));
}

#[test]
fn json_has_them_when_they_are_asked_for() {
    let (_directory, capture) = bot();
    let lines = |args: &[&str]| {
        let run = defender([
            "detect",
            "--json",
            "--system",
            "ThreadX 6.4.2, NetX Duo 6.4.2",
        ])
        .args(args)
        .arg(&capture)
        .assert()
        .code(3);
        json_lines(&run.get_output().stdout)
    };
    let alerts = lines(&[]);
    assert_eq!(types(&alerts), [""; 0]);
    let all = lines(&["--recommendations"]);
    assert_eq!(all[..alerts.len()], alerts);
    let found = types(&all);
    assert!(
        found.contains(&"Defender_KnownVulnerabilities"),
        "{found:?}"
    );
    let it = all
        .iter()
        .find(|it| it["recommendation_type"] == "Defender_KnownVulnerabilities")
        .unwrap();
    assert_eq!(
        (&it["device"], &it["group"]),
        (&json!("lamp"), &json!("default"))
    );
    for field in ["severity", "title", "reason", "remedy"] {
        assert!(!it[field].as_str().unwrap().is_empty(), "{field}");
    }
    let advisory = &it["advisories"][0];
    assert_eq!(
        (&advisory["product"], &advisory["affected"]),
        (&json!("netxduo"), &json!("yes"))
    );
    // They are nothing that OCSF has.
    defender(["detect", "--recommendations"])
        .arg(&capture)
        .assert()
        .code(2);
    let run = defender(["detect", "--ocsf"])
        .arg(&capture)
        .assert()
        .code(3);
    assert!(
        json_lines(&run.get_output().stdout)
            .iter()
            .all(|line| line["class_uid"] == 2004)
    );
}

#[test]
fn they_do_not_change_the_exit_code_and_go_with_their_reason() {
    let directory = tempfile::tempdir().unwrap();
    let capture = directory.path().join("sensor.pcap");
    defender(["scenario", "office", "--duration", "2m", "--out"])
        .arg(&capture)
        .assert()
        .success();
    let detect = |system: &str| {
        let run = defender([
            "detect",
            "--json",
            "--recommendations",
            "--fail-on",
            "informational",
            "--system",
            system,
        ])
        .arg(&capture)
        .assert()
        .success();
        json_lines(&run.get_output().stdout)
    };
    let is_vulnerable = |lines: &[Value]| types(lines).contains(&"Defender_KnownVulnerabilities");
    let old = detect("Azure RTOS 6.1");
    assert!(is_vulnerable(&old));
    assert!(
        old[0]["reason"]
            .as_str()
            .unwrap()
            .starts_with("Azure RTOS 6.1 has")
    );
    assert!(!is_vulnerable(&detect(
        "ThreadX 6.5.2, NetX Duo 6.5.2.202603"
    )));
    defender(["detect", "--system", "Linux 6.1"])
        .arg(&capture)
        .assert()
        .code(2)
        .stderr(contains("names no version"));
}

#[test]
fn other_advisories_take_the_place_of_those_that_come_with_it() {
    let (directory, capture) = bot();
    let file = directory.path().join("advisories.toml");
    fs::write(&file, "checked = 2026-01-31\n").unwrap();
    let run = defender(["detect", "--json", "--recommendations", "--advisories"])
        .args([&file, &capture])
        .assert()
        .code(3);
    let lines = json_lines(&run.get_output().stdout);
    assert!(!types(&lines).contains(&"Defender_KnownVulnerabilities"));
    fs::write(&file, "[[advisory]]\nid = 1\n").unwrap();
    defender(["detect", "--advisories"])
        .args([&file, &capture])
        .assert()
        .code(2)
        .stderr(contains("advisories.toml: line 2"));
}

fn exported(files: &[(&str, Value)]) -> (TempDir, Vec<PathBuf>) {
    let directory = tempfile::tempdir().unwrap();
    let paths = files.iter().map(|(name, content)| {
        let path = directory.path().join(name);
        fs::write(&path, content.to_string()).unwrap();
        path
    });
    let paths = paths.collect();
    (directory, paths)
}

fn activity() -> Value {
    json!([{
        "category": { "value": "Administrative" }, "eventTimestamp": "2027-01-31T12:00:00Z",
        "operationName": { "value": "Microsoft.Devices/IotHubs/Certificates/Write" },
        "status": { "value": "Succeeded" },
        "resourceId": "/subscriptions/0/resourceGroups/g/providers/Microsoft.Devices/IotHubs/plant",
    }])
}

#[test]
fn posture_tells_what_was_done_to_a_hub_and_what_would_make_it_safer() {
    let identity = |device: &str| json!({ "deviceId": device, "authentication": { "x509Thumbprint": { "primaryThumbprint": "AB12" } } });
    let hub = json!({ "name": "plant", "type": "Microsoft.Devices/IotHubs", "properties": {
        "networkRuleSets": { "defaultAction": "Allow", "ipRules": [
            { "filterName": "all \u{1b}[2J", "action": "Allow", "ipMask": "0.0.0.0/0" } ] } } });
    let (_directory, files) = exported(&[
        ("hub.json", hub),
        ("diagnostics.json", json!([])),
        ("devices.json", json!([identity("a"), identity("b")])),
        ("activity.json", activity()),
    ]);
    let run = defender(["posture"]).args(&files).assert().code(3);
    let text = String::from_utf8(run.get_output().stdout.clone()).unwrap();
    assert!(
        text.starts_with("Medium  Certificate added to an IoT Hub"),
        "{text}"
    );
    for expected in [
        "Identical authentication credentials used by multiple devices",
        "Default IP filter policy should be deny",
        "IP filter rule includes large IP range",
        "Enable diagnostics logs in IoT Hub",
        "It has the same credentials as `b`",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    assert!(!text.contains('\u{1b}'), "{text}");
    let run = defender(["posture", "--json"])
        .args(&files)
        .assert()
        .code(3);
    let lines = json_lines(&run.get_output().stdout);
    assert_eq!(
        lines[0]["alert_type"],
        "IoT_CertificateSuccessfullyAddedToHub"
    );
    assert_eq!(types(&lines).len(), 5);
}

#[test]
fn posture_exits_as_detect_does() {
    let safe =
        json!({ "name": "plant", "networkRuleSets": { "defaultAction": "Deny", "ipRules": [] } });
    let open = json!({ "name": "plant", "networkRuleSets": null, "ipFilterRules": [] });
    let (directory, files) = exported(&[
        ("safe.json", safe),
        ("open.json", open),
        ("activity.json", activity()),
        ("broken.json", json!({ "name": 7 })),
    ]);
    let [safe, open, activity, broken] = files.as_slice() else {
        panic!()
    };
    let posture =
        |files: &[&PathBuf], args: &[&str]| defender(["posture"]).args(args).args(files).assert();
    posture(&[safe], &[]).code(0).stdout("");
    // A recommendation is no alert.
    posture(&[open], &["--fail-on", "informational"])
        .code(0)
        .stdout(contains("Recommendations"));
    posture(&[activity], &["--fail-on", "high"]).code(0);
    posture(&[activity], &[]).code(3);
    // What could be read is shown.
    posture(&[broken, activity], &[])
        .code(2)
        .stdout(contains("Certificate added"))
        .stderr(
            contains("broken.json, line 1, column 1: this is none of")
                .and(contains("panicked").not()),
        );
    let missing = directory.path().join("missing.json");
    posture(&[&missing], &[])
        .code(2)
        .stderr(contains("missing.json cannot be read"));
}
