//! Everything that may stand before an IP packet.

use crate::build::ETHERNET;

/// The version of an IP packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    V4,
    V6,
}

use Version::{V4, V6};

/// What stands before an IP packet of a version, in frames of a link type.
#[derive(Clone, Debug)]
pub struct Framing {
    pub link: u32,
    pub version: Version,
    pub header: Vec<u8>,
}

fn framing(link: u32, version: Version, parts: &[&[u8]]) -> Framing {
    Framing {
        link,
        version,
        header: parts.concat(),
    }
}

/// Destination and source, of which the last two bytes are `host`.
fn addresses() -> [u8; 12] {
    [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2]
}

/// LLC and SNAP for IPv4.
const SNAP: [u8; 8] = [0xaa, 0xaa, 0x03, 0, 0, 0, 0x08, 0x00];

/// What synchronizes receivers of Ethernet, and the start of a frame.
const PREAMBLE: [u8; 8] = [0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0xd5];

/// All of them, before a packet of `length` bytes.
pub fn all(length: u16) -> Vec<Framing> {
    [
        ethernet(length),
        loopback(),
        cooked(),
        point_to_point(length),
        nested(),
        wireless(),
        other(length),
    ]
    .concat()
}

/// Ethernet, and what may stand between it and IP.
pub fn ethernet(length: u16) -> Vec<Framing> {
    let field = |more: u16| (length + more).to_be_bytes();
    let of = |version, types: &[&[u8]]| {
        framing(ETHERNET, version, &[&[&addresses()[..]], types].concat())
    };
    vec![
        of(V4, &[&[0x08, 0x00]]),
        of(V6, &[&[0x86, 0xdd]]),
        // VLAN tags, as many as there are.
        of(V4, &[&[0x81, 0x00, 0x00, 0x05, 0x08, 0x00]]),
        of(
            V6,
            &[&[0x88, 0xa8, 0x00, 0x05, 0x81, 0x00, 0x20, 0x06, 0x86, 0xdd]],
        ),
        of(
            V4,
            &[&[0x91, 0x00, 0x00, 0x05, 0x81, 0x00, 0x20, 0x06, 0x08, 0x00]],
        ),
        of(
            V4,
            &[&[
                0x92, 0x00, 0x00, 0x05, 0x81, 0x00, 0x20, 0x06, 0x81, 0x00, 0x00, 0x07, 0x08, 0x00,
            ]],
        ),
        // IEEE 802.3: a length, LLC and SNAP.
        of(V4, &[&field(8), &SNAP]),
        of(
            V4,
            &[&field(8), &[0xaa, 0xaa, 0x03, 0, 0, 0xf8, 0x08, 0x00]],
        ),
        of(V6, &[&field(8), &[0xaa, 0xaa, 0x03, 0, 0, 0, 0x86, 0xdd]]),
        of(V4, &[&[0x81, 0x00, 0x00, 0x05], &field(8), &SNAP]),
        of(V4, &[&field(3), &[0x06, 0x06, 0x03]]),
        // PPPoE, with a protocol of two bytes and of one.
        of(
            V4,
            &[&[0x88, 0x64, 0x11, 0, 0, 1], &field(2), &[0x00, 0x21]],
        ),
        of(V4, &[&[0x88, 0x64, 0x11, 0, 0, 1], &field(1), &[0x21]]),
        of(
            V6,
            &[
                &[0x81, 0, 0, 7, 0x88, 0x64, 0x11, 0, 0, 1],
                &field(2),
                &[0x00, 0x57],
            ],
        ),
        // MPLS, one label and three.
        of(V4, &[&[0x88, 0x47, 0, 1, 0x01, 64]]),
        of(
            V6,
            &[&[0x88, 0x48, 0, 1, 0, 64, 0, 2, 0, 64, 0, 3, 0x01, 64]],
        ),
        // MACsec without encryption: flags, length, packet number.
        of(V4, &[&[0x88, 0xe5, 0x00, 0x00, 0, 0, 0, 1, 0x08, 0x00]]),
    ]
}

/// BSD's loopback interfaces, in whose frames the address family comes first.
pub fn loopback() -> Vec<Framing> {
    [(2, V4), (24, V6), (28, V6), (30, V6)]
        .into_iter()
        .flat_map(|(family, version)| {
            [
                framing(0, version, &[&[family, 0, 0, 0]]),
                framing(0, version, &[&[0, 0, 0, family]]),
                framing(108, version, &[&[0, 0, 0, family]]),
            ]
        })
        .collect()
}

/// Linux' interface `any`.
pub fn cooked() -> Vec<Framing> {
    // Packet type, kind of device, address length, address (8).
    let sll = [0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 2, 0, 0];
    // A tunnel, which has no addresses.
    let tunnel = [0, 4, 0xff, 0xfe, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    // Reserved, interface, kind of device, packet type, address length, address (8).
    let sll2 = [0, 0, 0, 0, 0, 2, 0, 1, 4, 6, 2, 0, 0, 0, 0, 2, 0, 0];
    vec![
        framing(113, V6, &[&sll, &[0x86, 0xdd]]),
        framing(113, V4, &[&tunnel, &[0x08, 0x00]]),
        framing(113, V4, &[&sll, &[0x81, 0x00, 0, 7, 0x08, 0x00]]),
        framing(113, V4, &[&sll, &[0x00, 0x04], &SNAP]),
        framing(276, V4, &[&[0x08, 0x00], &sll2]),
        framing(276, V6, &[&[0x86, 0xdd], &sll2]),
    ]
}

/// Links between two ends.
pub fn point_to_point(length: u16) -> Vec<Framing> {
    let mut all = Vec::new();
    for link in [9, 50] {
        // With and without address and control, compressed and not.
        all.extend([
            framing(link, V4, &[&[0xff, 0x03, 0x00, 0x21]]),
            framing(link, V4, &[&[0x00, 0x21]]),
            framing(link, V4, &[&[0x21]]),
            framing(link, V6, &[&[0x57]]),
        ]);
    }
    let [high, low] = (length + 2).to_be_bytes();
    all.extend([
        framing(50, V4, &[&[0x0f, 0x00, 0x08, 0x00]]),
        framing(51, V4, &[&[0x11, 0, 0, 1, high, low, 0x00, 0x21]]),
        framing(104, V4, &[&[0x0f, 0x00, 0x08, 0x00]]),
        framing(204, V4, &[&[1, 0xff, 0x03, 0x00, 0x21]]),
        framing(205, V6, &[&[0, 0x8f, 0x00, 0x86, 0xdd]]),
        // Frame relay: RFC 2427's IP and SNAP, and Cisco's.
        framing(107, V4, &[&[0x18, 0x41, 0x03, 0xcc]]),
        framing(
            107,
            V4,
            &[&[0x18, 0x41, 0x03, 0x00, 0x80, 0, 0, 0, 0x08, 0x00]],
        ),
        framing(107, V4, &[&[0x18, 0x41, 0x08, 0x00]]),
        framing(206, V4, &[&[1, 0x18, 0x41, 0x03, 0xcc]]),
    ]);
    all
}

/// What says the link layer behind it.
pub fn nested() -> Vec<Framing> {
    let pktap = |link| {
        let mut header = [0; 108];
        // Its length, the record's kind, the link layer.
        header[0] = 108;
        header[4] = 1;
        header[8] = link;
        header
    };
    vec![
        framing(258, V4, &[&pktap(1), &addresses(), &[8, 0]]),
        framing(149, V4, &[&pktap(12)]),
        framing(192, V4, &[&[0, 0, 8, 0, 101, 0, 0, 0]]),
    ]
}

/// IEEE 802.11, and what captures put before it; IEEE 802.5.
pub fn wireless() -> Vec<Framing> {
    let wifi = |control: [u8; 2], more: &[u8]| [&control[..], &[0; 22], more, &SNAP].concat();
    let plain = wifi([0x08, 0x01], &[]);
    // With a time, and flags that say that the header is filled up.
    let mut radiotap = vec![0, 0, 25, 0, 3, 0, 0, 0];
    radiotap.extend([0; 8]);
    radiotap.push(0x20);
    radiotap.extend([0; 8]);
    let mut prism = [0; 144];
    prism[3] = 0x44;
    prism[4] = 144;
    let mut avs = [0; 64];
    avs[..8].copy_from_slice(&[0x80, 0x21, 0x10, 0x01, 0, 0, 0, 64]);
    let mut ring = vec![0x10, 0x40];
    ring.extend([2; 12]);
    let mut routed = ring.clone();
    routed[8] |= 0x80;
    vec![
        framing(105, V4, &[&plain]),
        framing(105, V4, &[&wifi([0x08, 0x02], &[])]),
        // Between access points, with quality of service.
        framing(105, V4, &[&wifi([0x08, 0x03], &[2; 6])]),
        framing(105, V4, &[&wifi([0x88, 0x01], &[0, 0])]),
        framing(127, V4, &[&[0, 0, 8, 0, 0, 0, 0, 0], &plain]),
        framing(127, V4, &[&radiotap, &wifi([0x88, 0x01], &[0, 0, 0, 0])]),
        framing(119, V4, &[&prism, &plain]),
        framing(163, V4, &[&avs, &plain]),
        framing(6, V4, &[&ring, &SNAP]),
        framing(6, V4, &[&routed, &[0x06, 0x30, 0, 1, 0, 2], &SNAP]),
    ]
}

/// Everything else.
pub fn other(length: u16) -> Vec<Framing> {
    let mut all: Vec<_> = [12, 14, 101, 228]
        .into_iter()
        .map(|link| framing(link, V4, &[]))
        .collect();
    let switch = addresses();
    let [high, low] = length.to_be_bytes();
    // Version, address family, kind of device, length of the packet, interfaces and zones.
    let ipnet = [&[1, 2, 0, 0, 0, 0, high, low][..], &[0; 16]].concat();
    // A firewall's log: family, version, group; a mark; and the packet, with the length of its item.
    let [item_high, item_low] = (length + 4).to_be_bytes();
    let nflog = [
        2, 0, 0, 0, 8, 0, 3, 0, 0, 0, 0, 7, item_low, item_high, 9, 0,
    ];
    let nflog_big = [2, 0, 0, 0, item_high, item_low, 0, 9];
    let ipoib = [&[0; 40][..], &[0x08, 0x00, 0, 0]].concat();
    all.extend([
        framing(101, V6, &[]),
        framing(229, V6, &[]),
        framing(8, V4, &[&[0; 16]]),
        framing(11, V4, &[&SNAP]),
        framing(100, V4, &[&SNAP]),
        framing(100, V4, &[&[0xfe, 0xfe, 0x03, 0xcc]]),
        framing(10, V4, &[&[0x50], &[0; 12], &SNAP]),
        framing(122, V4, &[&[0; 16], &SNAP]),
        framing(109, V4, &[&[2, 0, 0, 0], &[0; 8]]),
        framing(117, V4, &[&[61, 2], &[0; 62]]),
        framing(138, V4, &[&[0; 16], &[0x08, 0x00]]),
        framing(219, V4, &[&[0, 1, 0x01, 64]]),
        framing(226, V4, &[&ipnet]),
        framing(239, V4, &[&nflog]),
        framing(239, V4, &[&nflog_big]),
        framing(240, V4, &[&[0, 4, 0, 0], &switch, &[8, 0]]),
        framing(241, V4, &[&[0, 4, 0, 0], &PREAMBLE, &switch, &[8, 0]]),
        framing(242, V4, &[&ipoib]),
        framing(274, V4, &[&PREAMBLE, &switch, &[8, 0]]),
        framing(281, V4, &[&switch, &[0; 4], &[0x08, 0x00]]),
        framing(282, V4, &[&[0; 4], &switch, &[8, 0]]),
        framing(284, V4, &[&switch, &[0; 4], &[0x08, 0x00]]),
        framing(285, V4, &[&switch, &[0; 8], &[0x08, 0x00]]),
    ]);
    all
}
