//! What operating systems put before packets of interfaces of any kind.

use super::{Payload, be16, by_family, ethernet, le16, mac};
use crate::packet::Link;

/// What a Linux cooked capture calls a packet that the capturing machine sent.
const SENT: u16 = 4;
/// What it calls one that only went by.
const OF_OTHERS: u16 = 3;
/// What it calls LLC in place of an EtherType.
const LLC: u16 = 4;

pub fn sll(frame: &[u8], at: usize, link: &mut Link) -> Option<Payload> {
    let (kind, length) = (be16(frame, at)?, be16(frame, at + 4)?);
    describe(frame, kind, at + 6, length, link);
    by_type(frame, at + 16, be16(frame, at + 14)?)
}

pub fn sll2(frame: &[u8], at: usize, link: &mut Link) -> Option<Payload> {
    let kind = u16::from(*frame.get(at + 10)?);
    let length = u16::from(*frame.get(at + 11)?);
    describe(frame, kind, at + 12, length, link);
    by_type(frame, at + 20, be16(frame, at)?)
}

fn describe(frame: &[u8], kind: u16, address: usize, length: u16, link: &mut Link) {
    if length == 6 {
        link.source = mac(frame, address);
    }
    link.sent_here = match kind {
        SENT => Some(true),
        OF_OTHERS => None,
        _ => Some(false),
    };
}

fn by_type(frame: &[u8], at: usize, kind: u16) -> Option<Payload> {
    frame.get(at..)?;
    if kind == LLC {
        ethernet::llc(frame, at)
    } else {
        ethernet::by_type(frame, at, kind)
    }
}

/// OpenBSD's firewall log: its length and the address family come first.
pub fn pflog(frame: &[u8], at: usize) -> Option<Payload> {
    let header = usize::from(*frame.get(at)?).next_multiple_of(4);
    let family = *frame.get(at + 1)?;
    frame.get(at + header..)?;
    Some(by_family(family.into(), at + header))
}

/// Linux' firewall log: the address family, and items of which one is the packet. Their numbers are in the byte order of the
/// capturing machine, which is little-endian nearly always, and shows in lengths.
pub fn nflog(frame: &[u8], at: usize) -> Option<Payload> {
    const PACKET: u16 = 9;
    const ITEM: usize = 4;

    let family = *frame.get(at)?;
    let mut at = at + 4;
    while frame.len() >= at + ITEM {
        let (mut length, mut kind) = (le16(frame, at)?, le16(frame, at + 2)?);
        if kind > 0xff {
            (length, kind) = (length.swap_bytes(), kind.swap_bytes());
        }
        if kind == PACKET {
            return Some(by_family(family.into(), at + ITEM));
        }
        at += usize::from(length).max(ITEM).next_multiple_of(4);
    }
    Some(Payload::Other)
}
