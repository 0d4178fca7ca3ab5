//! Captures built here, byte by byte, in every format that is read.

use std::{io::Write, path::Path};

use super::{CaptureError, Reason, Source, error::Damage, reader::MAX_BLOCK};

/// The beginning of an IPv4 packet from 10.0.0.2 to 10.0.0.1.
const PACKET: &[u8] = &[
    0x45, 0, 0, 20, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 2, 10, 0, 0, 1,
];

/// How numbers are written.
#[derive(Clone, Copy)]
enum Endian {
    Little,
    Big,
}

impl Endian {
    fn u16(self, number: u16) -> [u8; 2] {
        match self {
            Self::Little => number.to_le_bytes(),
            Self::Big => number.to_be_bytes(),
        }
    }

    fn u32(self, number: u32) -> [u8; 4] {
        match self {
            Self::Little => number.to_le_bytes(),
            Self::Big => number.to_be_bytes(),
        }
    }

    fn u64(self, number: u64) -> [u8; 8] {
        match self {
            Self::Little => number.to_le_bytes(),
            Self::Big => number.to_be_bytes(),
        }
    }

    fn pcap(self, magic: u32, link: u32, packets: &[(u32, &[u8])]) -> Vec<u8> {
        let mut file = self.u32(magic).to_vec();
        file.extend(self.u16(2));
        file.extend(self.u16(4));
        for number in [0, 0, 262_144, link] {
            file.extend(self.u32(number));
        }
        for (time, data) in packets {
            let length = data.len() as u32;
            for number in [*time, 999_999, length, length] {
                file.extend(self.u32(number));
            }
            file.extend(*data);
        }
        file
    }

    /// A pcapng block: `body` is filled up to whole words.
    fn block(self, kind: u32, body: &[u8]) -> Vec<u8> {
        let padding = body.len().next_multiple_of(4) - body.len();
        let length = self.u32((12 + body.len() + padding) as u32);
        [
            &self.u32(kind)[..],
            &length,
            body,
            &[0; 4][..padding],
            &length,
        ]
        .concat()
    }

    fn section(self) -> Vec<u8> {
        let body = [
            &self.u32(0x1a2b_3c4d)[..],
            &self.u16(1),
            &self.u16(0),
            &[0xff; 8],
        ];
        self.block(0x0a0d_0d0a, &body.concat())
    }

    fn interface(self, link: u16, options: &[(u16, &[u8])]) -> Vec<u8> {
        let mut body = [&self.u16(link)[..], &[0; 2], &self.u32(0)].concat();
        for (code, value) in options {
            body.extend(self.u16(*code));
            body.extend(self.u16(value.len() as u16));
            body.extend(*value);
            body.resize(body.len().next_multiple_of(4), 0);
        }
        self.block(1, &body)
    }

    fn enhanced(self, interface: u32, ticks: u64, data: &[u8], length: u32) -> Vec<u8> {
        let body = [
            &self.u32(interface)[..],
            &self.u32((ticks >> 32) as u32),
            &self.u32(ticks as u32),
            &self.u32(data.len() as u32),
            &self.u32(length),
            data,
        ];
        self.block(6, &body.concat())
    }
}

const BOTH: [Endian; 2] = [Endian::Little, Endian::Big];
const MICROSECONDS: u32 = 0xa1b2_c3d4;
const NANOSECONDS: u32 = 0xa1b2_3c4d;
const RAW: u32 = 101;

/// Time and IP packet.
type Owned = (u32, Option<Vec<u8>>);

/// All packets of a capture.
fn read(file: &[u8]) -> Result<Vec<Owned>, CaptureError> {
    let mut on_disk = tempfile::NamedTempFile::new().unwrap();
    on_disk.write_all(file).unwrap();
    let mut reader = Source::new(on_disk.path())?.open()?;
    let mut packets = Vec::new();
    while let Some(packet) = reader.next_packet()? {
        packets.push((packet.time, packet.ip.map(<[u8]>::to_vec)));
    }
    Ok(packets)
}

fn reason(file: &[u8]) -> Reason {
    read(file).unwrap_err().reason
}

#[test]
fn pcap_of_either_byte_order_and_resolution_is_read() {
    for endian in BOTH {
        for magic in [MICROSECONDS, NANOSECONDS] {
            let file = endian.pcap(magic, RAW, &[(7, PACKET), (9, &PACKET[..3])]);
            let expected = [(7, Some(PACKET.to_vec())), (9, Some(PACKET[..3].to_vec()))];
            assert_eq!(read(&file).unwrap(), expected);
        }
    }
}

#[test]
fn pcapng_of_either_byte_order_is_read() {
    for endian in BOTH {
        let file = [
            endian.section(),
            endian.interface(RAW as u16, &[]),
            endian.block(0x0bad_cafe, b"what nobody knows"),
            endian.enhanced(0, 7_000_001, PACKET, 20),
            endian.block(3, &[&endian.u32(20)[..], PACKET].concat()),
        ]
        .concat();
        // The simple packet has no time of its own.
        let expected = [(7, Some(PACKET.to_vec())), (7, Some(PACKET.to_vec()))];
        assert_eq!(read(&file).unwrap(), expected);
    }
}

#[test]
fn every_pcapng_interface_has_its_own_link_type_resolution_and_offset() {
    const RESOLUTION: u16 = 9;
    const OFFSET: u16 = 14;
    for endian in BOTH {
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
            // A new section begins with no interfaces.
            endian.section(),
            endian.interface(RAW as u16, &[]),
            endian.enhanced(0, 6_000_000, PACKET, 20),
        ]
        .concat();
        let times: Vec<_> = read(&file).unwrap().iter().map(|packet| packet.0).collect();
        assert_eq!(times, [1002, 5, 6]);
        let packets = read(&file).unwrap();
        assert!(
            packets
                .iter()
                .all(|packet| packet.1.as_deref() == Some(PACKET))
        );
    }
}

#[test]
fn a_packet_cut_by_the_snap_length_gets_its_length_back() {
    let endian = Endian::Little;
    let mut pcap = endian.pcap(MICROSECONDS, RAW, &[(7, PACKET)]);
    pcap[36..40].copy_from_slice(&endian.u32(1500));
    let pcapng = [
        endian.section(),
        endian.interface(RAW as u16, &[]),
        endian.enhanced(0, 7_000_000, PACKET, 1500),
    ]
    .concat();
    for file in [pcap, pcapng] {
        let packets = read(&file).unwrap();
        let ip = packets[0].1.as_deref().unwrap();
        assert_eq!(ip.len(), 1500);
        assert_eq!(&ip[..20], PACKET);
        assert!(ip[20..].iter().all(|byte| *byte == 0));
    }
}

#[test]
fn a_file_that_is_empty_or_something_else_says_so() {
    assert!(matches!(reason(b""), Reason::Empty));
    assert!(matches!(reason(b"hello, world"), Reason::UnknownFormat));
    assert!(matches!(reason(&[0xa1]), Reason::UnknownFormat));
    let missing = Source::new(Path::new("/nowhere/at/all")).unwrap_err();
    assert!(matches!(missing.reason, Reason::Open(_)));
    assert!(missing.to_string().contains("/nowhere/at/all"));
}

#[test]
fn a_cut_capture_says_after_how_many_packets() {
    let packets = &[(7, PACKET), (8, PACKET)];
    let pcap = Endian::Little.pcap(MICROSECONDS, RAW, packets);
    for length in 4..24 {
        assert!(
            matches!(reason(&pcap[..length]), Reason::CutHeader),
            "{length}"
        );
    }
    for length in 25..60 {
        assert!(
            matches!(reason(&pcap[..length]), Reason::Cut { whole: 0 }),
            "{length}"
        );
    }
    for length in 61..96 {
        assert!(
            matches!(reason(&pcap[..length]), Reason::Cut { whole: 1 }),
            "{length}"
        );
    }
    let endian = Endian::Big;
    let pcapng = [
        endian.section(),
        endian.interface(RAW as u16, &[]),
        endian.enhanced(0, 7_000_000, PACKET, 20),
    ]
    .concat();
    for length in 4..28 {
        assert!(
            matches!(reason(&pcapng[..length]), Reason::CutHeader),
            "{length}"
        );
    }
    for length in 49..pcapng.len() {
        assert!(
            matches!(reason(&pcapng[..length]), Reason::Cut { whole: 0 }),
            "{length}"
        );
    }
}

#[test]
fn a_capture_without_packets_has_nothing_to_replay() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(&Endian::Little.pcap(MICROSECONDS, RAW, &[]))
        .unwrap();
    let error = Source::new(file.path()).unwrap().survey().unwrap_err();
    assert!(matches!(error.reason, Reason::NoPackets));
}

#[test]
fn an_unknown_link_type_is_named_when_a_packet_has_it() {
    let file = Endian::Little.pcap(MICROSECONDS, 105, &[(7, PACKET)]);
    assert!(matches!(reason(&file), Reason::LinkType(unknown) if unknown.0 == 105));
    let endian = Endian::Little;
    let file = [
        endian.section(),
        endian.interface(105, &[]),
        endian.interface(RAW as u16, &[]),
        endian.enhanced(1, 7_000_000, PACKET, 20),
    ]
    .concat();
    assert_eq!(read(&file).unwrap().len(), 1);
}

#[test]
fn damage_is_found() {
    let endian = Endian::Little;
    let section = [endian.section(), endian.interface(RAW as u16, &[])].concat();
    let start = section.len() as u64;
    let damage = |block: Vec<u8>| match reason(&[section.clone(), block].concat()) {
        Reason::Damaged { offset, detail, .. } => (offset, detail),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        damage(endian.enhanced(3, 0, PACKET, 20)),
        (start, Damage::UnknownInterface(3))
    );
    assert_eq!(
        damage(endian.enhanced(0, u64::MAX, PACKET, 20)),
        (start, Damage::Time)
    );
    assert_eq!(
        damage([endian.u32(6), endian.u32(3)].concat().repeat(8)),
        (start, Damage::Block)
    );
    let mut huge = endian.pcap(MICROSECONDS, RAW, &[(7, PACKET)]);
    // On 32-bit machines pcap-parser cannot count what is missing to a packet of the whole address space.
    let highest = if cfg!(target_pointer_width = "32") {
        0x7f
    } else {
        0xff
    };
    huge[32..36].copy_from_slice(&[0xff, 0xff, 0xff, highest]);
    assert!(matches!(reason(&huge), Reason::Cut { whole: 0 }));
    huge.resize(2 * MAX_BLOCK, 0);
    assert!(matches!(
        reason(&huge),
        Reason::Damaged {
            offset: 24,
            detail: Damage::TooLarge,
            ..
        }
    ));
}

#[test]
fn a_frame_larger_than_the_first_buffer_is_read() {
    let large = vec![0x45; 3 << 20];
    let file = Endian::Little.pcap(MICROSECONDS, RAW, &[(7, &large), (8, PACKET)]);
    assert_eq!(read(&file).unwrap().len(), 2);
}

#[test]
fn flipped_bytes_never_panic() {
    let endian = Endian::Little;
    let seeds = [
        endian.pcap(MICROSECONDS, 1, &[(7, &[0x81; 40]), (8, PACKET)]),
        [
            endian.section(),
            endian.interface(1, &[(9, &[9]), (14, &[0; 8])]),
            endian.enhanced(0, 7_000_000, PACKET, 20),
            endian.block(3, &[&endian.u32(20)[..], PACKET].concat()),
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
                let _ = read(&file);
            }
        }
    }
}

#[test]
fn a_survey_tells_span_and_busiest_addresses() {
    let other = [&PACKET[..12], &[10, 0, 0, 3, 10, 0, 0, 2]].concat();
    let multicast = [&PACKET[..12], &[10, 0, 0, 3, 224, 0, 0, 251]].concat();
    let packets: &[(u32, &[u8])] = &[
        (9, PACKET),
        (12, &other),
        (11, &multicast),
        (11, &multicast),
        (10, PACKET),
    ];
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(&Endian::Big.pcap(NANOSECONDS, RAW, packets))
        .unwrap();
    let survey = Source::new(file.path()).unwrap().survey().unwrap();
    assert_eq!((survey.packets, survey.start, survey.end), (5, 9, 12));
    // 10.0.0.2 and 10.0.0.3 take part in three packets each.
    assert_eq!(survey.busiest, ["10.0.0.2".parse().unwrap()]);
}

#[test]
fn the_bundled_capture_is_whole() {
    let survey = Source::bundled().survey().unwrap();
    assert_eq!(survey.packets, 2429);
    let expected = ["10.77.0.2", "fd77::2"].map(|text| text.parse().unwrap());
    assert_eq!(survey.busiest, expected);
}
