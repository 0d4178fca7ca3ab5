//! Messages that stand one behind the other in a file or pipe, as `cat *.bin` makes them.

use super::{DecodeError, SecurityMessage, extent::Extent, wire};
use std::io::{self, ErrorKind, Read};
use thiserror::Error;

/// How much is looked at for a message that does not say where it ends: more than a hub lets one have.
const WINDOW: usize = 512 << 10;

/// How much is read at a time.
const AHEAD: usize = 256 << 10;

/// How far into a message its first table is at most, and at how many places one is looked for.
const MOST_BEFORE: u32 = 64 << 10;
const MOST_TRIES: usize = 4096;

/// How much is read before something that is not complete is given up.
const LONGEST: usize = 16 << 20;

/// Decodes messages that stand one behind the other, each with its size in bytes.
///
/// Nothing is held but what is needed for one message, so that the input may be as long as it likes, and a message is there as soon
/// as its last byte is, if all its parts are known. After an error there are no more: nothing says where the next message would
/// begin.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use defender_message::{SecurityMessage, decode::SecurityMessages};
///
/// let one = SecurityMessage::new("module", 1).to_bytes()?;
/// let input = [&one[..], &one].concat();
/// for message in SecurityMessages::new(&input[..]) {
///     let (message, size) = message?;
///     assert_eq!((message.security_module_id.as_str(), size), ("module", one.len()));
/// }
/// # Ok(())
/// # }
/// ```
pub struct SecurityMessages<R> {
    input: R,
    buffer: Vec<u8>,
    /// The part of the buffer that is decoded.
    done: usize,
    /// Where in the input the buffer begins.
    offset: u64,
    is_complete: bool,
    has_ended: bool,
}

/// Why a stream of messages does not go on.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StreamError {
    /// It cannot be read.
    #[error("cannot be read: {0}")]
    Read(#[from] io::Error),
    /// It is empty.
    #[error("is empty; it should hold a security message")]
    Empty,
    /// What it begins with, or goes on with, is no message.
    #[error("{}{error}", at(*.offset))]
    Decode {
        /// Where in the stream, in bytes.
        offset: u64,
        /// What is wrong.
        error: DecodeError,
    },
}

/// Names a place in the stream, unless it is the begin.
fn at(offset: u64) -> String {
    match offset {
        0 => String::new(),
        offset => format!("what follows from byte {offset} on cannot be decoded: "),
    }
}

impl<R: Read> SecurityMessages<R> {
    /// Decodes what `input` has, up to its end.
    pub fn new(input: R) -> Self {
        Self {
            input,
            buffer: Vec::new(),
            done: 0,
            offset: 0,
            is_complete: false,
            has_ended: false,
        }
    }

    /// Reads what there is, and waits only when there is nothing.
    fn read(&mut self) -> io::Result<()> {
        self.buffer.drain(..self.done);
        self.offset += self.done as u64;
        self.done = 0;
        let held = self.buffer.len();
        self.buffer.resize(held + AHEAD, 0);
        let read = loop {
            match self.input.read(&mut self.buffer[held..]) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                read => break read,
            }
        };
        let length = *read.as_ref().unwrap_or(&0);
        self.buffer.truncate(held + length);
        self.is_complete = length == 0;
        read.map(drop)
    }

    fn decode(&mut self) -> Result<Option<(SecurityMessage, usize)>, StreamError> {
        // What is larger than any message is looked at a few times only, however slowly it comes.
        let mut wanted = 1;
        loop {
            let rest = &self.buffer[self.done..];
            if rest.len() < wanted && !self.is_complete {
                self.read()?;
                continue;
            }
            let offset = self.offset + self.done as u64;
            if rest.is_empty() {
                return match offset {
                    0 => Err(StreamError::Empty),
                    _ => Ok(None),
                };
            }
            match first(rest, self.is_complete) {
                Ok(Some((message, size))) => {
                    self.done += size;
                    return Ok(Some((message, size)));
                }
                Err(error) if self.is_complete || rest.len() >= LONGEST => {
                    return Err(StreamError::Decode { offset, error });
                }
                // It may go on behind what was read.
                Ok(None) | Err(_) if rest.len() < WINDOW => wanted = rest.len() + 1,
                Ok(None) | Err(_) => wanted = 2 * rest.len(),
            }
        }
    }
}

impl<R: Read> Iterator for SecurityMessages<R> {
    type Item = Result<(SecurityMessage, usize), StreamError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.has_ended {
            return None;
        }
        let next = self.decode().transpose();
        self.has_ended = !matches!(next, Some(Ok(_)));
        next
    }
}

/// The message that `bytes` begin with, and its size; `None` when more has to be seen of what comes after it. `is_all` says that
/// nothing comes after `bytes`.
fn first(bytes: &[u8], is_all: bool) -> Result<Option<(SecurityMessage, usize)>, DecodeError> {
    let message = wire::verify(bytes)?;
    let Extent { end, is_exact, .. } = Extent::of(message);
    let size = if is_exact {
        end
    } else if bytes.len() < WINDOW && !is_all {
        return Ok(None);
    } else {
        // A part that is not known may lie between here and the next message.
        match next_begin(bytes, end) {
            Some(begin) => begin,
            None if is_all => bytes.len(),
            None => end,
        }
    };
    Ok(Some((wire::read(message)?, size)))
}

/// Where from `end` on another message begins.
fn next_begin(bytes: &[u8], end: usize) -> Option<usize> {
    (end..bytes.len())
        .filter(|begin| {
            // The place of its first table, as every message begins.
            let root = bytes[*begin..].first_chunk().copied();
            let root = root.map(u32::from_le_bytes);
            root.is_some_and(|root| root % 4 == 0 && (4..=MOST_BEFORE).contains(&root))
        })
        .take(MOST_TRIES)
        .find(|begin| wire::verify(&bytes[*begin..]).is_ok())
}
