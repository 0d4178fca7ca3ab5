//! Security messages as an input, one after the other.

use std::{io::Read, sync::Arc};

use defender_message::{SecurityMessage, decode::SecurityMessages};
use defender_replay::capture::Name;

use super::{Piece, Problems, Source, What};

/// A file with messages.
pub(super) struct Messages<R: Read> {
    name: Name,
    device: Arc<str>,
    input: Option<SecurityMessages<R>>,
}

impl<R: Read> Messages<R> {
    pub(super) fn new(name: Name, device: String, input: R) -> Self {
        Self {
            name,
            device: device.into(),
            input: Some(SecurityMessages::new(input)),
        }
    }
}

impl<R: Read> Source for Messages<R> {
    fn next(&mut self, problems: &mut Problems) -> Option<Piece> {
        match self.input.as_mut()?.next() {
            Some(Ok((message, _))) => Some(piece(&self.device, None, message)),
            Some(Err(problem)) => {
                problems.tell(format_args!("{}: {problem}", self.name));
                self.input = None;
                None
            }
            None => {
                self.input = None;
                None
            }
        }
    }
}

/// A message whose place in the order is that of its receipt, or else of its latest event.
pub(super) fn piece(device: &Arc<str>, received: Option<u32>, message: SecurityMessage) -> Piece {
    let latest = message.events.iter().map(|event| event.time).max();
    Piece {
        time: received.or(latest).unwrap_or(0),
        device: Arc::clone(device),
        what: What::Report(received, Box::new(message)),
    }
}
