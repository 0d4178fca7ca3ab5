//! The messages of the original agent: what they say, and that ours say the same in no more bytes.

#![cfg(all(feature = "std", feature = "serde", not(miri)))]

use defender_message::{
    Record, SecurityMessage,
    decode::{EventId, Payload},
    flow::report_order,
};
use serde_json::Value;
use std::fs;
use std::path::PathBuf;

struct Vector {
    name: String,
    bytes: Vec<u8>,
    expected: Value,
}

/// All messages of the vectors, each with what it has to say.
fn vectors() -> Vec<Vector> {
    let data = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/data");
    let mut vectors = Vec::new();
    for folder in ["office", "exotic", "scan"] {
        let folder = data.join(folder);
        let text = fs::read_to_string(folder.join("expected.json")).unwrap();
        let entries: Vec<Value> = serde_json::from_str(&text).unwrap();
        assert_eq!(
            entries.len(),
            fs::read_dir(folder.join("messages")).unwrap().count()
        );
        for mut expected in entries {
            let file = expected.as_object_mut().unwrap().remove("file").unwrap();
            let path = folder.join("messages").join(file.as_str().unwrap());
            vectors.push(Vector {
                name: path.display().to_string(),
                bytes: fs::read(&path).unwrap(),
                expected,
            });
        }
    }
    assert_eq!(vectors.len(), 25, "office 15, exotic 9, scan 1");
    vectors
}

#[test]
fn decoded_messages_say_what_is_expected() {
    for Vector {
        name,
        bytes,
        expected,
    } in vectors()
    {
        let mut message = SecurityMessage::decode(&bytes).unwrap();
        let json = serde_json::to_value(&message).unwrap();
        for event in json["events"].as_array().unwrap() {
            assert!(event["event_id"].is_string(), "{name}");
        }
        let again: SecurityMessage = serde_json::from_value(json).unwrap();
        assert_eq!(without_order(&again), without_order(&message), "{name}");
        // What is expected has no ids.
        for event in &mut message.events {
            event.id = EventId::default();
        }
        let json = serde_json::to_value(&message).unwrap();
        assert_eq!(json, expected, "{name}");
        // A `Value` has no order of keys, but readers of the text like to see first what kind of event it is.
        assert!(
            serde_json::to_string(&message)
                .unwrap()
                .contains(r#""events":[{"type":"#),
            "{name}"
        );
    }
}

/// The message with its flows in the order that JSON has.
fn without_order(message: &SecurityMessage) -> SecurityMessage {
    let mut message = message.clone();
    for event in &mut message.events {
        if let Payload::NetworkActivity { flows } = &mut event.payload {
            flows.sort_by(report_order);
        }
    }
    message
}

#[test]
fn json_reads_back() {
    for Vector { name, expected, .. } in vectors() {
        let message: SecurityMessage = serde_json::from_value(expected.clone()).unwrap();
        assert_eq!(serde_json::to_value(&message).unwrap(), expected, "{name}");
    }
}

#[test]
fn encoded_again_they_are_equal_and_not_larger() {
    for Vector { name, bytes, .. } in vectors() {
        let message = SecurityMessage::decode(&bytes).unwrap();
        let ours = message.to_bytes().unwrap();
        assert_eq!(SecurityMessage::decode(&ours).unwrap(), message, "{name}");
        assert!(
            ours.len() <= bytes.len(),
            "{name}: ours has {} bytes, the original {}",
            ours.len(),
            bytes.len()
        );
    }
}

#[test]
fn records_are_messages_with_where_they_came_from() {
    let Vector { bytes, .. } = vectors().remove(0);
    let message = SecurityMessage::decode(&bytes).unwrap();
    let record = Record::new(without_order(&message))
        .from_device("dev1")
        .received_at(1_795_379_311)
        .of_bytes(bytes.len());
    let line = serde_json::to_string(&record).unwrap();
    assert!(
        line.starts_with(r#"{"device":"dev1","received":1795379311,"bytes":"#),
        "{line}"
    );
    assert_eq!(serde_json::from_str::<Record>(&line).unwrap(), record);
    // Of what `decode` reads from a file only the message is known.
    let line = serde_json::to_string(&message).unwrap();
    let record: Record = serde_json::from_str(&line).unwrap();
    assert_eq!(record, Record::new(without_order(&message)));
}
