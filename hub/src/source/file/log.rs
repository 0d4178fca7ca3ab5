//! Azure's logs as an input.

use std::{collections::VecDeque, io::Read};

use defender_detect::azure::{self, LogSignal};
use defender_replay::capture::Name;

use super::{Piece, Problems, Source, What, problems::Complaints};

/// A log that was read. It is read as a whole, since its records may stand in any order and over several lines.
struct Log(VecDeque<LogSignal>);

/// Reads a log.
pub(super) fn open(
    name: &Name,
    mut input: impl Read,
    problems: &mut Problems,
) -> Option<Box<dyn Source>> {
    let mut text = String::new();
    if let Err(error) = input.read_to_string(&mut text) {
        problems.tell(format_args!("{name} cannot be read: {error}"));
        return None;
    }
    let azure::Log {
        mut signals,
        refused,
        skipped,
        problems: faults,
        ..
    } = azure::read(&text);
    let mut complaints = Complaints::default();
    for fault in &faults {
        complaints.tell(problems, format_args!("{name}, {fault}"));
    }
    complaints.untold(refused.saturating_sub(faults.len()));
    complaints.sum_up(problems, name);
    if signals.is_empty() && refused == 0 {
        problems.note(format_args!(
            "{name}: neither messages nor a log that says anything of devices: {skipped} of {skipped} records are passed over"
        ));
    }
    signals.sort_by_key(|signal| signal.time);
    Some(Box::new(Log(signals.into())))
}

impl Source for Log {
    fn next(&mut self, _: &mut Problems) -> Option<Piece> {
        let signal = self.0.pop_front()?;
        Some(Piece {
            time: signal.time,
            device: signal.device.into(),
            what: What::Signal(signal.what),
        })
    }
}
