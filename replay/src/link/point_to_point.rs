//! PPP and what else has two ends.

use super::{Payload, be16, ethernet, ip_behind};

/// PPP, with or without address and control.
pub fn ppp(frame: &[u8], at: usize) -> Option<Payload> {
    match frame.get(at..)? {
        [0xff, 0x03, ..] => by_protocol(frame, at + 2),
        _ => by_protocol(frame, at),
    }
}

/// PPP in HDLC frames; serial lines of Cisco's have the same link type.
pub fn ppp_hdlc(frame: &[u8], at: usize) -> Option<Payload> {
    match frame.get(at..)? {
        [0x0f | 0x8f, 0x00, ..] => cisco_hdlc(frame, at),
        _ => ppp(frame, at),
    }
}

/// A session of PPP over Ethernet: version, code, session and length before the protocol.
pub fn pppoe(frame: &[u8], at: usize) -> Option<Payload> {
    const SESSION_DATA: u8 = 0;
    if *frame.get(at + 1)? == SESSION_DATA {
        by_protocol(frame, at + 6)
    } else {
        Some(Payload::Other)
    }
}

/// What follows PPP's protocol number, which has one byte when that is odd.
fn by_protocol(frame: &[u8], at: usize) -> Option<Payload> {
    let first = *frame.get(at)?;
    let (protocol, at) = if first & 1 == 1 {
        (u16::from(first), at + 1)
    } else {
        (be16(frame, at)?, at + 2)
    };
    match protocol {
        0x0021 | 0x0057 => Some(Payload::Ip(at)),
        0x0281 | 0x0283 => ethernet::mpls(frame, at),
        _ => Some(Payload::Other),
    }
}

pub fn cisco_hdlc(frame: &[u8], at: usize) -> Option<Payload> {
    ethernet::by_type(frame, at + 4, be16(frame, at + 2)?)
}

/// An address of two to four bytes, and then RFC 2427 or an EtherType, as Cisco has it.
pub fn frame_relay(frame: &[u8], at: usize) -> Option<Payload> {
    const LAST_OF_ADDRESS: u8 = 1;
    const UNNUMBERED: u8 = 0x03;

    let address = frame.get(at..)?.iter().take(4);
    let length = 1 + address
        .clone()
        .position(|byte| byte & LAST_OF_ADDRESS != 0)?;
    let at = at + length;
    match frame.get(at..)? {
        [UNNUMBERED, 0, ..] => by_network_layer(frame, at + 2),
        [UNNUMBERED, ..] => by_network_layer(frame, at + 1),
        _ => ethernet::by_type(frame, at + 2, be16(frame, at)?),
    }
}

/// What follows a network layer's identifier of ISO.
pub fn by_network_layer(frame: &[u8], at: usize) -> Option<Payload> {
    const SNAP: u8 = 0x80;
    const IPV6: u8 = 0x8e;
    const IPV4: u8 = 0xcc;

    match *frame.get(at)? {
        IPV4 | IPV6 => ip_behind(frame, at + 1),
        SNAP => ethernet::by_snap_type(frame, at + 6, be16(frame, at + 4)?),
        _ => Some(Payload::Other),
    }
}
