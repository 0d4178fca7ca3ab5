//! Random bytes that are the same in every replay.

use defender_agent::{Entropy, EntropyUnavailable};

/// Numbers that nobody can tell from random ones, but that are always the same for the same device and capture: so a replay
/// always gives the same, event ids included. (Vigna's SplitMix64.)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repeatable(u64);

impl Repeatable {
    /// Those of the device called `name` whose first packet comes at the Unix second `start`.
    pub fn new(name: &str, start: u64) -> Self {
        // FNV-1a, so that devices that begin at the same time have other ids.
        let hash = name
            .bytes()
            .chain(start.to_le_bytes())
            .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            });
        Self(hash)
    }

    /// Fills `bytes` with the next of them.
    pub fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut mixed = self.0;
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            mixed ^= mixed >> 31;
            chunk.copy_from_slice(&mixed.to_le_bytes()[..chunk.len()]);
        }
    }
}

impl Entropy for Repeatable {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), EntropyUnavailable> {
        Self::fill(self, bytes);
        Ok(())
    }
}
