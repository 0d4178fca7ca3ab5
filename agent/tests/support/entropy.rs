//! Random bytes of a test. The fuzz targets include this file by its path.

use defender_agent::{Entropy, EntropyUnavailable};

/// Numbers that do not repeat soon, or none at all.
pub struct TestEntropy {
    pub state: u64,
    pub broken: bool,
}

impl Entropy for TestEntropy {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), EntropyUnavailable> {
        if self.broken {
            return Err(EntropyUnavailable);
        }
        for byte in bytes {
            // Knuth's constants for a linear congruential generator; its high bits are good enough here.
            self.state = self
                .state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            *byte = (self.state >> 56) as u8;
        }
        Ok(())
    }
}
