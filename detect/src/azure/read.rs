//! Reads a log: record by record, whether these are lines, lists, or within `records`.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{activity, record::Record, resource};
use crate::{
    input::{Signal, SignalKind},
    json,
    place::{Located, offset_in},
};

/// How many problems of a log are told one by one. The others are counted.
pub const MAX_LISTED: usize = 20;

/// What a log says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Log {
    /// What detection is to be fed, in the order of the log.
    pub signals: Vec<LogSignal>,
    /// Records that say nothing about what detection asks for.
    pub skipped: usize,
    /// Records that could not be read.
    pub refused: usize,
    /// Why: the first [`MAX_LISTED`] of them.
    pub problems: Vec<Located<Fault>>,
}

/// A signal that a log tells.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LogSignal {
    /// The device's id. Empty: the hub itself.
    pub device: String,
    /// When it happened, in seconds of Unix time.
    pub time: u32,
    /// What happened.
    pub what: SignalKind,
}

impl LogSignal {
    /// As detection takes it.
    #[must_use]
    pub fn as_signal(&self) -> Signal<'_> {
        Signal {
            device: &self.device,
            received: self.time,
            what: self.what,
        }
    }
}

/// What is wrong with a record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// It is no JSON, or a member is of another type.
    #[error("this is no record of a log: {message}")]
    Json {
        /// What the parser says.
        message: String,
    },
    /// It does not say when it happened.
    #[error("the record has no `time` such as `2027-01-31T12:00:00Z`")]
    NoTime,
}

/// A message of an Event Hub, or a file of the portal.
#[derive(Deserialize)]
struct Batch<'a> {
    #[serde(borrow)]
    records: Vec<&'a RawValue>,
}

/// Reads a log. A bad record takes no other with it; after what is no JSON reading goes on in the next line.
#[must_use]
pub fn read(text: &str) -> Log {
    let mut reader = Reader {
        text,
        log: Log::default(),
    };
    let mut at = text.len() - text.trim_start_matches('\u{feff}').len();
    // Once something does not end before the text does, a record is looked for in each line alone: else every such line would
    // be read to the end of the text.
    let mut by_line = false;
    while !text[at..].trim_start().is_empty() {
        let start = text.len() - text[at..].trim_start().len();
        let line_end = text[start..]
            .find('\n')
            .map_or(text.len(), |length| start + length);
        let end = if by_line { line_end } else { text.len() };
        let mut values = serde_json::Deserializer::from_str(&text[start..end]).into_iter();
        match values.next() {
            Some(Ok(value)) => {
                at = start + values.byte_offset();
                reader.value(value);
            }
            Some(Err(error)) => {
                by_line |= error.is_eof();
                reader.fault(start, &error);
                at = line_end;
            }
            None => break,
        }
    }
    reader.log
}

struct Reader<'a> {
    text: &'a str,
    log: Log,
}

impl<'a> Reader<'a> {
    fn value(&mut self, value: &'a RawValue) {
        let json = value.get();
        let records: Result<Vec<&'a RawValue>, _> = if json.starts_with('[') {
            serde_json::from_str(json)
        } else if let Ok(Batch { records }) = serde_json::from_str(json) {
            Ok(records)
        } else {
            Ok(vec![value])
        };
        for record in records.unwrap_or_default() {
            self.record(record.get());
        }
    }

    fn record(&mut self, json: &'a str) {
        let offset = offset_in(self.text, json).unwrap_or(0);
        let record: Record<'_> = match serde_json::from_str(json) {
            Ok(record) => record,
            Err(error) => return self.fault(offset, &error),
        };
        let signal = match activity::is_activity(&record) {
            true => activity::signal(&record).map(|what| (String::new(), what)),
            false => resource::signal(&record),
        };
        let Some((device, what)) = signal else {
            self.log.skipped += 1;
            return;
        };
        let time = record.time();
        let time = time.and_then(|time| time.parse::<jiff::Timestamp>().ok());
        match time.and_then(|time| u32::try_from(time.as_second()).ok()) {
            Some(time) => self.log.signals.push(LogSignal { device, time, what }),
            None => self.problem(offset, Fault::NoTime),
        }
    }

    fn fault(&mut self, offset: usize, error: &serde_json::Error) {
        let message = json::message(error);
        self.problem(offset, Fault::Json { message });
    }

    fn problem(&mut self, offset: usize, fault: Fault) {
        self.log.refused += 1;
        if self.log.problems.len() < MAX_LISTED {
            self.log
                .problems
                .push(Located::new(self.text, offset, fault));
        }
    }
}
