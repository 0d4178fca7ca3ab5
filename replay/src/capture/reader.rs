//! Reads captures packet by packet.

use std::{
    collections::VecDeque,
    io::{ErrorKind, Read},
    time::Duration,
};

use super::{
    error::{CaptureError, Name, Reason},
    faults::{Fault, Faults},
    input::{Plain, unpack},
    pcap::Pcap,
    pcapng::Pcapng,
    record::{Next, Record},
};
use crate::{
    ip,
    link::Payload,
    packet::{Packet, PacketSource},
};

/// How much of packets without a time waits for one that has, in bytes.
const MOST_WAITING: usize = 16 << 20;

/// What is done about packets that cannot be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tolerance {
    /// They are left out and counted; it is an error when nothing at all can be read.
    #[default]
    Lenient,
    /// The first one is an error.
    Strict,
}

/// A capture being read.
pub struct Reader {
    name: Name,
    tolerance: Tolerance,
    blocks: Blocks,
    /// The frame that was read last; the packet is made of it.
    frame: Vec<u8>,
    /// Packets without a time that came before the first that has one, and that one.
    waiting: VecDeque<(Record, Vec<u8>)>,
    /// Of the packet before.
    last_time: Option<Duration>,
    packets: u64,
    faults: Faults,
    is_over: bool,
}

enum Blocks {
    Pcap(Pcap),
    Pcapng(Pcapng),
}

impl Blocks {
    fn next(&mut self, frame: &mut Vec<u8>) -> Next {
        let (next, taken) = match self {
            Self::Pcap(pcap) => (pcap.next(frame), pcap.taken()),
            Self::Pcapng(pcapng) => (pcapng.next(frame), pcapng.taken()),
        };
        next.unwrap_or_else(|error| {
            // What is compressed ends too early when it is cut.
            Next::Fault(if error.kind() == ErrorKind::UnexpectedEof {
                Fault::Cut
            } else {
                Fault::Unreadable {
                    offset: taken,
                    error: error.to_string(),
                }
            })
        })
    }
}

impl Reader {
    /// Begins to read a capture, which errors call `name`.
    ///
    /// # Errors
    /// [`CaptureError`] when it does not begin like a capture. No more than its beginning is read for that.
    pub fn new(
        name: Name,
        input: impl Read + Send + 'static,
        tolerance: Tolerance,
    ) -> Result<Self, CaptureError> {
        let blocks = unpack(Box::new(input)).and_then(|(format, input)| {
            Ok(match format {
                Plain::Pcap(kind) => Blocks::Pcap(Pcap::new(kind, input)?),
                Plain::Pcapng => Blocks::Pcapng(Pcapng::new(input)?),
            })
        });
        match blocks {
            Ok(blocks) => Ok(Self {
                name,
                tolerance,
                blocks,
                frame: Vec::new(),
                waiting: VecDeque::new(),
                last_time: None,
                packets: 0,
                faults: Faults::default(),
                is_over: false,
            }),
            Err(reason) => Err(reason.of(&name)),
        }
    }

    /// What errors call the capture.
    pub fn name(&self) -> &Name {
        &self.name
    }

    /// Frames read so far, whether they carry IP or not.
    pub fn packets(&self) -> u64 {
        self.packets
    }

    /// What could not be read so far.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Moves to the next frame, which is in `frame` then.
    fn advance(&mut self) -> Result<Option<(Record, Duration)>, Reason> {
        if let Some((record, frame)) = self.waiting.pop_front() {
            self.frame = frame;
            return Ok(Some((
                record,
                record.time.or(self.last_time).unwrap_or_default(),
            )));
        }
        let mut waiting_bytes = 0;
        while let Some(record) = self.next_record()? {
            let time = record.time.or(self.last_time);
            if let Some(time) = time
                && self.waiting.is_empty()
            {
                return Ok(Some((record, time)));
            }
            waiting_bytes += self.frame.len() + size_of::<Record>();
            self.waiting
                .push_back((record, std::mem::take(&mut self.frame)));
            if time.is_some() || waiting_bytes > MOST_WAITING {
                self.last_time = Some(time.unwrap_or_default());
                break;
            }
        }
        if self.waiting.is_empty() {
            return Ok(None);
        }
        self.last_time.get_or_insert_default();
        self.advance()
    }

    /// Moves to the next record that can be read.
    fn next_record(&mut self) -> Result<Option<Record>, Reason> {
        while !self.is_over {
            match self.blocks.next(&mut self.frame) {
                Next::Frame(record) => return Ok(Some(record)),
                Next::Fault(fault) => {
                    self.is_over = fault.ends_the_capture();
                    if self.tolerance == Tolerance::Strict {
                        return Err(Reason::Fault {
                            fault,
                            whole: self.packets,
                        });
                    }
                    self.faults.add(fault);
                }
                Next::End => self.is_over = true,
            }
        }
        Ok(None)
    }

    /// Why a capture that is over had no packets.
    fn nothing(&self) -> Reason {
        match self.faults.first() {
            Some(fault) => Reason::Fault {
                fault: fault.clone(),
                whole: 0,
            },
            None => Reason::NoPackets,
        }
    }
}

impl PacketSource for Reader {
    type Error = CaptureError;

    fn next_packet(&mut self) -> Result<Option<Packet<'_>>, CaptureError> {
        let (record, time) = match self.advance() {
            Ok(Some(next)) => next,
            Ok(None) if self.packets > 0 => return Ok(None),
            Ok(None) => return Err(self.nothing().of(&self.name)),
            Err(reason) => return Err(reason.of(&self.name)),
        };
        self.packets += 1;
        self.last_time = Some(time);
        let (payload, mut link) = record.link.open(&self.frame);
        link.sent_here = record.sent_here.or(link.sent_here);
        let ip = match payload {
            Payload::Ip(offset) => {
                // What was cut by the snapshot length gets its length back: headers and lengths are read only, and a shorter
                // packet would pass for a broken one.
                let whole = (record.length as usize).saturating_sub(offset);
                let packet = &self.frame[offset..];
                let whole = whole.max(packet.len());
                if ip::lacks_length(packet, whole) {
                    self.faults.fill_in_length();
                }
                Some(ip::complete(&mut self.frame, offset, whole))
            }
            Payload::Arp(_) | Payload::Other => None,
        };
        Ok(Some(Packet { time, ip, link }))
    }
}
