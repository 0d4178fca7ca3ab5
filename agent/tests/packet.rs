//! The packet parser: what it says of valid packets, and that no bytes whatever make it panic, read too far, or say
//! something that the packet does not.

mod support;

use std::net::{Ipv4Addr, Ipv6Addr};

use defender_agent::Protocol;
use defender_agent::packet::{
    Delivered, HeaderOrder, HostOrder, NetworkOrder, Packet, Rejection, parse, parse_delivered,
    parse_usual_delivered_v4, parse_usual_delivered_v6, parse_usual_v4, parse_usual_v6,
    protocol_bits,
};
use proptest::collection::vec;
use proptest::prelude::*;
use support::capture::{self, Capture, Totals};
use support::packets::{
    self, Built, Content, Extension, Fragment, any_packet, any_protocol, build_v4, build_v6,
};

const V4: (Ipv4Addr, Ipv4Addr) = (Ipv4Addr::new(10, 0, 0, 2), Ipv4Addr::new(192, 168, 1, 254));
const V6: (Ipv6Addr, Ipv6Addr) = (
    Ipv6Addr::new(0xFD77, 0, 0, 0, 0, 0, 0, 2),
    Ipv6Addr::new(0x2001, 0xDB8, 1, 2, 3, 4, 5, 6),
);

const DNS: Content = Content {
    protocol: Protocol::Udp,
    ports: (5000, 53),
    data: 4,
};

fn whole(packet: &[u8]) -> Result<Packet, Rejection> {
    parse::<NetworkOrder>(packet, packet.len())
}

/// What the short ways say of a packet.
fn usual(head: &[u8], length: usize) -> Vec<Packet> {
    let ipv4 = parse_usual_v4(head, length).map(|usual| usual.packet());
    let ipv6 = parse_usual_v6(head, length).map(|usual| usual.packet());
    ipv4.into_iter().chain(ipv6).collect()
}

fn is_v4<O: HeaderOrder>(headers: &[u8]) -> bool {
    headers
        .first_chunk()
        .is_some_and(|first| O::word(*first) >> 28 == 4)
}

/// The same of a packet that a stack has taken apart.
fn usual_delivered<O: HeaderOrder>(packet: Delivered<'_>) -> Vec<Packet> {
    let Delivered {
        headers,
        transport,
        length,
        ..
    } = packet;
    // They are asked for TCP and UDP only.
    let protocol = match packet.protocol {
        Protocol::Icmp => return Vec::new(),
        protocol => protocol_bits(protocol),
    };
    // No stack delivers another version in so few bytes.
    let ipv4 = parse_usual_delivered_v4::<O, _>(protocol, headers, transport, || length)
        .filter(|_| is_v4::<O>(headers));
    let ipv6 = parse_usual_delivered_v6::<O, _>(protocol, headers, transport, || length);
    let (ipv4, ipv6) = (
        ipv4.map(|usual| usual.packet()),
        ipv6.map(|usual| usual.packet()),
    );
    ipv4.into_iter().chain(ipv6).collect()
}

fn protocol(packet: &Packet) -> Protocol {
    match packet {
        Packet::V4(seen) => seen.protocol,
        Packet::V6(seen) => seen.protocol,
    }
}

/// Ports and bytes.
fn summary(packet: Packet) -> (u16, u16, u32) {
    match packet {
        Packet::V4(seen) => (seen.source_port, seen.destination_port, seen.bytes),
        Packet::V6(seen) => (seen.source_port, seen.destination_port, seen.bytes),
    }
}

#[test]
fn a_datagram_says_its_addresses_ports_and_bytes() {
    // Written down byte by byte, so that no builder can be wrong in the same way as the parser.
    let packet = [
        0x45, 0, 0, 30, 0, 0, 0x40, 0, 64, 17, 0, 0, 10, 0, 0, 2, 192, 168, 1, 254, //
        0x13, 0x88, 0, 53, 0, 10, 0, 0, 0xAB, 0xCD,
    ];
    let Ok(Packet::V4(seen)) = whole(&packet) else {
        panic!("not an IPv4 packet: {:?}", whole(&packet));
    };
    assert_eq!(seen.protocol, Protocol::Udp);
    assert_eq!((seen.source, seen.destination), V4);
    assert_eq!((seen.source_port, seen.destination_port), (5000, 53));
    assert_eq!(seen.bytes, 10);
}

#[test]
fn the_usual_packets_take_the_short_way() {
    for protocol in [Protocol::Tcp, Protocol::Udp] {
        let content = Content { protocol, ..DNS };
        for packet in [
            build_v4(V4, 0, None, &content),
            build_v6(V6, &[], None, &[], &content),
        ] {
            let says = [packet.says];
            let first = packet.transport + 4;
            assert_eq!(usual(&packet.bytes[..first], packet.bytes.len()), says);
            let swapped = packet.in_host_order();
            let (headers, transport) = swapped.split_at(packet.transport);
            let delivered = Delivered {
                protocol,
                headers,
                transport: &transport[..4],
                length: transport.len(),
            };
            assert_eq!(usual_delivered::<HostOrder>(delivered), says);
        }
    }
}

#[test]
fn options_are_neither_ports_nor_bytes() {
    for options in 0..=10 {
        let packet = build_v4(V4, options, None, &DNS);
        assert_eq!(packet.bytes.len(), 20 + 4 * options + 12);
        assert_eq!(whole(&packet.bytes).map(summary), Ok((5000, 53, 12)));
    }
}

#[test]
fn every_extension_header_is_walked() {
    for extension in [
        Extension::HopByHop(0),
        Extension::HopByHop(2),
        Extension::DestinationOptions(1),
        Extension::Routing(2),
        Extension::Authentication(0),
        Extension::Authentication(3),
    ] {
        let packet = build_v6(V6, &[extension], None, &[], &DNS);
        let said = whole(&packet.bytes).map(summary);
        assert_eq!(said, Ok((5000, 53, 12)), "{extension:?}");
    }
    let before = [Extension::HopByHop(0), Extension::Routing(1)];
    let behind = [
        Extension::Authentication(4),
        Extension::DestinationOptions(0),
    ];
    let packet = build_v6(V6, &before, Some(Fragment::First), &behind, &DNS);
    assert_eq!(whole(&packet.bytes).map(summary), Ok((5000, 53, 12)));
}

#[test]
fn eight_extension_headers_are_walked_and_no_more() {
    let said = |count| {
        let packet = build_v6(
            V6,
            &vec![Extension::DestinationOptions(0); count],
            None,
            &[],
            &DNS,
        );
        whole(&packet.bytes).map(summary)
    };
    assert_eq!(said(8), Ok((5000, 53, 12)));
    assert_eq!(said(9), Err(Rejection::OtherProtocol));
    assert_eq!(said(100), Err(Rejection::OtherProtocol));
}

#[test]
fn a_later_fragment_has_no_ports_but_all_its_bytes() {
    for data in [0, 1, 3, 4, 8, 40] {
        let content = Content { data, ..DNS };
        for offset in (0..13).map(|bit| 1 << bit).chain([0x1FFF]) {
            let fragment = Some(Fragment::Later(offset));
            let expected = Ok((0, 0, data as u32));
            let packet = build_v4(V4, 0, fragment, &content);
            assert_eq!(whole(&packet.bytes).map(summary), expected);
            let packet = build_v6(V6, &[Extension::HopByHop(0)], fragment, &[], &content);
            assert_eq!(whole(&packet.bytes).map(summary), expected);
        }
    }
}

#[test]
fn what_follows_a_later_fragment_header_is_no_extension_header() {
    // The fragment header says that the fragmented part begins with destination options; here is its middle.
    let mut packet = build_v6(V6, &[], Some(Fragment::Later(4)), &[], &DNS).bytes;
    packet[40] = 60;
    assert_eq!(whole(&packet), Err(Rejection::OtherProtocol));
}

#[test]
fn a_first_fragment_too_tiny_for_its_ports_is_malformed() {
    for bytes in 0..4 {
        let mut packet = build_v4(V4, 0, Some(Fragment::First), &DNS).bytes;
        packet.truncate(20 + bytes);
        packet[3] = packet.len() as u8;
        assert_eq!(whole(&packet), Err(Rejection::Malformed), "{bytes} bytes");
        // What pads the frame is no transport header.
        packet.resize(46, 0xEE);
        assert_eq!(whole(&packet), Err(Rejection::Malformed), "{bytes} bytes");
    }
    let mut packet = build_v4(V4, 0, Some(Fragment::First), &DNS).bytes;
    packet.truncate(24);
    packet[3] = 24;
    assert_eq!(whole(&packet).map(summary), Ok((5000, 53, 4)));
}

#[test]
fn other_protocols_make_no_flow() {
    // IGMP, IPv4 in IPv4, IPv6 in IPv4, GRE, ESP, AH, ICMPv6, OSPF.
    for number in [2, 4, 41, 47, 50, 51, 58, 89] {
        let mut packet = build_v4(V4, 0, None, &DNS).bytes;
        packet[9] = number;
        assert_eq!(whole(&packet), Err(Rejection::OtherProtocol), "{number}");
    }
    // ICMP of IPv4, IPv4 in IPv6, GRE, ESP, no next header, OSPF.
    for number in [1, 4, 47, 50, 59, 89] {
        let mut packet = build_v6(V6, &[], None, &[], &DNS).bytes;
        packet[6] = number;
        assert_eq!(whole(&packet), Err(Rejection::OtherProtocol), "{number}");
        let mut packet = build_v6(V6, &[Extension::Routing(0)], None, &[], &DNS).bytes;
        packet[40] = number;
        assert_eq!(whole(&packet), Err(Rejection::OtherProtocol), "{number}");
    }
}

#[test]
fn lengths_that_contradict_each_other_are_malformed() {
    let packet = build_v4(V4, 1, None, &DNS).bytes;
    let mut short_header = packet.clone();
    short_header[0] = 0x44;
    let mut header_beyond_total = packet.clone();
    header_beyond_total[3] = 23;
    let mut version_5 = packet.clone();
    version_5[0] = 0x56;
    for broken in [short_header, header_beyond_total, version_5] {
        assert_eq!(whole(&broken), Err(Rejection::Malformed));
    }
    // An extension header that claims more than the payload has.
    for (extension, unit, first) in [
        (Extension::HopByHop(0), 8, 1),
        (Extension::Authentication(0), 4, 2),
    ] {
        let mut packet = build_v6(V6, &[extension], None, &[], &DNS).bytes;
        let payload = packet.len() - 40;
        for claim in 0..=255_u8 {
            packet[41] = claim;
            if (usize::from(claim) + first) * unit > payload {
                let said = whole(&packet);
                assert_eq!(said, Err(Rejection::Malformed), "{extension:?}: {claim}");
            }
        }
    }
}

#[test]
fn the_longest_packets_are_read_from_their_head() {
    let content = Content {
        data: 65_535 - 20 - 8,
        ..DNS
    };
    let packet = build_v4(V4, 0, None, &content).bytes;
    let said = parse::<NetworkOrder>(&packet[..24], packet.len());
    assert_eq!(said.map(summary), Ok((5000, 53, 65_515)));
    let content = Content {
        data: 65_535 - 8,
        ..DNS
    };
    let packet = build_v6(V6, &[], None, &[], &content).bytes;
    let said = parse::<NetworkOrder>(&packet[..44], packet.len());
    assert_eq!(said.map(summary), Ok((5000, 53, 65_535)));
}

/// What must hold of any bytes: every prefix of them says the same, or that it is too short.
fn check_prefixes(bytes: &[u8]) -> Result<(), TestCaseError> {
    let said = whole(bytes);
    let too_short = matches!(said, Err(Rejection::HeadTooShort { .. }));
    prop_assert!(!too_short, "there is no more of it");
    if let Ok(packet) = said {
        let (.., counted) = summary(packet);
        prop_assert!(counted as usize <= bytes.len() - 20);
    }
    for given in 0..=bytes.len() {
        // A copy of its own, so that Miri sees the first byte that is read behind it.
        let head = bytes[..given].to_vec().into_boxed_slice();
        let from_head = parse::<NetworkOrder>(&head, bytes.len());
        for packet in usual(&head, bytes.len()) {
            prop_assert_eq!(from_head, Ok(packet), "the short way, {} bytes", given);
        }
        if from_head != Err(Rejection::HeadTooShort { given }) {
            prop_assert_eq!(from_head, said, "from the first {} bytes", given);
        }
        let cut = whole(&head);
        for packet in usual(&head, given) {
            prop_assert_eq!(cut, Ok(packet), "the short way, cut after {}", given);
        }
        let ends_earlier = cut == Err(Rejection::Malformed);
        prop_assert!(
            ends_earlier || cut == said,
            "cut after {}: {:?}",
            given,
            cut
        );
    }
    Ok(())
}

proptest! {
    #![proptest_config(support::cases(1024))]

    #[test]
    fn a_valid_packet_says_what_was_put_into_it(packet in any_packet(), padding in 0..9_usize) {
        prop_assert_eq!(whole(&packet.bytes), Ok(packet.says));
        let mut padded = packet.bytes.clone();
        padded.resize(padded.len() + padding, 0xEE);
        prop_assert_eq!(whole(&padded), Ok(packet.says));
        let swapped = packet.in_host_order();
        prop_assert_eq!(parse::<HostOrder>(&swapped, swapped.len()), Ok(packet.says));
    }

    #[test]
    fn a_cut_packet_is_malformed(packet in any_packet()) {
        for length in 0..packet.bytes.len() {
            prop_assert_eq!(whole(&packet.bytes[..length]), Err(Rejection::Malformed));
            let swapped = packet.in_host_order();
            let cut = &swapped[..length];
            prop_assert_eq!(parse::<HostOrder>(cut, length), Err(Rejection::Malformed));
        }
    }

    #[test]
    fn the_head_with_the_headers_is_enough(packet in any_packet()) {
        let Built { bytes, says, head, .. } = packet;
        for given in 0..bytes.len() {
            let expected = if given < head {
                Err(Rejection::HeadTooShort { given })
            } else {
                Ok(says)
            };
            prop_assert_eq!(parse::<NetworkOrder>(&bytes[..given], bytes.len()), expected);
            for packet in usual(&bytes[..given], bytes.len()) {
                prop_assert_eq!(expected, Ok(packet));
            }
        }
    }

    #[test]
    fn a_packet_that_the_stack_took_apart_says_the_same(packet in any_packet()) {
        let swapped = packet.in_host_order();
        let (headers, transport) = swapped.split_at(packet.transport);
        let protocol = protocol(&packet.says);
        let length = transport.len();
        let delivered = |headers: &[u8], given: usize| {
            let packet = Delivered {
                protocol,
                headers,
                transport: &transport[..given],
                length,
            };
            let said = parse_delivered::<HostOrder>(packet);
            for packet in usual_delivered::<HostOrder>(packet) {
                assert_eq!(said, Ok(packet), "the short way");
            }
            said
        };
        let needed = packet.head.saturating_sub(packet.transport);
        for given in 0..=length {
            let expected = if given < needed {
                Err(Rejection::HeadTooShort { given })
            } else {
                Ok(packet.says)
            };
            prop_assert_eq!(delivered(headers, given), expected);
        }
        if let Packet::V4(_) = packet.says {
            // The stack may have taken the options out.
            prop_assert_eq!(delivered(&headers[..20], length), Ok(packet.says));
        }
    }

    #[test]
    fn any_parts_of_a_packet_do_no_harm(
        protocol in any_protocol(),
        version in prop_oneof![Just(4_u8), Just(6_u8), 0..16_u8],
        mut headers in prop_oneof![
            vec(any::<u8>(), 0..96),
            vec(any::<u8>(), 20),
            vec(any::<u8>(), 40),
        ],
        transport in vec(any::<u8>(), 0..8),
        more in 0..2000_usize,
    ) {
        if let Some(first) = headers.first_mut() {
            *first = version << 4 | *first & 0xF;
        }
        let length = transport.len() + more;
        let packet = Delivered {
            protocol,
            headers: &headers,
            transport: &transport,
            length,
        };
        let said = parse_delivered::<NetworkOrder>(packet);
        for packet in usual_delivered::<NetworkOrder>(packet) {
            prop_assert_eq!(said, Ok(packet), "the short way");
        }
        let swapped = parse_delivered::<HostOrder>(packet);
        for packet in usual_delivered::<HostOrder>(packet) {
            prop_assert_eq!(swapped, Ok(packet), "the short way");
        }
        if let Ok(packet) = said {
            let (.., counted) = summary(packet);
            prop_assert_eq!(counted as usize, length);
        }
    }

    #[test]
    fn any_bytes_of_any_claimed_length_do_no_harm(
        version in prop_oneof![Just(4_u8), Just(6_u8), 0..16_u8],
        mut head in vec(any::<u8>(), 0..96),
        more in prop_oneof![Just(0_usize), 0..2000_usize, Just(usize::MAX / 2)],
    ) {
        if let Some(first) = head.first_mut() {
            *first = version << 4 | *first & 0xF;
        }
        check_prefixes(&head)?;
        let length = head.len() + more;
        for packet in usual(&head, length) {
            prop_assert_eq!(parse::<NetworkOrder>(&head, length), Ok(packet), "the short way");
        }
        let said = [parse::<NetworkOrder>(&head, length), parse::<HostOrder>(&head, length)];
        for packet in said.into_iter().flatten() {
            let (.., counted) = summary(packet);
            prop_assert!((counted as usize) < length);
        }
    }

    #[test]
    fn a_packet_with_wrong_bytes_does_no_harm(
        packet in any_packet(),
        changes in vec((0..64_usize, any::<u8>()), 1..4),
    ) {
        let mut bytes = packet.bytes;
        for (at, value) in changes {
            let at = at % bytes.len();
            bytes[at] = value;
        }
        check_prefixes(&bytes)?;
    }
}

fn totals(capture: &Capture) -> Totals {
    let mut totals = Totals::new();
    for (_, bytes) in capture.packets() {
        let Ok(packet) = whole(&bytes) else { continue };
        if let Some(direction) = capture.direction(&packet) {
            capture::add_packet(&mut totals, direction, &packet);
        }
    }
    totals
}

#[test]
#[cfg_attr(miri, ignore = "reads files")]
fn the_captures_hold_the_flows_that_were_counted_independently() {
    for capture in [
        Capture::new("office", &["10.77.0.2", "fd77::2"]),
        Capture::new("scan", &["10.78.0.2", "fd78::2"]),
        Capture::new("exotic", &["10.79.0.2", "fd79::2"]),
        Capture::new("states", &["10.80.0.2"]),
    ] {
        let truth = capture.truth();
        assert!(!truth.is_empty());
        assert_eq!(totals(&capture), truth);
    }
}

#[test]
#[cfg_attr(miri, ignore = "reads files")]
fn malformed_packets_of_a_capture_do_no_harm() {
    let capture = Capture::new("malformed", &["10.79.0.2", "fd79::2"]);
    let packets = capture.packets();
    let read = packets.iter().filter(|(_, bytes)| {
        check_prefixes(bytes).unwrap();
        whole(bytes).is_ok_and(|packet| packets::addresses(&packet).0.is_ipv4())
    });
    let read = read.count();
    assert!(0 < read && read < packets.len());
}
