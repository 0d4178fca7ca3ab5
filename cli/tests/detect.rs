//! `defender detect` and `defender rules`.

mod support;

use std::{
    fs,
    path::{Path, PathBuf},
};

use predicates::{
    prelude::PredicateBooleanExt,
    str::{contains, starts_with},
};
use serde_json::{Value, json};
use support::{defender, json_lines, vector};
use tempfile::TempDir;

/// A directory with the capture of a scenario in it.
fn scenario(name: &str, args: &[&str]) -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let capture = directory.path().join(format!("{name}.pcap"));
    defender(["scenario", name, "--out"])
        .arg(&capture)
        .args(args)
        .assert()
        .success();
    (directory, capture)
}

fn write(directory: &TempDir, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
    let path = directory.path().join(name);
    fs::write(&path, text).unwrap();
    path
}

/// The alerts of a run that ends with `code`.
fn alerts(code: i32, args: &[&Path]) -> Vec<Value> {
    let run = defender(["detect", "--json"])
        .args(args)
        .assert()
        .code(code);
    json_lines(&run.get_output().stdout)
}

fn rules(alerts: &[Value]) -> Vec<&str> {
    alerts
        .iter()
        .map(|alert| alert["rule"].as_str().unwrap())
        .collect()
}

#[test]
fn a_bot_is_told_in_a_few_lines_that_fit() {
    let (_directory, capture) = scenario("telnet-bot", &["--duration", "4m"]);
    let run = defender(["detect"]).arg(&capture).assert().code(3);
    let text = String::from_utf8(run.get_output().stdout.clone()).unwrap();
    let (text, _) = text.split_once("\nRecommendations\n").unwrap();
    let lines: Vec<_> = text.lines().collect();
    assert!(lines[0].starts_with("High"), "{text}");
    assert!(lines[0].ends_with("telnet-bot"), "{text}");
    assert!(lines.len() <= 12, "{text}");
    assert!(
        lines.iter().all(|line| line.chars().count() <= 80),
        "{text}"
    );
    // Most flows of it go to port 23, the others to 2323.
    assert!(text.contains("tried TCP port 23"), "{text}");
    assert!(text.contains("Do: "), "{text}");
    run.stderr(contains("alert").and(contains("1 device")));
}

#[test]
fn each_alert_is_an_object_with_all_that_is_known() {
    let (_directory, capture) = scenario("password-guessing-in", &["--seed", "3"]);
    let alerts = alerts(3, &[&capture]);
    let guessing = alerts
        .iter()
        .find(|alert| alert["rule"] == "PasswordGuessing")
        .unwrap();
    for field in [
        "id",
        "rule",
        "alert_type",
        "severity",
        "title",
        "device",
        "group",
        "first_seen",
        "last_seen",
        "count",
        "state",
        "peer",
        "service",
        "explanation",
        "remediation",
        "evidence",
    ] {
        assert!(
            guessing.get(field).is_some_and(|value| !value.is_null()),
            "{field}"
        );
    }
    assert_eq!(guessing["alert_type"], "Defender_PasswordGuessing");
    assert_eq!(guessing["severity"], "Medium");
    assert_eq!(guessing["device"], "password-guessing-in");
    assert_eq!(guessing["group"], "default");
    assert_eq!(guessing["peer"], "198.51.100.66");
    // The scenario begins at midnight on 1 January 2026.
    let seen = |field: &str| guessing[field].as_u64().unwrap();
    assert!(seen("first_seen") > 1_767_225_600 && seen("last_seen") < 1_767_225_600 + 700);
    // Attacks that go on to the end of the input are open: no time passes after it.
    assert_eq!(guessing["state"], "open");
}

#[test]
fn the_threshold_decides_about_the_exit_code() {
    let (_directory, capture) = scenario("port-scanned", &[]);
    let detect = |args: &[&str]| {
        let mut detect = defender(["detect", "--local", "192.168.20.7"]);
        detect.args(args).arg(&capture).assert()
    };
    for (fail_on, code) in [("Low", 3), ("low", 3), ("Medium", 0), ("high", 0)] {
        detect(&["--fail-on", fail_on]).code(code);
    }
    detect(&[]).code(0).stdout(contains("Low"));
}

#[test]
fn nothing_is_found_where_nothing_is() {
    let (_directory, capture) = scenario("office", &["--duration", "3m"]);
    defender(["detect"])
        .arg(&capture)
        .arg(vector("office/input.pcap"))
        .assert()
        .code(0)
        .stdout(starts_with("Recommendations\n"))
        .stderr(contains("no alerts in").and(contains("2 devices")));
}

/// However the reports come, it is the same that is found.
#[test]
fn captures_messages_and_lines_lead_to_the_same_alerts() {
    let (directory, capture) = scenario("vertical-scan", &["--duration", "4m"]);
    let from_capture = alerts(3, &[&capture]);
    let messages = directory.path().join("vertical-scan");
    let replay = defender(["replay", "--json", "--local", "192.168.20.7", "--write"])
        .arg(&messages)
        .arg(&capture)
        .assert()
        .success();
    let lines = write(&directory, "other-name.jsonl", &replay.get_output().stdout);
    let files: Vec<_> = fs::read_dir(&messages)
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    let files: Vec<&Path> = files.iter().map(PathBuf::as_path).collect();
    // The device of a line is named in it, that of message files by their directory, in whichever order they are given.
    let from_lines = alerts(3, &[&lines]);
    let from_files = alerts(3, &files);
    let told = |alerts: &[Value]| -> Vec<Value> {
        let without_times = |alert: &Value| {
            json!([
                alert["rule"],
                alert["severity"],
                alert["device"],
                alert["peer"],
                alert["count"]
            ])
        };
        alerts.iter().map(without_times).collect()
    };
    assert!(
        rules(&from_capture).contains(&"PortScan"),
        "{from_capture:?}"
    );
    assert_eq!(told(&from_capture), told(&from_lines));
    assert_eq!(told(&from_capture), told(&from_files));
}

/// What a replay leaves out is a time in which the source was away, also while others report.
#[test]
fn a_gap_is_nobodys_silence() {
    let begins_at = |start: &str| scenario("office", &["--duration", "5m", "--start", start]);
    let (directory, before) = begins_at("2026-01-01T00:00:00Z");
    let (_after, after) = begins_at("2026-03-01T00:00:00Z");
    let (_between, between) = begins_at("2026-02-01T00:00:00Z");
    const PCAP_HEADER: usize = 24;
    let mut packets = fs::read(before).unwrap();
    packets.extend(&fs::read(after).unwrap()[PCAP_HEADER..]);
    let gap = write(&directory, "gap.pcap", packets);
    let lines = |capture: &Path| {
        let replay = defender(["replay", "--json", "--local", "192.168.20.7"])
            .arg(capture)
            .assert()
            .success();
        replay.get_output().stdout.clone()
    };
    let of_gap = write(&directory, "gap.jsonl", lines(&gap));
    let other = write(&directory, "other.jsonl", lines(&between));
    for inputs in [vec![&*gap], vec![&*of_gap], vec![&*gap, &*other]] {
        let found = alerts(0, &inputs);
        let is_silence = |alert: &&Value| {
            let rule = alert["rule"].as_str().unwrap();
            ["HeartbeatLost", "AgentSilent"].contains(&rule) && alert["device"] == "gap"
        };
        assert_eq!(found.iter().find(is_silence), None);
    }
}

#[test]
fn standard_input_takes_captures_lines_and_messages() {
    let (_directory, capture) = scenario("address-sweep", &["--duration", "4m"]);
    let bytes = fs::read(&capture).unwrap();
    let run = defender(["detect", "--json", "-", "--local", "192.168.20.7"])
        .write_stdin(bytes)
        .assert()
        .code(3);
    let alerts = json_lines(&run.get_output().stdout);
    assert_eq!(alerts[0]["device"], "stdin");
    let replay = defender(["replay", "--json"])
        .arg(&capture)
        .assert()
        .success();
    defender(["detect", "-"])
        .write_stdin(replay.get_output().stdout.clone())
        .assert()
        .code(3)
        .stdout(contains("Address sweep"));
}

#[test]
fn local_is_one_value_and_may_be_repeated() {
    let (_directory, capture) = scenario(
        "address-sweep",
        &["--duration", "4m", "--local", "10.1.2.3"],
    );
    for local in [
        &["--local", "10.1.2.3"][..],
        &["--local", "10.1.2.3,fd00::1"],
        &["--local", "10.9.9.9", "--local", "10.1.2.3"],
    ] {
        defender(["detect"])
            .args(local)
            .arg(&capture)
            .assert()
            .code(3);
    }
    defender(["detect", "--local", "10.9.9.9"])
        .arg(&capture)
        .assert()
        .code(2)
        .stderr(contains("10.9.9.9"));
}

#[test]
fn lists_rules_groups_exceptions_and_settings_decide() {
    let (directory, capture) = scenario("new-peer", &["--duration", "6m"]);
    defender(["detect"]).arg(&capture).assert().code(0);
    let threats = write(&directory, "bad.txt", "198.51.100.0/24 # a botnet\n");
    let found = alerts(3, &[&capture, Path::new("--threats"), &threats]);
    assert_eq!(rules(&found), ["SuspiciousIPAddressCommunication"]);
    assert_eq!(found[0]["peer"], "198.51.100.66");

    let exceptions = write(
        &directory,
        "except.toml",
        "[[exception]]\nreason = \"known\"\ndevice = \"new-peer\"\npeer = \"198.51.100.66\"\n",
    );
    let args = [
        &*capture,
        Path::new("--threats"),
        &threats,
        Path::new("--exceptions"),
        &exceptions,
    ];
    assert_eq!(rules(&alerts(0, &args)), [""; 0]);

    let rules_file = write(
        &directory,
        "rules.json",
        r#"{"name": "sensors", "properties": {"allowlistRules": [{
            "ruleType": "ConnectionToIpNotAllowed", "isEnabled": true,
            "allowlistValues": ["192.168.0.0/16", "203.0.113.0/24"]}]}}"#,
    );
    let groups = write(&directory, "groups.toml", "sensors = [\"new-*\"]\n");
    let args = [
        &*capture,
        Path::new("--rules"),
        &rules_file,
        Path::new("--groups"),
        &groups,
    ];
    let found = alerts(0, &args);
    assert_eq!(rules(&found), ["ConnectionToIpNotAllowed"]);
    assert_eq!(
        (&found[0]["group"], &found[0]["severity"]),
        (&json!("sensors"), &json!("Low"))
    );

    let config = write(
        &directory,
        "detect.toml",
        "[dns-tunnel]\nbytes-per-minute = 1\n",
    );
    let found = alerts(3, &[&capture, Path::new("--config"), &config]);
    assert_eq!(rules(&found), ["DnsTunnel"]);
}

#[test]
fn findings_of_ocsf_are_told_as_they_come() {
    let (_directory, capture) = scenario("telnet-bot", &["--duration", "4m"]);
    let run = defender(["detect", "--ocsf"])
        .arg(&capture)
        .assert()
        .code(3);
    let findings = json_lines(&run.get_output().stdout);
    assert!(!findings.is_empty());
    for finding in &findings {
        assert_eq!(finding["class_uid"], 2004);
        assert!(
            [200_401, 200_402, 200_403]
                .map(Value::from)
                .contains(&finding["type_uid"])
        );
    }
    assert_eq!(findings[0]["type_uid"], 200_401);
}

#[test]
fn azures_logs_are_read() {
    let directory = tempfile::tempdir().unwrap();
    let record = |second: u32| {
        json!({
            "time": format!("2027-01-31T12:00:{second:02}Z"), "category": "DirectMethods",
            "operationName": "send", "level": "Information",
            "properties": "{\"deviceId\":\"lobby\"}",
        })
        .to_string()
    };
    let log: Vec<_> = (0..5).map(record).collect();
    let log = write(&directory, "hub.log", log.join("\n"));
    let rules_file = write(
        &directory,
        "rules.json",
        r#"{"properties": {"timeWindowRules": [{"ruleType": "DirectMethodInvokesNotInAllowedRange",
            "isEnabled": true, "minThreshold": 0, "maxThreshold": 3, "timeWindowSize": "PT5M"}]}}"#,
    );
    let found = alerts(0, &[&log, Path::new("--rules"), &rules_file]);
    assert_eq!(rules(&found), ["DirectMethodInvokesNotInAllowedRange"]);
    assert_eq!(found[0]["device"], "lobby");
}

/// Bad input goes before alerts, and takes nothing of the rest with it.
#[test]
fn bad_input_is_told_and_the_rest_is_looked_at() {
    let (directory, capture) = scenario("address-sweep", &["--duration", "4m"]);
    for (name, content, expected) in [
        ("empty.pcap", &b""[..], "empty.pcap"),
        ("empty.bin", b"", "empty.bin"),
        ("text.pcap", b"no capture", "text.pcap"),
        ("cut.bin", b"\x10\0\0\0\0\0", "cut.bin"),
        ("lines.jsonl", b"{\"security_module_id\":3}\n", "line 1"),
        ("log.json", b"{\"records\": [", "log.json"),
    ] {
        let bad = write(&directory, name, content);
        let run = defender(["detect"])
            .arg(&bad)
            .arg(&capture)
            .assert()
            .code(2);
        run.stdout(contains("Address sweep"))
            .stderr(contains(expected).and(contains("panicked").not()));
    }
    defender(["detect", "/nowhere.pcap"])
        .assert()
        .code(2)
        .stderr(contains("/nowhere.pcap"));
    for option in [
        "--rules",
        "--threats",
        "--exceptions",
        "--groups",
        "--config",
    ] {
        defender(["detect", option, "/nowhere"])
            .arg(&capture)
            .assert()
            .code(2)
            .stdout("")
            .stderr(contains("/nowhere: cannot be read"));
    }
    let rules_file = write(&directory, "rules.json", "{\n  \"properties\": 3\n}");
    defender(["detect", "--rules"])
        .args([&rules_file, &capture])
        .assert()
        .code(2)
        .stderr(contains("rules.json: line 2"));
    // A line for each problem, whatever the file is.
    for (option, text, told) in [
        (
            "--config",
            "[host-scan]\nhosts = 'x'\n[port-scan]\nports = 1\n",
            [
                "line 2, column 9: `\"x\"` stands where",
                "line 4, column 9: `port-scan.ports` is 1",
            ],
        ),
        (
            "--exceptions",
            "[[exception]]\ndevise = 'd'\n[[exception]]\nrule = 'Nix'\nreason = 'r'\n",
            [
                "line 2, column 1: there is no key `devise`",
                "line 4, column 8: `Nix` is neither",
            ],
        ),
        (
            "--groups",
            "a = 'x'\nb = [3]\n",
            [
                "line 1, column 5: `\"x\"` stands where",
                "line 2, column 6: `3` stands where",
            ],
        ),
    ] {
        let file = write(&directory, "wrong.toml", text);
        let run = defender(["detect", option])
            .args([&file, &capture])
            .assert()
            .code(2);
        let stderr = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
        let lines: Vec<_> = stderr.lines().collect();
        assert_eq!(lines.len(), 2, "{stderr}");
        for (line, told) in lines.iter().zip(told) {
            let expected = format!("error: {}: {told}", file.display());
            assert!(line.starts_with(&expected), "{line}\n{expected}");
        }
    }
    defender(["detect"]).assert().code(2);
    defender(["detect", "--fail-on", "bad"])
        .arg(&capture)
        .assert()
        .code(2);
    defender(["detect", "--json", "--ocsf"])
        .arg(&capture)
        .assert()
        .code(2);
}

/// Of a list of thousands that somebody else keeps, a line that is wrong takes no other with it: it is told, and the exit code is that of
/// what was found.
#[test]
fn of_a_list_with_bad_lines_the_good_ones_act() {
    let (directory, capture) = scenario("new-peer", &["--duration", "6m"]);
    let detect = |text: &str| {
        let list = write(&directory, "list.txt", text);
        let mut command = defender(["detect", "--threats"]);
        command.args([&list, &capture]).assert()
    };
    let told = "line 1, column 1: `192.0.2.0/33` is neither an address nor a prefix";
    detect("192.0.2.0/33\n198.51.100.66\n")
        .code(3)
        .stderr(contains("1 act, 1 refused\n").and(contains(told)))
        .stdout(contains("198.51.100.66"));
    detect("192.0.2.0/33\n203.0.113.200\n")
        .code(0)
        .stderr(contains("1 act, 1 refused\n").and(contains(told)));
    // One that is of no use at all is a mistake.
    detect("192.0.2.0/33\nbad.example\n")
        .code(2)
        .stdout("")
        .stderr(contains("error: ").and(contains(told)));
}

#[test]
fn what_is_neither_message_nor_log_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let lines = write(&directory, "x.jsonl", "{\"a\": 1}\n{\"a\": 2}\n");
    defender(["detect"])
        .arg(&lines)
        .assert()
        .code(0)
        .stderr(contains("2 of 2 records are passed over"));
}

/// Whoever believes in what has no effect is told.
#[test]
fn what_has_no_effect_is_told() {
    let (directory, capture) = scenario("new-peer", &["--duration", "6m"]);
    let list = write(&directory, "empty.txt", "# nothing yet\n");
    let ours = write(&directory, "ours.txt", "10.0.0.0/8\n");
    let exceptions = write(
        &directory,
        "except.toml",
        "[[exception]]\nrule = \"PortScan\"\nreason = \"an audit\"\n\
         [[exception]]\ngroup = \"cameras\"\nreason = \"they search\"\n\
         [[exception]]\ndevice = \"lobby\"\nuntil = 2020-01-31\nreason = \"it is old\"\n",
    );
    let rules = write(
        &directory,
        "rules.json",
        r#"{"name": "cameras", "properties": {"thresholdRules": [{
            "ruleType": "TwinUpdatesNotInAllowedRange", "isEnabled": true, "minThreshold": 0, "maxThreshold": 9}]}}"#,
    );
    let run = defender(["detect"])
        .arg(&capture)
        .args(["--threats".as_ref(), list.as_os_str()])
        .args(["--threats".as_ref(), ours.as_os_str()])
        .args(["--exceptions".as_ref(), exceptions.as_os_str()])
        .args(["--rules".as_ref(), rules.as_os_str()])
        .assert()
        .code(0);
    let told = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
    for expected in [
        "empty: plain list: 0 act\n",
        "  without effect, it is empty: no address is looked for\n",
        "  without effect, nothing of it acts: no address is looked for\n",
        "except.toml: without effect, the table of groups has no such group: No alerts of any rule about devices of group cameras",
        "except.toml: covered nothing: No alerts of PortScan about any device: an audit\n",
        "except.toml: covered nothing, it was over before: No alerts of any rule about device lobby",
        "group cameras: without effect, the table of groups puts no device into it\n",
        "group cameras: TwinUpdatesNotInAllowedRange: without effect, it does not say within which time to count",
    ] {
        assert!(told.contains(expected), "{expected}\n{told}");
    }
}

#[test]
fn many_bad_lines_are_told_in_sum() {
    let directory = tempfile::tempdir().unwrap();
    let lines = write(
        &directory,
        "x.jsonl",
        "{\"security_module_id\":3}\n".repeat(1000),
    );
    let run = defender(["detect"]).arg(&lines).assert().code(2);
    let told = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
    assert!(told.lines().count() < 20, "{told}");
    assert!(told.contains("990 more"), "{told}");
}

/// Names are hostile.
#[test]
fn what_steers_a_terminal_does_not_get_there() {
    let (directory, capture) = scenario("address-sweep", &["--duration", "4m"]);
    let replay = defender(["replay", "--json"])
        .arg(&capture)
        .assert()
        .success();
    let lines = String::from_utf8(replay.get_output().stdout.clone()).unwrap();
    let hostile = lines.replace("\"address-sweep\"", "\"pump\\u001b[2J\\u202e\\u009b\"");
    assert_ne!(lines, hostile);
    let file = write(&directory, "x.jsonl", hostile);
    for option in ["--json", "--ocsf", "--fail-on=low"] {
        let run = defender(["detect", option]).arg(&file).assert().code(3);
        let shown = String::from_utf8(run.get_output().stdout.clone()).unwrap();
        assert!(shown.contains("pump"), "{shown}");
        assert!(
            !shown.contains(['\u{1b}', '\u{202e}', '\u{9b}']),
            "{shown:?}"
        );
    }
}

#[test]
fn rules_are_explained() {
    let directory = tempfile::tempdir().unwrap();
    let file = write(
        &directory,
        "rules.json",
        r#"{"name": "cameras", "properties": {"timeWindowRules": [{
            "ruleType": "ActiveConnectionsNotInAllowedRange", "isEnabled": true,
            "minThreshold": 0, "maxThreshold": 20, "timeWindowSize": "PT5M"}]}}"#,
    );
    defender(["rules", "check"])
        .arg(&file)
        .assert()
        .success()
        .stdout(contains("Group cameras").and(contains("20")));
    defender(["rules", "check", "-"])
        .write_stdin("{")
        .assert()
        .code(2)
        .stderr(contains("standard input: line 1"));
    defender(["rules", "check", "/nowhere"])
        .assert()
        .code(2)
        .stderr(contains("/nowhere: cannot be read"));
}

/// Whatever it is that ends too early, it is told; what came before counts.
#[test]
fn an_input_that_is_cut_is_told_to_be() {
    let (directory, capture) = scenario("telnet-bot", &["--duration", "4m"]);
    let whole = fs::read(&capture).unwrap();
    let cut = |name: &str, bytes: &[u8], kept: usize| write(&directory, name, &bytes[..kept]);
    for path in [
        cut("cut.pcap", &whole, whole.len() - 7),
        cut(
            "cut-header.pcap",
            &whole,
            whole.len() - whole.len() % 16 - 16 + 3,
        ),
    ] {
        // Alerts are those of what could be read.
        let run = defender(["detect"]).arg(&path).assert().code(3);
        run.stdout(contains("Scan of many hosts"))
            .stderr(contains("what follows is left out"));
    }
    let lines = defender(["replay", "--json", "--pure"])
        .arg(&capture)
        .assert();
    let lines = lines.success().get_output().stdout.clone();
    let message = vector("office/messages/000-1795379311.bin");
    let message = fs::read(message).unwrap();
    let log = br#"{"records":[{"time":"2026-01-01T00:00:00Z"}]}"#;
    for (path, said) in [
        (cut("lines.jsonl", &lines, lines.len() - 9), "EOF while"),
        (cut("message.bin", &message, message.len() - 5), "it is cut"),
        (cut("log.json", log, 30), "EOF while"),
    ] {
        let run = defender(["detect"]).arg(&path).assert().code(2);
        run.stderr(contains(said));
    }
}
