//! `defender decode`.

mod support;

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    process::{Command, Stdio},
};

use predicates::str::contains;
use serde_json::{Value, json};
use support::{
    HOSTILE, defender, hostile, is_harmless, json_lines, vector, vector_json, without_ids,
};

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

/// As with `cat messages/*.bin | defender decode -`.
#[test]
fn each_message_of_a_pipe_is_decoded() {
    let (files, expected): (Vec<_>, Vec<_>) = VECTORS.into_iter().flat_map(expected).unzip();
    let all: Vec<u8> = files
        .iter()
        .flat_map(|file| fs::read(file).unwrap())
        .collect();
    let output = defender(["decode", "-"])
        .write_stdin(all.clone())
        .assert()
        .success()
        .stderr("");
    assert_eq!(
        without_ids(json_lines(&output.get_output().stdout)),
        expected
    );
    // What follows is not left out in silence.
    let output = defender(["decode", "-"])
        .write_stdin([&all[..], b"and more"].concat())
        .assert()
        .code(2)
        .stderr(contains(format!(
            "error: standard input: what follows from byte {} on cannot be decoded: not a security message: ",
            all.len()
        )));
    assert_eq!(
        without_ids(json_lines(&output.get_output().stdout)),
        expected
    );
}

#[test]
fn a_message_of_a_pipe_is_shown_before_the_next_one_comes() {
    let (file, expected) = expected(VECTORS[0]).remove(0);
    let message = fs::read(file).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_defender"))
        .args(["decode", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    // In two pieces, of which the first is none.
    for _ in 0..3 {
        let (begin, rest) = message.split_at(message.len() / 2);
        input.write_all(begin).unwrap();
        input.write_all(rest).unwrap();
        let line = lines.next().unwrap().unwrap();
        assert_eq!(
            without_ids(json_lines(line.as_bytes())),
            std::slice::from_ref(&expected)
        );
    }
    drop(input);
    assert!(child.wait().unwrap().success());
}

/// What it writes to a terminal of its own.
#[cfg(target_os = "linux")]
fn on_a_terminal(args: &[&std::ffi::OsStr], environment: &[(&str, &str)]) -> String {
    let pty = nix::pty::openpty(None, None).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_defender"))
        .args(args)
        // In CI there are colours whatever the terminal is.
        .env_remove("CI")
        .env_remove("NO_COLOR")
        .env_remove("CLICOLOR")
        .env_remove("CLICOLOR_FORCE")
        .env("TERM", "xterm-256color")
        .envs(environment.iter().copied())
        .stdout(Stdio::from(pty.slave))
        .spawn()
        .unwrap();
    let mut terminal = fs::File::from(pty.master);
    let mut shown = Vec::new();
    let mut piece = [0; 4096];
    // It ends with an error when nobody has the other end any more.
    while let Ok(count @ 1..) = terminal.read(&mut piece) {
        shown.extend(&piece[..count]);
    }
    assert!(child.wait().unwrap().success());
    String::from_utf8(shown).unwrap().replace("\r\n", "\n")
}

#[test]
#[cfg(target_os = "linux")]
fn a_terminal_gets_text_in_colours_if_it_has_them() {
    let (file, _) = expected("office").remove(0);
    let file = file.as_os_str();
    let coloured = on_a_terminal(&["decode".as_ref(), file], &[]);
    assert!(coloured.contains("\x1b["), "{coloured:?}");
    for environment in [("NO_COLOR", "1"), ("TERM", "dumb")] {
        let plain = on_a_terminal(&["decode".as_ref(), file], &[environment]);
        assert!(!plain.contains('\x1b'), "{environment:?}: {plain:?}");
        assert!(
            plain.contains("from defender-iot-micro-agent 3.5.4\n"),
            "{plain}"
        );
        assert!(plain.lines().all(|line| line.len() <= 80), "{plain}");
    }
    let json = on_a_terminal(&["decode".as_ref(), "--json".as_ref(), file], &[]);
    assert_eq!(json_lines(json.as_bytes()).len(), 1);
}

/// Control characters of a message are there in neither format, and JSON says what they were.
#[test]
fn messages_that_steer_terminals_do_not() {
    for name in HOSTILE {
        for format in ["--text", "--json"] {
            let path = hostile(name);
            let output = defender(["decode", format]).arg(path).assert().success();
            let shown = String::from_utf8(output.get_output().stdout.clone()).unwrap();
            assert!(is_harmless(&shown), "{name}: {shown:?}");
            if format == "--json" {
                let module = &json_lines(shown.as_bytes())[0]["security_module_id"];
                let module = module.as_str().unwrap();
                assert!(
                    !is_harmless(module),
                    "{name} has nothing to hide: {module:?}"
                );
            }
        }
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
