//! What several tests need: the program, the test vectors, and a broker.

#![allow(dead_code, reason = "each test uses some of it")]

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use assert_cmd::Command;
use defender_hub::endpoint::LocalServer;
use serde_json::Value;

/// The program that is tested. It is stopped when it takes longer than any test should.
pub fn defender<S: AsRef<std::ffi::OsStr>>(args: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_defender"));
    command.args(args).timeout(Duration::from_secs(120));
    command
}

/// A file of the test vectors.
pub fn vector(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../tests/data")
        .join(path)
}

/// Whose packets those of `office` are, as far as the vectors are about them.
pub const OFFICE: [&str; 2] = ["--local", "10.77.0.2,fd77::2"];

/// A JSON file of the test vectors.
pub fn vector_json(path: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(vector(path)).unwrap()).unwrap()
}

/// Messages of which the texts have control characters, C1 and those that change the direction of text, in `tests/data`.
pub const HOSTILE: [&str; 2] = ["c1-bidi-in-module-id.bin", "c1-csi-in-module-id.bin"];

/// One of them.
pub fn hostile(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(name)
}

/// Whether a text is lines of plain characters.
pub fn is_harmless(text: &str) -> bool {
    text.chars()
        .all(|character| character == '\n' || (' '..='~').contains(&character))
}

/// One JSON value for each line.
pub fn json_lines(text: &[u8]) -> Vec<Value> {
    text.split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).unwrap())
        .collect()
}

/// Messages without the ids of their events, which differ from run to run. Each event must have one.
pub fn without_ids(mut messages: Vec<Value>) -> Vec<Value> {
    for message in &mut messages {
        for event in message["events"].as_array_mut().unwrap() {
            let id = event.as_object_mut().unwrap().remove("event_id").unwrap();
            assert_eq!(id.as_str().map(str::len), Some(36), "{id}");
        }
    }
    messages
}

/// A pcap file of raw IP packets: seconds and bytes.
pub fn pcap(link: u32, packets: &[(u32, &[u8])]) -> Vec<u8> {
    let mut file = vec![0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0];
    for number in [0, 0, 262_144, link] {
        file.extend(number.to_le_bytes());
    }
    for (time, data) in packets {
        for number in [*time, 0, data.len() as u32, data.len() as u32] {
            file.extend(number.to_le_bytes());
        }
        file.extend(*data);
    }
    file
}

/// Starts the MQTT endpoint of a hub and returns its URL. It runs until the test ends.
pub fn broker() -> String {
    format!("mqtt://127.0.0.1:{}", LocalServer::start().unwrap().port())
}
