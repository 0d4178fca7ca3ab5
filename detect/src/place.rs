//! Where in a text something is, for those who must mend the text.

use core::fmt;

/// How many characters of a text a message quotes.
const QUOTED: usize = 60;

/// A place in a text. Lines and columns count from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The character in the line.
    pub column: usize,
}

impl Place {
    /// The place of the byte at `offset` of `text`; the end of the text when it is shorter.
    #[must_use]
    pub fn of(text: &[u8], offset: usize) -> Self {
        let before = &text[..offset.min(text.len())];
        let start = before.iter().rposition(|byte| *byte == b'\n');
        let line = &before[start.map_or(0, |newline| newline + 1)..];
        Self {
            line: 1 + before.iter().filter(|byte| **byte == b'\n').count(),
            column: 1 + characters(line),
        }
    }

    /// The place of the byte at `offset` of a line that is known by its number.
    pub(crate) fn in_line(line: usize, text: &[u8], offset: usize) -> Self {
        Self {
            line,
            column: 1 + characters(&text[..offset.min(text.len())]),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// Something about a text that a person should know, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Located<F> {
    /// Where.
    pub place: Place,
    /// What and why.
    pub fault: F,
}

impl<F> Located<F> {
    /// What is about the byte at `offset` of `text`.
    #[must_use]
    pub fn new(text: &str, offset: usize, fault: F) -> Self {
        let place = Place::of(text.as_bytes(), offset);
        Self { place, fault }
    }

    /// The same place, said otherwise.
    #[must_use]
    pub fn map<G>(self, say: impl FnOnce(F) -> G) -> Located<G> {
        Located {
            place: self.place,
            fault: say(self.fault),
        }
    }
}

impl<F: fmt::Display> fmt::Display for Located<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.fault)
    }
}

/// A text that cannot be used. Its own text, by [`Display`](fmt::Display), says every problem, a line each.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Faulty<F> {
    /// Everything that is wrong with it; at least one problem.
    pub problems: Vec<Located<F>>,
}

impl<F> Faulty<F> {
    /// What was read, if nothing is wrong with it; otherwise all problems, in the order of their places.
    ///
    /// # Errors
    /// When there are problems.
    pub fn unless<T>(value: Option<T>, mut problems: Vec<Located<F>>) -> Result<T, Self> {
        problems.sort_by_key(|problem| problem.place);
        value
            .filter(|_| problems.is_empty())
            .ok_or(Self { problems })
    }
}

impl<F: fmt::Debug + fmt::Display> core::error::Error for Faulty<F> {}

impl<F: fmt::Display> fmt::Display for Faulty<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        lines(f, &self.problems)
    }
}

/// Writes each in a line of its own.
pub(crate) fn lines<T: fmt::Display>(
    f: &mut fmt::Formatter<'_>,
    all: impl IntoIterator<Item = T>,
) -> fmt::Result {
    for (at, one) in all.into_iter().enumerate() {
        let newline = if at == 0 { "" } else { "\n" };
        write!(f, "{newline}{one}")?;
    }
    Ok(())
}

fn characters(text: &[u8]) -> usize {
    String::from_utf8_lossy(text).chars().count()
}

/// A text as messages quote it: in one line, and not longer than that has room for.
pub(crate) fn quoted(text: &str) -> String {
    let line = |text: &str| text.replace(char::is_control, " ");
    match text.char_indices().nth(QUOTED) {
        None => format!("`{}`", line(text)),
        Some((end, _)) => format!("`{}…`", line(&text[..end])),
    }
}

/// Where `part` begins in `whole`, when it is a part of it.
pub(crate) fn offset_in(whole: &str, part: &str) -> Option<usize> {
    (part.as_ptr() as usize)
        .checked_sub(whole.as_ptr() as usize)
        .filter(|offset| offset + part.len() <= whole.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_lines_and_characters_from_one() {
        let text = "ä\nbüc\n".as_bytes();
        let at = |offset| {
            let place = Place::of(text, offset);
            (place.line, place.column)
        };
        assert_eq!(at(0), (1, 1));
        assert_eq!(at(3), (2, 1));
        assert_eq!(at(6), (2, 3));
        assert_eq!(at(8), (3, 1));
        assert_eq!(at(80), (3, 1));
    }

    #[test]
    fn what_is_quoted_stays_short_and_in_one_line() {
        assert_eq!(quoted("ü\n"), "`ü `");
        assert_eq!(quoted(&"ü".repeat(61)), format!("`{}…`", "ü".repeat(60)));
    }

    #[test]
    fn a_part_is_found_by_where_it_is() {
        let whole = String::from("abab");
        assert_eq!(offset_in(&whole, &whole[2..]), Some(2));
        assert_eq!(offset_in(&whole, "ab"), None);
    }
}
