//! What system information says: the versions that were compiled in.

use crate::ffi::versions::{NETX_DUO, THREADX};

/// The name that the original agent gives ThreadX, with its version: hubs know the device by it.
pub(super) const OS_INFO: &str = {
    const TEXT: Text = Text::new()
        .text("Azure RTOS ")
        .number(THREADX[0])
        .text(".")
        .number(THREADX[1]);
    static BYTES: [u8; TEXT.length] = TEXT.bytes();
    text(&BYTES)
};

/// The exact versions of kernel and network stack.
pub(super) const KERNEL_INFO: &str = {
    const TEXT: Text = Text::new()
        .text("ThreadX ")
        .version(THREADX)
        .text(", NetX Duo ")
        .version(NETX_DUO);
    static BYTES: [u8; TEXT.length] = TEXT.bytes();
    text(&BYTES)
};

/// A short text that is put together at compile time.
struct Text {
    bytes: [u8; 64],
    length: usize,
}

impl Text {
    const fn new() -> Self {
        Self {
            bytes: [0; 64],
            length: 0,
        }
    }

    const fn text(mut self, text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            self.bytes[self.length] = bytes[at];
            self.length += 1;
            at += 1;
        }
        self
    }

    const fn number(self, number: u32) -> Self {
        let longer = if number >= 10 {
            self.number(number / 10)
        } else {
            self
        };
        let digit = [b'0' + (number % 10) as u8];
        match core::str::from_utf8(&digit) {
            Ok(digit) => longer.text(digit),
            Err(_) => longer,
        }
    }

    const fn version(self, [major, minor, patch]: [u32; 3]) -> Self {
        self.number(major)
            .text(".")
            .number(minor)
            .text(".")
            .number(patch)
    }

    /// Its bytes, and no more.
    const fn bytes<const LENGTH: usize>(&self) -> [u8; LENGTH] {
        match self.bytes.first_chunk() {
            Some(bytes) => *bytes,
            None => panic!("longer than any text"),
        }
    }
}

const fn text(bytes: &[u8]) -> &str {
    match core::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(_) => panic!("only whole texts were put in"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_several_digits_are_written_in_order() {
        let written = Text::new().text("v").version([6, 12, 202_602]);
        assert_eq!(text(&written.bytes::<12>()), "v6.12.202602");
    }
}
