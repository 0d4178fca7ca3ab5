//! Cuts messages that are too large, while they come in.
//!
//! MQTT 3.1.1 has no way for a client to say how much it takes: who may publish at a broker may send 256 MiB to everybody who
//! subscribed. A client that refuses loses its connection, and its place in the queue. So the stream is changed instead: a
//! PUBLISH that is too large keeps its topic and the begin of its payload, as much as still tells that it was too
//! large, and the rest of it is read and thrown away.
//!
//! The end of a connection is kept apart from what came before it: the client would forget packets that it reads together with
//! it.

use std::{
    collections::VecDeque,
    io,
    ops::Range,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::MAX_MESSAGE;

/// What a PUBLISH has beside its payload: the topic with its length, and the packet id.
const MOST_BESIDE: usize = 2 + u16::MAX as usize + 2;

/// The content of a PUBLISH that was cut, in bytes. Whatever its topic, the payload is larger than a message may be.
pub(super) const CUT_TO: usize = MOST_BESIDE + MAX_MESSAGE + 1;

/// The largest packet that comes out, with its fixed header.
pub(super) const LARGEST_PACKET: usize = HEADER + CUT_TO;

/// How many bytes are read at a time.
const CHUNK: usize = 64 << 10;

/// The longest fixed header: a kind, and a length of four digits.
const HEADER: usize = 5;

const PUBLISH: u8 = 3;

/// How many bytes the packets had that were cut, in their order.
#[derive(Clone, Debug, Default)]
pub(super) struct Cuts(Arc<Mutex<VecDeque<usize>>>);

impl Cuts {
    fn push(&self, bytes: usize) {
        let mut cuts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        cuts.push_back(bytes);
    }

    /// How many bytes were left out of the oldest packet that was cut.
    pub fn next(&self) -> Option<usize> {
        let mut cuts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        cuts.pop_front()
    }

    /// Forgets those of an earlier connection.
    pub fn clear(&self) {
        let mut cuts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        cuts.clear();
    }
}

/// A connection on which no packet is too large.
pub(super) struct Limited<S> {
    stream: S,
    chunk: Box<[u8]>,
    /// The part of `chunk` that is not looked at yet.
    unread: Range<usize>,
    /// The fixed header of the packet, as far as it is known.
    header: [u8; HEADER],
    known: usize,
    /// The part of the header that is complete and not passed on yet.
    unsent: Range<usize>,
    /// Bytes of the content that are still to pass on, and those to leave out after that.
    left: usize,
    skip: usize,
    cuts: Cuts,
    /// How the connection ended.
    end: Option<io::Result<()>>,
}

impl<S> Limited<S> {
    /// Says in `cuts` what was left out.
    pub fn new(stream: S, cuts: Cuts) -> Self {
        Self {
            stream,
            chunk: vec![0; CHUNK].into(),
            unread: 0..0,
            header: [0; HEADER],
            known: 0,
            unsent: 0..0,
            left: 0,
            skip: 0,
            cuts,
            end: None,
        }
    }

    /// Moves what there is from the chunk to `out`.
    fn pass_on(&mut self, out: &mut ReadBuf<'_>) {
        loop {
            let unread = &self.chunk[self.unread.clone()];
            if !self.unsent.is_empty() {
                let header = &self.header[self.unsent.clone()];
                let count = header.len().min(out.remaining());
                out.put_slice(&header[..count]);
                self.unsent.start += count;
                if count == 0 {
                    return;
                }
            } else if self.left > 0 {
                let count = self.left.min(unread.len()).min(out.remaining());
                out.put_slice(&unread[..count]);
                self.unread.start += count;
                self.left -= count;
                if count == 0 {
                    return;
                }
            } else if unread.is_empty() {
                return;
            } else if self.skip > 0 {
                let count = self.skip.min(unread.len());
                self.unread.start += count;
                self.skip -= count;
            } else {
                self.header[self.known] = unread[0];
                self.unread.start += 1;
                self.known += 1;
                self.look_at_header();
            }
        }
    }

    /// Decides, when the header is complete, what becomes of its packet.
    fn look_at_header(&mut self) {
        let digits = &self.header[1..self.known];
        match digits.last() {
            Some(last) if last & 0x80 == 0 => {
                let content = value(digits);
                let is_publish = self.header[0] >> 4 == PUBLISH;
                self.left = content;
                if is_publish && content >= CUT_TO {
                    self.left = CUT_TO;
                    self.skip = content - CUT_TO;
                    self.cuts.push(self.skip);
                    self.known = 1 + write_value(CUT_TO, &mut self.header[1..]);
                }
            }
            // No length is longer: nobody can say what follows. The client gets it all, and refuses it.
            _ if self.known == HEADER => self.left = usize::MAX,
            _ => return,
        }
        self.unsent = 0..self.known;
        self.known = 0;
    }
}

/// A number of up to four digits of seven bits, the lowest first.
fn value(digits: &[u8]) -> usize {
    let digits = digits.iter().enumerate();
    digits
        .map(|(place, digit)| usize::from(digit & 0x7F) << (7 * place))
        .sum()
}

/// Writes a number the same way, and returns how many digits it has.
fn write_value(mut value: usize, digits: &mut [u8]) -> usize {
    let mut count = 0;
    loop {
        let more = if value >= 0x80 { 0x80 } else { 0 };
        digits[count] = (value & 0x7F) as u8 | more;
        value >>= 7;
        count += 1;
        if value == 0 {
            return count;
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Limited<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        out: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = out.filled().len();
        loop {
            this.pass_on(out);
            if out.filled().len() > before || out.remaining() == 0 {
                return Poll::Ready(Ok(()));
            }
            if let Some(end) = this.end.take() {
                return Poll::Ready(end);
            }
            // Nothing came out, so that nothing is left in the chunk.
            let mut chunk = ReadBuf::new(&mut this.chunk);
            let read = ready!(Pin::new(&mut this.stream).poll_read(context, &mut chunk));
            this.unread = 0..chunk.filled().len();
            if this.unread.is_empty() || read.is_err() {
                this.end = Some(read);
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Limited<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt;

    use super::*;

    /// A packet of a kind.
    fn packet(first: u8, content: &[u8]) -> Vec<u8> {
        let mut digits = [0; 4];
        let count = write_value(content.len(), &mut digits);
        [&[first], &digits[..count], content].concat()
    }

    /// What comes out when `stream` comes in, in pieces of `piece` bytes, and what was left out.
    fn limited(stream: &[u8], piece: usize) -> (Vec<u8>, Vec<usize>) {
        struct Pieces<'a>(&'a [u8], usize);
        impl AsyncRead for Pieces<'_> {
            fn poll_read(
                mut self: Pin<&mut Self>,
                _: &mut Context<'_>,
                out: &mut ReadBuf<'_>,
            ) -> Poll<io::Result<()>> {
                let count = self.0.len().min(self.1).min(out.remaining());
                let (now, later) = self.0.split_at(count);
                out.put_slice(now);
                self.0 = later;
                Poll::Ready(Ok(()))
            }
        }
        let cuts = Cuts::default();
        let mut limited = Limited::new(Pieces(stream, piece), cuts.clone());
        let mut out = Vec::new();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        runtime.block_on(limited.read_to_end(&mut out)).unwrap();
        (out, std::iter::from_fn(|| cuts.next()).collect())
    }

    #[test]
    fn what_is_no_larger_stays_as_it_is() {
        let packets = [
            packet(0xD0, b""),
            packet(0x32, &[7; 127]),
            packet(0x30, &[8; 128]),
            packet(0x3D, &[9; 20_000]),
            packet(0x30, &vec![6; CUT_TO - 1]),
            // Who sends this is no broker, and it is for the client to say so.
            packet(0x90, &vec![5; CUT_TO + 9]),
            packet(0x40, &[0, 1]),
        ]
        .concat();
        for piece in [1, 3, 1000, usize::MAX] {
            let (out, cuts) = limited(&packets, piece);
            assert!(out == packets, "{piece}");
            assert_eq!(cuts, [0; 0]);
        }
    }

    #[test]
    fn what_is_larger_is_cut_and_counted() {
        let content: Vec<u8> = (0..CUT_TO + 70_000).map(|index| index as u8).collect();
        let stream = [
            packet(0x32, &content),
            packet(0xD0, b""),
            packet(0x30, &content[..CUT_TO]),
            packet(0x30, b"last"),
        ]
        .concat();
        let expected = [
            packet(0x32, &content[..CUT_TO]),
            packet(0xD0, b""),
            packet(0x30, &content[..CUT_TO]),
            packet(0x30, b"last"),
        ]
        .concat();
        for piece in [1, 4096, usize::MAX] {
            let (out, cuts) = limited(&stream, piece);
            assert!(out == expected, "{piece}");
            assert_eq!(cuts, [70_000, 0]);
        }
    }

    #[test]
    fn a_stream_that_is_not_mqtt_is_left_to_the_client() {
        let stream = [0x30, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 2, 3];
        assert_eq!(limited(&stream, 1), (stream.to_vec(), Vec::new()));
        // Cut within a header.
        assert_eq!(limited(&[0x30, 0x80], 1), (Vec::new(), Vec::new()));
    }
}
