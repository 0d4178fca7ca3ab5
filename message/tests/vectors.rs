//! The messages of the original agent: what they say, and that ours say the same in no more bytes.

#![cfg(all(feature = "std", feature = "serde", not(miri)))]

use defender_message::SecurityMessage;
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
        let message = SecurityMessage::decode(&bytes).unwrap();
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
