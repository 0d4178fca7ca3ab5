//! One address or prefix a line.

use super::lines;
use crate::{
    place::{Place, offset_in},
    threats::{builder::Sink, label::Category},
};

pub(super) fn read(text: &[u8], sink: &mut Sink<'_>) {
    for (number, line) in lines(text) {
        let Some(prefix) = without_comment(line).split_whitespace().next() else {
            continue;
        };
        let place = || {
            let offset = offset_in(line, prefix).unwrap_or(0);
            Place::in_line(number, line.as_bytes(), offset)
        };
        sink.prefix(place, prefix, Category::None, None);
    }
}

/// A line without a comment that is all of it, or begins after white space.
pub(super) fn without_comment(line: &str) -> &str {
    let line = line.trim();
    if line.starts_with(['#', ';']) || line.starts_with("//") {
        return "";
    }
    let bytes = line.as_bytes();
    let comment = bytes.iter().enumerate().position(|(at, byte)| {
        *byte == b'#' || *byte == b';' && bytes[at - 1].is_ascii_whitespace()
    });
    line[..comment.unwrap_or(line.len())].trim_end()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_left_out() {
        assert_eq!(without_comment("  # all"), "");
        assert_eq!(without_comment("; all"), "");
        assert_eq!(without_comment("192.0.2.0/24 ; SBL1 # x"), "192.0.2.0/24");
        assert_eq!(without_comment("192.0.2.1#x"), "192.0.2.1");
        assert_eq!(without_comment("192.0.2.1;80;c2"), "192.0.2.1;80;c2");
    }
}
