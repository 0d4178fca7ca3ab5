//! `defender decode`.

mod support;

use std::{
    fs,
    io::Read,
    process::{Command, Stdio},
};

use predicates::str::contains;
use serde_json::{Value, json};
use support::{defender, json_lines, vector, vector_json, without_ids};

const VECTORS: [&str; 3] = ["office", "exotic", "scan"];

/// The entries of a vector's `expected.json`, as `decode` is to print them, and the files they are about.
fn expected(name: &str) -> Vec<(std::path::PathBuf, Value)> {
    let entries = vector_json(&format!("{name}/expected.json"));
    let entry = |entry: &Value| {
        let mut entry = entry.as_object().unwrap().clone();
        let file = entry.remove("file").unwrap();
        let path = vector(&format!("{name}/messages/{}", file.as_str().unwrap()));
        let bytes = fs::metadata(&path).unwrap().len();
        entry.insert("bytes".into(), json!(bytes));
        (path, Value::Object(entry))
    };
    entries.as_array().unwrap().iter().map(entry).collect()
}

#[test]
fn every_message_of_the_original_is_decoded() {
    for name in VECTORS {
        let (files, expected): (Vec<_>, Vec<_>) = expected(name).into_iter().unzip();
        assert!(!files.is_empty());
        let output = defender(["decode"]).args(files).assert().success();
        assert_eq!(
            without_ids(json_lines(&output.get_output().stdout)),
            expected,
            "{name}"
        );
    }
}

#[test]
fn a_message_is_decoded_from_standard_input() {
    let (file, expected) = expected("office").remove(3);
    let output = defender(["decode", "-"])
        .write_stdin(fs::read(file).unwrap())
        .assert()
        .success();
    assert_eq!(
        without_ids(json_lines(&output.get_output().stdout)),
        [expected]
    );
}

#[test]
fn bad_files_are_named_and_good_ones_decoded_nevertheless() {
    let (good, expected) = expected("office").remove(0);
    let bad = tempfile::NamedTempFile::new().unwrap();
    fs::write(bad.path(), b"no message").unwrap();
    let empty = tempfile::NamedTempFile::new().unwrap();
    let output = defender(["decode"])
        .args([bad.path(), &good, empty.path(), "/nowhere".as_ref()])
        .assert()
        .code(2)
        .stderr(contains(bad.path().display().to_string()))
        .stderr(contains(format!("{}: is empty", empty.path().display())))
        .stderr(contains("/nowhere"))
        .stderr(contains("3 of 4"));
    assert_eq!(
        without_ids(json_lines(&output.get_output().stdout)),
        [expected]
    );
}

#[test]
fn a_cut_message_is_refused() {
    let (file, _) = expected("office").remove(0);
    let whole = fs::read(file).unwrap();
    for length in [1, 8, whole.len() / 2, whole.len() - 1] {
        defender(["decode", "-"])
            .write_stdin(&whole[..length])
            .assert()
            .code(2)
            .stdout("")
            .stderr(contains("standard input"));
    }
}

#[test]
fn text_is_for_people() {
    let (file, _) = expected("office").remove(0);
    defender(["decode", "--text"])
        .arg(file)
        .assert()
        .success()
        .stdout(contains("from defender-iot-micro-agent 3.5.4\n"))
        .stdout(contains("  heartbeat\n"));
}

/// As with `defender decode … | head -1`: whoever reads has seen enough.
#[test]
fn a_closed_pipe_is_no_error() {
    let (files, _): (Vec<_>, Vec<_>) = expected("office").into_iter().unzip();
    let mut child = Command::new(env!("CARGO_BIN_EXE_defender"))
        .arg("decode")
        // More than a pipe holds.
        .args(files.iter().cycle().take(200))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = [0; 1];
    child.stdout.take().unwrap().read_exact(&mut first).unwrap();
    let mut complaint = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut complaint)
        .unwrap();
    assert_eq!(complaint, "");
    assert!(child.wait().unwrap().success());
}
