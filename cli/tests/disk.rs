//! What becomes of messages when the disk is full.
#![cfg(target_os = "linux")]

mod support;

use std::{
    env, fs,
    process::{Command, Stdio},
};

use support::vector;

/// Replays into a file system of five pages, of which each file takes one, and says what is there then.
const SCRIPT: &str = r#"
mount -t tmpfs -o size=20k,mode=700 none "$1" || exit 99
"$2" replay --json --write "$1/messages" "$3" >/dev/null
echo "code $?"
find "$1" -type f -printf '%P %s\n'
"#;

#[test]
fn a_full_disk_leaves_whole_files_only() {
    let directory = tempfile::tempdir().unwrap();
    let output = Command::new("unshare")
        .args([
            "--user",
            "--map-root-user",
            "--mount",
            "sh",
            "-c",
            SCRIPT,
            "sh",
        ])
        .arg(directory.path())
        .arg(env!("CARGO_BIN_EXE_defender"))
        .arg(vector("office/input.pcap"))
        .output();
    let output = match output {
        Ok(output) if output.status.success() => output,
        other => {
            let reason = format!("no file system of its own: {other:?}");
            assert!(env::var_os("CI").is_none(), "{reason}");
            eprintln!("skipped: {reason}");
            return;
        }
    };
    let said = String::from_utf8(output.stderr).unwrap();
    let left = String::from_utf8(output.stdout).unwrap();
    let mut lines = left.lines();
    assert_eq!(lines.next(), Some("code 1"), "{said}");
    assert!(said.contains("error: cannot write "), "{said}");
    assert!(said.contains("No space left on device"), "{said}");
    let mut written = 0;
    for line in lines {
        let (name, size) = line.split_once(' ').unwrap();
        let name = name.strip_prefix("messages/").unwrap();
        // Those of the original agent have the same names, and other lengths.
        assert!(name.ends_with(".bin"), "{left}");
        assert!(size.parse::<u64>().unwrap() > 100, "{left}");
        written += 1;
    }
    assert!((1..15).contains(&written), "{left}");
}

/// The same where nobody may have a file system: files may have a kilobyte or two, and some message has more.
#[test]
fn what_cannot_be_written_as_a_whole_is_not_there() {
    const SCRIPT: &str = r#"trap "" XFSZ; ulimit -f 1; exec "$@""#;

    let directory = tempfile::tempdir().unwrap();
    // With an interval of an hour, all is in one message.
    let config = directory.path().join("hourly.toml");
    fs::write(&config, "first-collection = \"1h\"\n").unwrap();
    let messages = directory.path().join("messages");
    let output = Command::new("sh")
        .args(["-c", SCRIPT, "sh", env!("CARGO_BIN_EXE_defender")])
        .args(["replay", "--json", "--write"])
        .arg(&messages)
        .arg(vector("office/input.pcap"))
        .arg("--config")
        .arg(&config)
        .stdout(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("error: cannot write "), "{said}");
    assert!(said.contains("File too large"), "{said}");
    let left: Vec<_> = fs::read_dir(&messages).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
}

/// `/dev/full` says that there is no room for anything.
#[test]
fn output_that_finds_no_room_is_an_error() {
    let message = vector("office/messages/000-1795379311.bin");
    let capture = vector("office/input.pcap");
    for arguments in [
        &["decode", message.to_str().unwrap()][..],
        &["replay", capture.to_str().unwrap()],
        &["replay", "--json", "--pure", capture.to_str().unwrap()],
    ] {
        let full = fs::OpenOptions::new().write(true).open("/dev/full");
        let output = Command::new(env!("CARGO_BIN_EXE_defender"))
            .args(arguments)
            .stdout(Stdio::from(full.unwrap()))
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {said}");
        assert!(said.contains("No space left on device"), "{said}");
    }
}
