//! Captures of any bytes, read and replayed: what is counted is reported, to the last byte that is said to be.

#![no_main]

use std::io::Cursor;

use defender_replay::{
    Plan, Replay,
    capture::{Capture, Name, Tolerance},
    device::Traffic,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    // Whichever way it is read, it is the same.
    let whole = Capture::in_memory(Name::Memory, data).open(Vec::new(), Tolerance::Lenient);
    let pipe = Capture::stream(Name::Memory, Cursor::new(data.to_vec()));
    let pipe = pipe.open(Vec::new(), Tolerance::Lenient);
    let Ok(opened) = whole else {
        return;
    };
    let survey = opened.survey.packets();
    let device = opened.device;
    let mut messages = Vec::new();
    let mut replay = Replay::new(opened.packets, Plan::new("fuzz", device.clone()));
    while let Some(message) = replay.next_message().unwrap() {
        messages.push(message);
    }
    assert_eq!(replay.summary().seen, survey);
    assert_eq!(replay.unreported(), Traffic::default());
    if let Ok(pipe) = pipe {
        let mut replay = Replay::new(pipe.packets, Plan::new("fuzz", device));
        for message in messages {
            assert_eq!(replay.next_message().unwrap(), Some(message));
        }
        assert_eq!(replay.next_message().unwrap(), None);
    }
});
