//! `defender hub init`, `device` and `send`: who may connect to a hub, and a hub that knows them. And the first try, which needs none of it.

#![cfg(unix)]

mod support;

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use defender_hub::{
    identity::{ConnectionString, Thumbprint},
    mqtt::{DeviceId, Endpoint, Failure, HubError, Publisher, PublisherOptions, Rejection},
};
use predicates::{prelude::PredicateBooleanExt, str::contains};
use serde_json::Value;
use support::{defender, json_lines};
use tempfile::TempDir;

fn hub(folder: &Path, args: &[&str]) -> assert_cmd::assert::Assert {
    let mut all = vec!["hub"];
    all.extend(args);
    let folder = folder.to_str().unwrap();
    defender(all.into_iter().chain(["--data", folder])).assert()
}

fn stdout(assert: &assert_cmd::assert::Assert) -> String {
    let text = String::from_utf8(assert.get_output().stdout.clone()).unwrap();
    text.trim().to_owned()
}

#[test]
fn devices_are_enrolled_listed_and_removed() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("hub");
    let added = hub(&data, &["device", "add", "sensor-7"])
        .success()
        .stderr(contains("says localhost").and(contains("--host")));
    let string: ConnectionString = stdout(&added).parse().unwrap();
    assert_eq!(
        (string.host.as_str(), string.device.as_str()),
        ("localhost", "sensor-7")
    );
    // The key is nowhere in what the hub keeps.
    let key = string.key.unwrap().to_base64();
    for file in fs::read_dir(&data).unwrap() {
        let content = fs::read(file.unwrap().path()).unwrap_or_default();
        assert!(
            !content
                .windows(key.len())
                .any(|bytes| bytes == key.as_bytes())
        );
    }
    hub(&data, &["device", "add", "sensor-7"])
        .code(2)
        .stderr(contains("enrolled already"));
    let added = hub(
        &data,
        &["device", "add", "audit", "--service", "--password"],
    )
    .success();
    assert!(stdout(&added).len() >= 32);
    let listed = hub(&data, &["device", "list", "--json"]).success();
    let listed = json_lines(&listed.get_output().stdout);
    let shown: Vec<_> = listed
        .iter()
        .map(|device| ["id", "role", "proof"].map(|name| device[name].as_str().unwrap()))
        .collect();
    assert_eq!(
        shown,
        [
            ["audit", "service", "password"],
            ["sensor-7", "device", "key"]
        ]
    );
    // With another key file the hub could not read what is added.
    fs::remove_file(data.join("sealing.key")).unwrap();
    hub(&data, &["device", "add", "sensor-8"])
        .code(2)
        .stderr(contains("sealed with another key"));
    hub(&data, &["device", "remove", "sensor-7"]).success();
    hub(&data, &["device", "remove", "sensor-7"])
        .code(2)
        .stderr(contains("not enrolled"));
    hub(&data, &["device", "list"])
        .success()
        .stdout(contains("audit").and(contains("sensor-7").not()));
}

#[test]
fn certificates_come_from_the_hubs_authority() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("hub");
    let keys = folder.path().join("keys");
    let add = [
        "device",
        "add",
        "sensor-8",
        "--certificate",
        "--out",
        keys.to_str().unwrap(),
    ];
    hub(&data, &add)
        .code(2)
        .stderr(contains("defender hub init"));
    hub(&data, &["init", "hub.example"])
        .success()
        .stderr(contains("ca.pem"));
    hub(&data, &["init", "hub.example"])
        .code(2)
        .stderr(contains("there already"));
    let added = hub(&data, &add)
        .success()
        .stderr(contains("localhost").not());
    assert_eq!(
        stdout(&added),
        "HostName=hub.example;DeviceId=sensor-8;x509=true"
    );
    let certificate = fs::read(keys.join("sensor-8.der")).unwrap();
    let listed = hub(&data, &["device", "list", "--json"]).success();
    let thumbprint = json_lines(&listed.get_output().stdout)[0]["thumbprint"].clone();
    assert_eq!(thumbprint, Thumbprint::of(&certificate).to_string());
}

/// A hub that runs, and where it listens.
struct Running {
    child: Child,
    mqtt: String,
    mqtts: Option<String>,
    api: String,
}

impl Running {
    fn start(data: &Path, args: &[&str]) -> Self {
        let any = "127.0.0.1:0";
        let mut child = Command::new(env!("CARGO_BIN_EXE_defender"))
            .args(["hub", "--mqtt", any, "--web", any, "--data"])
            .arg(data)
            .args(args)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let (mut mqtt, mut mqtts) = (String::new(), None);
        let api = loop {
            let line = lines.next().expect("the hub goes on").unwrap();
            if let Some((_, url)) = line.rsplit_once("API at ") {
                break url.to_owned();
            }
            let url = line.split(' ').find(|word| word.contains("://"));
            match url {
                Some(url) if url.starts_with("mqtts") => mqtts = Some(url.to_owned()),
                Some(url) => mqtt = url.to_owned(),
                None => {}
            }
        };
        thread::spawn(move || lines.for_each(drop));
        Self {
            child,
            mqtt,
            mqtts,
            api,
        }
    }

    fn alerts(&self) -> Vec<Value> {
        let listed = defender(["hub", "alerts", "list", "--json", "--url", &self.api]).assert();
        json_lines(&listed.success().get_output().stdout)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_first_try_needs_nothing() {
    let folder = TempDir::new().unwrap();
    let capture = folder.path().join("scan.pcap");
    defender(["scenario", "vertical-scan", "--out"])
        .arg(&capture)
        .assert()
        .success();
    let running = Running::start(&folder.path().join("hub"), &[]);
    let watcher = Command::new(env!("CARGO_BIN_EXE_defender"))
        .args(["watch", &running.mqtt, "--json", "--count", "1"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let watching = thread::spawn(move || watcher.wait_with_output().unwrap());
    // Again and again, as the watcher may come late.
    let begun = Instant::now();
    while !watching.is_finished() {
        assert!(begun.elapsed() < Duration::from_secs(100));
        defender(["device", "--id", "pump", "--speed", "max", "--hub"])
            .arg(&running.mqtt)
            .arg(&capture)
            .assert()
            .success();
    }
    let watched = watching.join().unwrap();
    let messages = json_lines(&watched.stdout);
    assert_eq!(messages[0]["device"], "pump");
    let alerts = loop {
        let alerts = running.alerts();
        if !alerts.is_empty() {
            break alerts;
        }
        assert!(begun.elapsed() < Duration::from_secs(100));
        thread::sleep(Duration::from_millis(100));
    };
    assert!(
        alerts.iter().any(|alert| alert["device"] == "pump"),
        "{alerts:?}"
    );
}

#[test]
fn a_hub_knows_its_devices_and_one_that_was_added_meanwhile() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("hub");
    hub(&data, &["init"]).success();
    let running = Running::start(&data, &["--mqtts", "127.0.0.1:0"]);
    let mqtts = running.mqtts.as_ref().unwrap();
    let added = hub(&data, &["device", "add", "sensor-7"]).success();
    let string: ConnectionString = stdout(&added).parse().unwrap();
    let ca = data.join("tls").join("ca.pem");
    let connect = |id: &str, token: &str| {
        let user = format!("localhost/{id}/?api-version=2020-09-30");
        let encode = |text: &str| {
            percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC)
                .to_string()
        };
        let at = mqtts.strip_prefix("mqtts://").unwrap();
        let url = format!("mqtts://{}:{}@{at}", encode(&user), encode(token));
        let endpoint = Endpoint::new(url.parse().unwrap(), Some(&ca)).unwrap();
        let id: DeviceId = id.parse().unwrap();
        Publisher::connect(&endpoint, &id, PublisherOptions::default())
    };
    let token = string
        .key
        .unwrap()
        .sign("localhost", "sensor-7", 4_000_000_000);
    let device = connect("sensor-7", &token).unwrap();
    device
        .publish("devices/sensor-7/messages/events/", b"x")
        .unwrap();
    // Anybody on this machine may send to it, and to nobody that there is not.
    let send = |id: &str| defender(["hub", "send", id, "hello", "--hub", &running.mqtt]).assert();
    send("sensor-7").success();
    send("nobody")
        .code(1)
        .stderr(contains("knows no such device"));
    assert!(matches!(
        connect("stranger", &token),
        Err(HubError::Connecting {
            failure: Failure::Rejected(Rejection::NotAuthorized),
            ..
        })
    ));
    hub(&data, &["device", "remove", "sensor-7"]).success();
    assert!(connect("sensor-7", &token).is_err());
}
