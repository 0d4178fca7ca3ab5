//! Link layers: where the IP packet is in a frame.

use crate::{
    build::{ETHERNET, Endian, MICROSECONDS, PACKET},
    frames::{self, Framing, Version},
    read_all,
};

/// What a frame of this link type carries, when everything before `packet` is `header`.
fn carried(link: u32, header: &[u8], packet: &[u8]) -> Option<Vec<u8>> {
    let frame = [header, packet].concat();
    let file = Endian::Little.pcap(MICROSECONDS, link, &[(7, &frame)]);
    let (packets, faults) = read_all(&file);
    assert!(faults.is_empty(), "{link}: {faults:?}");
    packets[0].ip.clone()
}

#[test]
fn ip_is_found_behind_everything_that_may_stand_before_it() {
    let length = PACKET.len() as u16;
    for Framing {
        link,
        version,
        header,
    } in frames::all(length)
    {
        // All that is looked at of the packet is its version.
        let mut packet = PACKET.to_vec();
        if version == Version::V6 {
            packet[0] = 0x60;
        }
        let found = carried(link, &header, &packet);
        assert_eq!(found, Some(packet), "{link} {header:x?}");
        // A frame that ends in its header carries nothing, and harms nobody.
        for length in 0..header.len() {
            let file = Endian::Little.pcap(MICROSECONDS, link, &[(7, &header[..length])]);
            let (packets, _) = read_all(&file);
            let ip = packets[0].ip.as_deref();
            assert!(
                ip.is_none_or(|ip| ip.len() < PACKET.len()),
                "{link} {length}"
            );
        }
    }
}

#[track_caller]
fn is_other(link: u32, header: &[u8]) {
    assert_eq!(carried(link, header, PACKET), None, "{link} {header:x?}");
}

fn ethernet(types: &[u8]) -> Vec<u8> {
    [&[0x02; 12], types].concat()
}

#[test]
fn what_carries_something_else_carries_no_ip() {
    for types in [
        &[0x08, 0x06][..],
        &[0x88, 0x63, 0x11, 9, 0, 0, 0, 0],
        &[0x00, 0x1c, 0x42, 0x42, 0x03],
        &[0x00, 0x1c, 0xaa, 0xaa, 0x03, 0, 0, 0x0c, 0x20, 0x00],
        &[0x88, 0xcc],
    ] {
        is_other(ETHERNET, &ethernet(types));
    }
    is_other(0, &[7, 0, 0, 0]);
    is_other(108, &[2, 0, 0, 0]);
    let cooked = [0, 0, 0, 1, 0, 6, 2, 2, 2, 2, 2, 2, 0, 0, 0x08, 0x06];
    is_other(113, &cooked);
    let mut cooked = [0; 20];
    cooked[..2].copy_from_slice(&[0x08, 0x06]);
    is_other(276, &cooked);
    is_other(9, &[0xc0, 0x21]);
    // A frame that leads to itself without end.
    is_other(192, &[0, 0, 0, 0, 192, 0, 0, 0]);
    // A beacon of an access point, and what is encrypted.
    for control in [[0x80, 0x00], [0x08, 0x41]] {
        let llc = [0xaa, 0xaa, 0x03, 0, 0, 0, 0x08, 0x00];
        is_other(105, &[&control[..], &[0; 22], &llc].concat());
    }
}

#[test]
fn cooked_captures_say_who_sent_a_packet() {
    let header = [
        0x08, 0, 0, 0, 0, 0, 0, 2, 0, 1, 4, 6, 2, 2, 2, 2, 2, 2, 0, 0,
    ];
    let frame = [&header[..], PACKET].concat();
    let file = Endian::Little.pcap(MICROSECONDS, 276, &[(7, &frame)]);
    assert_eq!(read_all(&file).0[0].link.sent_here, Some(true));
}

/// Frames in frames without end: only the machine's stack would end them.
#[test]
fn nesting_without_end_ends() {
    let tags = [0x81, 0x00, 0x00, 0x05].repeat(1 << 18);
    is_other(ETHERNET, &ethernet(&tags));
    let llc = [0x00, 0x10, 0xaa, 0xaa, 0x03, 0, 0, 0].repeat(1 << 18);
    is_other(ETHERNET, &ethernet(&llc));
    is_other(219, &[0; 1 << 20]);
}
