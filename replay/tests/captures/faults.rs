//! What cannot be read, and what is mended.

use defender_replay::capture::{Fault, Reason, Tolerance};

use crate::{
    build::{BOTH, ETHERNET, Endian, MICROSECONDS, PACKET, RAW, udp},
    read, read_all, reason,
};

/// What is said, when it is one sentence.
fn complaint(file: &[u8], packets: usize) -> String {
    let (read, mut sentences) = read_all(file);
    assert_eq!((read.len(), sentences.len()), (packets, 1), "{sentences:?}");
    sentences.remove(0)
}

/// The fault, when everything must be readable.
fn strict(file: &[u8]) -> (Fault, u64) {
    match read(file, Tolerance::Strict) {
        Err(Reason::Fault { fault, whole }) => (fault, whole),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_cut_capture_has_its_whole_packets() {
    let packets: &[(u32, &[u8])] = &[(7, PACKET), (8, PACKET)];
    let pcap = Endian::Little.pcap(MICROSECONDS, RAW, packets);
    for length in 25..60 {
        assert!(matches!(
            reason(&pcap[..length]),
            Reason::Fault {
                fault: Fault::Cut,
                whole: 0
            }
        ));
    }
    for length in 61..96 {
        assert!(complaint(&pcap[..length], 1).contains("is cut"), "{length}");
        assert_eq!(strict(&pcap[..length]), (Fault::Cut, 1));
    }
    for endian in BOTH {
        let begin = [endian.section(), endian.interface(RAW as u16, &[])].concat();
        let packet = endian.enhanced(0, 7_000_000, PACKET, 20);
        let file = [begin.clone(), packet.clone(), packet].concat();
        for length in begin.len() + 53..file.len() {
            assert!(complaint(&file[..length], 1).contains("is cut"), "{length}");
        }
    }
}

#[test]
fn a_bad_packet_does_not_take_the_others_with_it() {
    for endian in BOTH {
        let good = endian.enhanced(0, 7_000_000, PACKET, 20);
        let mut lies = endian.enhanced(0, 7_000_000, PACKET, 20);
        // It claims to have captured more than its block holds, or all there could be.
        for captured in [21, 1000, u32::MAX] {
            lies[20..24].copy_from_slice(&endian.u32(captured));
            let file = file_of(endian, &[&good, &lies, &good]);
            assert!(complaint(&file, 2).contains("lengths"), "{captured}");
        }
        for (bad, words) in [
            (endian.enhanced(3, 7_000_000, PACKET, 20), "interface 3"),
            (endian.enhanced(0, u64::MAX, PACKET, 20), "1970 and 9999"),
            (endian.enhanced(1, 7_000_000, PACKET, 20), "link type 105"),
            (endian.block(6, &[0; 8]), "lengths"),
            (endian.block(2, &[]), "lengths"),
            (endian.block(3, &[]), "lengths"),
        ] {
            let words = if words.contains("105") {
                "link type 147"
            } else {
                words
            };
            let file = file_of(endian, &[&good, &bad, &good, &bad]);
            let said = complaint(&file, 2);
            assert!(said.contains(words) && said.contains("2 packets"), "{said}");
            assert_eq!(strict(&file).1, 1);
            // Nothing but that: then it is an error.
            let error = reason(&file_of(endian, &[&bad])).to_string();
            assert!(error.contains(words), "{error}");
        }
    }
}

/// A capture with an interface that is read and one that is not.
fn file_of(endian: Endian, blocks: &[&[u8]]) -> Vec<u8> {
    let begin = [
        endian.section(),
        endian.interface(RAW as u16, &[]),
        endian.interface(147, &[]),
    ]
    .concat();
    [&begin[..], &blocks.concat()].concat()
}

#[test]
fn what_is_no_block_ends_the_capture() {
    let endian = Endian::Little;
    let good = endian.enhanced(0, 7_000_000, PACKET, 20);
    for garbage in [[6_u32, 3], [4, 0], [1, 11], [6, u32::MAX]] {
        let garbage = garbage.map(|word| endian.u32(word)).concat().repeat(4);
        let file = file_of(endian, &[&good, &garbage, &good]);
        let said = complaint(&file, 1);
        assert!(said.contains("byte") || said.contains("is cut"), "{said}");
    }
    // A record that claims more than any packet has.
    let mut huge = endian.pcap(MICROSECONDS, RAW, &[(7, PACKET), (8, PACKET)]);
    huge[24 + 36 + 8..][..4].copy_from_slice(&[0xff; 4]);
    assert!(complaint(&huge, 1).contains("byte 60"));
    assert_eq!(strict(&huge), (Fault::Damaged { offset: 60 }, 1));
}

#[test]
fn a_link_type_that_is_not_read_is_named() {
    let file = Endian::Little.pcap(MICROSECONDS, 147, &[(7, PACKET)]);
    let text = reason(&file).to_string();
    assert!(text.contains("link type 147"), "{text}");
}

#[test]
fn a_broken_option_does_not_take_its_packet_with_it() {
    let endian = Endian::Little;
    let mut packet = endian.enhanced_with(0, 7_000_000, PACKET, 20, &[(1, b"four")]);
    let length = packet.len();
    // The option claims to be longer than its block.
    packet[length - 10..length - 8].copy_from_slice(&endian.u16(0xffff));
    assert_eq!(read_all(&file_of(endian, &[&packet])).0.len(), 1);
}

#[test]
fn a_packet_cut_by_the_snap_length_gets_its_length_back() {
    let endian = Endian::Little;
    let mut pcap = endian.pcap(MICROSECONDS, RAW, &[(7, PACKET)]);
    pcap[36..40].copy_from_slice(&endian.u32(1500));
    let pcapng = file_of(endian, &[&endian.enhanced(0, 7_000_000, PACKET, 1500)]);
    for file in [pcap, pcapng] {
        let (packets, _) = read_all(&file);
        let ip = packets[0].ip.as_deref().unwrap();
        assert_eq!(ip.len(), 1500);
        assert_eq!(&ip[..20], PACKET);
        assert!(ip[20..].iter().all(|byte| *byte == 0));
    }
}

#[test]
fn the_largest_ipv6_packet_may_be_cut() {
    let mut frame = vec![2; 12];
    frame.extend([0x86, 0xdd, 0x60, 0, 0, 0, 0xff, 0xff, 17, 64]);
    frame.resize(14 + 48, 0);
    let mut file = Endian::Little.pcap(MICROSECONDS, ETHERNET, &[(7, &frame)]);
    file[36..40].copy_from_slice(&(14 + 40 + 65_535_u32).to_le_bytes());
    let (packets, _) = read_all(&file);
    assert_eq!(packets[0].ip.as_ref().unwrap().len(), 65_575);
}

#[test]
fn a_length_of_zero_is_the_frames_and_is_said() {
    let mut packet = udp([10, 0, 0, 2], [10, 0, 0, 1], 2992);
    packet[2..4].fill(0);
    let file = Endian::Little.pcap(MICROSECONDS, RAW, &[(7, &packet), (8, PACKET)]);
    let (packets, sentences) = read_all(&file);
    assert_eq!(
        packets[0].ip.as_ref().unwrap()[2..4],
        3020_u16.to_be_bytes()
    );
    assert!(
        sentences[0].contains("1 IP packet without a length"),
        "{sentences:?}"
    );
}

#[test]
fn flipped_bytes_and_cuts_never_panic() {
    let endian = Endian::Little;
    let seeds = [
        endian.pcap(MICROSECONDS, 1, &[(7, &[0x81; 40]), (8, PACKET)]),
        [
            endian.section(),
            endian.interface(1, &[(9, &[9]), (14, &[0; 8])]),
            endian.enhanced(0, 7_000_000, PACKET, 20),
            endian.packet(0, 7_000_000, PACKET),
            endian.simple(PACKET),
            endian.block(5, &[0; 12]),
        ]
        .concat(),
    ];
    for seed in seeds {
        for at in 0..seed.len() {
            for value in [0x00, 0x01, 0x7f, 0x80, 0xff] {
                let mut file = seed.clone();
                file[at] = value;
                // Any answer will do, as long as there is one.
                let _ = read(&file, Tolerance::Lenient);
                let _ = read(&file[..at], Tolerance::Strict);
            }
        }
    }
}
