//! What must not reach a terminal, or a program that shows JSON on one, as it is.
//!
//! Whatever a device, a hub or a certificate says may be hostile: control characters steer terminals, and characters that
//! change the direction of text make a line say something else than it has.

use std::{
    fmt::{self, Write as _},
    io::{self, Write},
};

/// Whether a character does something else than to show itself.
fn is_control(character: char) -> bool {
    matches!(character,
        // C0, DEL and C1.
        '\0'..='\x1F' | '\x7F'..='\u{9F}'
        // Marks of direction, embeddings, overrides, isolates.
        | '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}'
        // Separators of lines and paragraphs.
        | '\u{2028}' | '\u{2029}')
}

/// A text with escapes, such as `\u{202e}`, in place of characters that must not show.
pub struct Escaped<T>(pub T);

impl<T: fmt::Display> fmt::Display for Escaped<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(Escaping(f), "{}", self.0)
    }
}

struct Escaping<'a, 'b>(&'a mut fmt::Formatter<'b>);

impl fmt::Write for Escaping<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut rest = text;
        while let Some(at) = rest.find(is_control) {
            self.0.write_str(&rest[..at])?;
            let mut after = rest[at..].chars();
            for character in after.next().into_iter().flat_map(char::escape_default) {
                self.0.write_char(character)?;
            }
            rest = after.as_str();
        }
        self.0.write_str(rest)
    }
}

/// Writes JSON with escapes, such as `\u202e`, in place of those characters. Only its strings can have them.
pub fn write_json(out: &mut impl Write, json: &[u8]) -> io::Result<()> {
    // JSON has its own escapes for C0; what is left begins with DEL. All bytes are looked at, which is faster than to stop.
    let beyond = |seen, byte: &u8| seen | byte.wrapping_add(1);
    if json.iter().fold(0, beyond) & 0x80 == 0 {
        return out.write_all(json);
    }
    let json = String::from_utf8_lossy(json);
    let mut rest = &*json;
    while let Some(at) = rest.find(is_hidden) {
        out.write_all(&rest.as_bytes()[..at])?;
        let mut after = rest[at..].chars();
        if let Some(character) = after.next() {
            // None of them needs two of JSON's units.
            write!(out, "\\u{:04x}", u32::from(character))?;
        }
        rest = after.as_str();
    }
    out.write_all(rest.as_bytes())
}

/// Those of them that JSON has no escapes of its own for: a line break is no part of a string.
fn is_hidden(character: char) -> bool {
    character >= '\x7F' && is_control(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All characters that something must not get, one by one.
    fn hostile() -> impl Iterator<Item = char> {
        let ranges = [
            0..=0x1F,
            0x7F..=0x9F,
            0x61C..=0x61C,
            0x200E..=0x200F,
            0x2028..=0x202E,
            0x2066..=0x2069,
        ];
        ranges.into_iter().flatten().filter_map(char::from_u32)
    }

    fn json(text: &str) -> String {
        let mut out = Vec::new();
        write_json(&mut out, &serde_json::to_vec(text).unwrap()).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn nothing_hostile_comes_out_and_json_still_says_it() {
        for character in hostile() {
            let text = format!("a{character}b{character}");
            let shown = Escaped(&text).to_string();
            assert!(!shown.contains(is_control), "{shown:?}");
            assert!(shown.starts_with("a\\"), "{shown}");
            let written = json(&text);
            assert!(!written.contains(is_control), "{written:?}");
            assert_eq!(serde_json::from_str::<String>(&written).unwrap(), text);
        }
    }

    #[test]
    fn other_text_stays_as_it_is() {
        let text = "Zürich 東京 😀 \"quoted\" \\ 100 %";
        assert_eq!(Escaped(text).to_string(), text);
        assert_eq!(json(text), serde_json::to_string(text).unwrap());
        assert_eq!(Escaped("\x1b[2J").to_string(), "\\u{1b}[2J");
        assert_eq!(json("x\u{202E}\u{9B}2J\n"), r#""x\u202e\u009b2J\n""#);
    }
}
