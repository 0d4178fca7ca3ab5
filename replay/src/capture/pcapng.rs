//! pcapng: sections of blocks.
//!
//! Blocks are told apart by their own lengths first, and what a block says is read within them: so one whose content cannot be
//! takes no other with it, and an option that cannot be does not take its packet with it.

use std::io;

use super::{
    error::Reason,
    faults::Fault,
    input::Input,
    record::{Interface, MAX_FRAME, Next, Record},
};
use crate::link::LinkType;

/// Type and length before a block's body.
const HEAD: usize = 8;
/// What a block has beside its body: head, and the length again.
const FRAME: u32 = 12;

const SECTION: u32 = 0x0a0d_0d0a;
const INTERFACE: u32 = 1;
const PACKET: u32 = 2;
const SIMPLE_PACKET: u32 = 3;
const ENHANCED_PACKET: u32 = 6;

/// A pcapng file.
pub struct Pcapng {
    input: Input,
    order: Order,
    /// Of this section.
    interfaces: Vec<Interface>,
}

/// The order of bytes in a section's numbers.
#[derive(Clone, Copy)]
enum Order {
    Big,
    Little,
}

impl Order {
    /// The number that begins at `at`.
    fn u16(self, bytes: &[u8], at: usize) -> Option<u16> {
        let bytes = *bytes.get(at..)?.first_chunk()?;
        Some(match self {
            Self::Big => u16::from_be_bytes(bytes),
            Self::Little => u16::from_le_bytes(bytes),
        })
    }

    fn u32(self, bytes: &[u8], at: usize) -> Option<u32> {
        let bytes = *bytes.get(at..)?.first_chunk()?;
        Some(match self {
            Self::Big => u32::from_be_bytes(bytes),
            Self::Little => u32::from_le_bytes(bytes),
        })
    }

    fn i64(self, bytes: &[u8]) -> Option<i64> {
        let bytes = *bytes.first_chunk()?;
        Some(match self {
            Self::Big => i64::from_be_bytes(bytes),
            Self::Little => i64::from_le_bytes(bytes),
        })
    }
}

impl Pcapng {
    pub fn new(mut input: Input) -> Result<Self, Reason> {
        let head = input.peek(HEAD + 4).map_err(Reason::of_reading)?;
        let order = section_order(head).ok_or(if head.len() < HEAD + 4 {
            Reason::CutHeader
        } else {
            Reason::DamagedHeader
        })?;
        // The first section's header is the file's: what ends within it is no capture.
        let length = order.u32(head, 4).unwrap_or_default();
        if length < FRAME + 16 {
            return Err(Reason::DamagedHeader);
        }
        if input
            .peek(FRAME as usize + 16)
            .map_err(Reason::of_reading)?
            .len()
            < FRAME as usize + 16
        {
            return Err(Reason::CutHeader);
        }
        Ok(Self {
            input,
            order,
            interfaces: Vec::new(),
        })
    }

    pub fn taken(&self) -> u64 {
        self.input.taken()
    }

    /// Puts the next frame into `frame`.
    pub fn next(&mut self, frame: &mut Vec<u8>) -> io::Result<Next> {
        loop {
            let offset = self.input.taken();
            let damaged = Ok(Next::Fault(Fault::Damaged { offset }));
            let head = self.input.peek(HEAD + 4)?;
            if head.is_empty() {
                return Ok(Next::End);
            }
            // The shortest block has no body.
            if head.len() < FRAME as usize {
                return Ok(Next::Fault(Fault::Cut));
            }
            if head.starts_with(&SECTION.to_be_bytes()) {
                match section_order(head) {
                    Some(order) => self.order = order,
                    None => return damaged,
                }
            }
            let (Some(kind), Some(length)) = (self.order.u32(head, 0), self.order.u32(head, 4))
            else {
                return damaged;
            };
            // Some writers leave out the padding of a body; its length says so.
            if length < FRAME {
                return damaged;
            }
            let is_read = matches!(kind, INTERFACE | PACKET | SIMPLE_PACKET | ENHANCED_PACKET);
            if !is_read {
                if kind == SECTION {
                    self.interfaces.clear();
                }
                // Whatever its size: comments, names, secrets, and what nobody knows.
                if !self.input.skip(length.into())? {
                    return Ok(Next::Fault(Fault::Cut));
                }
                continue;
            }
            if length as usize > MAX_FRAME + (1 << 16) {
                return damaged;
            }
            let block = self.input.peek(length as usize)?;
            if block.len() < length as usize {
                return Ok(Next::Fault(Fault::Cut));
            }
            let (body, end) = block[HEAD..].split_at(length as usize - FRAME as usize);
            let is_whole = self.order.u32(end, 0) == Some(length);
            let next = if kind == INTERFACE {
                self.interfaces.push(interface(self.order, body));
                None
            } else {
                let next = packet(self.order, kind, body, &self.interfaces, frame);
                let next = next.filter(|_| is_whole);
                Some(next.unwrap_or(Next::Fault(Fault::Lengths { offset })))
            };
            self.input.advance(length as usize);
            if let Some(next) = next {
                return Ok(next);
            }
        }
    }
}

/// The order of bytes that a section's header states, which begins with `head`.
fn section_order(head: &[u8]) -> Option<Order> {
    match head.get(HEAD..HEAD + 4)? {
        [0x1a, 0x2b, 0x3c, 0x4d] => Some(Order::Big),
        [0x4d, 0x3c, 0x2b, 0x1a] => Some(Order::Little),
        _ => None,
    }
}

/// What an interface description says. One that is too short counts all the same: packets name interfaces by their place.
fn interface(order: Order, body: &[u8]) -> Interface {
    const RESOLUTION: u16 = 9;
    const OFFSET: u16 = 14;

    let link = LinkType::try_from(u32::from(order.u16(body, 0).unwrap_or(u16::MAX)));
    let mut interface = Interface {
        link,
        ticks_per_second: 1_000_000,
        offset: 0,
        snap_length: order.u32(body, 4).unwrap_or(0),
    };
    for (code, value) in options(order, body.get(8..).unwrap_or_default()) {
        match code {
            RESOLUTION => {
                let exponent = value.first().copied().unwrap_or(6);
                interface.ticks_per_second = ticks_per_second(exponent);
            }
            OFFSET => interface.offset = order.i64(value).unwrap_or(0),
            _ => {}
        }
    }
    interface
}

/// A power of ten, or of two when the highest bit is set.
fn ticks_per_second(exponent: u8) -> u128 {
    let power = u32::from(exponent & 0x7f);
    let ticks = if exponent & 0x80 == 0 {
        10_u128.checked_pow(power)
    } else {
        1_u128.checked_shl(power)
    };
    // Beyond it a 64-bit number of ticks is no second anyway.
    ticks.unwrap_or(1 << 127)
}

/// The options in `bytes`, up to one that is cut.
fn options(order: Order, mut bytes: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    std::iter::from_fn(move || {
        let code = order.u16(bytes, 0).filter(|code| *code != 0)?;
        let length = usize::from(order.u16(bytes, 2)?);
        let value = bytes.get(4..4 + length)?;
        bytes = bytes
            .get(4 + length.next_multiple_of(4)..)
            .unwrap_or_default();
        Some((code, value))
    })
}

/// Copies the packet of a block into `frame`; `None` when its lengths cannot be.
fn packet(
    order: Order,
    kind: u32,
    body: &[u8],
    interfaces: &[Interface],
    frame: &mut Vec<u8>,
) -> Option<Next> {
    const FLAGS: u16 = 2;

    let number = |at| order.u32(body, at);
    let of_interface = |number: u32| interfaces.get(number as usize).ok_or(number);
    let (interface, ticks, captured, length, data) = match kind {
        SIMPLE_PACKET => {
            let length = number(0)?;
            let data = body.get(4..)?;
            let interface = of_interface(0);
            let most = interface.map_or(0, |interface| interface.snap_length);
            let most = if most == 0 { u32::MAX } else { most };
            // What is captured is what there is of the packet.
            let captured = length.min(most).min(data.len() as u32);
            (interface, None, captured, length, data)
        }
        _ => {
            let interface = if kind == PACKET {
                of_interface(order.u16(body, 0)?.into())
            } else {
                of_interface(number(0)?)
            };
            let ticks = u64::from(number(4)?) << 32 | u64::from(number(8)?);
            (
                interface,
                Some(ticks),
                number(12)?,
                number(16)?,
                body.get(20..)?,
            )
        }
    };
    let interface = match interface {
        Ok(interface) => interface,
        Err(number) => return Some(Next::Fault(Fault::UnknownInterface(number))),
    };
    let link = match interface.link {
        Ok(link) => link,
        Err(unknown) => return Some(Next::Fault(Fault::LinkType(unknown))),
    };
    let captured = captured as usize;
    let captured_data = data.get(..captured)?;
    let time = match ticks.map(|ticks| interface.time(ticks)) {
        Some(None) => return Some(Next::Fault(Fault::Time)),
        Some(known) => known,
        None => None,
    };
    let mut sent_here = None;
    if ticks.is_some() {
        let rest = data.get(captured.next_multiple_of(4)..).unwrap_or_default();
        let flags = options(order, rest).find(|(code, _)| *code == FLAGS);
        sent_here = match flags.and_then(|(_, value)| order.u32(value, 0)) {
            Some(flags) if flags & 3 == 1 => Some(false),
            Some(flags) if flags & 3 == 2 => Some(true),
            _ => None,
        };
    }
    frame.clear();
    frame.extend_from_slice(captured_data);
    Some(Next::Frame(Record {
        link,
        time,
        length,
        sent_here,
    }))
}
