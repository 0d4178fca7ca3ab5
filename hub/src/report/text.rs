//! Times, sizes and names as people read them, and as nobody can abuse them.

use std::{
    fmt,
    time::{Duration, UNIX_EPOCH},
};

/// A time in seconds of Unix time, as in `2026-01-01 00:01:10 UTC`.
pub struct Time(pub u32);

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = UNIX_EPOCH + Duration::from_secs(self.0.into());
        let text = humantime::format_rfc3339_seconds(time).to_string();
        f.write_str(&text.replace('T', " ").replace('Z', " UTC"))
    }
}

/// A number of bytes in three digits: `980 B`, `16.5 kB`.
pub struct Size(pub u64);

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [&str; 6] = ["kB", "MB", "GB", "TB", "PB", "EB"];
        if self.0 < 1000 {
            return write!(f, "{} B", self.0);
        }
        let mut size = self.0 as f64 / 1000.0;
        let mut units = UNITS.iter();
        let mut unit = units.next();
        // 999.5 would be shown as 1000.
        while size >= 999.5
            && let Some(next) = units.next()
        {
            size /= 1000.0;
            unit = Some(next);
        }
        let digits = match size {
            size if size < 9.995 => 2,
            size if size < 99.95 => 1,
            _ => 0,
        };
        write!(f, "{size:.digits$} {}", unit.unwrap_or(&"EB"))
    }
}

/// A number of things: `1 alert`, `2 alerts`.
pub struct Count<'a>(pub u64, pub &'a str);

impl fmt::Display for Count<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.0 == 1 { "" } else { "s" };
        write!(f, "{} {}{plural}", self.0, self.1)
    }
}

/// A text from somebody else: what does not show, or changes the direction of others, shows as its number. HTML is escaped elsewhere.
pub struct Shown<'a>(pub &'a str);

/// How many characters of a text are shown.
const LONGEST: usize = 1000;

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, character) in self.0.chars().enumerate() {
            match character {
                _ if at == LONGEST => return f.write_str("…"),
                character if is_hidden(character) => {
                    write!(f, "\\u{{{:x}}}", u32::from(character))?
                }
                character => fmt::Write::write_char(f, character)?,
            }
        }
        Ok(())
    }
}

/// A name or a text in a list: as it is [`Shown`], but without its middle where it would take more than so many bytes of HTML. Names that
/// are made to be escaped make no page larger than others do.
pub(crate) struct Brief<'a>(pub &'a str, pub usize);

impl fmt::Display for Brief<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = Shown(self.0).to_string();
        if html_length(&shown) <= self.1 {
            return f.write_str(&shown);
        }
        const LEFT_OUT: &str = "…";
        let room = self.1.saturating_sub(LEFT_OUT.len());
        let head = fitting(shown.chars(), room - room / 3);
        let tail = fitting(shown.chars().rev(), room / 3);
        f.write_str(&shown[..head])?;
        f.write_str(LEFT_OUT)?;
        f.write_str(&shown[shown.len() - tail..])
    }
}

/// How many bytes of a text there are in characters of which the HTML fits.
fn fitting(characters: impl Iterator<Item = char>, room: usize) -> usize {
    let mut used = 0;
    let fitting = characters.take_while(|character| {
        used += escaped(*character);
        used <= room
    });
    fitting.map(char::len_utf8).sum()
}

/// How many bytes of HTML a text takes.
pub(crate) fn html_length(text: &str) -> usize {
    text.chars().map(escaped).sum()
}

fn escaped(character: char) -> usize {
    match character {
        '&' => "&amp;".len(),
        '<' | '>' => "&lt;".len(),
        '"' => "&quot;".len(),
        other => other.len_utf8(),
    }
}

/// Control characters, marks of direction, what has no width, and tags.
fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_three_digits() {
        for (bytes, text) in [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.00 kB"),
            (16_480, "16.5 kB"),
            (999_499, "999 kB"),
            (999_500, "1.00 MB"),
            (u64::MAX, "18.4 EB"),
        ] {
            assert_eq!(Size(bytes).to_string(), text);
        }
    }

    #[test]
    fn what_does_not_show_is_made_to_show() {
        let text = "a\u{202e}b\u{1b}[31m\u{200b}é\n";
        assert_eq!(
            Shown(text).to_string(),
            "a\\u{202e}b\\u{1b}[31m\\u{200b}é\\u{a}"
        );
        assert_eq!(Shown(&"x".repeat(5000)).to_string().chars().count(), 1001);
    }

    #[test]
    fn what_is_too_long_as_html_loses_its_middle() {
        assert_eq!(Brief(&"x".repeat(128), 128).to_string(), "x".repeat(128));
        assert_eq!(Brief("0123456789", 9).to_string(), "0123…89");
        // What is left of hostile ones still begins and ends as they do.
        for hostile in ["\"", "&", "<", ">", "é", "\u{202e}", "\u{7}", "\u{1f980}"] {
            let name = format!("first{}last", hostile.repeat(128));
            let brief = Brief(&name, 160).to_string();
            let html = maud::html! { (brief) }.into_string();
            assert_eq!(html.len(), html_length(&brief), "{hostile:?}");
            assert!((130..=160).contains(&html.len()), "{hostile:?}: {html}");
            assert!(brief.starts_with("first") && brief.ends_with("last"));
        }
        assert_eq!(Brief("&&&&", 5).to_string(), "…");
    }

    #[test]
    fn times_are_those_of_utc() {
        assert_eq!(Time(1_767_225_670).to_string(), "2026-01-01 00:01:10 UTC");
    }
}
