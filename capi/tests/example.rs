//! The example in C, compiled by the C compiler and linked with the static library, as `examples/c/README.md` says.
#![cfg(host_port)]

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn run(command: &mut Command) -> Output {
    let output = command.output().expect("it can be started");
    assert!(
        output.status.success(),
        "{command:?}: {}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

/// The static library, made as `CMakeLists.txt` makes it, but beside what is built already.
fn library() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("..");
    run(Command::new(env!("CARGO"))
        .current_dir(root())
        .args(["rustc", "--lib", "--crate-type", "staticlib"])
        .args(["--package", "defender-capi", "--target-dir"])
        .arg(&target)
        .env_remove("RUSTFLAGS"));
    target.join("debug/libdefender_capi.a")
}

#[test]
fn the_example_in_c_runs() {
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join("device");
    let include = [
        "capi/include",
        "threadx-sys/host-port/include",
        "threadx-sys/include",
        "netxduo-sys/host-port/include",
        "netxduo-sys/include",
    ];
    run(Command::new("cc")
        .current_dir(root())
        .args(["-std=c99", "-Wall", "-Wextra", "-Werror", "-o"])
        .arg(&program)
        .args(include.map(|folder| format!("-I{folder}")))
        .arg("examples/c/device.c")
        .arg(library())
        .args(["-lpthread", "-ldl", "-lm"]));
    let output = run(&mut Command::new(program));
    let text = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    // After 30 s with every collector; then, with an interval of 2 s, at the next even second, and without a heartbeat.
    let [first, next, .., last] = &lines[..] else {
        panic!("{text}");
    };
    assert!(first.starts_with("30 s: a message of "), "{text}");
    assert!(
        first.contains("devices/example-device/messages/events/"),
        "{text}"
    );
    assert!(next.starts_with("36 s: a message of "), "{text}");
    let packets = 35 + 5;
    let sent = lines.len() - 1;
    assert_eq!(
        *last,
        format!("state 4, {packets} packets counted, {sent} messages sent"),
        "{text}"
    );
}
