//! `defender device` and `defender watch` against a broker, and both together in `defender demo`.

mod support;

use std::{
    io::{BufRead, BufReader, Read},
    net::TcpListener,
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use defender_message::SecurityMessage;
use predicates::str::contains;
use rumqttc::{Client, MqttOptions, QoS};
use serde_json::Value;
use support::{broker, defender, json_lines, vector, vector_json, without_ids};

const PROPERTIES: &str = "mti=2.3-1-0-0&%24.ifid=urn%3Aazureiot%3ASecurity%3ASecurityAgent%3A1";

/// Starts a watcher, and waits until it watches.
struct Watcher {
    child: std::process::Child,
    complaints: BufReader<std::process::ChildStderr>,
}

impl Watcher {
    fn start(url: &str, count: usize) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_defender"))
            .args(["watch", url, "--json", "--count", &count.to_string()])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut complaints = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        complaints.read_line(&mut line).unwrap();
        assert_eq!(line, format!("watching {url}\n"));
        Self { child, complaints }
    }

    /// What it shows and complains about until it ends.
    fn finish(mut self) -> (Vec<Value>, String) {
        let mut shown = Vec::new();
        let mut stdout = self.child.stdout.take().unwrap();
        stdout.read_to_end(&mut shown).unwrap();
        let mut complaints = String::new();
        self.complaints.read_to_string(&mut complaints).unwrap();
        assert!(self.child.wait().unwrap().success(), "{complaints}");
        (without_ids(json_lines(&shown)), complaints)
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        // Fails when it has ended already.
        let _ = self.child.kill();
    }
}

#[test]
fn what_a_device_sends_a_watcher_sees() {
    let url = broker();
    let expected = vector_json("office/expected.json");
    let expected = expected.as_array().unwrap();
    let watcher = Watcher::start(&url, expected.len());
    defender([
        "device", "--hub", &url, "--id", "sensor-7", "--speed", "max",
    ])
    .arg(vector("office/input.pcap"))
    .assert()
    .success()
    .stderr(contains("10.77.0.2 and fd77::2"))
    .stderr(contains(format!("{} messages", expected.len())));
    let (shown, _) = watcher.finish();
    for (ours, theirs) in shown.iter().zip(expected) {
        assert_eq!(ours["device"], "sensor-7");
        assert_eq!(ours["events"][0]["flows"], theirs["events"][0]["flows"]);
    }
}

#[test]
fn bad_messages_are_reported_and_the_watcher_goes_on() {
    let url = broker();
    let watcher = Watcher::start(&url, 1);
    let good = std::fs::read(vector("office/messages/000-1795379311.bin")).unwrap();

    let port = url.rsplit(':').next().unwrap().parse().unwrap();
    let mut options = MqttOptions::new("test", "127.0.0.1", port);
    options.set_keep_alive(Duration::from_secs(30));
    let (client, mut connection) = Client::new(options, 10);
    let topic = |device: &str| format!("devices/{device}/messages/events/{PROPERTIES}");
    for (topic, payload) in [
        (
            "devices/other/messages/events/temperature=20".to_owned(),
            b"20".to_vec(),
        ),
        (topic("broken"), b"no message".to_vec()),
        (topic("dev1"), good),
    ] {
        client
            .publish(topic, QoS::AtLeastOnce, false, payload)
            .unwrap();
    }
    thread::spawn(move || connection.iter().for_each(drop));

    let (shown, complaints) = watcher.finish();
    assert_eq!(shown.len(), 1);
    assert_eq!(shown[0]["device"], "dev1");
    assert_eq!(
        shown[0]["events"],
        vector_json("office/expected.json")[0]["events"]
    );
    assert!(
        complaints.starts_with("error: device broken: message of 10 bytes: "),
        "{complaints}"
    );
    assert_eq!(complaints.lines().count(), 1, "{complaints}");
}

/// A hub made by hand, to go away when it likes.
mod by_hand {
    use std::{
        io::{Read, Result, Write},
        net::{TcpListener, TcpStream},
    };

    /// Accepts a client and answers its CONNECT.
    pub fn accept(listener: &TcpListener) -> TcpStream {
        let (mut stream, _) = listener.accept().unwrap();
        packet(&mut stream).unwrap();
        stream.write_all(&[0x20, 2, 0, 0]).unwrap();
        stream
    }

    /// The kind and content of the next packet.
    fn packet(stream: &mut TcpStream) -> Result<(u8, Vec<u8>)> {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        let kind = byte[0] >> 4;
        let mut length = 0;
        for shift in [0, 7, 14, 21] {
            stream.read_exact(&mut byte)?;
            length |= usize::from(byte[0] & 0x7f) << shift;
            if byte[0] & 0x80 == 0 {
                break;
            }
        }
        let mut content = vec![0; length];
        stream.read_exact(&mut content)?;
        Ok((kind, content))
    }

    /// The payload of the next message, which is acknowledged; `None` when the client disconnects.
    pub fn take_message(stream: &mut TcpStream) -> Option<Vec<u8>> {
        const PUBLISH: u8 = 3;
        loop {
            let (kind, content) = packet(stream).ok()?;
            if kind == PUBLISH {
                let id = 2 + usize::from(u16::from_be_bytes([content[0], content[1]]));
                stream
                    .write_all(&[0x40, 2, content[id], content[id + 1]])
                    .unwrap();
                return Some(content[id + 2..].to_vec());
            }
        }
    }
}

fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("mqtt://{}", listener.local_addr().unwrap());
    (listener, url)
}

/// Bytes of all flows of messages in JSON.
fn bytes_of(flows: &Value) -> u64 {
    flows
        .as_array()
        .into_iter()
        .flatten()
        .map(|flow| flow["bytes_in"].as_u64().unwrap() + flow["bytes_out"].as_u64().unwrap())
        .sum()
}

#[test]
fn nothing_is_lost_when_the_hub_goes_away_and_comes_back() {
    let (listener, url) = listen();
    let hub = thread::spawn(move || {
        let mut messages = Vec::new();
        let mut stream = by_hand::accept(&listener);
        messages.extend(by_hand::take_message(&mut stream));
        drop(stream);
        let mut stream = by_hand::accept(&listener);
        while let Some(message) = by_hand::take_message(&mut stream) {
            messages.push(message);
        }
        // The device may not have seen the last acknowledgement, and sends the same message again then.
        messages.dedup();
        messages
    });
    // Slow enough for the device to come back.
    defender(["device", "--hub", &url, "--id", "dev1", "--speed", "60"])
        .arg(vector("office/input.pcap"))
        .assert()
        .success();
    let reported: u64 = hub
        .join()
        .unwrap()
        .iter()
        .map(|message| SecurityMessage::decode(message).unwrap())
        .flat_map(|message| message.events)
        .map(|event| bytes_of(&serde_json::to_value(event).unwrap()["flows"]))
        .sum();
    let truth = vector_json("office/truth.json");
    assert_eq!(reported, bytes_of(&truth["flows"]));
}

#[test]
fn a_hub_that_stays_away_is_a_failure() {
    let (listener, url) = listen();
    let hub = thread::spawn(move || {
        let mut stream = by_hand::accept(&listener);
        by_hand::take_message(&mut stream);
    });
    defender(["device", "--hub", &url, "--id", "dev1", "--speed", "max"])
        .arg(vector("office/input.pcap"))
        .assert()
        .code(1)
        .stderr(contains(format!("{url} went away")));
    hub.join().unwrap();
}

#[test]
fn the_demonstration_ends_by_itself_with_a_report() {
    let messages = vector_json("office/expected.json")
        .as_array()
        .unwrap()
        .len();
    defender(["demo", "--speed", "max"])
        .assert()
        .success()
        .stdout(contains("network activity"))
        .stdout(contains(format!("watched {messages} messages")))
        .stdout(contains("2,429 packets seen"))
        .stdout(contains("10.77.0.1"));
    let output = defender(["demo", "--speed", "max", "--json"])
        .assert()
        .success()
        .stderr(contains(format!("watched {messages} messages")));
    assert_eq!(json_lines(&output.get_output().stdout).len(), messages);
}

#[test]
fn without_a_command_it_demonstrates() {
    defender::<&str>([])
        .assert()
        .success()
        .stdout(contains("demo-device"))
        .stdout(contains("watched "));
}
