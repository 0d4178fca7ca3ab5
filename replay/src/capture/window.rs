//! Looks ahead in what is read, a little or a lot.

use std::io::{self, ErrorKind, Read};

/// How much is read at once, in bytes.
const CHUNK: usize = 1 << 16;

/// A reader that shows what comes next before it is taken.
pub struct Window<R> {
    input: R,
    buffer: Vec<u8>,
    /// What is not taken yet begins here.
    start: usize,
    /// What was read ends here.
    end: usize,
    taken: u64,
}

impl<R: Read> Window<R> {
    pub fn new(input: R) -> Self {
        Self {
            input,
            buffer: Vec::new(),
            start: 0,
            end: 0,
            taken: 0,
        }
    }

    /// Bytes taken so far.
    pub fn taken(&self) -> u64 {
        self.taken
    }

    /// The next `length` bytes, or fewer at the end. It waits for no more than that.
    pub fn peek(&mut self, length: usize) -> io::Result<&[u8]> {
        while self.end - self.start < length {
            if !self.read_more(length)? {
                break;
            }
        }
        let end = self.end.min(self.start + length);
        Ok(&self.buffer[self.start..end])
    }

    /// Takes `length` bytes, which [`peek`](Self::peek) has shown.
    pub fn advance(&mut self, length: usize) {
        debug_assert!(length <= self.end - self.start);
        self.start += length;
        self.taken += length as u64;
    }

    /// Leaves out `length` bytes without holding them. False when there are not as many.
    pub fn skip(&mut self, mut length: u64) -> io::Result<bool> {
        while length > 0 {
            let step = usize::try_from(length).unwrap_or(CHUNK).min(CHUNK);
            let there = self.peek(step)?.len();
            if there == 0 {
                return Ok(false);
            }
            self.advance(there);
            length -= there as u64;
        }
        Ok(true)
    }

    /// Reads once more, so that `length` bytes have room. False at the end.
    fn read_more(&mut self, length: usize) -> io::Result<bool> {
        if self.start > 0 && self.buffer.len() - self.start < length.max(CHUNK) {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        if self.end == self.buffer.len() {
            // A claimed length is no reason for much memory: that comes with the bytes.
            self.buffer.resize(self.end + CHUNK.max(self.end), 0);
        }
        loop {
            match self.input.read(&mut self.buffer[self.end..]) {
                Ok(0) => return Ok(false),
                Ok(read) => {
                    self.end += read;
                    return Ok(true);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

impl<R: Read> Read for Window<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.start == self.end && !self.read_more(1)? {
            return Ok(0);
        }
        let length = into.len().min(self.end - self.start);
        into[..length].copy_from_slice(&self.buffer[self.start..self.start + length]);
        self.advance(length);
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives one byte at a time, as a slow pipe does.
    struct Trickle<'a>(&'a [u8]);

    impl Read for Trickle<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let length = self.0.len().min(into.len()).min(1);
            into[..length].copy_from_slice(&self.0[..length]);
            self.0 = &self.0[length..];
            Ok(length)
        }
    }

    #[test]
    fn what_was_shown_is_there_until_it_is_taken() {
        let mut window = Window::new(Trickle(b"0123456789"));
        assert_eq!(window.peek(3).unwrap(), b"012");
        assert_eq!(window.peek(2).unwrap(), b"01");
        window.advance(2);
        assert_eq!(window.peek(4).unwrap(), b"2345");
        assert!(window.skip(5).unwrap());
        assert_eq!(window.taken(), 7);
        assert_eq!(window.peek(9).unwrap(), b"789");
        assert!(!window.skip(4).unwrap());
        assert_eq!(window.peek(1).unwrap(), b"");
    }

    #[test]
    fn more_than_a_chunk_can_be_shown_and_skipped() {
        let bytes: Vec<u8> = (0..5 * CHUNK).map(|at| at as u8).collect();
        let mut window = Window::new(&bytes[..]);
        window.peek(7).unwrap();
        window.advance(7);
        assert_eq!(window.peek(3 * CHUNK).unwrap(), &bytes[7..7 + 3 * CHUNK]);
        assert!(window.skip(4 * CHUNK as u64).unwrap());
        let mut rest = Vec::new();
        window.read_to_end(&mut rest).unwrap();
        assert_eq!(rest, &bytes[7 + 4 * CHUNK..]);
    }
}
