//! Azure's logs: every category, in each form in which it comes.

mod activity;
mod forms;
mod resource;

use defender_detect::{SignalKind, azure};

/// What a log says that is all well formed, each with its device.
fn signals(text: &str) -> Vec<(String, SignalKind)> {
    let log = azure::read(text);
    assert_eq!(log.problems, [], "{text}");
    let signals = log.signals.into_iter();
    signals.map(|signal| (signal.device, signal.what)).collect()
}
