//! HMAC-SHA256 over the text of a record of which the length is a secret until it is known to be right.
//!
//! Text, code and padding come decrypted from whoever sent them. If it showed, in time, how much of the padding was right, or how long
//! the text behind it was, records could be decrypted by asking often enough. So all that depends on the padding is done
//! with masks: the same instructions over the same bytes for each record of the same size, and one answer.

use sha2::{compress256, digest::generic_array::GenericArray};
use subtle::{
    Choice, ConditionallySelectable, ConstantTimeEq, ConstantTimeGreater, ConstantTimeLess,
};

/// The length of a code, and of the key that rustls hands over.
pub(super) const LEN: usize = 32;

const BLOCK: usize = 64;

/// What a record's number, type, version and length take before its text.
const HEADER: usize = 13;

/// The longest padding, with the byte that says how long it is.
const MAX_PADDING: usize = 256;

/// The state before anything is hashed: FIPS 180-4, section 5.3.3.
const INITIAL: State = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

type State = [u32; 8];

/// An authentication code's key, as the states after its inner and its outer block.
pub(super) struct Mac {
    inner: State,
    outer: State,
}

impl Mac {
    /// The code with a key no longer than a block.
    pub fn new(key: &[u8]) -> Self {
        let after = |pad| {
            let mut block = [pad; BLOCK];
            for (byte, key) in block.iter_mut().zip(key) {
                *byte ^= key;
            }
            let mut state = INITIAL;
            compress(&mut state, &block);
            state
        };
        Self {
            inner: after(0x36),
            outer: after(0x5c),
        }
    }

    /// The code of a record's text.
    pub fn of(&self, header: &[u8; HEADER], text: &[u8]) -> [u8; LEN] {
        self.finished(self.inner_of(header, text, text.len(), 0))
    }

    /// How long the text is in `record`, which is text, code and padding, decrypted; `None` if code or padding is wrong.
    ///
    /// The record has at least a code and a byte. `header` gives what is authenticated before the text, for its length.
    pub fn checked(&self, record: &[u8], header: impl Fn(usize) -> [u8; HEADER]) -> Option<usize> {
        let last = *record.last()?;
        let longest = record.len().checked_sub(LEN + 1)?;
        // Lengths of records fit 16 bits.
        let (last, longest_text) = (u32::from(last), longest as u32);
        let fits = !last.ct_gt(&longest_text);
        // A padding that cannot be is taken for none: all that follows is done with it, too.
        let padding = u32::conditional_select(&0, &last, fits);
        let mut is_right = fits;
        let looked_at = record.len().min(MAX_PADDING);
        for (from_end, byte) in record.iter().rev().take(looked_at).enumerate() {
            let is_padding = !(from_end as u32).ct_gt(&padding);
            is_right &= !is_padding | u32::from(*byte).ct_eq(&last);
        }
        let length = longest - padding as usize;
        let shortest = longest.saturating_sub(MAX_PADDING - 1);
        let inner = self.inner_of(
            &header(length),
            &record[..longest],
            length,
            longest - shortest,
        );
        let expected = self.finished(inner);
        let found = code_at(record, length, shortest);
        is_right &= expected.ct_eq(&found);
        bool::from(is_right).then_some(length)
    }

    fn finished(&self, inner: [u8; LEN]) -> [u8; LEN] {
        let mut block = [0; BLOCK];
        block[..LEN].copy_from_slice(&inner);
        block[LEN] = 0x80;
        let bits = (BLOCK + LEN) as u64 * 8;
        block[BLOCK - 8..].copy_from_slice(&bits.to_be_bytes());
        let mut state = self.outer;
        compress(&mut state, &block);
        bytes(&state)
    }

    /// The inner hash of the header and the first `length` bytes of `text`. `length` is a secret: only that it is less
    /// than `text` by up to `slack` may be known.
    fn inner_of(
        &self,
        header: &[u8; HEADER],
        text: &[u8],
        length: usize,
        slack: usize,
    ) -> [u8; LEN] {
        let shortest = HEADER + text.len() - slack;
        // Blocks before this one are full of text, however long it is.
        let first = shortest / BLOCK;
        // The mark behind the text and the number of bits take nine bytes.
        let blocks = (HEADER + text.len() + 9).div_ceil(BLOCK);
        let end = (HEADER + length) as u32;
        let bits = ((BLOCK + HEADER + length) as u64 * 8).to_be_bytes();
        // The block with the number of bits.
        let final_block = (end + 8) / BLOCK as u32;
        let mut state = self.inner;
        let mut result = [0; 8];
        let byte_at = |at: usize| match at.checked_sub(HEADER) {
            None => header[at],
            Some(at) => text.get(at).copied().unwrap_or(0),
        };
        for number in 0..blocks {
            let mut block: [u8; BLOCK] = std::array::from_fn(|at| byte_at(number * BLOCK + at));
            if number < first {
                compress(&mut state, &block);
                continue;
            }
            let is_final = (number as u32).ct_eq(&final_block);
            for (at, byte) in block.iter_mut().enumerate() {
                let position = (number * BLOCK + at) as u32;
                let is_text = position.ct_lt(&end);
                let is_mark = position.ct_eq(&end);
                *byte = u8::conditional_select(&0, byte, is_text);
                *byte = u8::conditional_select(byte, &0x80, is_mark);
            }
            for (byte, bits) in block[BLOCK - 8..].iter_mut().zip(bits) {
                *byte = u8::conditional_select(byte, &bits, is_final);
            }
            compress(&mut state, &block);
            select(&mut result, &state, is_final);
        }
        bytes(&result)
    }
}

/// The code behind the first `length` bytes of a record. `length`, a secret, is `shortest` or up to a padding more.
fn code_at(record: &[u8], length: usize, shortest: usize) -> [u8; LEN] {
    let mut code = [0; LEN];
    let starts = (record.len() - LEN).min(shortest + MAX_PADDING - 1);
    for start in shortest..=starts {
        let is_here = (start as u32).ct_eq(&(length as u32));
        for (byte, found) in code.iter_mut().zip(&record[start..]) {
            *byte = u8::conditional_select(byte, found, is_here);
        }
    }
    code
}

fn select(result: &mut State, state: &State, is_it: Choice) {
    for (word, of_state) in result.iter_mut().zip(state) {
        *word = u32::conditional_select(word, of_state, is_it);
    }
}

fn compress(state: &mut State, block: &[u8; BLOCK]) {
    compress256(state, &[GenericArray::clone_from_slice(block)]);
}

fn bytes(state: &State) -> [u8; LEN] {
    let mut bytes = [0; LEN];
    for (bytes, word) in bytes.chunks_exact_mut(4).zip(state) {
        bytes.copy_from_slice(&word.to_be_bytes());
    }
    bytes
}

#[cfg(test)]
mod tests {
    use ring::hmac;

    use super::*;

    const KEY: [u8; LEN] = [3; LEN];

    fn header(length: usize) -> [u8; HEADER] {
        std::array::from_fn(|at| (length + at) as u8)
    }

    fn text(length: usize) -> Vec<u8> {
        (0..length).map(|at| (at * 7) as u8).collect()
    }

    /// A record with as many bytes of padding, beside the one that says so.
    fn record(text: &[u8], padding: u8) -> Vec<u8> {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &KEY);
        let code = hmac::sign(&key, &[header(text.len()).as_slice(), text].concat());
        let mut record = [text, code.as_ref()].concat();
        record.extend(std::iter::repeat_n(padding, usize::from(padding) + 1));
        record
    }

    #[test]
    fn codes_are_those_of_ring() {
        let mac = Mac::new(&KEY);
        for length in 0..400 {
            let text = text(length);
            let code = mac.of(&header(length), &text);
            assert_eq!(record(&text, 0)[length..length + LEN], code, "{length}");
        }
    }

    #[test]
    fn texts_of_every_length_are_found_behind_every_padding() {
        let mac = Mac::new(&KEY);
        for length in (0..140).chain([500, 1000]) {
            for padding in (0..=255).step_by(5) {
                let record = record(&text(length), padding);
                assert_eq!(mac.checked(&record, header), Some(length), "{padding}");
            }
        }
    }

    #[test]
    fn wrong_padding_is_refused_wherever_it_is_wrong() {
        let mac = Mac::new(&KEY);
        let right = record(&text(20), 40);
        for at in 0..right.len() {
            let mut wrong = right.clone();
            wrong[at] ^= 0x01;
            assert_eq!(mac.checked(&wrong, header), None, "{at}");
        }
        // More padding than there is record.
        for length in LEN + 1..300 {
            let record = vec![255; length];
            assert_eq!(mac.checked(&record, header), None, "{length}");
        }
        assert_eq!(mac.checked(&[0; LEN], header), None);
    }
}
