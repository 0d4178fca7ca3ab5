//! Tells formats by how they begin.

use super::error::Reason;

/// How many bytes tell a format.
pub const MAGIC: usize = 16;

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// pcap.
    Pcap(Pcap),
    /// pcapng.
    Pcapng,
    /// Something compressed by gzip.
    Gzip,
    /// Something compressed by zstd.
    Zstd,
}

/// The kinds of pcap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pcap {
    /// Numbers are in big-endian order.
    pub big_endian: bool,
    /// Fractions of a second are in nanoseconds, not in microseconds.
    pub nanoseconds: bool,
    /// The header of a record, in bytes.
    pub record: usize,
}

/// Formats that others read, by how they begin, and what brings them into one that is read here.
const OTHERS: &[(&[u8], &str, &str)] = &[
    (b"snoop\0\0\0", "a snoop capture", EDITCAP),
    (b"btsnoop\0", "a Bluetooth capture (btsnoop)", NO_IP),
    (b"RTSS", "a Network Monitor 1 capture", EDITCAP),
    (b"GMBU", "a Network Monitor 2 capture", EDITCAP),
    (b"XCP\0", "a NetXRay capture", EDITCAP),
    (b"TRSNIFF data", "a Sniffer capture", EDITCAP),
    (b"iptrace ", "an iptrace capture", EDITCAP),
    (b"\xb7nmcn", "a Network Instruments capture", EDITCAP),
    (b"ObserverPktBuffe", "an Observer capture", EDITCAP),
    (b"\x7fver", "an EtherPeek or OmniPeek capture", EDITCAP),
    (b"\x05VNF", "a Visual Networks capture", EDITCAP),
    (b"VWR\0", "a VeriWave capture", EDITCAP),
    (b"\xaa\xaa\xaa\xaa", "a 5Views capture", EDITCAP),
    (b"\x01\x10L\0\x01\x05", "a LANalyzer capture", EDITCAP),
    (b"+---------+-----", "a K12 text export", EDITCAP),
    (b"\x00\x00\x02\x00\x12\x05", "a K12 capture", EDITCAP),
    (b"\x1c\x00\x01\xac", "an IXIA lcap capture", EDITCAP),
    (b"\x1c\x00\x01\xab", "an IXIA lcap capture", EDITCAP),
    (b"\xac\x01\x00\x1c", "an IXIA lcap capture", EDITCAP),
    (b"\xab\x01\x00\x1c", "an IXIA lcap capture", EDITCAP),
    (
        b"\x0a\x0d\x0d\x0b",
        "a PKTMON or damaged pcapng capture",
        EDITCAP,
    ),
    (
        b"\x04\x22\x4d\x18",
        "compressed by lz4",
        "unpack it with `lz4 -d`",
    ),
    (b"\xfd7zXZ\0", "compressed by xz", "unpack it with `xz -d`"),
    (b"BZh", "compressed by bzip2", "unpack it with `bzip2 -d`"),
    (b"PK\x03\x04", "a zip archive", "unpack it with `unzip`"),
    (
        b"7z\xbc\xaf\x27\x1c",
        "a 7z archive",
        "unpack it with `7z x`",
    ),
    (
        b"\x1f\x9d",
        "compressed by compress",
        "unpack it with `uncompress`",
    ),
    (
        b"\x1f\xa0",
        "compressed by compress",
        "unpack it with `uncompress`",
    ),
    (b"Rar!", "a rar archive", "unpack it with `unrar x`"),
];

const EDITCAP: &str = "convert it with Wireshark's `editcap -F pcapng IN OUT`";
const NO_IP: &str = "there are no IP packets in it";

impl Format {
    /// The format of what begins with `head`, which has [`MAGIC`] bytes unless there are fewer.
    ///
    /// # Errors
    /// [`Reason`]: there is nothing, or nothing that is read here.
    pub fn of(head: &[u8]) -> Result<Self, Reason> {
        let Some(magic) = head.first_chunk::<4>() else {
            return Err(match head {
                [] => Reason::Empty,
                [0x1f, 0x8b, ..] => Reason::CutHeader,
                _ => Reason::UnknownFormat,
            });
        };
        let pcap = |big_endian, nanoseconds, record| {
            Ok(Self::Pcap(Pcap {
                big_endian,
                nanoseconds,
                record,
            }))
        };
        match u32::from_be_bytes(*magic) {
            0x0a0d_0d0a => Ok(Self::Pcapng),
            0xa1b2_c3d4 => pcap(true, false, 16),
            0xd4c3_b2a1 => pcap(false, false, 16),
            0xa1b2_3c4d => pcap(true, true, 16),
            0x4d3c_b2a1 => pcap(false, true, 16),
            // What a patched Linux of old wrote: with the interface and protocol of each packet.
            0xa1b2_cd34 => pcap(true, false, 24),
            0x34cd_b2a1 => pcap(false, false, 24),
            0x28b5_2ffd => Ok(Self::Zstd),
            // A frame to be skipped, with which parallel zstd begins.
            number if number & 0xf0ff_ffff == 0x502a_4d18 => Ok(Self::Zstd),
            number if number >> 16 == 0x1f8b => Ok(Self::Gzip),
            _ => Err(OTHERS
                .iter()
                .find(|(begins, ..)| head.starts_with(begins))
                .map_or(Reason::UnknownFormat, |(_, what, advice)| {
                    Reason::OtherFormat { what, advice }
                })),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_formats_are_named_with_what_converts_them() {
        for (begins, what, advice) in OTHERS {
            let head = [begins, &[0; MAGIC][..]].concat();
            let error = Format::of(&head[..MAGIC]).unwrap_err().to_string();
            assert!(error.contains(what) && error.contains(advice), "{error}");
        }
    }

    #[test]
    fn what_is_no_capture_is_refused() {
        assert!(matches!(Format::of(b""), Err(Reason::Empty)));
        for head in [&b"hello, world"[..], b"\xa1", &[0; 16], b"\xa1\xb2\xc3"] {
            assert!(matches!(Format::of(head), Err(Reason::UnknownFormat)));
        }
    }
}
