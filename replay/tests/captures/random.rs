//! Odd captures at random, read by a second reader: another library, that reads less.

use pcap_parser::{
    Block, Linktype, PcapBlockOwned, PcapError, PcapNGReader,
    traits::{PcapNGPacketBlock, PcapReaderIterator},
};
use proptest::{collection::vec, prelude::*};

use crate::{
    build::{Endian, PACKET, RAW},
    read,
};
use defender_replay::capture::Tolerance;

/// A block of a capture.
#[derive(Clone, Debug)]
enum Piece {
    Interface(Option<u8>),
    Enhanced(u8, u32, usize),
    Simple(usize),
    Unknown(u32, usize),
    Section(bool),
}

fn piece() -> impl Strategy<Value = Piece> {
    prop_oneof![
        prop_oneof![Just(None), Just(Some(3)), Just(Some(6)), Just(Some(9))]
            .prop_map(Piece::Interface),
        (0..3_u8, 0..2_000_000_000_u32, 20..200_usize).prop_map(|(interface, seconds, length)| {
            Piece::Enhanced(interface, seconds, length)
        }),
        (20..200_usize).prop_map(Piece::Simple),
        (7..9_u32, 0..100_usize).prop_map(|(kind, length)| Piece::Unknown(0x7000 + kind, length)),
        any::<bool>().prop_map(Piece::Section),
    ]
}

/// A capture, and the packets in it with their times, where they have one.
fn build(pieces: &[Piece]) -> (Vec<u8>, usize) {
    let mut endian = Endian::Little;
    let mut file = endian.section();
    let mut interfaces = Vec::<u8>::new();
    let mut packets = 0;
    for piece in pieces {
        match *piece {
            Piece::Section(big) => {
                endian = if big { Endian::Big } else { Endian::Little };
                file.extend(endian.section());
                interfaces.clear();
            }
            Piece::Interface(resolution) => {
                let options: &[(u16, &[u8])] = match &resolution {
                    Some(resolution) => &[(9, &[*resolution])],
                    None => &[],
                };
                file.extend(endian.interface(RAW as u16, options));
                interfaces.push(resolution.unwrap_or(6));
            }
            Piece::Enhanced(interface, seconds, length) => {
                if let Some(resolution) = interfaces.get(usize::from(interface)) {
                    packets += 1;
                    let ticks = u64::from(seconds) * 10_u64.pow(u32::from(*resolution));
                    let data = packet(length);
                    file.extend(endian.enhanced(interface.into(), ticks, &data, length as u32));
                }
            }
            Piece::Simple(length) => {
                if !interfaces.is_empty() {
                    packets += 1;
                    file.extend(endian.simple(&packet(length)));
                }
            }
            Piece::Unknown(kind, length) => file.extend(endian.block(kind, &vec![7; length])),
        }
    }
    (file, packets)
}

fn packet(length: usize) -> Vec<u8> {
    let mut packet = PACKET.to_vec();
    packet.resize(length, length as u8);
    packet
}

/// Seconds, when they are said, and bytes of every packet, by the other library.
fn second_reader(file: &[u8]) -> Vec<(Option<u64>, Vec<u8>)> {
    let mut reader = PcapNGReader::new(1 << 16, file).unwrap();
    let mut interfaces = Vec::new();
    let mut packets = Vec::new();
    loop {
        match reader.next() {
            Ok((length, PcapBlockOwned::NG(block))) => {
                match &block {
                    Block::SectionHeader(_) => interfaces.clear(),
                    Block::InterfaceDescription(interface) => {
                        assert_eq!(interface.linktype, Linktype(RAW as i32));
                        interfaces.push(10_u64.pow(u32::from(interface.if_tsresol)));
                    }
                    Block::EnhancedPacket(packet) => {
                        let ticks = u64::from(packet.ts_high) << 32 | u64::from(packet.ts_low);
                        let seconds = ticks / interfaces[packet.if_id as usize];
                        packets.push((Some(seconds), packet.packet_data().to_vec()));
                    }
                    Block::SimplePacket(packet) => {
                        packets.push((None, packet.packet_data().to_vec()));
                    }
                    _ => {}
                }
                reader.consume(length);
            }
            Ok(_) => unreachable!(),
            Err(PcapError::Eof) => return packets,
            Err(PcapError::Incomplete(_)) => reader.refill().unwrap(),
            Err(error) => panic!("{error:?}"),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn two_readers_read_the_same(pieces in vec(piece(), 0..40)) {
        let (file, count) = build(&pieces);
        let expected = second_reader(&file);
        prop_assert_eq!(expected.len(), count);
        let Ok((packets, faults)) = read(&file, Tolerance::Strict) else {
            prop_assert_eq!(count, 0);
            return Ok(());
        };
        prop_assert!(faults.is_empty());
        prop_assert_eq!(packets.len(), count);
        let first_known = expected.iter().find_map(|(seconds, _)| *seconds).unwrap_or(0);
        let mut last = first_known;
        for (ours, (seconds, bytes)) in packets.iter().zip(&expected) {
            last = seconds.unwrap_or(last);
            prop_assert_eq!(ours.time.as_secs(), last);
            prop_assert_eq!(ours.ip.as_ref(), Some(bytes));
        }
    }

    #[test]
    fn any_bytes_behind_a_header_end_well(
        big in any::<bool>(),
        kind in prop_oneof![Just(0_u32), 1..7_u32, any::<u32>()],
        body in vec(any::<u8>(), 0..120),
        cut in 0..200_usize,
    ) {
        let endian = if big { Endian::Big } else { Endian::Little };
        let mut file = [
            endian.section(),
            endian.interface(1, &[]),
            endian.block(kind, &body),
            endian.enhanced(0, 7_000_000, &body, 2000),
            body,
        ]
        .concat();
        let _ = read(&file, Tolerance::Lenient);
        file.truncate(cut);
        let _ = read(&file, Tolerance::Strict);
    }

    /// Every link type, on any bytes.
    #[test]
    fn no_frame_breaks_a_link_layer(link in 0..300_u32, frame in vec(any::<u8>(), 0..200)) {
        let file = Endian::Little.pcap(crate::build::MICROSECONDS, link, &[(7, &frame)]);
        let _ = read(&file, Tolerance::Lenient);
    }
}
