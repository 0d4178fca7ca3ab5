//! Files of this machine.

use std::fs::File;
use std::io::{BufReader, Read, Write};

use crate::capture::Bytes;

/// `NAME.pcap`.
pub struct Input(BufReader<File>);

/// `NAME.messages`.
pub struct Output(File);

impl Input {
    pub fn open(name: &str) -> Option<Self> {
        let file = File::open(format!("{name}.pcap")).ok()?;
        Some(Self(BufReader::new(file)))
    }
}

impl Bytes for Input {
    fn read(&mut self, buffer: &mut [u8]) -> bool {
        self.0.read_exact(buffer).is_ok()
    }
}

impl Output {
    pub fn create(name: &str) -> Self {
        match File::create(format!("{name}.messages")) {
            Ok(file) => Self(file),
            Err(error) => panic!("{name}.messages: {error}"),
        }
    }

    pub fn write(&mut self, bytes: &[u8]) {
        if let Err(error) = self.0.write_all(bytes) {
            panic!("a message cannot be written: {error}");
        }
    }
}
