//! `defender watch` as a user starts it.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, ChildStderr, Command, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
    time::Duration,
};

use serde_json::Value;

/// Longer than anything in these tests takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// A watcher that watches. It is stopped when it is dropped.
pub struct Watcher {
    process: Child,
    lines: Receiver<Value>,
    notes: Receiver<String>,
}

impl Watcher {
    /// Starts it, for a number of messages, and waits until it watches.
    pub fn start(url: &str, ca: &Path, count: usize) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_defender"))
            .args([
                "watch",
                url,
                "--json",
                "--count",
                &count.to_string(),
                "--ca",
            ])
            .arg(ca)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = BufReader::new(process.stdout.take().unwrap());
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                let message = serde_json::from_str(&line).expect("a line of JSON");
                let _ = sender.send(message);
            }
        });
        let notes = notes_of(process.stderr.take().unwrap());
        let watcher = Self {
            process,
            lines,
            notes,
        };
        watcher.wait_for(&format!("watching {url}"));
        watcher
    }

    /// Waits until it notes something that begins like this.
    pub fn wait_for(&self, note: &str) {
        loop {
            let line = self.notes.recv_timeout(PATIENCE);
            let line = line.unwrap_or_else(|_| panic!("the watcher does not say '{note}'"));
            if line.starts_with(note) {
                break;
            }
        }
    }

    /// The next message.
    pub fn next(&self) -> Value {
        self.lines
            .recv_timeout(PATIENCE)
            .expect("a message within a minute")
    }

    /// Waits until it ends by itself, as it does after its number of messages.
    pub fn finish(mut self) {
        assert!(self.process.wait().unwrap().success());
        assert!(self.lines.recv().is_err(), "more messages than asked for");
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        // Fails when it has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn notes_of(stderr: ChildStderr) -> Receiver<String> {
    let (sender, notes) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            let _ = sender.send(line);
        }
    });
    notes
}
