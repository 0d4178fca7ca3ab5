//! MUD files: problems stand within the text, and what was read is a baseline that becomes a MUD file that lets as much pass.

#![no_main]

use defender_detect::{
    Detector,
    baseline::Baselines,
    mud::{MudFile, export},
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let lines = text.split('\n').count();
    let file = match MudFile::parse(text) {
        Ok(file) => file,
        Err(error) => {
            let mut places = error.problems.iter().map(|problem| problem.place.line);
            assert!(places.all(|line| (1..=lines).contains(&line)));
            return;
        }
    };
    let baseline = file.baseline("group");
    let again = export(&baseline, None, "https://example.com/", "2026-01-01T00:00:00Z");
    let again = MudFile::parse(&again.to_string()).expect("what is written is read");
    let classes = again.classes();
    assert!(file.classes().iter().all(|class| classes.contains(class)));
    let mut baselines = Baselines::default();
    *baselines.group_mut("group") = baseline;
    let mut detector = Detector::default();
    detector.give(&baselines);
    assert_eq!(detector.baselines().groups[0].classes.len(), file.classes().len());
});
