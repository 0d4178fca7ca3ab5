//! Files of the machine on which QEMU runs.

use core::ffi::CStr;

use semihosting::fs::File;
use semihosting::io::{Read, Write};

use crate::capture::Bytes;

/// `NAME.pcap`.
pub struct Input(File);

/// `NAME.messages`.
pub struct Output(File);

/// Gives `work` the name with its extension.
fn with_name<R>(name: &str, extension: &str, work: impl FnOnce(&CStr) -> R) -> R {
    let mut path = [0; 32];
    let length = name.len() + extension.len();
    path[..name.len()].copy_from_slice(name.as_bytes());
    path[name.len()..length].copy_from_slice(extension.as_bytes());
    match CStr::from_bytes_until_nul(&path) {
        Ok(path) => work(path),
        Err(_) => panic!("{name}: too long"),
    }
}

impl Input {
    pub fn open(name: &str) -> Option<Self> {
        with_name(name, ".pcap", |path| File::open(path))
            .ok()
            .map(Self)
    }
}

impl Bytes for Input {
    fn read(&mut self, buffer: &mut [u8]) -> bool {
        self.0.read_exact(buffer).is_ok()
    }
}

impl Output {
    pub fn create(name: &str) -> Self {
        match with_name(name, ".messages", |path| File::create(path)) {
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
