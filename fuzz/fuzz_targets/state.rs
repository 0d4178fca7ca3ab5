//! States of devices: what is taken is given back as it was, keeps its bounds, and goes on to work.

#![no_main]

use defender_detect::{Detector, Input, MOST_BYTES, Policy};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut detector = Detector::new(Policy::default());
    if detector.restore("device", bytes).is_err() {
        assert_eq!(detector.state("device"), None);
        return;
    }
    let state = detector.state("device").expect("it was taken");
    assert!(state.len() <= MOST_BYTES);
    let mut again = Detector::new(Policy::default());
    again.restore("device", &state).expect("it was given");
    assert_eq!(again.state("device").as_ref(), Some(&state));
    for time in [0, 1_800_000_000, u32::MAX] {
        assert_eq!(
            detector.feed(Input::Tick { time }),
            again.feed(Input::Tick { time })
        );
    }
    assert!(
        detector
            .state("device")
            .is_none_or(|state| state.len() <= MOST_BYTES)
    );
});
