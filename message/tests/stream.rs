//! Messages that stand one behind the other.

#![cfg(all(feature = "std", not(miri)))]

mod support;

use defender_message::SecurityMessage;
use defender_message::decode::{SecurityMessages, StreamError};
use std::fs;
use std::io::{self, Read};
use std::path::PathBuf;

/// The messages of the original agent.
fn originals() -> Vec<Vec<u8>> {
    let data = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/data");
    let mut files = Vec::new();
    for folder in ["office", "exotic", "scan"] {
        let folder = fs::read_dir(data.join(folder).join("messages")).unwrap();
        files.extend(folder.map(|entry| entry.unwrap().path()));
    }
    files.sort();
    assert_eq!(files.len(), 25);
    files.iter().map(|file| fs::read(file).unwrap()).collect()
}

/// Theirs, and ours that say the same.
fn all() -> Vec<Vec<u8>> {
    let originals = originals();
    let ours = originals
        .iter()
        .map(|bytes| SecurityMessage::decode(bytes).unwrap().to_bytes().unwrap());
    originals.iter().cloned().chain(ours).collect()
}

fn decoded(input: impl Read) -> (Vec<(SecurityMessage, usize)>, Option<StreamError>) {
    let mut messages = Vec::new();
    for message in SecurityMessages::new(input) {
        match message {
            Ok(message) => messages.push(message),
            Err(error) => return (messages, Some(error)),
        }
    }
    (messages, None)
}

fn expected(messages: &[Vec<u8>]) -> Vec<(SecurityMessage, usize)> {
    messages
        .iter()
        .map(|bytes| (SecurityMessage::decode(bytes).unwrap(), bytes.len()))
        .collect()
}

#[test]
fn each_message_of_many_comes_out() {
    let messages = all();
    for message in &messages {
        let one = std::slice::from_ref(message);
        assert_eq!(decoded(&message[..]).0, expected(one));
    }
    let (found, error) = decoded(&messages.concat()[..]);
    assert!(error.is_none(), "{error:?}");
    assert_eq!(found, expected(&messages));
}

/// Input of any length, read in pieces.
#[test]
fn endless_input_takes_no_more_memory() {
    let messages = all();
    let piece = messages.concat();
    const TIMES: usize = 200;
    let input = (0..TIMES).fold(Box::new(io::empty()) as Box<dyn Read>, |input, _| {
        Box::new(input.chain(&piece[..]))
    });
    let mut count = 0;
    for (index, message) in SecurityMessages::new(input).enumerate() {
        let (_, size) = message.unwrap();
        assert_eq!(size, messages[index % messages.len()].len());
        count += 1;
    }
    assert_eq!(count, TIMES * messages.len());
    // Zeros without an end: given up.
    let (found, error) = decoded(io::repeat(0));
    assert!(found.is_empty());
    assert!(matches!(error, Some(StreamError::Decode { offset: 0, .. })));
}

#[test]
fn what_is_no_message_is_said_with_its_place() {
    let messages = originals();
    for rest in [
        &b"x"[..],
        b"no message at all",
        &messages[1][..500],
        &[0; 9],
    ] {
        let (found, error) = decoded(&[&messages[0], rest].concat()[..]);
        assert_eq!(found, expected(&messages[..1]));
        let error = error.unwrap().to_string();
        let place = format!("from byte {} on", messages[0].len());
        assert!(error.contains(&place), "{error}");
    }
    let (found, error) = decoded(&b""[..]);
    assert!(found.is_empty());
    assert!(matches!(error, Some(StreamError::Empty)));
    // Cut anywhere, a message is none.
    for length in 1..messages[0].len() {
        let (found, error) = decoded(&messages[0][..length]);
        assert!(found.is_empty() && error.is_some(), "{length}");
    }
}
