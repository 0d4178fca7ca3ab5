//! What is read of an IP packet without the agent: its endpoints, and the length that it lacks.

use std::net::IpAddr;

/// The longest packet that an IPv4 header can state.
const MOST_V4: usize = u16::MAX as usize;
const IPV6_HEADER: usize = 40;
/// The longest packet that an IPv6 header can state.
const MOST_V6: usize = u16::MAX as usize + IPV6_HEADER;

/// Source and destination of an IP packet, when it is long enough to have them.
pub fn endpoints(packet: &[u8]) -> Option<(IpAddr, IpAddr)> {
    fn field<const N: usize>(packet: &[u8], at: usize) -> Option<[u8; N]> {
        packet.get(at..)?.first_chunk().copied()
    }
    match packet.first()? >> 4 {
        4 => Some((
            field::<4>(packet, 12)?.into(),
            field::<4>(packet, 16)?.into(),
        )),
        6 => Some((
            field::<16>(packet, 8)?.into(),
            field::<16>(packet, 24)?.into(),
        )),
        _ => None,
    }
}

/// Time to live, or hop limit.
pub fn hops_left(packet: &[u8]) -> Option<u8> {
    match packet.first()? >> 4 {
        4 => packet.get(8).copied(),
        6 => packet.get(7).copied(),
        _ => None,
    }
}

/// The protocol behind the header and where it begins; `None` for later fragments and what is no packet. Of IPv6, extension
/// headers are not looked behind.
pub fn transport(packet: &[u8]) -> Option<(u8, &[u8])> {
    match packet.first()? >> 4 {
        4 => {
            let is_first = u16::from_be_bytes([*packet.get(6)?, *packet.get(7)?]) & 0x1fff == 0;
            let header = usize::from(packet[0] & 0xf) * 4;
            is_first.then_some((*packet.get(9)?, packet.get(header..)?))
        }
        6 => Some((*packet.get(6)?, packet.get(IPV6_HEADER..)?)),
        _ => None,
    }
}

/// Whether a packet of `whole` bytes states a length of 0, as it does when the network card is to cut it into segments.
pub fn lacks_length(packet: &[u8], whole: usize) -> bool {
    const TCP: u8 = 6;
    const UDP: u8 = 17;

    match packet {
        [first, _, 0, 0, ..] if first >> 4 == 4 => whole > usize::from(first & 0xf) * 4,
        [first, _, _, _, 0, 0, TCP | UDP, ..] if first >> 4 == 6 => whole > IPV6_HEADER,
        _ => false,
    }
}

/// The packet that begins at `offset` in `frame`, with the `whole` bytes that it has on the link: what is missing is zero, and a
/// length that is missing is stated. No packet is longer than its header can state.
pub fn complete(frame: &mut Vec<u8>, offset: usize, whole: usize) -> &[u8] {
    let lacks_length = lacks_length(&frame[offset..], whole);
    let is_v4 = frame.get(offset).is_some_and(|first| first >> 4 == 4);
    let whole = whole.min(if is_v4 { MOST_V4 } else { MOST_V6 });
    frame.resize(offset + whole, 0);
    if lacks_length {
        let (at, length) = if is_v4 {
            (offset + 2, whole)
        } else {
            (offset + 4, whole - IPV6_HEADER)
        };
        frame[at..at + 2].copy_from_slice(&(length as u16).to_be_bytes());
    }
    &frame[offset..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_cut_is_zero_and_no_longer_than_a_header_can_state() {
        let mut frame = vec![0xee, 0x60, 0, 0, 0, 0xff, 0xff, 17, 64];
        let packet = complete(&mut frame, 1, 65_575);
        assert_eq!(packet.len(), 65_575);
        assert_eq!(packet[..9], [0x60, 0, 0, 0, 0xff, 0xff, 17, 64, 0]);
        let mut frame = vec![0x60; 3];
        assert_eq!(complete(&mut frame, 0, usize::MAX).len(), 65_575);
        let mut frame = vec![0x45; 3];
        assert_eq!(complete(&mut frame, 0, usize::MAX).len(), 65_535);
    }

    #[test]
    fn a_length_of_zero_is_the_frames() {
        let mut frame = vec![0x45, 0, 0, 0, 1];
        assert!(lacks_length(&frame, 3020));
        assert_eq!(complete(&mut frame, 0, 3020)[..4], [0x45, 0, 0x0b, 0xcc]);
        let mut frame = vec![0x60, 0, 0, 0, 0, 0, 6, 64];
        assert_eq!(complete(&mut frame, 0, 3040)[4..6], [0x0b, 0xb8]);
        // With nothing behind its header, or with a header that says the length elsewhere.
        assert!(!lacks_length(&[0x45, 0, 0, 0], 20));
        assert!(!lacks_length(&[0x60, 0, 0, 0, 0, 0, 0, 64], 3040));
        assert!(!lacks_length(&[0x60, 0, 0, 0, 0, 0, 6, 64], 40));
    }
}
