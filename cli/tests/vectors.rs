//! The test vectors, replayed through the program: what the original agent said about the same traffic is the measure.

mod support;

use std::{collections::BTreeMap, ffi::OsStr, fs};

use predicates::{prelude::PredicateBooleanExt, str::contains};
use serde_json::{Value, json};
use support::{defender, json_lines, vector, vector_json, without_ids};

/// Replays a vector; returns the messages and what was said about them.
fn replay(name: &str, local: &[&str], options: &[&str]) -> (Vec<Value>, String) {
    let output = defender([
        "replay".as_ref(),
        vector(name).join("input.pcap").as_os_str(),
    ])
    .args(["--json", "--cut", "--local", &local.join(",")])
    .args(options)
    .assert()
    .success();
    let output = output.get_output();
    let summary = String::from_utf8(output.stderr.clone()).unwrap();
    (without_ids(json_lines(&output.stdout)), summary)
}

/// The bytes of each flow over all messages, in and out. Flows are named by everything but their bytes.
fn flow_bytes<'a>(flows: impl IntoIterator<Item = &'a Value>) -> BTreeMap<String, [u64; 2]> {
    let mut sums = BTreeMap::<_, [u64; 2]>::new();
    for flow in flows {
        let name = [
            "protocol",
            "local_address",
            "local_port",
            "remote_address",
            "remote_port",
        ];
        let name = name.map(|key| flow[key].to_string()).join(" ");
        let sum = sums.entry(name).or_default();
        sum[0] += flow["bytes_in"].as_u64().unwrap();
        sum[1] += flow["bytes_out"].as_u64().unwrap();
    }
    sums
}

fn flows_of(messages: &[Value]) -> impl Iterator<Item = &Value> {
    messages
        .iter()
        .flat_map(|message| message["events"].as_array().unwrap())
        .filter_map(|event| event["flows"].as_array())
        .flatten()
}

/// Bytes of each protocol and IP version, in and out: what stays the same when flows are aggregated.
fn protocol_bytes<'a>(flows: impl IntoIterator<Item = &'a Value>) -> BTreeMap<String, [u64; 2]> {
    let mut sums = BTreeMap::<_, [u64; 2]>::new();
    for flow in flows {
        let is_ipv6 = flow["local_address"].as_str().unwrap().contains(':');
        let sum = sums
            .entry(format!("{} {is_ipv6}", flow["protocol"]))
            .or_default();
        sum[0] += flow["bytes_in"].as_u64().unwrap();
        sum[1] += flow["bytes_out"].as_u64().unwrap();
    }
    sums
}

fn truth(name: &str) -> Vec<Value> {
    let truth = vector_json(&format!("{name}/truth.json"));
    truth["flows"].as_array().unwrap().clone()
}

/// A message without what two agents need not agree on: their version, that of the ThreadX that they run on, and what this one
/// says about its system beyond what the original said.
fn comparable(message: &Value) -> Value {
    let mut message = message.clone();
    let object = message.as_object_mut().unwrap();
    for key in [
        "security_module_version",
        "file",
        "device",
        "received",
        "bytes",
    ] {
        object.remove(key);
    }
    for event in object["events"].as_array_mut().unwrap() {
        let event = event.as_object_mut().unwrap();
        event.remove("kernel_info");
        if let Some(os_info) = event.get_mut("os_info") {
            let (name, version) = os_info.as_str().unwrap().rsplit_once(' ').unwrap();
            assert!(version.starts_with("6."), "{version}");
            *os_info = name.into();
        }
    }
    message
}

/// Every message of the original has one of ours that says the same, sent at the same second.
fn equals_the_original(name: &str, local: &[&str]) {
    let (messages, summary) = replay(name, local, &[]);
    let expected = vector_json(&format!("{name}/expected.json"));
    let expected = expected.as_array().unwrap();
    assert_eq!(messages.len(), expected.len(), "{name}: {summary}");
    for (ours, theirs) in messages.iter().zip(expected) {
        assert_eq!(comparable(ours), comparable(theirs), "{name}");
        let file = theirs["file"].as_str().unwrap();
        assert!(
            file.ends_with(&format!("-{}.bin", ours["received"])),
            "{name}: {file} was sent at {}",
            ours["received"]
        );
        // Nothing that the original has costs us more bytes; what we add to system information does.
        let theirs = fs::metadata(vector(&format!("{name}/messages/{file}"))).unwrap();
        let added: u64 = ours["events"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|event| event["kernel_info"].as_str())
            .map(|info| info.len() as u64 + 12)
            .sum();
        assert!(ours["bytes"].as_u64().unwrap() <= theirs.len() + added);
    }
    assert_eq!(flow_bytes(flows_of(&messages)), flow_bytes(&truth(name)));
    assert!(
        summary.contains(&format!("{} messages", expected.len())),
        "{summary}"
    );
    assert!(summary.contains("0 flows aggregated"), "{summary}");
    assert!(summary.contains("0 retries"), "{summary}");
}

#[test]
fn office_says_what_the_original_said() {
    equals_the_original("office", &["10.77.0.2", "fd77::2"]);
}

#[test]
fn exotic_says_what_the_original_said() {
    equals_the_original("exotic", &["10.79.0.2", "fd79::2"]);
}

/// Broadcast and multicast packets are left out however the device's network is described.
#[test]
fn the_prefix_length_changes_nothing_for_unicast() {
    let (with, _) = replay("exotic", &["10.79.0.2/16", "fd79::2/64"], &[]);
    let (without, _) = replay("exotic", &["10.79.0.2", "fd79::2"], &[]);
    assert_eq!(with, without);
}

#[test]
fn a_scan_is_reported_to_the_last_byte_and_its_heavy_flows_are_kept() {
    let (messages, summary) = replay("scan", &["10.78.0.2", "fd78::2"], &[]);
    let truth = truth("scan");
    assert_eq!(
        protocol_bytes(flows_of(&messages)),
        protocol_bytes(&truth),
        "{summary}"
    );
    assert!(!summary.contains(" 0 flows aggregated"), "{summary}");

    let reported = flow_bytes(flows_of(&messages));
    let mut by_bytes: Vec<_> = flow_bytes(&truth).into_iter().collect();
    by_bytes.sort_by_key(|(_, bytes)| std::cmp::Reverse(bytes[0] + bytes[1]));
    // Those that are heavier than the 64th heaviest, which may be as heavy as others.
    let least = by_bytes[63].1;
    let heavy = by_bytes
        .iter()
        .take_while(|(_, bytes)| bytes[0] + bytes[1] > least[0] + least[1]);
    for (name, _) in heavy {
        assert!(reported.contains_key(name), "{name} is missing");
    }
}

/// With room for all of them, the scan's flows are all kept apart.
#[test]
fn a_larger_table_keeps_every_flow_of_the_scan() {
    let directory = tempfile::TempDir::new().unwrap();
    let config = directory.path().join("large.toml");
    fs::write(&config, "[network-activity]\nmax-ipv4-flows = 1024\n").unwrap();
    let options = ["--config", config.to_str().unwrap()];
    let (messages, summary) = replay("scan", &["10.78.0.2", "fd78::2"], &options);
    assert_eq!(flow_bytes(flows_of(&messages)), flow_bytes(&truth("scan")));
    assert!(summary.contains(" 0 flows aggregated"), "{summary}");
}

#[test]
fn malformed_packets_end_well() {
    let (messages, summary) = replay("malformed", &["10.79.0.2", "fd79::2"], &[]);
    assert!(!messages.is_empty());
    assert!(summary.contains("4,000 packets seen"), "{summary}");
    assert!(!summary.contains(" 0 malformed"), "{summary}");
}

/// The seconds after `start` at which the schedule lets the hub take messages, as [from, until).
fn open_times(schedule: &str) -> Vec<(u64, u64)> {
    let mut is_up = false;
    let mut passes = true;
    let mut since = None;
    let mut open = Vec::new();
    for event in schedule.split(',') {
        let (event, second) = event.split_once('@').unwrap();
        let second = second.parse().unwrap();
        match event {
            "up" => is_up = true,
            "down" => is_up = false,
            "fail" => passes = false,
            "ok" => passes = true,
            other => panic!("{other}"),
        }
        match (since, is_up && passes) {
            (None, true) => since = Some(second),
            (Some(from), false) => {
                open.push((from, second));
                since = None;
            }
            _ => {}
        }
    }
    open.extend(since.map(|from| (from, u64::MAX)));
    open
}

#[test]
fn hubs_that_come_and_go_get_everything() {
    const START: u64 = 1_770_000_000;
    let schedules = fs::read(vector("states/sends.jsonl")).unwrap();
    let truth = flow_bytes(&truth("states"));
    for schedule in json_lines(&schedules) {
        let (name, hub) = (&schedule["name"], schedule["hub"].as_str().unwrap());
        let (messages, _) = replay("states", &["10.80.0.2"], &["--hub-events", hub]);
        let sent: Vec<_> = messages
            .iter()
            .map(|message| message["received"].as_u64().unwrap() - START)
            .collect();
        let open = open_times(hub);
        for second in &sent {
            assert!(
                open.iter()
                    .any(|(from, until)| (from..until).contains(&second)),
                "{name}: sent at {second}, while the hub was away"
            );
        }
        for (from, until) in &open {
            let within: Vec<_> = sent
                .iter()
                .filter(|second| (from..until).contains(second))
                .copied()
                .collect();
            // What was due while the hub was away is taken at most 4 s after it is back; at the beginning
            // nothing is due before the first collection.
            let first = within[0];
            assert!(
                if *from == 0 {
                    first == 30
                } else {
                    first <= from + 4
                },
                "{name}: first sent at {first}, open from {from}"
            );
            // From then on the grid of 10 s goes on.
            let end = 700.min(until - 1);
            let grid: Vec<_> = (first / 10 + 1..=end / 10).map(|tens| 10 * tens).collect();
            let rest: Vec<_> = within[1..]
                .iter()
                .copied()
                .filter(|second| *second <= end)
                .collect();
            assert_eq!(rest, grid, "{name}");
        }
        // Every message of the grid reports network activity.
        for message in &messages {
            let events = message["events"].as_array().unwrap();
            assert!(
                events
                    .iter()
                    .any(|event| event["type"] == "NetworkActivity"),
                "{name}: {message}"
            );
        }
        assert_eq!(flow_bytes(flows_of(&messages)), truth, "{name}");
    }
}

/// What the issue shows as an example of a line.
#[test]
fn a_line_has_the_documented_shape() {
    let (messages, _) = replay("office", &["10.77.0.2", "fd77::2"], &[]);
    let first = messages[0].as_object().unwrap();
    let keys: Vec<_> = first.keys().map(String::as_str).collect();
    let mut expected = [
        "device",
        "received",
        "bytes",
        "security_module_id",
        "security_module_version",
        "events",
    ];
    expected.sort_unstable();
    assert_eq!(keys, expected);
    assert_eq!(first["device"], json!("input"));
    assert_eq!(first["received"], json!(1_795_379_311));
    assert_eq!(
        first["security_module_id"],
        json!("defender-iot-micro-agent")
    );
    assert_eq!(first["security_module_version"], json!(65_536));
}

#[test]
fn the_jitter_puts_off_the_first_collection() {
    for (jitter, expected) in [("0", 30), ("7", 37), ("59", 89)] {
        let (messages, _) = replay("states", &["10.80.0.2"], &["--jitter", jitter]);
        assert_eq!(messages[0]["received"], json!(1_770_000_000 + expected));
    }
}

#[test]
fn written_files_decode_to_what_was_shown() {
    let directory = tempfile::TempDir::new().unwrap();
    // A directory that does not exist yet.
    let messages = directory.path().join("messages");
    let options = ["--write", messages.to_str().unwrap()];
    let (shown, _) = replay("exotic", &["10.79.0.2", "fd79::2"], &options);
    let mut files: Vec<_> = fs::read_dir(&messages)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    assert_eq!(files[1].file_name(), Some(OsStr::new("001-1760000040.bin")));
    let decoded = defender(["decode"]).args(&files).assert().success();
    let decoded = without_ids(json_lines(&decoded.get_output().stdout));
    // A file does not say where it came from, and when.
    let content = |message: &Value| {
        let mut message = message.clone();
        for key in ["device", "received"] {
            message.as_object_mut().unwrap().remove(key);
        }
        message
    };
    assert_eq!(decoded, shown.iter().map(content).collect::<Vec<_>>());
}

#[test]
fn a_configuration_changes_what_is_reported() {
    let directory = tempfile::TempDir::new().unwrap();
    let config = directory.path().join("defender.toml");
    fs::write(
        &config,
        "security-module-id = \"mine\"\nfirst-collection = \"15s\"\n[intervals]\nhigh = \"20s\"\n\
         [network-activity]\nudp = false\n[heartbeat]\nenabled = false\n",
    )
    .unwrap();
    let options = ["--config", config.to_str().unwrap()];
    let (messages, _) = replay("office", &["10.77.0.2", "fd77::2"], &options);
    let start = 1_795_379_281;
    assert_eq!(messages[0]["received"], json!(start + 15));
    assert_eq!(messages[1]["received"], json!(start + 35));
    for message in &messages {
        assert_eq!(message["security_module_id"], json!("mine"));
        assert!(!message.to_string().contains("Heartbeat"));
    }
    assert!(flows_of(&messages).all(|flow| flow["protocol"] != "UDP"));
    assert!(flows_of(&messages).any(|flow| flow["protocol"] == "TCP"));
}

/// The original could only be built with multicast; ours is asked for it.
#[test]
fn multicast_and_broadcast_are_reported_when_asked_for() {
    let directory = tempfile::TempDir::new().unwrap();
    let config = directory.path().join("defender.toml");
    fs::write(&config, "[network-activity]\nunicast-only = false\n").unwrap();
    let options = ["--config", config.to_str().unwrap()];
    let (messages, _) = replay("exotic", &["10.79.0.2/16", "fd79::2"], &options);
    for group in ["224.0.0.251", "ff02::fb", "10.79.255.255"] {
        assert!(
            flows_of(&messages).any(|flow| flow["local_address"] == group),
            "{group} is missing"
        );
    }
}

#[test]
fn people_get_blocks_and_a_summary() {
    defender(["replay", "--local", "10.77.0.2,fd77::2"])
        .arg(vector("office/input.pcap"))
        .assert()
        .success()
        .stdout(contains("2026-11-22T20:28:31Z"))
        .stdout(contains("network activity, 10 s: "))
        .stdout(contains("system information: Azure RTOS "))
        .stderr(contains("2,429 packets seen: "))
        .stderr(contains("error").not());
}
