//! Captures of every kind, built here, and those that were seen in the wild.

mod build;
mod cases;
mod faults;
mod formats;
mod frames;
mod links;
mod packets;
mod random;
mod streams;
mod tshark;
#[path = "../support/tshark.rs"]
mod tshark_support;

use std::{io::Cursor, io::Read, time::Duration};

use defender_replay::{
    Link, PacketSource,
    capture::{CaptureError, Name, Reader, Reason, Tolerance},
};

/// A packet that was read.
#[derive(Clone, Debug, PartialEq)]
struct Owned {
    time: Duration,
    ip: Option<Vec<u8>>,
    link: Link,
}

fn begin(input: impl Read + Send + 'static, tolerance: Tolerance) -> Result<Reader, CaptureError> {
    Reader::new(Name::Path("test.pcap".into()), input, tolerance)
}

/// All packets of a capture, and what is said about it.
fn read(file: &[u8], tolerance: Tolerance) -> Result<(Vec<Owned>, Vec<String>), Reason> {
    let mut reader = begin(Cursor::new(file.to_vec()), tolerance).map_err(|error| error.reason)?;
    let mut packets = Vec::new();
    while let Some(packet) = reader.next_packet().map_err(|error| error.reason)? {
        packets.push(Owned {
            time: packet.time,
            ip: packet.ip.map(<[u8]>::to_vec),
            link: packet.link,
        });
    }
    assert_eq!(reader.packets(), packets.len() as u64);
    let sentences = reader.faults().sentences(&"it");
    Ok((packets, sentences))
}

/// All that can be read, of which there must be something.
#[track_caller]
fn read_all(file: &[u8]) -> (Vec<Owned>, Vec<String>) {
    read(file, Tolerance::Lenient).unwrap()
}

/// Why nothing can be read.
#[track_caller]
fn reason(file: &[u8]) -> Reason {
    read(file, Tolerance::Lenient).unwrap_err()
}
