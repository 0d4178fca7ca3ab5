//! What can be wrong with bytes that are to be decoded, or with a message that is to be encoded again.

use crate::encode::{BufferTooSmall, Full};
use flatbuffers::InvalidFlatbuffer;
use thiserror::Error;

/// What is wrong with bytes that should have been a security message.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// They are no FlatBuffer of the message's schema.
    #[error("not a security message: {}", first_line(.0))]
    Malformed(#[source] InvalidFlatbuffer),
    /// They refer to the same parts again and again, so that the message would take far more memory than the bytes do.
    #[error(
        "the message refers to its own parts too often: written out it would be many times its size of {size} bytes"
    )]
    Inflated {
        /// Number of bytes of the message.
        size: usize,
    },
    /// A flow has a protocol that the schema does not know.
    #[error("a flow has the unknown protocol {0}; known are 0 (TCP), 1 (UDP) and 2 (ICMP)")]
    UnknownProtocol(i8),
}

impl DecodeError {
    pub(super) fn new(error: InvalidFlatbuffer, size: usize) -> Self {
        match error {
            InvalidFlatbuffer::TooManyTables | InvalidFlatbuffer::ApparentSizeTooLarge => {
                Self::Inflated { size }
            }
            error => Self::Malformed(error),
        }
    }
}

/// The library's description goes on with a trace, which the error's source has for those who want it.
fn first_line(error: &InvalidFlatbuffer) -> String {
    let text = error.to_string();
    text.lines()
        .next()
        .unwrap_or_default()
        .trim_end_matches(['.', ' '])
        .to_owned()
}

/// Why a message cannot be encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// Not even the message's header fits the buffer.
    #[error(transparent)]
    BufferTooSmall(#[from] BufferTooSmall),
    /// The events do not all fit the buffer.
    #[error(transparent)]
    Full(#[from] Full),
    /// An event's payload is of a kind whose content was not decoded.
    #[error(
        "an event of kind {kind} cannot be encoded, for its content is not known: leave it out"
    )]
    UnknownPayload {
        /// The payload's number in the schema's union.
        kind: u8,
    },
    /// A flow's local and remote address are of different IP versions.
    #[error(
        "a flow between an IPv4 and an IPv6 address cannot be encoded: both must be of one version"
    )]
    MixedAddresses,
}
