//! Files of what is normal: problems stand within the text, and what was read is written as the same.

#![no_main]

use defender_detect::{Detector, baseline::Baselines};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let lines = text.split('\n').count();
    match Baselines::parse(text) {
        Ok(baselines) => {
            let again = Baselines::parse(&baselines.to_string()).expect("what is written is read");
            assert_eq!(again, baselines);
            let mut detector = Detector::default();
            detector.give(&baselines);
            for name in detector.take_touched() {
                let state = detector.state(&name).expect("it was touched");
                Detector::default()
                    .restore(&name, &state)
                    .expect("it was given");
            }
        }
        Err(error) => {
            let mut places = error.problems.iter().map(|problem| problem.place.line);
            assert!(places.all(|line| (1..=lines).contains(&line)));
        }
    }
});
