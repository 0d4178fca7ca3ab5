//! Unpacks what is compressed.

use std::io::{self, Read};

use flate2::read::MultiGzDecoder;
use ruzstd::decoding::{FrameDecoder, StreamingDecoder, errors::ReadFrameHeaderError};

use super::{
    error::Reason,
    format::{Format, MAGIC, Pcap},
    window::Window,
};

/// Bytes of a capture, unpacked.
pub type Input = Window<Box<dyn Read + Send>>;

/// Compressed files in compressed files: more are no accident.
const MOST_LAYERS: usize = 3;

/// A capture's format without its compression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plain {
    Pcap(Pcap),
    Pcapng,
}

/// Finds out what `input` is, and unpacks it.
pub fn unpack(input: Box<dyn Read + Send>) -> Result<(Plain, Input), Reason> {
    let mut input = Window::new(input);
    for _ in 0..=MOST_LAYERS {
        let head = input.peek(MAGIC).map_err(Reason::of_reading)?;
        let unpacked: Box<dyn Read + Send> = match Format::of(head)? {
            Format::Pcap(pcap) => return Ok((Plain::Pcap(pcap), input)),
            Format::Pcapng => return Ok((Plain::Pcapng, input)),
            Format::Gzip => Box::new(MultiGzDecoder::new(input)),
            Format::Zstd => Box::new(Zstd::new(input)),
        };
        input = Window::new(unpacked);
    }
    Err(Reason::UnknownFormat)
}

/// All frames of a zstd file; the library decodes one.
struct Zstd {
    state: ZstdState,
}

enum ZstdState {
    Between(Input),
    Within(Box<StreamingDecoder<Input, FrameDecoder>>),
    Ended,
}

impl Zstd {
    fn new(input: Input) -> Self {
        Self {
            state: ZstdState::Between(input),
        }
    }

    /// The decoder of the next frame, if there is one.
    fn next_frame(mut input: Input) -> io::Result<ZstdState> {
        use ruzstd::decoding::errors::FrameDecoderError::ReadFrameHeaderError as Header;

        loop {
            if input.peek(1)?.is_empty() {
                return Ok(ZstdState::Ended);
            }
            let skipped = input.peek(8)?.first_chunk::<8>().and_then(|head| {
                let [a, b, c, d, length @ ..] = *head;
                let magic = u32::from_le_bytes([a, b, c, d]);
                (magic & 0xffff_fff0 == 0x184d_2a50).then(|| u32::from_le_bytes(length))
            });
            if let Some(length) = skipped {
                input.skip(8 + u64::from(length))?;
                continue;
            }
            return match StreamingDecoder::new(input) {
                Ok(decoder) => Ok(ZstdState::Within(Box::new(decoder))),
                Err(Header(ReadFrameHeaderError::MagicNumberReadError(error))) => Err(error),
                Err(error) => Err(io::Error::new(io::ErrorKind::InvalidData, error)),
            };
        }
    }
}

impl Read for Zstd {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if into.is_empty() {
            return Ok(0);
        }
        loop {
            match std::mem::replace(&mut self.state, ZstdState::Ended) {
                ZstdState::Ended => return Ok(0),
                ZstdState::Between(input) => self.state = Self::next_frame(input)?,
                ZstdState::Within(mut decoder) => match decoder.read(into) {
                    Ok(0) => self.state = ZstdState::Between(decoder.into_inner()),
                    Ok(read) => {
                        self.state = ZstdState::Within(decoder);
                        return Ok(read);
                    }
                    // The library does not tell what is cut from what is damaged.
                    Err(_) if decoder.get_mut().peek(1)?.is_empty() => {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                    Err(error) => return Err(io::Error::new(io::ErrorKind::InvalidData, error)),
                },
            }
        }
    }
}
