//! Short names for things that state remembers: XXH3, whose results are specified and stay the same.

use core::net::IpAddr;

use xxhash_rust::xxh3::xxh3_64;

/// A hash of a few parts. The first part says what the parts are.
#[derive(Clone)]
pub(crate) struct Hasher {
    parts: [u8; 64],
    length: usize,
}

impl Hasher {
    pub fn new(what: u8) -> Self {
        let mut parts = [0; 64];
        parts[0] = what;
        Self { parts, length: 1 }
    }

    /// Adds bytes. What does not fit is added as a hash of it.
    pub fn bytes(mut self, bytes: &[u8]) -> Self {
        match self.parts.get_mut(self.length..self.length + bytes.len()) {
            Some(room) => {
                room.copy_from_slice(bytes);
                self.length += bytes.len();
                self
            }
            None => {
                let before = xxh3_64(&self.parts[..self.length]);
                let mut folded = Self::new(self.parts[0]);
                folded.parts[1..9].copy_from_slice(&before.to_le_bytes());
                folded.parts[9..17].copy_from_slice(&xxh3_64(bytes).to_le_bytes());
                folded.length = 17;
                folded
            }
        }
    }

    pub fn u8(self, value: u8) -> Self {
        self.bytes(&[value])
    }

    pub fn u16(self, value: u16) -> Self {
        self.bytes(&value.to_le_bytes())
    }

    pub fn u32(self, value: u32) -> Self {
        self.bytes(&value.to_le_bytes())
    }

    pub fn address(self, address: IpAddr) -> Self {
        match address {
            IpAddr::V4(address) => self.bytes(&address.octets()),
            IpAddr::V6(address) => self.bytes(&address.octets()),
        }
    }

    pub fn finish(self) -> u64 {
        xxh3_64(&self.parts[..self.length])
    }

    pub fn finish32(self) -> u32 {
        self.finish() as u32
    }
}
