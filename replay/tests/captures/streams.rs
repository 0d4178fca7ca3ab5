//! What can be read only once.

use std::{
    io::{self, Read},
    sync::mpsc::{Receiver, Sender, channel},
};

use defender_replay::{
    Plan, Replay,
    capture::{Capture, Name, Opened, Reason, Tolerance},
};

use crate::build::{Endian, MICROSECONDS, RAW, udp};

/// A pipe of which each write is read as it was.
struct Pipe(Receiver<Vec<u8>>);

fn pipe() -> (Sender<Vec<u8>>, Pipe) {
    let (sender, receiver) = channel();
    (sender, Pipe(receiver))
}

impl Read for Pipe {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let Ok(written) = self.0.recv() else {
            return Ok(0);
        };
        into[..written.len()].copy_from_slice(&written);
        Ok(written.len())
    }
}

/// The records of a pcap file, each on its own.
fn records(times: &[u32]) -> (Vec<u8>, Vec<Vec<u8>>) {
    let packet = udp([10, 0, 0, 2], [10, 0, 0, 1], 92);
    let file = |times: &[u32]| {
        let packets: Vec<_> = times.iter().map(|time| (*time, &packet[..])).collect();
        Endian::Little.pcap(MICROSECONDS, RAW, &packets)
    };
    let header = file(&[]);
    let records = times.iter().map(|time| file(&[*time])[24..].to_vec());
    (header, records.collect())
}

#[test]
fn a_pipe_is_reported_while_it_is_read() {
    let (sender, input) = pipe();
    let (header, records) = records(&[0, 10, 31, 40, 50]);
    sender.send(header).unwrap();
    let mut left = records.into_iter();
    for record in left.by_ref().take(3) {
        sender.send(record).unwrap();
    }
    let capture = Capture::stream(Name::StandardInput, input);
    // The guess needs no more than half a minute of it.
    let Opened {
        packets,
        device,
        is_guess,
        ..
    } = capture.open(Vec::new(), Tolerance::Lenient).unwrap();
    assert!(is_guess);
    assert_eq!(device.addresses(), ["10.0.0.2".parse().unwrap()]);
    let mut replay = Replay::new(packets, Plan::new("pipe", device));
    // The first report is there although the pipe is open: were more needed, this would wait for ever.
    assert_eq!(replay.next_message().unwrap().unwrap().time, 30);
    sender.send(left.next().unwrap()).unwrap();
    assert_eq!(replay.next_message().unwrap().unwrap().time, 40);
    sender.send(left.next().unwrap()).unwrap();
    assert_eq!(replay.next_message().unwrap().unwrap().time, 50);
    drop(sender);
    assert_eq!(replay.next_message().unwrap().unwrap().time, 60);
    assert_eq!(replay.next_message().unwrap(), None);
    assert_eq!(replay.summary().counted, 5);
}

#[test]
fn what_is_endless_and_no_capture_is_refused_at_once() {
    for tolerance in [Tolerance::Lenient, Tolerance::Strict] {
        let capture = Capture::stream(Name::StandardInput, io::repeat(0));
        let error = capture.open(Vec::new(), tolerance).err().unwrap();
        assert!(matches!(error.reason, Reason::UnknownFormat), "{error}");
    }
}

#[test]
fn a_strict_pipe_is_read_to_its_end_first() {
    let (header, records) = records(&[0, 40]);
    let mut file = [header, records.concat()].concat();
    file.pop();
    let capture = Capture::stream(Name::StandardInput, io::Cursor::new(file));
    let error = capture.open(Vec::new(), Tolerance::Strict).err().unwrap();
    assert!(
        error.to_string().starts_with("standard input is cut"),
        "{error}"
    );
}

#[test]
fn addresses_that_do_not_occur_are_told_from_those_that_do() {
    let (header, records) = records(&[0]);
    let file = [header, records.concat()].concat();
    let open = |local: &str| {
        let capture = Capture::in_memory(Name::Memory, file.clone());
        let opened = capture.open(vec![local.parse().unwrap()], Tolerance::Lenient);
        opened.unwrap().absent()
    };
    assert_eq!(open("10.0.0.1"), None);
    let absent = open("10.0.0.7").unwrap();
    assert_eq!(absent.addresses, ["10.0.0.7".parse().unwrap()]);
    let seen: Vec<_> = absent.seen.iter().map(ToString::to_string).collect();
    assert_eq!(seen, ["10.0.0.1", "10.0.0.2"]);
}
