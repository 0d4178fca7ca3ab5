//! Hubs that tests kill, and what must hold of what their sink was told.

use std::{
    collections::BTreeSet,
    env, fs,
    path::Path,
    process::{Child, Command, Stdio},
};

use serde_json::Value;

/// Names the folder that the hub is to use.
const FOLDER: &str = "DEFENDER_KILLED_FOLDER";

/// What its sink writes to.
const FILE: &str = "alerts.jsonl";

/// How many older files its sink keeps: more than a test fills.
const KEPT: u16 = 1000;

/// The configuration of such a hub: a sink that writes to files of a mebibyte.
pub fn config(folder: &Path) -> String {
    let file = folder.join(FILE);
    format!("[[sink.ocsf]]\nfile = {file:?}\nrotate-at = 1048576\nkeep = {KEPT}")
}

/// This test program, to be started again with another test of it, which finds its folder by [`folder`].
pub fn command(test: &str, folder: &Path) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command
        .args(["--exact", test, "--ignored", "--nocapture"])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
}

/// The folder that a hub was started for.
pub fn folder() -> std::path::PathBuf {
    env::var_os(FOLDER).unwrap().into()
}

/// A child that ends with its test: by SIGKILL, after which nothing of it runs.
pub struct Killed(pub Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Numbers from a seed, as random as a test needs.
pub fn random(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}

/// How often the hub is killed: ten times, or as often as the variable says.
pub fn rounds() -> u64 {
    let set = env::var("DEFENDER_KILLS").ok();
    set.and_then(|text| text.parse().ok()).unwrap_or(10)
}

/// What the sink was told so far, each change once.
pub fn findings(folder: &Path) -> Vec<Value> {
    let file = |number| match number {
        0 => folder.join(FILE),
        _ => folder.join(format!("{FILE}.{number}")),
    };
    // The oldest first: a file that gets its next number meanwhile is not read twice.
    let oldest = (1..=KEPT).take_while(|number| file(*number).exists());
    let files = (0..=oldest.count() as u16).rev().map(file);
    let text: String = files
        .filter_map(|file| fs::read_to_string(file).ok())
        .collect();
    let findings: Vec<Value> = text
        .split_inclusive('\n')
        .filter(|line| line.ends_with('\n'))
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let uids: BTreeSet<_> = findings.iter().map(uid).collect();
    assert_eq!(uids.len(), findings.len(), "a change was told twice");
    findings
}

/// The id of a change.
pub fn uid(finding: &Value) -> &str {
    finding["metadata"]["uid"].as_str().unwrap()
}
