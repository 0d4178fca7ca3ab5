//! Chance that is the same everywhere: whole numbers only, from a generator whose output is specified.

use std::{ops::RangeInclusive, time::Duration};

use rand::{Rng, RngExt, SeedableRng, rngs::ChaCha8Rng};

/// What decides in a scenario. The same seed decides the same on every machine.
pub(super) struct Dice(ChaCha8Rng);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// A number of `range`; its beginning when the range is empty.
    pub(super) fn number(&mut self, range: RangeInclusive<u64>) -> u64 {
        if range.is_empty() {
            return *range.start();
        }
        self.0.random_range(range)
    }

    /// A 16-bit number, for ports and identifiers.
    pub(super) fn short(&mut self, range: RangeInclusive<u16>) -> u16 {
        let (low, high) = range.into_inner();
        // Cannot fail: the number lies between two of 16 bits.
        u16::try_from(self.number(low.into()..=high.into())).unwrap_or(low)
    }

    /// A time, in whole microseconds.
    pub(super) fn time(&mut self, range: RangeInclusive<Duration>) -> Duration {
        let micros = |time: &Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        Duration::from_micros(self.number(micros(range.start())..=micros(range.end())))
    }

    /// Whether something comes about that does so once in `often`.
    pub(super) fn once_in(&mut self, often: u64) -> bool {
        self.number(1..=often) == 1
    }

    /// One of several.
    pub(super) fn pick<T: Copy, const N: usize>(&mut self, of: [T; N]) -> T {
        const { assert!(N > 0) };
        let last = u64::try_from(N).map_or(0, |number| number - 1);
        let index = usize::try_from(self.number(0..=last)).unwrap_or(0);
        of[index.min(N - 1)]
    }

    /// Content that says nothing, as encryption makes it.
    pub(super) fn bytes(&mut self, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        self.0.fill_bytes(&mut bytes);
        bytes
    }

    /// Lower-case letters and digits, as in names and passwords.
    pub(super) fn text(&mut self, length: usize) -> String {
        const LETTERS: [char; 32] = [
            'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o', 'p', 'q',
            'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z', '2', '3', '4', '5', '6', '7',
        ];
        (0..length).map(|_| self.pick(LETTERS)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generator_is_the_one_that_is_specified() {
        // The first block of ChaCha with 8 rounds, key and nonce 0: test vector 1 of draft-strombergson-chacha-test-vectors.
        let mut generator = ChaCha8Rng::from_seed([0; 32]);
        let mut block = [0; 16];
        generator.fill_bytes(&mut block);
        assert_eq!(
            block,
            [
                0x3e, 0x00, 0xef, 0x2f, 0x89, 0x5f, 0x40, 0xd6, 0x7f, 0x5b, 0xb8, 0xe8, 0x1f, 0x09,
                0xa5, 0xa1
            ]
        );
    }

    #[test]
    fn numbers_stay_within_their_range() {
        let mut dice = Dice::new(1);
        for _ in 0..1000 {
            assert!((3..=5).contains(&dice.number(3..=5)));
            assert!((65_530..=u16::MAX).contains(&dice.short(65_530..=u16::MAX)));
            let time = dice.time(Duration::from_micros(1)..=Duration::from_micros(2));
            assert!((1..=2).contains(&time.as_micros()));
        }
        #[expect(clippy::reversed_empty_ranges, reason = "that is the point")]
        let empty = 7..=6;
        assert_eq!(dice.number(empty), 7);
    }
}
