//! Threat lists of any format: problems stand within the text, what must not act does not, and what is listed is found.

#![no_main]

use defender_detect::threats::{Format, MAX_LISTED, ThreatLists};
use libfuzzer_sys::fuzz_target;

const FORMATS: [Format; 6] = [
    Format::Plain,
    Format::Iprep,
    Format::IprepCategories,
    Format::ZeekIntel,
    Format::Csv,
    Format::Stix,
];

fuzz_target!(|data: &[u8]| {
    let Some((choice, text)) = data.split_first() else {
        return;
    };
    let format = FORMATS.get(usize::from(*choice)).copied();
    let mut lists = ThreatLists::builder().at(1_800_000_000);
    let reading = lists.read_as(format.unwrap_or_else(|| Format::guess(text)), "list", text);
    assert!(reading.problems.len() <= MAX_LISTED);
    let lines = text.split(|byte| *byte == b'\n').count();
    assert!(
        reading
            .problems
            .iter()
            .all(|problem| (1..=lines).contains(&problem.place.line))
    );
    assert!(!reading.to_string().is_empty());
    let lists = lists.build();
    assert!(lists.len() <= reading.acting);
    for address in [
        "10.1.2.3",
        "127.0.0.1",
        "8.8.8.8",
        "224.0.0.1",
        "::1",
        "fe80::1",
        "2001:4860:4860::8888",
    ] {
        assert_eq!(lists.find(address.parse().unwrap()), None);
    }
    if reading.format == Format::Plain {
        listed_is_found(text, &lists);
    }
});

/// Every address that stands alone in a line, but for those that never act.
fn listed_is_found(text: &[u8], lists: &ThreatLists) {
    for line in text.split(|byte| *byte == b'\n') {
        let Some(address) = core::str::from_utf8(line)
            .ok()
            .and_then(|line| line.parse().ok())
        else {
            continue;
        };
        let mut alone = ThreatLists::builder();
        if alone.read_as(Format::Plain, "alone", line).acting == 1 {
            assert!(lists.find(address).is_some(), "{address}");
        }
    }
}
