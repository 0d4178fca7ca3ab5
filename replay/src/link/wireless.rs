//! Wi-Fi and its metadata, and token ring, which is as far from Ethernet.

use super::{Payload, be32, ethernet, le16, le32, mac};
use crate::packet::Link;

/// An IEEE 802.11 frame; `padded` when the header was filled up to whole words.
pub fn wifi(frame: &[u8], at: usize, padded: bool, link: &mut Link) -> Option<Payload> {
    let control = le16(frame, at)?;
    let has = |bit: u16| control & bit != 0;
    let is_data = control & 0x000c == 0x0008;
    let (no_data, quality) = (has(0x0040), has(0x0080));
    let (to_access_point, from_access_point) = (has(0x0100), has(0x0200));
    let (encrypted, has_control) = (has(0x4000), has(0x8000));
    if !is_data || no_data || encrypted {
        return Some(Payload::Other);
    }
    let mut header = 24;
    // Where the sender's and the receiver's own addresses stand.
    let (destination, source) = match (to_access_point, from_access_point) {
        (false, false) => (4, 10),
        (true, false) => (16, 10),
        (false, true) => (4, 16),
        (true, true) => {
            header += 6;
            (16, 24)
        }
    };
    if quality {
        const SEVERAL_IN_ONE: u16 = 0x0080;
        if le16(frame, at + header)? & SEVERAL_IN_ONE != 0 {
            return Some(Payload::Other);
        }
        header += if has_control { 6 } else { 2 };
    }
    if padded {
        header = header.next_multiple_of(4);
    }
    link.destination = mac(frame, at + destination);
    link.source = mac(frame, at + source);
    ethernet::llc(frame, at + header)
}

pub fn radiotap(frame: &[u8], at: usize, link: &mut Link) -> Option<Payload> {
    const TIME: u32 = 1 << 0;
    const FLAGS: u32 = 1 << 1;
    const MORE: u32 = 1 << 31;
    const PADDED: u8 = 0x20;

    let length = usize::from(le16(frame, at + 2)?);
    let present = le32(frame, at + 4)?;
    let mut field = 4;
    while le32(frame, at + field)? & MORE != 0 {
        field += 4;
    }
    field += 4;
    if present & TIME != 0 {
        field = field.next_multiple_of(8) + 8;
    }
    let padded = present & FLAGS != 0 && frame.get(at + field)? & PADDED != 0;
    wifi(frame, at + length, padded, link)
}

/// Says its length behind a code; where it is missing there is no such header.
pub fn prism(frame: &[u8], at: usize, link: &mut Link) -> Option<Payload> {
    const AVS_VERSIONS: u32 = 0x8021_1000;
    if be32(frame, at)? & 0xffff_f000 == AVS_VERSIONS {
        return avs(frame, at, link);
    }
    let length = *frame.get(at + 4..)?.first_chunk()?;
    // Small numbers, so the byte order shows.
    let length = u32::from_le_bytes(length).min(u32::from_be_bytes(length));
    wifi(frame, at.checked_add(length as usize)?, false, link)
}

pub fn avs(frame: &[u8], at: usize, link: &mut Link) -> Option<Payload> {
    let length = be32(frame, at + 4)?;
    wifi(frame, at.checked_add(length as usize)?, false, link)
}

/// IEEE 802.5: the route is said behind the addresses when the sender's first bit is set.
pub fn token_ring(frame: &[u8], at: usize, link: &mut Link) -> Option<Payload> {
    const ROUTED: u8 = 0x80;

    link.destination = mac(frame, at + 2);
    let mut source = mac(frame, at + 8)?;
    let mut header = 14;
    if source[0] & ROUTED != 0 {
        source[0] &= !ROUTED;
        header += usize::from(frame.get(at + header)? & 0x1f);
    }
    link.source = Some(source);
    ethernet::llc(frame, at + header)
}
