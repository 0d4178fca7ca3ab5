//! The IP packets of a capture, one at a time, in little memory: the captures of `tests/data` are pcap files with
//! microseconds, little-endian, of an Ethernet interface.

/// Where a capture's bytes come from.
pub trait Bytes {
    /// Fills `buffer`; false at the end of the file.
    fn read(&mut self, buffer: &mut [u8]) -> bool;
}

/// The longest head of a packet that is kept: all headers are in it.
const HEAD: usize = 256;

const FILE_HEADER: usize = 24;
const ETHERNET: usize = 14;

/// A capture that is being read.
pub struct Capture<B> {
    bytes: B,
    head: [u8; HEAD],
}

/// An IP packet.
pub struct Packet<'a> {
    /// Seconds since 1970.
    pub time: u32,
    /// Its beginning.
    pub head: &'a [u8],
    /// How long it was.
    pub length: usize,
}

impl<B: Bytes> Capture<B> {
    /// Reads the file's header; `None` if it is not such a file.
    pub fn new(mut bytes: B) -> Option<Self> {
        let mut header = [0; FILE_HEADER];
        let is_pcap = bytes.read(&mut header) && header[..4] == [0xD4, 0xC3, 0xB2, 0xA1];
        is_pcap.then_some(Self {
            bytes,
            head: [0; HEAD],
        })
    }

    /// The next IP packet.
    pub fn next_packet(&mut self) -> Option<Packet<'_>> {
        loop {
            let mut record = [0; 16 + ETHERNET];
            if !self.bytes.read(&mut record) {
                return None;
            }
            let word = |at: usize| {
                u32::from_le_bytes([record[at], record[at + 1], record[at + 2], record[at + 3]])
            };
            let time = word(0);
            let captured = (word(8) as usize).checked_sub(ETHERNET)?;
            let length = (word(12) as usize).checked_sub(ETHERNET)?;
            let kept = captured.min(HEAD);
            if !self.bytes.read(&mut self.head[..kept]) || !self.skip(captured - kept) {
                return None;
            }
            if matches!(record[28..], [0x08, 0x00] | [0x86, 0xDD]) {
                return Some(Packet {
                    time,
                    head: &self.head[..kept],
                    length,
                });
            }
        }
    }

    fn skip(&mut self, mut count: usize) -> bool {
        let mut rest = [0; 64];
        while count > 0 {
            let part = count.min(rest.len());
            if !self.bytes.read(&mut rest[..part]) {
                return false;
            }
            count -= part;
        }
        true
    }
}
