//! `defender watch` against hubs of every kind, and what of hostile devices it shows.

#[path = "../../hub/tests/support/peer.rs"]
mod peer;
mod support;
#[path = "support/watcher.rs"]
mod watcher;

use std::{fs, net::TcpListener, thread, time::Instant};

use defender_message::{
    Record, SecurityMessage,
    decode::{Event, EventId, Payload},
};
use peer::{Packet, Peer, drain, listen, topic};
use predicates::str::contains;
use serde_json::Value;
use support::{
    HOSTILE, defender, hostile, is_harmless, json_lines, vector, vector_json, without_ids,
};
use watcher::Watcher;

/// A message of the original agent.
fn message() -> Vec<u8> {
    fs::read(vector("office/messages/000-1795379311.bin")).unwrap()
}

#[test]
fn bad_messages_are_reported_and_the_watcher_goes_on() {
    let (listener, url) = listen();
    let hub = thread::spawn(move || {
        let mut peer = Peer::subscribed(&listener);
        peer.publish("devices/other/messages/events/x=20", b"20", None);
        peer.publish(&topic("broken"), b"no message", None);
        peer.publish("devices/e\u{9b}2J/messages/events/x", &[0; 300 << 10], None);
        peer.publish(&topic("dev1"), &message(), None);
        drain(peer);
    });
    let mut watcher = Watcher::start(&url, &["--json", "--count", "1"]);
    assert_eq!(watcher.note(), format!("watching {url}\n"));
    let (shown, notes) = watcher.finish();
    let shown = without_ids(json_lines(&shown));
    assert_eq!(shown.len(), 1);
    assert_eq!(shown[0]["device"], "dev1");
    assert!(shown[0]["received"].as_u64().unwrap() > 1_700_000_000);
    let expected = vector_json("office/expected.json");
    assert_eq!(shown[0]["events"], expected[0]["events"]);
    let notes: Vec<_> = notes.lines().collect();
    assert!(
        notes[0].starts_with("error: device broken: message of 10 bytes: not a security message: "),
        "{notes:?}"
    );
    assert_eq!(
        notes[1],
        "error: topic devices/e\\u{9b}2J/messages/events/x: message of 307,200 bytes skipped: \
         a hub's largest has 262,144 bytes"
    );
    assert_eq!(notes.len(), 2, "{notes:?}");
    hub.join().unwrap();
}

#[test]
fn a_watcher_says_what_it_has_missed() {
    let (listener, url) = listen();
    let hub = thread::spawn(move || {
        drop(Peer::subscribed(&listener));
        let mut peer = Peer::subscribed(&listener);
        peer.publish(&topic("dev1"), &message(), None);
        drain(peer);
    });
    let mut watcher = Watcher::start(&url, &["--json", "--count", "1"]);
    assert_eq!(watcher.note(), format!("watching {url}\n"));
    assert_eq!(
        watcher.note(),
        format!(
            "lost the connection to {url}, which closed the connection; trying again in 500ms\n"
        )
    );
    let back = watcher.note();
    assert!(
        back.starts_with(&format!("watching {url} again; what came in ")),
        "{back}"
    );
    assert!(back.contains("of absence is missed"), "{back}");
    assert_eq!(json_lines(&watcher.finish().0).len(), 1);
    hub.join().unwrap();
}

#[test]
fn a_watcher_with_a_session_misses_nothing() {
    let (listener, url) = listen();
    let hub = thread::spawn(move || {
        let (mut peer, introduction) = Peer::accept(&listener);
        assert_eq!(introduction.client_id, "audit");
        assert!(!introduction.is_clean);
        peer.accept_connection(false);
        peer.accept_subscription();
        peer.publish(&topic("dev1"), &message(), Some(1));
        assert!(matches!(peer.next(), Some(Packet::PubAck(1))));
        drop(peer);
        let (mut peer, _) = Peer::accept(&listener);
        peer.accept_connection(true);
        peer.publish(&topic("dev2"), &message(), Some(2));
        peer.accept_subscription();
        // Only what is written is acknowledged.
        assert!(matches!(peer.next(), Some(Packet::PubAck(2))));
        drain(peer);
    });
    let mut watcher = Watcher::start(&url, &["--json", "--count", "2", "--session", "audit"]);
    assert!(watcher.note().contains("in a new session"));
    let lost = watcher.note();
    assert!(lost.starts_with("lost the connection"), "{lost}");
    let back = watcher.note();
    assert!(back.contains("has kept what came in"), "{back}");
    let shown = json_lines(&watcher.finish().0);
    let devices: Vec<_> = shown.iter().map(|message| &message["device"]).collect();
    assert_eq!(devices, ["dev1", "dev2"]);
    hub.join().unwrap();
}

#[test]
fn repetitions_can_be_told() {
    let (listener, url) = listen();
    let hub = thread::spawn(move || {
        let mut peer = Peer::subscribed(&listener);
        for _ in 0..2 {
            peer.publish(&topic("dev1"), &message(), Some(1));
        }
        drain(peer);
    });
    let watcher = Watcher::start(&url, &["--json", "--count", "2"]);
    let shown = json_lines(&watcher.finish().0);
    let ids = |message: &Value| -> Vec<_> {
        let events = message["events"].as_array().unwrap().iter();
        events.map(|event| event["event_id"].clone()).collect()
    };
    assert!(!ids(&shown[0]).is_empty());
    assert_eq!(ids(&shown[0]), ids(&shown[1]));
    hub.join().unwrap();
}

#[test]
fn hubs_that_do_not_let_us_subscribe_end_it_with_a_sentence() {
    let refuse = |codes: &'static [u8], expected: &str| {
        let (listener, url) = listen();
        let hub = thread::spawn(move || {
            let mut peer = Peer::connected(&listener);
            let (id, _) = peer.subscription();
            if !codes.is_empty() {
                peer.answer_subscription(id, codes);
                drain(peer);
            }
        });
        defender(["watch", &url])
            .assert()
            .code(1)
            .stdout("")
            .stderr(contains(format!("error: {url} {expected}")));
        hub.join().unwrap();
    };
    refuse(&[0x80, 0x80], "refused the subscription to devices/+/mess");
    refuse(&[], "closed the connection when asked for messages");
}

/// What a device says reaches neither a terminal nor JSON as it is.
#[test]
fn hostile_text_is_escaped_in_text_and_json() {
    let hostile = "\u{9b}2J\x1b[31m\x7f\u{202e}\u{2028}\u{2066}end";
    let mut message = SecurityMessage::new(hostile, 1);
    message.events = vec![Event {
        id: EventId([1; 16]),
        time: 1,
        collection_interval: 1,
        payload: Payload::SystemInformation {
            os_info: hostile.into(),
            kernel_info: String::new(),
            hw_info: String::new(),
        },
    }];
    let bytes = message.to_bytes().unwrap();
    let device = "dev\u{9b}2J\u{202e}";
    for options in [&["--count", "1"][..], &["--count", "1", "--json"]] {
        let (listener, url) = listen();
        let bytes = bytes.clone();
        let hub = thread::spawn(move || {
            let mut peer = Peer::subscribed(&listener);
            peer.publish(&topic(device), &bytes, None);
            drain(peer);
        });
        let watcher = Watcher::start(&url, options);
        let text = String::from_utf8(watcher.finish().0).unwrap();
        assert!(is_harmless(&text), "{text:?}");
        assert!(text.contains("202e"), "{text}");
        if options.len() > 2 {
            let record: Record = serde_json::from_str(&text).unwrap();
            assert_eq!(record.message, message);
            assert_eq!(record.device.as_deref(), Some(device));
        }
        hub.join().unwrap();
    }
}

/// The messages of two devices that were seen to steer terminals.
#[test]
fn messages_that_steer_terminals_do_not() {
    for options in [&[][..], &["--json"]] {
        let (listener, url) = listen();
        let hub = thread::spawn(move || {
            let mut peer = Peer::subscribed(&listener);
            for name in HOSTILE {
                peer.publish(&topic("dev1"), &fs::read(hostile(name)).unwrap(), None);
            }
            drain(peer);
        });
        let count = HOSTILE.len().to_string();
        let watcher = Watcher::start(&url, &[&["--count", &count], options].concat());
        let (shown, notes) = watcher.finish();
        let shown = String::from_utf8(shown).unwrap();
        assert!(is_harmless(&shown) && is_harmless(&notes), "{shown:?}");
        assert!(shown.contains("Azure RTOS 6.4"), "{shown}");
        hub.join().unwrap();
    }
}

/// A flood of messages, as fast as they are taken. Says how fast that was.
#[test]
fn a_flood_is_taken_whole() {
    const COUNT: usize = 2000;
    let (listener, url): (TcpListener, String) = listen();
    let hub = thread::spawn(move || {
        let mut peer = Peer::subscribed(&listener);
        let flood = peer::publish(&topic("dev1"), &message(), Some(1)).repeat(100);
        let begun = Instant::now();
        let mut reader = Peer(peer.0.try_clone().unwrap());
        let acknowledged = thread::spawn(move || {
            std::iter::from_fn(|| reader.next())
                .filter(|packet| matches!(packet, Packet::PubAck(_)))
                .count()
        });
        for _ in 0..COUNT / 100 {
            peer.send(&flood);
        }
        let acknowledged = acknowledged.join().unwrap();
        (acknowledged, begun.elapsed())
    });
    let count = COUNT.to_string();
    let watcher = Watcher::start(&url, &["--json", "--count", &count]);
    let (shown, _) = watcher.finish();
    assert_eq!(shown.iter().filter(|byte| **byte == b'\n').count(), COUNT);
    let (acknowledged, time) = hub.join().unwrap();
    assert!(acknowledged >= COUNT, "{acknowledged}");
    println!("{:.0} messages a second", COUNT as f64 / time.as_secs_f64());
}
