//! What the formats have in common: a frame, when it was captured, and where.

use std::time::Duration;

use super::faults::Fault;
use crate::link::{LinkType, UnknownLinkType};

/// The largest frame that is read, in bytes. Real ones are at most a sixty-fourth of it, those that a network card was to
/// cut included.
pub const MAX_FRAME: usize = 16 << 20;

/// The last second of the year 9999.
const LAST_SECOND: u64 = 253_402_300_799;

/// A captured frame, of which the bytes are elsewhere.
#[derive(Clone, Copy, Debug)]
pub struct Record {
    pub link: LinkType,
    /// Since 1970; `None` when the capture does not say.
    pub time: Option<Duration>,
    /// The frame's length on the link, in bytes.
    pub length: u32,
    /// Whether the capturing machine sent it, when the capture says so.
    pub sent_here: Option<bool>,
}

/// What comes next in a capture.
#[derive(Debug)]
pub enum Next {
    /// A frame, which is in the buffer that was given.
    Frame(Record),
    /// A frame that cannot be read.
    Fault(Fault),
    /// Nothing.
    End,
}

/// Where packets come from, and how their times are to be read.
#[derive(Clone, Copy, Debug)]
pub struct Interface {
    pub link: Result<LinkType, UnknownLinkType>,
    pub ticks_per_second: u128,
    /// What is to be added to a time, in seconds.
    pub offset: i64,
    /// The most that is captured of a frame; 0: everything.
    pub snap_length: u32,
}

impl Interface {
    /// A time in ticks, if it is one of a year from 1970 to 9999.
    pub fn time(&self, ticks: u64) -> Option<Duration> {
        let ticks = u128::from(ticks);
        let seconds = (ticks / self.ticks_per_second) as i128 + i128::from(self.offset);
        let seconds = u64::try_from(seconds).ok();
        let seconds = seconds.filter(|seconds| *seconds <= LAST_SECOND)?;
        // The fraction is below one second; a 64-bit tick count times a billion fits 128 bits.
        let fraction = (ticks % self.ticks_per_second) * 1_000_000_000 / self.ticks_per_second;
        Some(Duration::new(seconds, fraction as u32))
    }
}
