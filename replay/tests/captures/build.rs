//! Captures built here, byte by byte.

/// How numbers are written.
#[derive(Clone, Copy, Debug)]
pub enum Endian {
    Little,
    Big,
}

pub const BOTH: [Endian; 2] = [Endian::Little, Endian::Big];
pub const MICROSECONDS: u32 = 0xa1b2_c3d4;
pub const NANOSECONDS: u32 = 0xa1b2_3c4d;
/// With the interface and protocol of each packet.
pub const PATCHED: u32 = 0xa1b2_cd34;
pub const ETHERNET: u32 = 1;
pub const RAW: u32 = 101;

impl Endian {
    pub fn u16(self, number: u16) -> [u8; 2] {
        match self {
            Self::Little => number.to_le_bytes(),
            Self::Big => number.to_be_bytes(),
        }
    }

    pub fn u32(self, number: u32) -> [u8; 4] {
        match self {
            Self::Little => number.to_le_bytes(),
            Self::Big => number.to_be_bytes(),
        }
    }

    pub fn u64(self, number: u64) -> [u8; 8] {
        match self {
            Self::Little => number.to_le_bytes(),
            Self::Big => number.to_be_bytes(),
        }
    }

    /// A pcap file of packets with the second that they came in.
    pub fn pcap(self, magic: u32, link: u32, packets: &[(u32, &[u8])]) -> Vec<u8> {
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
            if magic == PATCHED {
                file.extend([0; 8]);
            }
            file.extend(*data);
        }
        file
    }

    /// A pcapng block: `body` is filled up to whole words.
    pub fn block(self, kind: u32, body: &[u8]) -> Vec<u8> {
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

    /// A section's header, with a comment of so many bytes.
    pub fn section_with(self, comments: &[usize]) -> Vec<u8> {
        let mut body = [
            &self.u32(0x1a2b_3c4d)[..],
            &self.u16(1),
            &self.u16(0),
            &[0xff; 8],
        ]
        .concat();
        for length in comments {
            body.extend(self.option(1, &vec![b'c'; *length]));
        }
        self.block(0x0a0d_0d0a, &body)
    }

    pub fn section(self) -> Vec<u8> {
        self.section_with(&[])
    }

    fn option(self, code: u16, value: &[u8]) -> Vec<u8> {
        let mut option = [&self.u16(code)[..], &self.u16(value.len() as u16), value].concat();
        option.resize(option.len().next_multiple_of(4), 0);
        option
    }

    pub fn interface(self, link: u16, options: &[(u16, &[u8])]) -> Vec<u8> {
        let mut body = [&self.u16(link)[..], &[0; 2], &self.u32(0)].concat();
        for (code, value) in options {
            body.extend(self.option(*code, value));
        }
        self.block(1, &body)
    }

    pub fn enhanced(self, interface: u32, ticks: u64, data: &[u8], length: u32) -> Vec<u8> {
        self.enhanced_with(interface, ticks, data, length, &[])
    }

    pub fn enhanced_with(
        self,
        interface: u32,
        ticks: u64,
        data: &[u8],
        length: u32,
        options: &[(u16, &[u8])],
    ) -> Vec<u8> {
        let mut body = [
            &self.u32(interface)[..],
            &self.u32((ticks >> 32) as u32),
            &self.u32(ticks as u32),
            &self.u32(data.len() as u32),
            &self.u32(length),
            data,
        ]
        .concat();
        body.resize(body.len().next_multiple_of(4), 0);
        for (code, value) in options {
            body.extend(self.option(*code, value));
        }
        self.block(6, &body)
    }

    /// An obsolete packet block.
    pub fn packet(self, interface: u16, ticks: u64, data: &[u8]) -> Vec<u8> {
        let body = [
            &self.u16(interface)[..],
            &self.u16(0xffff),
            &self.u32((ticks >> 32) as u32),
            &self.u32(ticks as u32),
            &self.u32(data.len() as u32),
            &self.u32(data.len() as u32),
            data,
        ];
        self.block(2, &body.concat())
    }

    pub fn simple(self, data: &[u8]) -> Vec<u8> {
        self.block(3, &[&self.u32(data.len() as u32)[..], data].concat())
    }
}

/// A UDP datagram with so many bytes of data, in an IPv4 packet.
pub fn udp(from: [u8; 4], to: [u8; 4], length: u16) -> Vec<u8> {
    let mut packet = vec![0x45, 0, 0, 0, 0, 0, 0, 0, 64, 17, 0, 0];
    packet[2..4].copy_from_slice(&(28 + length).to_be_bytes());
    packet.extend(from);
    packet.extend(to);
    for field in [5000, 53, 8 + length, 0] {
        packet.extend(field.to_be_bytes());
    }
    packet.resize(packet.len() + usize::from(length), 0xa5);
    packet
}

/// The beginning of an IPv4 packet from 10.0.0.2 to 10.0.0.1.
pub const PACKET: &[u8] = &[
    0x45, 0, 0, 20, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 2, 10, 0, 0, 1,
];
