//! Link layers: where the IP packet is in a frame.

use crate::{
    build::{ETHERNET, Endian, MICROSECONDS, PACKET},
    read_all,
};

/// What a frame of this link type carries, when everything before the packet is `header`.
fn carried(link: u32, header: &[u8]) -> Option<Vec<u8>> {
    let frame = [header, PACKET].concat();
    let file = Endian::Little.pcap(MICROSECONDS, link, &[(7, &frame)]);
    let (packets, faults) = read_all(&file);
    assert!(faults.is_empty(), "{link}: {faults:?}");
    packets[0].ip.clone()
}

#[track_caller]
fn is_read(link: u32, header: &[u8]) {
    assert_eq!(
        carried(link, header).as_deref(),
        Some(PACKET),
        "{link} {header:x?}"
    );
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

#[track_caller]
fn is_other(link: u32, header: &[u8]) {
    assert_eq!(carried(link, header), None, "{link} {header:x?}");
}

fn ethernet(types: &[u8]) -> Vec<u8> {
    [&[0x02; 12], types].concat()
}

#[test]
fn ethernet_is_read_through_everything_that_may_stand_before_ip() {
    for types in [
        &[0x08, 0x00][..],
        &[0x86, 0xdd],
        // VLAN tags, as many as there are.
        &[0x81, 0x00, 0x00, 0x05, 0x08, 0x00],
        &[0x88, 0xa8, 0x00, 0x05, 0x81, 0x00, 0x20, 0x06, 0x86, 0xdd],
        &[0x91, 0x00, 0x00, 0x05, 0x81, 0x00, 0x20, 0x06, 0x08, 0x00],
        &[
            0x92, 0x00, 0x00, 0x05, 0x81, 0x00, 0x20, 0x06, 0x81, 0x00, 0x00, 0x07, 0x08, 0x00,
        ],
        // IEEE 802.3: a length, LLC and SNAP.
        &[0x00, 0x1c, 0xaa, 0xaa, 0x03, 0, 0, 0, 0x08, 0x00],
        &[0x00, 0x1c, 0xaa, 0xaa, 0x03, 0, 0, 0xf8, 0x08, 0x00],
        &[
            0x81, 0x00, 0x00, 0x05, 0x00, 0x1c, 0xaa, 0xaa, 0x03, 0, 0, 0, 0x08, 0x00,
        ],
        &[0x00, 0x17, 0x06, 0x06, 0x03],
        // PPPoE, with a protocol of two bytes and of one.
        &[0x88, 0x64, 0x11, 0, 0, 1, 0, 22, 0x00, 0x21],
        &[0x88, 0x64, 0x11, 0, 0, 1, 0, 21, 0x21],
        &[0x81, 0, 0, 7, 0x88, 0x64, 0x11, 0, 0, 1, 0, 22, 0x00, 0x57],
        // MPLS, one label and three.
        &[0x88, 0x47, 0, 1, 0x01, 64],
        &[0x88, 0x48, 0, 1, 0, 64, 0, 2, 0, 64, 0, 3, 0x01, 64],
        // MACsec without encryption: flags, length, packet number.
        &[0x88, 0xe5, 0x00, 0x00, 0, 0, 0, 1, 0x08, 0x00],
    ] {
        is_read(ETHERNET, &ethernet(types));
    }
    for types in [
        &[0x08, 0x06][..],
        &[0x88, 0x63, 0x11, 9, 0, 0, 0, 0],
        &[0x00, 0x1c, 0x42, 0x42, 0x03],
        &[0x00, 0x1c, 0xaa, 0xaa, 0x03, 0, 0, 0x0c, 0x20, 0x00],
        &[0x88, 0xcc],
    ] {
        is_other(ETHERNET, &ethernet(types));
    }
}

#[test]
fn loopback_families_of_either_byte_order_are_known() {
    for family in [2, 24, 28, 30] {
        is_read(0, &[family, 0, 0, 0]);
        is_read(0, &[0, 0, 0, family]);
        is_read(108, &[0, 0, 0, family]);
    }
    is_other(0, &[7, 0, 0, 0]);
    is_other(108, &[2, 0, 0, 0]);
}

#[test]
fn linux_cooked_captures_of_both_versions_are_read() {
    // Packet type, ARPHRD_ETHER, address length, address (8), protocol.
    let mut sll = vec![0, 0, 0, 1, 0, 6, 2, 2, 2, 2, 2, 2, 0, 0, 0x86, 0xdd];
    is_read(113, &sll);
    // A tunnel interface, ARPHRD_NONE.
    sll[2..4].copy_from_slice(&[0xff, 0xfe]);
    is_read(113, &sll);
    sll[14..].copy_from_slice(&[0x81, 0x00]);
    is_read(113, &[&sll[..], &[0, 7, 0x08, 0x00]].concat());
    sll[14..].copy_from_slice(&[0x00, 0x04]);
    is_read(
        113,
        &[&sll[..], &[0xaa, 0xaa, 0x03, 0, 0, 0, 8, 0]].concat(),
    );
    sll[14..].copy_from_slice(&[0x08, 0x06]);
    is_other(113, &sll);
    // Protocol, reserved, interface index, ARPHRD, packet type, address length, address (8).
    let mut sll2 = vec![
        0x08, 0, 0, 0, 0, 0, 0, 2, 0, 1, 4, 6, 2, 2, 2, 2, 2, 2, 0, 0,
    ];
    is_read(276, &sll2);
    let file = Endian::Little.pcap(MICROSECONDS, 276, &[(7, &[&sll2[..], PACKET].concat())]);
    assert_eq!(read_all(&file).0[0].link.sent_here, Some(true));
    sll2[1] = 6;
    is_other(276, &sll2);
}

#[test]
fn what_has_two_ends_is_read() {
    // PPP, with and without address and control, compressed and not.
    for header in [
        &[0xff, 0x03, 0x00, 0x21][..],
        &[0x00, 0x21],
        &[0x21],
        &[0x57],
    ] {
        is_read(9, header);
        is_read(50, header);
    }
    is_other(9, &[0xc0, 0x21]);
    is_read(50, &[0x0f, 0x00, 0x08, 0x00]);
    is_read(51, &[0x11, 0, 0, 1, 0, 22, 0x00, 0x21]);
    is_read(104, &[0x0f, 0x00, 0x08, 0x00]);
    is_read(204, &[1, 0xff, 0x03, 0x00, 0x21]);
    is_read(205, &[0, 0x8f, 0x00, 0x86, 0xdd]);
    // Frame relay: RFC 2427's IP and SNAP, and Cisco's.
    is_read(107, &[0x18, 0x41, 0x03, 0xcc]);
    is_read(107, &[0x18, 0x41, 0x03, 0x00, 0x80, 0, 0, 0, 0x08, 0x00]);
    is_read(107, &[0x18, 0x41, 0x08, 0x00]);
    is_read(206, &[1, 0x18, 0x41, 0x03, 0xcc]);
}

#[test]
fn what_says_the_link_layer_behind_it_is_read() {
    let mut pktap = [0; 108];
    pktap[0] = 108;
    pktap[8] = 1;
    is_read(258, &[&pktap[..], &ethernet(&[8, 0])].concat());
    pktap[8] = 12;
    is_read(149, &pktap);
    is_read(192, &[0, 0, 8, 0, 101, 0, 0, 0]);
    // One that leads to itself without end.
    is_other(192, &[0, 0, 0, 0, 192, 0, 0, 0]);
}

#[test]
fn wireless_and_what_stands_before_it_is_read() {
    let llc = [0xaa, 0xaa, 0x03, 0, 0, 0, 0x08, 0x00];
    let frame = |control: [u8; 2], more: &[u8]| [&control[..], &[0; 22], more, &llc].concat();
    is_read(105, &frame([0x08, 0x01], &[]));
    is_read(105, &frame([0x08, 0x02], &[]));
    // Between access points, with quality of service.
    is_read(105, &frame([0x08, 0x03], &[2; 6]));
    is_read(105, &frame([0x88, 0x01], &[0, 0]));
    // A beacon, and what is encrypted.
    is_other(105, &frame([0x80, 0x00], &[]));
    is_other(105, &frame([0x08, 0x41], &[]));

    let plain = frame([0x08, 0x01], &[]);
    is_read(127, &[&[0, 0, 8, 0, 0, 0, 0, 0][..], &plain].concat());
    // With a time, and flags that say that the header is filled up.
    let mut radiotap = vec![0, 0, 25, 0, 3, 0, 0, 0];
    radiotap.extend([0; 8]);
    radiotap.push(0x20);
    radiotap.extend([0; 8]);
    let padded = frame([0x88, 0x01], &[0, 0, 0, 0]);
    is_read(127, &[&radiotap[..], &padded].concat());
    let mut prism = [0; 144];
    prism[4] = 144;
    is_read(119, &[&prism[..], &plain].concat());
    is_read(
        163,
        &[&[0x80, 0x21, 0x10, 0x01, 0, 0, 0, 16][..], &[0; 8], &plain].concat(),
    );

    // Token ring, direct and routed.
    let mut ring = vec![0x10, 0x40];
    ring.extend([2; 12]);
    is_read(6, &[&ring[..], &llc].concat());
    ring[8] |= 0x80;
    is_read(6, &[&ring[..], &[0x06, 0x30, 0, 1, 0, 2], &llc].concat());
}

#[test]
fn everything_else_that_carries_ip_is_read() {
    for raw in [12, 14, 101, 228, 229] {
        is_read(raw, &[]);
    }
    is_read(8, &[0; 16]);
    is_read(100, &[0xaa, 0xaa, 0x03, 0, 0, 0, 0x08, 0x00]);
    is_read(100, &[0xfe, 0xfe, 0x03, 0xcc]);
    is_read(
        10,
        &[&[0; 13][..], &[0xaa, 0xaa, 0x03, 0, 0, 0, 0x08, 0x00]].concat(),
    );
    is_read(
        122,
        &[&[0; 16][..], &[0xaa, 0xaa, 0x03, 0, 0, 0, 0x08, 0x00]].concat(),
    );
    is_read(109, &[0; 12]);
    is_read(117, &[&[61, 2][..], &[0; 62]].concat());
    is_read(138, &[&[0; 16][..], &[0x08, 0x00]].concat());
    is_read(219, &[0, 1, 0x01, 64]);
    is_read(226, &[0; 24]);
    is_read(239, &[2, 0, 0, 0, 8, 0, 1, 0, 0x08, 0, 3, 0, 24, 0, 9, 0]);
    is_read(239, &[2, 0, 0, 0, 0, 24, 0, 9]);
    is_read(242, &[&[0; 40][..], &[0x08, 0x00, 0, 0]].concat());
    for link in [281, 283] {
        is_read(link, &[&[2; 12][..], &[0; 4], &[0x08, 0x00]].concat());
    }
    is_read(282, &[&[0; 4][..], &ethernet(&[8, 0])].concat());
    is_read(284, &[&[2; 12][..], &[0; 8], &[0x08, 0x00]].concat());
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
