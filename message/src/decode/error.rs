//! What can be wrong with bytes that are to be decoded, or with a message that is to be encoded again.

use crate::encode::{BufferTooSmall, Full};
use flatbuffers::InvalidFlatbuffer;
use thiserror::Error;

/// What is wrong with bytes that should have been a security message.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// They are no FlatBuffer of the message's schema.
    #[error("not a security message: {}", in_words(.0))]
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
            // What leads outside is not damaged there.
            InvalidFlatbuffer::Unaligned {
                position,
                error_trace,
                ..
            } if position >= size => Self::Malformed(InvalidFlatbuffer::RangeOutOfBounds {
                range: position..position,
                error_trace,
            }),
            error => Self::Malformed(error),
        }
    }
}

/// What the library found, without the terms of its format. The error's source has those, and a trace.
fn in_words(error: &InvalidFlatbuffer) -> String {
    match error {
        InvalidFlatbuffer::MissingRequiredField { required, .. } => {
            format!("it has no {}", required.replace('_', " "))
        }
        InvalidFlatbuffer::InconsistentUnion { .. } => {
            "an event has a kind and no content, or a content and no kind".to_owned()
        }
        InvalidFlatbuffer::Utf8Error { range, .. } => {
            format!("a text at byte {} is not UTF-8", range.start)
        }
        InvalidFlatbuffer::MissingNullTerminator { range, .. } => {
            format!("a text at byte {} is damaged", range.start)
        }
        InvalidFlatbuffer::Unaligned { position, .. } => {
            format!("it is damaged at byte {position}, or something else")
        }
        InvalidFlatbuffer::RangeOutOfBounds { .. }
        | InvalidFlatbuffer::SignedOffsetOutOfBounds { .. } => {
            "it is cut, damaged or something else: a part of it lies outside".to_owned()
        }
        _ => "its parts are nested too deep".to_owned(),
    }
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

#[cfg(test)]
mod tests {
    use crate::SecurityMessage;

    #[test]
    fn no_place_is_named_that_is_outside_of_the_bytes() {
        for first in [1_u32, 101, 0x8899_aabb, u32::MAX] {
            let mut bytes = [0x55; 100];
            bytes[..4].copy_from_slice(&first.to_le_bytes());
            let said = SecurityMessage::decode(&bytes).unwrap_err().to_string();
            let place = said.split_once("at byte ").map(|(_, rest)| rest);
            let place = place.and_then(|rest| rest.split(|c: char| !c.is_ascii_digit()).next());
            let place = place.map_or(0, |number| number.parse::<usize>().unwrap());
            assert!(place < bytes.len(), "{said}");
        }
    }
}
