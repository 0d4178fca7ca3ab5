//! Packets of MQTT 3.1.1 as bytes, for tests on either end of a connection.

use std::io::{Read, Result};

/// The next packet: its first byte, and what comes behind its length.
pub fn read(stream: &mut impl Read) -> Result<(u8, Vec<u8>)> {
    let mut byte = || {
        let mut byte = [0];
        stream.read_exact(&mut byte).map(|()| byte[0])
    };
    let first = byte()?;
    let mut length = 0;
    for shift in [0, 7, 14, 21] {
        let digit = byte()?;
        length |= usize::from(digit & 0x7F) << shift;
        if digit & 0x80 == 0 {
            break;
        }
    }
    let mut content = vec![0; length];
    stream.read_exact(&mut content)?;
    Ok((first, content))
}

/// A packet with its length.
pub fn packet(first: u8, content: &[u8]) -> Vec<u8> {
    let mut packet = vec![first];
    let mut length = content.len();
    loop {
        let more = if length >= 0x80 { 0x80 } else { 0 };
        packet.push((length & 0x7F) as u8 | more);
        length >>= 7;
        if length == 0 {
            break;
        }
    }
    packet.extend(content);
    packet
}

/// PUBLISH; with a packet id it wants to be acknowledged.
pub fn publish(topic: &str, payload: &[u8], id: Option<u16>) -> Vec<u8> {
    let mut content = text(topic);
    content.extend(id.into_iter().flat_map(u16::to_be_bytes));
    content.extend(payload);
    packet(if id.is_some() { 0x32 } else { 0x30 }, &content)
}

/// A text with its length.
pub fn text(text: &str) -> Vec<u8> {
    let mut bytes = (text.len() as u16).to_be_bytes().to_vec();
    bytes.extend(text.bytes());
    bytes
}
