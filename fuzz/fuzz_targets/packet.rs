//! Packets: whoever reads one says the same of it, whole or cut short, in either byte order, and as a stack delivers it.

#![no_main]

use arbitrary::Arbitrary;
use defender_agent::Protocol;
use defender_agent::packet::{
    Delivered, HeaderOrder, HostOrder, NetworkOrder, Packet, Rejection, parse, parse_delivered,
    parse_usual_delivered_v4, parse_usual_delivered_v6, parse_usual_v4, parse_usual_v6,
    protocol_bits,
};
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    /// Bytes of the packet that are not at hand.
    missing: u16,
    cut: u8,
    transport: u8,
    protocol: u8,
    head: &'a [u8],
}

fuzz_target!(|input: Input<'_>| {
    let Input { head, missing, .. } = input;
    let length = head.len() + usize::from(missing);
    let whole = parse::<NetworkOrder>(head, length);
    let fixed = match head.first().map(|first| first >> 4) {
        Some(4) => 20,
        Some(6) => 40,
        _ => 0,
    };
    match &whole {
        Ok(packet) => assert!(bytes(packet) <= length),
        Err(Rejection::HeadTooShort { given }) => assert!(*given == head.len() && missing > 0),
        Err(_) => {}
    }
    if fixed > 0 && head.len() >= fixed {
        assert_eq!(parse::<HostOrder>(&swapped(head, fixed), length), whole);
    }
    cut_short(&input, &whole, length);
    usual(head, length, &whole);
    if let Ok(packet) = &whole {
        delivered(&input, packet, fixed);
    }
    delivered_as_claimed(&input);
});

/// Less of it says the same, or asks for more.
fn cut_short(input: &Input<'_>, whole: &Result<Packet, Rejection>, length: usize) {
    let cut = usize::from(input.cut).min(input.head.len());
    match parse::<NetworkOrder>(&input.head[..cut], length) {
        Err(Rejection::HeadTooShort { given }) => assert!(given == cut && cut < length),
        Ok(packet) => assert_eq!(Ok(packet), *whole),
        Err(_) => assert!(whole.is_err() || cut < 4),
    }
}

/// The functions for usual packets.
fn usual(head: &[u8], length: usize, whole: &Result<Packet, Rejection>) {
    if let Some(packet) = parse_usual_v4(head, length) {
        assert_eq!(*whole, Ok(packet.packet()));
    }
    if let Some(packet) = parse_usual_v6(head, length) {
        assert_eq!(*whole, Ok(packet.packet()));
    }
}

/// The packet as a stack delivers it, with its headers done with.
fn delivered(input: &Input<'_>, packet: &Packet, fixed: usize) {
    let head = input.head;
    let word = |at: usize| usize::from(u16::from_be_bytes([head[at], head[at + 1]]));
    let (offset, total) = match packet {
        Packet::V4(_) => (usize::from(head[0] & 0xF) * 4, word(2)),
        Packet::V6(packet) => (40 + word(4) - packet.bytes as usize, 40 + word(4)),
    };
    assert_eq!(total - offset, bytes(packet));
    if head.len() < offset {
        return;
    }
    let rest = (head.len() - offset).min(total - offset);
    let transport = &head[offset..offset + usize::from(input.transport).max(4).min(rest)];
    let host = swapped(&head[..offset], fixed);
    let as_delivered = |headers| Delivered {
        protocol: protocol(packet),
        headers,
        transport,
        length: total - offset,
    };
    let check = |read| match read {
        Ok(read) => assert_eq!(read, *packet),
        Err(reason) => {
            assert!(matches!(reason, Rejection::HeadTooShort { .. }), "{reason}");
            assert!(transport.len() < 4);
        }
    };
    check(parse_delivered::<NetworkOrder>(as_delivered(
        &head[..offset],
    )));
    check(parse_delivered::<HostOrder>(as_delivered(&host)));
    for read in usual_delivered::<HostOrder>(as_delivered(&host)) {
        assert_eq!(read, *packet);
    }
}

/// Anything, delivered as anything.
fn delivered_as_claimed(input: &Input<'_>) {
    let (headers, transport) = input
        .head
        .split_at(usize::from(input.cut).min(input.head.len()));
    let protocols = Protocol::ALL;
    let claimed = Delivered {
        protocol: protocols[usize::from(input.protocol) % protocols.len()],
        headers,
        transport,
        length: transport.len() + usize::from(input.missing),
    };
    let network = parse_delivered::<NetworkOrder>(claimed);
    let host = parse_delivered::<HostOrder>(claimed);
    for packet in [&network, &host].into_iter().flatten() {
        assert_eq!(bytes(packet), claimed.length);
        assert_eq!(protocol(packet), claimed.protocol);
    }
    for read in usual_delivered::<NetworkOrder>(claimed) {
        assert_eq!(network, Ok(read));
    }
    for read in usual_delivered::<HostOrder>(claimed) {
        assert_eq!(host, Ok(read));
    }
}

/// What the short ways say, which are asked for TCP and UDP only.
fn usual_delivered<O: HeaderOrder>(packet: Delivered<'_>) -> impl Iterator<Item = Packet> {
    let protocol = protocol_bits(packet.protocol);
    let Delivered {
        headers,
        transport,
        length,
        ..
    } = packet;
    // No stack delivers another version in so few bytes.
    let is_v4 = headers
        .first_chunk()
        .is_some_and(|first| O::word(*first) >> 28 == 4);
    let ipv4 = parse_usual_delivered_v4::<O, _>(protocol, headers, transport, || length).filter(|_| is_v4);
    let ipv6 = parse_usual_delivered_v6::<O, _>(protocol, headers, transport, || length);
    let packets = [
        ipv4.map(|read| read.packet()),
        ipv6.map(|read| read.packet()),
    ];
    let is_asked = packet.protocol != Protocol::Icmp;
    packets.into_iter().flatten().filter(move |_| is_asked)
}

/// With the words of the fixed header in the other order.
fn swapped(head: &[u8], fixed: usize) -> Vec<u8> {
    let mut swapped = head.to_vec();
    if cfg!(target_endian = "little") {
        for word in swapped[..fixed].chunks_exact_mut(4) {
            word.reverse();
        }
    }
    swapped
}

fn bytes(packet: &Packet) -> usize {
    match packet {
        Packet::V4(packet) => packet.bytes as usize,
        Packet::V6(packet) => packet.bytes as usize,
    }
}

fn protocol(packet: &Packet) -> Protocol {
    match packet {
        Packet::V4(packet) => packet.protocol,
        Packet::V6(packet) => packet.protocol,
    }
}
