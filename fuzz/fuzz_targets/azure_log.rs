//! Azure's logs, and what they tell fed to a detector.

#![no_main]

use defender_detect::{Detector, Input, Policy, azure};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let log = azure::read(text);
    let lines = text.split('\n').count();
    assert!(
        log.problems
            .iter()
            .all(|problem| (1..=lines).contains(&problem.place.line))
    );
    let mut detector = Detector::new(Policy::default());
    for signal in &log.signals {
        detector.feed(Input::Signal(signal.as_signal()));
    }
});
