//! Reads pcap and pcapng, of either byte order and any resolution, packet by packet.

use std::io::{BufRead, BufReader, Read};

use pcap_parser::{
    Block, InterfaceDescriptionBlock, LegacyPcapReader, Linktype, PcapBlockOwned, PcapError,
    PcapNGReader,
    traits::{PcapNGPacketBlock, PcapReaderIterator},
};

use super::{
    error::{CaptureError, Damage, Name, Reason},
    link::{LinkType, UnknownLinkType},
};

/// The largest packet or block that is read, in bytes. Real ones are a thousand times smaller.
pub const MAX_BLOCK: usize = 16 << 20;

/// The first size of the buffer that blocks are parsed in.
const BUFFER: usize = 1 << 17;

/// No IP packet is longer than this, so no frame is filled up beyond it.
const MAX_PACKET: usize = u16::MAX as usize + 40;

type Input = BufReader<Box<dyn Read + Send>>;

/// A captured packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet<'a> {
    /// When it was captured, in whole seconds of Unix time.
    pub time: u32,
    /// The IP packet, unless the frame carried something else.
    pub ip: Option<&'a [u8]>,
}

/// A capture being read.
pub struct Reader {
    name: Name,
    blocks: Box<dyn PcapReaderIterator + Send>,
    interfaces: Vec<Result<Interface, UnknownLinkType>>,
    frame: Vec<u8>,
    packets: u64,
    last_time: u32,
    buffer: usize,
}

/// Where packets come from, and how their times are to be read.
#[derive(Clone, Copy, Debug)]
struct Interface {
    link: LinkType,
    ticks_per_second: u128,
    offset: i64,
}

impl Reader {
    pub(super) fn new(name: Name, mut input: Input) -> Result<Self, CaptureError> {
        let head = match input.fill_buf() {
            Ok(head) => head,
            Err(error) => return Err(Reason::Read(error).of(&name)),
        };
        let blocks: Result<Box<dyn PcapReaderIterator + Send>, _> = match head {
            [] => return Err(Reason::Empty.of(&name)),
            [0x0a, 0x0d, 0x0d, 0x0a, ..] => {
                PcapNGReader::new(BUFFER, input).map(|reader| Box::new(reader) as _)
            }
            [0xd4, 0xc3, 0xb2, 0xa1, ..]
            | [0xa1, 0xb2, 0xc3, 0xd4, ..]
            | [0x4d, 0x3c, 0xb2, 0xa1, ..]
            | [0xa1, 0xb2, 0x3c, 0x4d, ..]
            | [0x34, 0xcd, 0xb2, 0xa1, ..] => {
                LegacyPcapReader::new(BUFFER, input).map(|reader| Box::new(reader) as _)
            }
            _ => return Err(Reason::UnknownFormat.of(&name)),
        };
        match blocks {
            Ok(blocks) => Ok(Self {
                name,
                blocks,
                interfaces: Vec::new(),
                frame: Vec::new(),
                packets: 0,
                last_time: 0,
                buffer: BUFFER,
            }),
            Err(PcapError::Incomplete(_)) => Err(Reason::CutHeader.of(&name)),
            Err(_) => Err(Reason::UnknownFormat.of(&name)),
        }
    }

    /// The next packet, or `None` after the last one.
    pub fn next_packet(&mut self) -> Result<Option<Packet<'_>>, CaptureError> {
        match self.advance() {
            Ok(None) => Ok(None),
            Ok(Some((time, link))) => {
                self.packets += 1;
                self.last_time = time;
                Ok(Some(Packet {
                    time,
                    ip: link.ip_packet(&self.frame),
                }))
            }
            Err(reason) => Err(reason.of(&self.name)),
        }
    }

    /// Packets read so far.
    pub fn packets(&self) -> u64 {
        self.packets
    }

    /// What errors call the capture.
    pub fn name(&self) -> &Name {
        &self.name
    }

    /// Moves to the next packet: its bytes are in `frame` then.
    fn advance(&mut self) -> Result<Option<(u32, LinkType)>, Reason> {
        loop {
            let step = match self.blocks.next() {
                Ok((length, block)) => Step::Block(
                    length,
                    take_block(block, &mut self.interfaces, &mut self.frame),
                ),
                Err(PcapError::Eof) => return Ok(None),
                Err(PcapError::Incomplete(_)) => Step::Refill,
                Err(PcapError::BufferTooSmall) => Step::Grow,
                Err(PcapError::UnexpectedEof) => {
                    return Err(Reason::Cut {
                        whole: self.packets,
                    });
                }
                Err(_) => return Err(self.damaged(Damage::Block)),
            };
            match step {
                Step::Block(length, taken) => {
                    let taken = taken.map_err(|flaw| match flaw {
                        Flaw::Damage(damage) => self.damaged(damage),
                        Flaw::LinkType(unknown) => Reason::LinkType(unknown),
                    })?;
                    self.blocks.consume(length);
                    if let Some(taken) = taken {
                        let time = taken.time.unwrap_or(self.last_time);
                        return Ok(Some((time, taken.link)));
                    }
                }
                Step::Refill => self.refill()?,
                Step::Grow if self.buffer >= MAX_BLOCK => {
                    return Err(self.damaged(Damage::TooLarge));
                }
                Step::Grow => {
                    self.buffer *= 2;
                    self.blocks.grow(self.buffer);
                    self.refill()?;
                }
            }
        }
    }

    fn refill(&mut self) -> Result<(), Reason> {
        // The library keeps the cause of a failed read to itself.
        self.blocks
            .refill()
            .map_err(|_| Reason::Read(std::io::Error::other("the disk or pipe failed")))
    }

    fn damaged(&self, detail: Damage) -> Reason {
        Reason::Damaged {
            offset: self.blocks.consumed() as u64,
            whole: self.packets,
            detail,
        }
    }
}

/// What to do next, free of the borrow of the library's buffer.
enum Step {
    Block(usize, Result<Option<Taken>, Flaw>),
    Refill,
    Grow,
}

/// A packet whose frame was taken out of the library's buffer.
struct Taken {
    /// `None` when the capture does not say (simple packets of pcapng).
    time: Option<u32>,
    link: LinkType,
}

enum Flaw {
    Damage(Damage),
    LinkType(UnknownLinkType),
}

/// Learns interfaces from `block`, or copies the packet that it holds into `frame`.
fn take_block(
    block: PcapBlockOwned<'_>,
    interfaces: &mut Vec<Result<Interface, UnknownLinkType>>,
    frame: &mut Vec<u8>,
) -> Result<Option<Taken>, Flaw> {
    let (interface, data, length, time) = match &block {
        PcapBlockOwned::LegacyHeader(header) => {
            // The upper bits tell the length of a frame check sequence, which is padding to us.
            interfaces.push(Interface::new(
                Linktype(header.network.0 & 0xffff),
                Some(1),
                0,
            ));
            return Ok(None);
        }
        PcapBlockOwned::Legacy(packet) => {
            (0, packet.data, packet.origlen, Some(packet.ts_sec.into()))
        }
        PcapBlockOwned::NG(Block::SectionHeader(_)) => {
            interfaces.clear();
            return Ok(None);
        }
        PcapBlockOwned::NG(Block::InterfaceDescription(description)) => {
            interfaces.push(Interface::new(
                description.linktype,
                ticks_per_second(description),
                time_offset(description),
            ));
            return Ok(None);
        }
        PcapBlockOwned::NG(Block::EnhancedPacket(packet)) => (
            packet.if_id,
            packet.packet_data(),
            packet.origlen,
            Some(u64::from(packet.ts_high) << 32 | u64::from(packet.ts_low)),
        ),
        PcapBlockOwned::NG(Block::SimplePacket(packet)) => {
            (0, packet.packet_data(), packet.origlen, None)
        }
        // Names, statistics, comments.
        PcapBlockOwned::NG(_) => return Ok(None),
    };
    let interface = match interfaces.get(interface as usize) {
        Some(Ok(interface)) => interface,
        // Only here, because an interface without packets does no harm.
        Some(Err(unknown)) => return Err(Flaw::LinkType(*unknown)),
        None => return Err(Flaw::Damage(Damage::UnknownInterface(interface))),
    };
    let time = match time.map(|ticks| interface.seconds(ticks)) {
        Some(None) => return Err(Flaw::Damage(Damage::Time)),
        Some(known) => known,
        None => None,
    };
    frame.clear();
    frame.extend_from_slice(data);
    // Packets cut by the capture's snap length get their length back: the agent reads headers and
    // lengths only, and would take a shorter packet for a broken one.
    let length = (length as usize).min(MAX_PACKET);
    if length > frame.len() {
        frame.resize(length, 0);
    }
    Ok(Some(Taken {
        time,
        link: interface.link,
    }))
}

impl Interface {
    fn new(
        link: Linktype,
        ticks_per_second: Option<u128>,
        offset: i64,
    ) -> Result<Self, UnknownLinkType> {
        Ok(Self {
            link: LinkType::try_from(link.0.unsigned_abs())?,
            ticks_per_second: ticks_per_second.unwrap_or(1_000_000),
            offset,
        })
    }

    /// The Unix second of a time in ticks.
    fn seconds(&self, ticks: u64) -> Option<u32> {
        let seconds = (u128::from(ticks) / self.ticks_per_second) as i128;
        (seconds + i128::from(self.offset)).try_into().ok()
    }
}

/// The resolution of an interface's times: a power of ten, or of two when the highest bit is set.
///
/// Not the library's `ts_resolution`, which refuses powers of two.
fn ticks_per_second(description: &InterfaceDescriptionBlock<'_>) -> Option<u128> {
    let exponent = u32::from(description.if_tsresol & 0x7f);
    if description.if_tsresol & 0x80 == 0 {
        10_u128.checked_pow(exponent)
    } else {
        1_u128.checked_shl(exponent)
    }
}

/// What is to be added to an interface's times, in seconds.
///
/// The library reads the option as little-endian always.
fn time_offset(description: &InterfaceDescriptionBlock<'_>) -> i64 {
    if description.block_type == pcap_parser::IDB_MAGIC {
        description.if_tsoffset
    } else {
        description.if_tsoffset.swap_bytes()
    }
}
