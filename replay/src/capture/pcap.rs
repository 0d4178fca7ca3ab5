//! pcap: a file header and records, in all its kinds.

use std::{io, time::Duration};

use super::{
    error::Reason,
    faults::Fault,
    format,
    input::Input,
    record::{MAX_FRAME, Next, Record},
};
use crate::link::{LinkType, UnknownLinkType};

const FILE_HEADER: usize = 24;

/// A pcap file behind its header.
pub struct Pcap {
    input: Input,
    kind: format::Pcap,
    link: Result<LinkType, UnknownLinkType>,
    lengths: Lengths,
}

/// In which order a record states its two lengths. Before version 2.3 the length on the link came first; 2.3 had both.
#[derive(Clone, Copy)]
enum Lengths {
    CapturedFirst,
    CapturedLast,
    SmallerIsCaptured,
}

impl Pcap {
    pub fn new(kind: format::Pcap, mut input: Input) -> Result<Self, Reason> {
        let header = input.peek(FILE_HEADER).map_err(Reason::of_reading)?;
        let header: &[u8; FILE_HEADER] = header.try_into().map_err(|_| Reason::CutHeader)?;
        let half = |at: usize| {
            let bytes = [header[at], header[at + 1]];
            if kind.big_endian {
                u16::from_be_bytes(bytes)
            } else {
                u16::from_le_bytes(bytes)
            }
        };
        let lengths = match (half(4), half(6)) {
            (2, 3) => Lengths::SmallerIsCaptured,
            (..2, _) | (2, ..3) => Lengths::CapturedLast,
            _ => Lengths::CapturedFirst,
        };
        // The upper bits of the link type tell the length of a frame check sequence, which is padding to us.
        let link = LinkType::try_from(word(header, 20, kind.big_endian) & 0xffff);
        input.advance(FILE_HEADER);
        Ok(Self {
            input,
            kind,
            link,
            lengths,
        })
    }

    pub fn taken(&self) -> u64 {
        self.input.taken()
    }

    /// Puts the next frame into `frame`.
    pub fn next(&mut self, frame: &mut Vec<u8>) -> io::Result<Next> {
        let offset = self.input.taken();
        let header = self.input.peek(self.kind.record)?;
        if header.is_empty() {
            return Ok(Next::End);
        }
        if header.len() < self.kind.record {
            return Ok(Next::Fault(Fault::Cut));
        }
        let number = |at| word(header, at, self.kind.big_endian);
        let (seconds, fraction) = (number(0), number(4));
        let (captured, length) = match (self.lengths, number(8), number(12)) {
            (Lengths::CapturedLast, first, second) => (second, first),
            (Lengths::SmallerIsCaptured, first, second) => (first.min(second), first.max(second)),
            (Lengths::CapturedFirst, first, second) => (first, second),
        };
        if captured as usize > MAX_FRAME {
            return Ok(Next::Fault(Fault::Damaged { offset }));
        }
        self.input.advance(self.kind.record);
        let data = self.input.peek(captured as usize)?;
        if data.len() < captured as usize {
            return Ok(Next::Fault(Fault::Cut));
        }
        frame.clear();
        frame.extend_from_slice(data);
        self.input.advance(captured as usize);
        let nanoseconds = if self.kind.nanoseconds {
            fraction
        } else {
            fraction.saturating_mul(1000)
        };
        // A fraction of a second or more is damage, but not of the second.
        let time = Duration::new(seconds.into(), nanoseconds.min(999_999_999));
        Ok(match self.link {
            Ok(link) => Next::Frame(Record {
                link,
                time: Some(time),
                length,
                sent_here: None,
            }),
            Err(unknown) => Next::Fault(Fault::LinkType(unknown)),
        })
    }
}

fn word(bytes: &[u8], at: usize, big_endian: bool) -> u32 {
    let word = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]];
    if big_endian {
        u32::from_be_bytes(word)
    } else {
        u32::from_le_bytes(word)
    }
}
