//! `defender device` against hubs of every kind, with `defender watch`.

#[path = "../../hub/tests/support/peer.rs"]
mod peer;
mod support;
#[path = "support/watcher.rs"]
mod watcher;

use std::{thread, time::Duration};

use defender_message::SecurityMessage;
use peer::{Packet, Peer, listen};
use predicates::str::contains;
use serde_json::Value;
use support::{OFFICE, broker, defender, json_lines, vector, vector_json, without_ids};
use watcher::Watcher;

#[test]
fn what_a_device_sends_a_watcher_sees() {
    let url = broker();
    let expected = vector_json("office/expected.json");
    let expected = expected.as_array().unwrap();
    let count = expected.len().to_string();
    let mut watcher = Watcher::start(&url, &["--json", "--count", &count]);
    assert_eq!(watcher.note(), format!("watching {url}\n"));
    defender([
        "device", "--hub", &url, "--id", "sensor-7", "--speed", "max",
    ])
    .args(OFFICE)
    .arg(vector("office/input.pcap"))
    .assert()
    .success()
    .stderr(contains(format!("{} messages", expected.len())));
    let shown = without_ids(json_lines(&watcher.finish().0));
    for (ours, theirs) in shown.iter().zip(expected) {
        assert_eq!(ours["device"], "sensor-7");
        assert_eq!(ours["events"][0]["flows"], theirs["events"][0]["flows"]);
    }
}

/// The payload of the next message, which is acknowledged; `None` when the client is gone.
fn take_message(peer: &mut Peer) -> Option<Vec<u8>> {
    match peer.next()? {
        Packet::Publish { id, payload, .. } => {
            peer.acknowledge(id);
            Some(payload)
        }
        _ => None,
    }
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
        let mut peer = Peer::connected(&listener);
        messages.extend(take_message(&mut peer));
        drop(peer);
        let mut peer = Peer::connected(&listener);
        while let Some(message) = take_message(&mut peer) {
            messages.push(message);
        }
        // The device may not have seen the last acknowledgement, and sends the same message again then.
        messages.dedup();
        messages
    });
    // Slow enough for the device to come back.
    defender(["device", "--hub", &url, "--id", "dev1", "--speed", "60"])
        .args(OFFICE)
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
        let mut peer = Peer::connected(&listener);
        take_message(&mut peer);
    });
    defender(["device", "--hub", &url, "--id", "dev1", "--speed", "max"])
        .args(OFFICE)
        .arg(vector("office/input.pcap"))
        .assert()
        .code(1)
        .stderr(contains(format!("{url} went away")))
        .stderr(contains("bytes of traffic are unreported"));
    hub.join().unwrap();
}

/// Late, and one after the other: each message is there once, and taken.
#[test]
fn a_slow_hub_gets_each_message_once() {
    let (listener, url) = listen();
    let hub = thread::spawn(move || {
        let mut peer = Peer::connected(&listener);
        let mut messages = Vec::new();
        while let Some(Packet::Publish { id, payload, .. }) = peer.next() {
            messages.push(payload);
            thread::sleep(Duration::from_millis(60));
            peer.acknowledge(id);
        }
        messages
    });
    defender(["device", "--hub", &url, "--id", "dev1", "--speed", "60"])
        .args(["--ack-timeout", "10ms"])
        .args(OFFICE)
        .arg(vector("office/input.pcap"))
        .assert()
        .success();
    let messages = hub.join().unwrap();
    let mut once = messages.clone();
    once.dedup();
    assert_eq!(messages.len(), once.len());
    assert!(messages.len() > 10, "{}", messages.len());
}

/// Acknowledgements after a minute are within the time that a hub has, which is said; here it is a second of three.
#[test]
fn a_hub_may_take_its_time() {
    defender(["help", "device"])
        .assert()
        .success()
        .stdout(contains("[default: 2m]"));
    let (listener, url) = listen();
    let hub = thread::spawn(move || {
        let mut peer = Peer::connected(&listener);
        let mut published = 0;
        while let Some(Packet::Publish { id, .. }) = peer.next() {
            published += 1;
            if published < 4 {
                thread::sleep(Duration::from_secs(1));
            }
            peer.acknowledge(id);
        }
        published
    });
    let messages = vector_json("office/expected.json")
        .as_array()
        .unwrap()
        .len();
    defender(["device", "--hub", &url, "--id", "dev1", "--speed", "max"])
        .args(["--ack-timeout", "3s"])
        .args(OFFICE)
        .arg(vector("office/input.pcap"))
        .assert()
        .success()
        .stderr(contains(format!("{messages} messages")))
        .stderr(contains(", 0 retries"));
    assert_eq!(hub.join().unwrap(), messages);
}

#[test]
fn a_hub_that_stops_to_acknowledge_is_a_failure() {
    let (listener, url) = listen();
    let hub = thread::spawn(move || {
        let mut peer = Peer::connected(&listener);
        let mut published = 0;
        while let Some(Packet::Publish { id, .. }) = peer.next() {
            published += 1;
            if published <= 3 {
                peer.acknowledge(id);
            }
        }
        published
    });
    defender(["device", "--hub", &url, "--id", "dev1", "--speed", "max"])
        .args(["--ack-timeout", "200ms"])
        .args(OFFICE)
        .arg(vector("office/input.pcap"))
        .assert()
        .code(1)
        .stderr(contains("unreported"));
    assert_eq!(hub.join().unwrap(), 4);
}
