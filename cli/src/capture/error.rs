//! What can be wrong with a capture.

use std::{fmt, io, path::PathBuf};

use super::link::UnknownLinkType;

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
pub enum Name {
    /// A file's path.
    Path(PathBuf),
    /// Standard input.
    StandardInput,
    /// The capture that is part of this program.
    Bundled,
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => write!(f, "{}", path.display()),
            Self::StandardInput => f.write_str("standard input"),
            Self::Bundled => f.write_str("the bundled capture"),
        }
    }
}

/// Why a capture cannot be replayed. Each continues a sentence that begins with the capture's name.
#[derive(Debug, thiserror::Error)]
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
    /// It ends within its own header.
    #[error("is cut within its file header; capture or copy it again")]
    CutHeader,
    /// It ends within a packet.
    #[error(
        "is cut: it ends within a packet, after {whole} whole {}; capture or copy it again",
        if *.whole == 1 { "packet" } else { "packets" }
    )]
    Cut {
        /// Packets before the cut.
        whole: u64,
    },
    /// It says something that cannot be.
    #[error("is damaged at byte {offset}, after {whole} whole {}: {detail}",
        if *.whole == 1 { "packet" } else { "packets" }
    )]
    Damaged {
        /// Where, in bytes from its beginning.
        offset: u64,
        /// Packets before that.
        whole: u64,
        /// What cannot be.
        detail: Damage,
    },
    /// It is of a link layer that cannot be read.
    #[error(transparent)]
    LinkType(#[from] UnknownLinkType),
    /// It is whole, but there is nothing in it.
    #[error("has no packets; there is nothing to replay")]
    NoPackets,
    /// Its packets name no address that could be the device's.
    #[error("has no unicast IP packets to tell the device's address from; name it with --local")]
    NoDevice,
}

/// What cannot be in a capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// A block or packet that does not add up.
    #[error("no valid block or packet begins there")]
    Block,
    /// A packet or block larger than anything real.
    #[error("a packet or block there claims to be larger than {} MiB", super::reader::MAX_BLOCK >> 20)]
    TooLarge,
    /// A packet from an interface that was never described.
    #[error("a packet names interface {0}, which the capture does not describe")]
    UnknownInterface(u32),
    /// A time that is not within the range of the agent's clock.
    #[error("a packet's time is not between the years 1970 and 2106")]
    Time,
}

impl Reason {
    /// This reason about the capture called `name`.
    pub fn of(self, name: &Name) -> CaptureError {
        CaptureError {
            name: name.clone(),
            reason: self,
        }
    }
}
