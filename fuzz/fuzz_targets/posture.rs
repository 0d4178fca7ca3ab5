//! What Azure's command-line tool exports: problems stand within the text, and recommendations can be shown.

#![no_main]

use defender_detect::hygiene::azure::{Posture, read};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let lines = text.split('\n').count();
    match read(text) {
        Ok(export) => {
            let mut posture = Posture::default();
            posture.add(export);
            for recommendation in posture.recommendations() {
                assert!(!recommendation.reason.is_empty());
            }
        }
        Err(error) => {
            let mut places = error.problems.iter().map(|problem| problem.place.line);
            assert!(places.all(|line| (1..=lines).contains(&line)));
        }
    }
});
