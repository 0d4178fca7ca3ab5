//! `defender watch`, as a test starts it.

use std::{
    io::{BufRead, BufReader, Read},
    process::{Child, ChildStderr, Command, Stdio},
};

/// A watcher that watches.
pub struct Watcher {
    child: Child,
    notes: BufReader<ChildStderr>,
}

impl Watcher {
    pub fn start(url: &str, options: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_defender"))
            .args(["watch", url])
            .args(options)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let notes = BufReader::new(child.stderr.take().unwrap());
        Self { child, notes }
    }

    /// The next line that it says.
    pub fn note(&mut self) -> String {
        let mut line = String::new();
        self.notes.read_line(&mut line).unwrap();
        line
    }

    /// What it shows, and says, until it ends, which it does well.
    pub fn finish(mut self) -> (Vec<u8>, String) {
        let mut shown = Vec::new();
        let mut stdout = self.child.stdout.take().unwrap();
        stdout.read_to_end(&mut shown).unwrap();
        let mut notes = String::new();
        self.notes.read_to_string(&mut notes).unwrap();
        assert!(self.child.wait().unwrap().success(), "{notes}");
        (shown, notes)
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        // Fails when it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
