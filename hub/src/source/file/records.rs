//! JSON lines as an input: security messages with what is known of their way, as `watch`, `replay` and `decode` write them.

use std::{
    io::{BufRead, Read},
    sync::Arc,
};

use defender_message::Record;
use defender_replay::capture::Name;

use super::{Piece, Problems, Source, message, problems::Complaints};

/// A line longer than this is none of these: 256 KiB of message are less than 4 MiB of JSON.
const LONGEST_LINE: u64 = 16 << 20;

/// A file of JSON lines.
pub(super) struct Records {
    name: Name,
    /// Of messages that name none.
    device: Arc<str>,
    input: Box<dyn BufRead>,
    line: u64,
    is_over: bool,
    complaints: Complaints,
}

impl Records {
    pub(super) fn new(name: Name, device: String, input: Box<dyn BufRead>) -> Self {
        Self {
            name,
            device: device.into(),
            input,
            line: 0,
            is_over: false,
            complaints: Complaints::default(),
        }
    }

    /// The next line, or what keeps it and all others from being read; `None` after the last one.
    fn read(&mut self) -> Option<Result<Vec<u8>, String>> {
        let mut line = Vec::new();
        self.line += 1;
        let input = &mut self.input;
        match input.take(LONGEST_LINE).read_until(b'\n', &mut line) {
            Ok(0) => None,
            Ok(_) if line.len() as u64 == LONGEST_LINE => Some(Err(format!(
                "is over {LONGEST_LINE} bytes long; neither it nor what follows is read"
            ))),
            Ok(_) => Some(Ok(line)),
            Err(error) => Some(Err(format!("cannot be read: {error}"))),
        }
    }

    fn piece(&self, record: Record) -> Piece {
        let device = match record.device {
            Some(device) => device.into(),
            None => Arc::clone(&self.device),
        };
        let received = record
            .received
            .map(|received| u32::try_from(received).unwrap_or(u32::MAX));
        message::piece(&device, received, record.message)
    }
}

impl Source for Records {
    fn next(&mut self, problems: &mut Problems) -> Option<Piece> {
        while !self.is_over {
            let line = match self.read() {
                None => break,
                Some(Ok(line)) => line,
                Some(Err(problem)) => {
                    problems.tell(format_args!("{}, line {} {problem}", self.name, self.line));
                    break;
                }
            };
            let text = line.strip_prefix(super::BYTE_ORDER_MARK).unwrap_or(&line);
            if text.trim_ascii().is_empty() {
                continue;
            }
            match serde_json::from_slice(text) {
                Ok(record) => return Some(self.piece(record)),
                Err(problem) => {
                    let column = problem.column();
                    let (name, number) = (&self.name, self.line);
                    self.complaints.tell(
                        problems,
                        format_args!(
                            "{name}, line {number}, column {column}: no security message: {problem}"
                        ),
                    );
                }
            }
        }
        self.is_over = true;
        self.complaints.sum_up(problems, &self.name);
        None
    }
}
