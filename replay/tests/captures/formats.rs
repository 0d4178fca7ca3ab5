//! Every format that is read.

use std::io::Write;

use defender_replay::capture::{Reason, Tolerance};

use crate::{
    build::{BOTH, Endian, MICROSECONDS, NANOSECONDS, PACKET, PATCHED, RAW},
    read, read_all, reason,
};

fn times(file: &[u8]) -> Vec<u64> {
    let (packets, faults) = read_all(file);
    assert!(faults.is_empty(), "{faults:?}");
    assert!(
        packets
            .iter()
            .all(|packet| packet.ip.as_deref() == Some(PACKET))
    );
    packets.iter().map(|packet| packet.time.as_secs()).collect()
}

#[test]
fn pcap_of_either_byte_order_and_every_kind_is_read() {
    for endian in BOTH {
        for magic in [MICROSECONDS, NANOSECONDS, PATCHED] {
            let file = endian.pcap(magic, RAW, &[(7, PACKET), (9, PACKET)]);
            assert_eq!(times(&file), [7, 9]);
            let (packets, _) = read_all(&file);
            let fraction = if magic == NANOSECONDS {
                999_999
            } else {
                999_999_000
            };
            assert_eq!(packets[0].time.subsec_nanos(), fraction);
        }
    }
}

#[test]
fn lengths_of_old_pcap_are_in_the_other_order() {
    for (minor, swapped) in [(2, true), (3, true), (3, false), (4, false)] {
        let mut file = Endian::Big.pcap(MICROSECONDS, RAW, &[(7, PACKET)]);
        file[7] = minor;
        let (captured, whole) = (20_u32.to_be_bytes(), 1500_u32.to_be_bytes());
        let (first, second) = if swapped {
            (whole, captured)
        } else {
            (captured, whole)
        };
        file[32..36].copy_from_slice(&first);
        file[36..40].copy_from_slice(&second);
        let (packets, _) = read_all(&file);
        assert_eq!(packets[0].ip.as_ref().unwrap().len(), 1500, "2.{minor}");
    }
}

#[test]
fn every_packet_block_of_pcapng_is_read() {
    for endian in BOTH {
        let file = [
            endian.section(),
            endian.interface(RAW as u16, &[]),
            endian.block(0x0bad_cafe, b"what nobody knows"),
            endian.enhanced(0, 7_000_001, PACKET, 20),
            endian.simple(PACKET),
            endian.packet(0, 9_000_000, PACKET),
        ]
        .concat();
        // The simple packet has no time of its own.
        assert_eq!(times(&file), [7, 7, 9]);
    }
}

#[test]
fn a_simple_packet_before_any_other_has_the_time_of_the_next_one() {
    let endian = Endian::Little;
    let begin = [endian.section(), endian.interface(RAW as u16, &[])].concat();
    let file = [
        begin.clone(),
        endian.simple(PACKET),
        endian.simple(PACKET),
        endian.enhanced(0, 7_000_000, PACKET, 20),
        endian.simple(PACKET),
    ]
    .concat();
    assert_eq!(times(&file), [7, 7, 7, 7]);
    // With no time at all, it is 1970.
    let file = [begin, endian.simple(PACKET), endian.simple(PACKET)].concat();
    assert_eq!(times(&file), [0, 0]);
}

#[test]
fn every_interface_of_every_section_has_its_own_link_resolution_and_offset() {
    const RESOLUTION: u16 = 9;
    const OFFSET: u16 = 14;
    for endian in BOTH {
        let other = match endian {
            Endian::Little => Endian::Big,
            Endian::Big => Endian::Little,
        };
        let loopback = [&[0, 0, 0, 2], PACKET].concat();
        let file = [
            endian.section(),
            endian.interface(RAW as u16, &[(RESOLUTION, &[9])]),
            endian.interface(
                108,
                &[(RESOLUTION, &[0x80 | 10]), (OFFSET, &endian.u64(1000))],
            ),
            endian.enhanced(1, 2048, &loopback, 24),
            endian.enhanced(0, 5_999_999_999, PACKET, 20),
            // A new section begins with no interfaces, and may have the other order of bytes.
            other.section(),
            other.interface(RAW as u16, &[]),
            other.enhanced(0, 6_000_000, PACKET, 20),
        ]
        .concat();
        assert_eq!(times(&file), [1002, 5, 6]);
    }
}

#[test]
fn times_beyond_32_bits_are_read() {
    let endian = Endian::Little;
    // The year 2200, in microseconds.
    let file = [
        endian.section(),
        endian.interface(RAW as u16, &[]),
        endian.enhanced(0, 7_258_118_400_000_000, PACKET, 20),
    ]
    .concat();
    assert_eq!(times(&file), [7_258_118_400]);
}

#[test]
fn a_section_header_of_more_than_64_kib_is_read() {
    let endian = Endian::Little;
    let header = endian.section_with(&[60_000, 60_000]);
    assert!(matches!(reason(&header), Reason::NoPackets));
    let file = [
        header,
        endian.interface(
            RAW as u16,
            &[(1, &vec![b'c'; 60_000]), (1, &[b'c'; 60_000])],
        ),
        endian.enhanced(0, 7_000_000, PACKET, 20),
    ]
    .concat();
    assert_eq!(times(&file), [7]);
}

#[test]
fn who_sent_a_packet_is_read() {
    const FLAGS: u16 = 2;
    let endian = Endian::Big;
    let with =
        |flags| endian.enhanced_with(0, 7_000_000, PACKET, 20, &[(FLAGS, &endian.u32(flags))]);
    let file = [
        endian.section(),
        endian.interface(RAW as u16, &[]),
        with(1),
        with(2),
        with(0),
    ]
    .concat();
    let (packets, _) = read_all(&file);
    let sent: Vec<_> = packets.iter().map(|packet| packet.link.sent_here).collect();
    assert_eq!(sent, [Some(false), Some(true), None]);
}

/// Compressed as programs do it, not by the library that reads it.
pub fn compressed(program: &str, file: &[u8]) -> Option<Vec<u8>> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("file");
    std::fs::File::create(&path)
        .unwrap()
        .write_all(file)
        .unwrap();
    let output = std::process::Command::new(program)
        .arg("-c")
        .arg(&path)
        .output();
    match output {
        Ok(output) if output.status.success() => Some(output.stdout),
        _ if std::env::var_os("CI").is_some() => panic!("{program} is missing"),
        _ => {
            eprintln!("skipped: {program} is missing");
            None
        }
    }
}

#[test]
fn compressed_captures_are_read_by_their_magic() {
    // Nothing that would be small in the end.
    let mut state = 1_u32;
    let bytes = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    });
    let packet = [PACKET, &bytes.take(200).collect::<Vec<_>>()].concat();
    let packet_of = |second: u32| {
        let mut packet = packet.clone();
        for (at, byte) in packet[20..].iter_mut().enumerate() {
            *byte ^= (second as usize * at % 251) as u8;
        }
        packet
    };
    let packets: Vec<_> = (0..5000)
        .map(|second| (second, packet_of(second)))
        .collect();
    let packets: Vec<_> = packets
        .iter()
        .map(|(second, packet)| (*second, &packet[..]))
        .collect();
    let plain = Endian::Little.pcap(MICROSECONDS, RAW, &packets);
    let count = |file: &[u8]| {
        let (packets, faults) = read_all(file);
        assert!(faults.is_empty(), "{faults:?}");
        packets.len()
    };
    for program in ["gzip", "zstd"] {
        let Some(file) = compressed(program, &plain) else {
            continue;
        };
        assert_eq!(count(&file), 5000, "{program}");
        // Several members or frames in one file are one after the other.
        let (head, tail) = plain.split_at(1000);
        let parts = [head, tail].map(|part| compressed(program, part).unwrap());
        assert_eq!(count(&parts.concat()), 5000, "{program}");
        // What is cut says so. Of zstd the last megabytes are lost with it: its decoder gives them only at a frame's end.
        match read(&file[..file.len() / 2], Tolerance::Lenient) {
            Ok((some, faults)) => {
                assert!((1..5000).contains(&some.len()), "{program}: {}", some.len());
                assert_eq!(faults.len(), 1, "{faults:?}");
                assert!(faults[0].contains("is cut"), "{faults:?}");
            }
            Err(reason) => {
                assert_eq!(program, "zstd");
                assert!(matches!(reason, Reason::CutHeader), "{reason}");
            }
        }
        // And what is compressed twice is read, too.
        assert_eq!(count(&compressed(program, &file).unwrap()), 5000);
    }
}

#[test]
fn a_frame_larger_than_any_buffer_is_read() {
    let large = vec![0x45; 3 << 20];
    let file = Endian::Little.pcap(MICROSECONDS, RAW, &[(7, &large), (8, PACKET)]);
    assert_eq!(read_all(&file).0.len(), 2);
}

#[test]
fn a_file_that_is_empty_or_something_else_says_so() {
    assert!(matches!(reason(b""), Reason::Empty));
    assert!(matches!(reason(b"hello, world"), Reason::UnknownFormat));
    let snoop = [b"snoop\0\0\0".as_slice(), &[0, 0, 0, 2, 0, 0, 0, 4]].concat();
    let text = reason(&snoop).to_string();
    assert!(text.contains("snoop") && text.contains("editcap"), "{text}");
    let pcap = Endian::Little.pcap(MICROSECONDS, RAW, &[]);
    assert!(matches!(reason(&pcap), Reason::NoPackets));
    for length in 4..24 {
        assert!(
            matches!(reason(&pcap[..length]), Reason::CutHeader),
            "{length}"
        );
    }
    let pcapng = Endian::Little.section();
    for length in 4..28 {
        assert!(
            matches!(reason(&pcapng[..length]), Reason::CutHeader),
            "{length}"
        );
    }
}

#[test]
fn what_is_endless_is_refused_by_its_beginning() {
    for byte in [0_u8, b'y'] {
        let error = crate::begin(std::io::repeat(byte), Tolerance::Lenient)
            .err()
            .unwrap();
        assert!(matches!(error.reason, Reason::UnknownFormat));
    }
    // Zeros without end, compressed.
    if let Some(zeros) = compressed("gzip", &vec![0; 1 << 20]) {
        assert!(matches!(
            read(&zeros, Tolerance::Lenient),
            Err(Reason::UnknownFormat)
        ));
    }
}
