//! Threat lists, through the public interface: every format, what is warned about, what is refused.

mod formats;
mod protected;
mod reports;
mod size;

use defender_detect::threats::{Reading, ThreatLists};

/// One list, and what came of reading it.
fn read(text: &str) -> (ThreatLists, Reading) {
    let mut lists = ThreatLists::builder();
    let reading = lists.read("list", text.as_bytes());
    (lists.build(), reading)
}

/// What the lists say of an address: category and score.
fn find<'a>(lists: &'a ThreatLists, address: &str) -> Option<(Option<&'a str>, Option<u8>)> {
    let threat = lists.find(address.parse().unwrap())?;
    Some((threat.category, threat.score))
}

/// The problems of a reading, each with its line and column.
fn problems(reading: &Reading) -> Vec<String> {
    reading.problems.iter().map(ToString::to_string).collect()
}
