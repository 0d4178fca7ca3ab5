//! The formats in which lists come, a file each.

mod csv;
mod iprep;
mod plain;
mod stix;
mod zeek;

use core::fmt;

use super::builder::Sink;

/// How much of a list is looked at to guess its format.
const GUESSED_BY: usize = 64 * 1024;

/// The format of a threat list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// An address or prefix a line; what follows it, and lines that begin with `#` or `;`, are comments.
    Plain,
    /// Suricata's IP reputation: `address,category,score`, the category a number of 1 to 60, the score one of 1 to 127.
    Iprep,
    /// The names of Suricata's categories: `number,name,description`.
    IprepCategories,
    /// Zeek's intelligence framework: separated by tabs, with `#fields`. Types `Intel::ADDR` and `Intel::SUBNET` act.
    ZeekIntel,
    /// A table, separated by commas, semicolons or tabs, with a column of addresses.
    Csv,
    /// Indicators of STIX 2.0 and 2.1, in a bundle or a list.
    Stix,
}

impl Format {
    /// The format that a text seems to have.
    #[must_use]
    pub fn guess(text: &[u8]) -> Self {
        let text = String::from_utf8_lossy(&text[..text.len().min(GUESSED_BY)]);
        let text = text.trim_start_matches('\u{feff}').trim_start();
        if text.starts_with(['{', '[']) {
            return Self::Stix;
        }
        if text.lines().any(|line| line.starts_with("#fields")) {
            return Self::ZeekIntel;
        }
        let lines = text.lines().map(plain::without_comment);
        let mut lines = lines.filter(|line| !line.is_empty());
        let Some(first) = lines.next() else {
            return Self::Plain;
        };
        if iprep::is_entry(first) {
            return Self::Iprep;
        }
        if iprep::is_category(first) && lines.all(iprep::is_category) {
            return Self::IprepCategories;
        }
        match first.contains([',', ';']) || first.matches('\t').count() > 1 {
            true => Self::Csv,
            false => Self::Plain,
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Plain => "plain list",
            Self::Iprep => "Suricata's IP reputation",
            Self::IprepCategories => "Suricata's categories",
            Self::ZeekIntel => "Zeek's intelligence",
            Self::Csv => "table",
            Self::Stix => "STIX indicators",
        })
    }
}

/// Reads a text of a format into a builder.
pub(super) fn read(format: Format, text: &[u8], sink: &mut Sink<'_>) {
    match format {
        Format::Plain => plain::read(text, sink),
        Format::Iprep => iprep::read(text, sink),
        Format::IprepCategories => iprep::read_categories(text, sink),
        Format::ZeekIntel => zeek::read(text, sink),
        Format::Csv => csv::read(text, sink),
        Format::Stix => stix::read(text, sink),
    }
}

/// A line's number and the text of it, as far as it is UTF-8: an address is, and what is not becomes none.
fn lines(text: &[u8]) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.split(|byte| *byte == b'\n').enumerate();
    lines.map(|(number, line)| {
        let valid = match core::str::from_utf8(line) {
            Ok(line) => line,
            Err(error) => core::str::from_utf8(&line[..error.valid_up_to()]).unwrap_or(""),
        };
        (number + 1, valid.trim_end_matches('\r'))
    })
}
