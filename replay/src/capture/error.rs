//! What can be wrong with a capture.

use std::{fmt, io, path::PathBuf};

use super::faults::{Count, Fault};

/// A capture that cannot be replayed: which one, and why.
#[derive(Debug, thiserror::Error)]
#[error("{name} {reason}")]
pub struct CaptureError {
    /// The capture's path, or what it is called.
    pub name: Name,
    /// What is wrong with it.
    pub reason: Reason,
}

/// How errors call a capture.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Name {
    /// A file's path.
    Path(PathBuf),
    /// Standard input.
    StandardInput,
    /// What is in memory, and has no name.
    Memory,
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // A name may be anything; a terminal is to see text.
            Self::Path(path) => write!(f, "{}", path.display().to_string().escape_debug()),
            Self::StandardInput => f.write_str("standard input"),
            Self::Memory => f.write_str("the capture in memory"),
        }
    }
}

/// Why a capture cannot be replayed. Each continues a sentence that begins with the capture's name.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// It could not be opened.
    #[error("cannot be opened: {0}")]
    Open(io::Error),
    /// It could be opened, but not read.
    #[error("cannot be read: {0}")]
    Read(io::Error),
    /// It has no bytes.
    #[error("is empty; a capture begins with a pcap or pcapng header")]
    Empty,
    /// It begins with no magic number that is known.
    #[error("is neither pcap nor pcapng; save the capture in one of these formats")]
    UnknownFormat,
    /// It is of a format that others read.
    #[error("is {what}, not pcap or pcapng; {advice}")]
    OtherFormat {
        /// What it is.
        what: &'static str,
        /// What brings it into a format that is read.
        advice: &'static str,
    },
    /// It ends within its own header.
    #[error("is cut within its file header; capture or copy it again")]
    CutHeader,
    /// Its own header says something that cannot be.
    #[error("has a damaged file header; capture or copy it again")]
    DamagedHeader,
    /// A packet of it cannot be read, and that was not to be passed over; or none can be.
    #[error("{fault}, after {}", Count(*.whole, "whole packet"))]
    Fault {
        /// The first thing that is wrong.
        fault: Fault,
        /// Packets that were read before.
        whole: u64,
    },
    /// It is whole, but there is nothing in it.
    #[error("has no packets; there is nothing to replay")]
    NoPackets,
    /// Its packets name no address that could be the device's.
    #[error("has no unicast IP packets to tell the device's address from; name it with --local")]
    NoDevice,
}

impl Reason {
    /// This reason about the capture called `name`.
    pub fn of(self, name: &Name) -> CaptureError {
        CaptureError {
            name: name.clone(),
            reason: self,
        }
    }

    /// Why nothing could be read of a file's beginning: what is compressed may be cut or damaged there.
    pub(super) fn of_reading(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::CutHeader,
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => Self::DamagedHeader,
            _ => Self::Read(error),
        }
    }
}
