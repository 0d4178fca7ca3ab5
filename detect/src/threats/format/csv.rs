//! A table with a column of addresses, which the first line names, or which is found by what stands in it.

use core::net::IpAddr;

use csv::{ByteRecord, ReaderBuilder};

use super::plain::without_comment;
use crate::{
    place::Place,
    threats::{builder::Sink, label::Category, report::Fault},
};

/// What columns are called, the surest name first.
const ADDRESS: &[&str] = &[
    "ip",
    "ip_address",
    "ipaddress",
    "ip address",
    "address",
    "dst_ip",
    "dest_ip",
    "destination_ip",
    "src_ip",
    "source_ip",
    "cidr",
    "network",
    "prefix",
    "subnet",
    "host",
    "ioc_value",
    "ioc",
    "indicator",
    "value",
];
const CATEGORY: &[&str] = &[
    "category",
    "threat",
    "threat_type",
    "malware",
    "malware_printable",
    "type",
    "classification",
    "tags",
    "description",
];
const SCORE: &[&str] = &["score", "confidence", "confidence_level", "reputation"];

/// How many lines are looked at when the column's name is not known.
const LOOKED_AT: usize = 100;

pub(super) fn read(text: &[u8], sink: &mut Sink<'_>) {
    let table = Table::new(text);
    let Some(columns) = table.columns() else {
        return sink.fault(|| Place::of(text, table.start), Fault::NoColumn);
    };
    let mut is_header = columns.has_header;
    table.rows(|start, record| {
        if core::mem::take(&mut is_header) {
            return true;
        }
        let field = |column: usize| {
            let field = record.get(column).unwrap_or_default();
            core::str::from_utf8(field)
                .unwrap_or("�")
                .trim_matches(['"', ' ', '\t'])
        };
        let address = field(columns.address);
        if without_comment(address).is_empty() && record.len() <= 1 {
            return true;
        }
        let category = columns.category.map_or("", field);
        let score = columns.score.and_then(|score| field(score).parse().ok());
        let place = || Place::of(text, start + table.offset(&text[start..], columns.address));
        sink.prefix(place, address, Category::text(category), score);
        true
    });
}

/// Which columns matter.
struct Columns {
    has_header: bool,
    address: usize,
    category: Option<usize>,
    score: Option<usize>,
}

/// A table after the comments that it begins with.
struct Table<'a> {
    text: &'a [u8],
    start: usize,
    delimiter: u8,
    /// The last comment before the table, which in some feeds is its header.
    comment: &'a [u8],
}

impl<'a> Table<'a> {
    fn new(text: &'a [u8]) -> Self {
        let mut start = 0;
        let mut comment: &[u8] = &[];
        let mut first: &[u8] = &[];
        for line in text.split_inclusive(|byte| *byte == b'\n') {
            let trimmed = line.trim_ascii();
            match trimmed.first() {
                Some(b'#') => comment = trimmed.trim_ascii_start(),
                Some(_) => {
                    first = trimmed;
                    break;
                }
                None => {}
            }
            start += line.len();
        }
        let count = |delimiter: u8| first.iter().filter(|byte| **byte == delimiter).count();
        // Of equally many the first: `max_by_key` would take the last.
        let delimiter = *b"\t;,"
            .iter()
            .max_by_key(|byte| count(**byte))
            .unwrap_or(&b',');
        Self {
            text,
            start,
            delimiter,
            comment,
        }
    }

    /// Calls for every row, with the offset at which it begins, until it is answered `false`.
    fn rows(&self, mut row: impl FnMut(usize, &ByteRecord) -> bool) {
        let mut reader = self.reader(&self.text[self.start..]);
        let mut record = ByteRecord::new();
        // Reading from memory, and of rows of any length, does not fail.
        while let Ok(true) = reader.read_byte_record(&mut record) {
            let at = record.position().map_or(0, csv::Position::byte);
            let at = self.start + usize::try_from(at).unwrap_or(0);
            if !row(self.past_blank_lines(at), &record) {
                break;
            }
        }
    }

    fn first_row(&self) -> Option<ByteRecord> {
        let mut first = None;
        self.rows(|_, record| {
            first = Some(record.clone());
            false
        });
        first
    }

    /// The reader says where it was before blank lines that it skipped.
    fn past_blank_lines(&self, at: usize) -> usize {
        let blank = self.text[at..]
            .iter()
            .take_while(|byte| matches!(byte, b'\r' | b'\n'));
        at + blank.count()
    }

    fn reader(&self, text: &'a [u8]) -> csv::Reader<&'a [u8]> {
        ReaderBuilder::new()
            .delimiter(self.delimiter)
            .has_headers(false)
            .flexible(true)
            .comment(Some(b'#'))
            .trim(csv::Trim::All)
            .from_reader(text)
    }

    fn columns(&self) -> Option<Columns> {
        let comment = self.comment.strip_prefix(b"#").unwrap_or_default();
        let comment = self.reader(comment).byte_records().next();
        let first = self.first_row()?;
        let named = |record: &ByteRecord, has_header| {
            Some(Columns {
                has_header,
                address: named(record, ADDRESS)?,
                category: named(record, CATEGORY),
                score: named(record, SCORE),
            })
        };
        named(&first, true)
            .or_else(|| named(&comment?.ok()?, false))
            .or_else(|| self.guess())
    }

    /// The column in which most rows have an address.
    fn guess(&self) -> Option<Columns> {
        let mut counts = Vec::new();
        let mut rows = 0;
        self.rows(|_, record| {
            counts.resize(counts.len().max(record.len()), 0_usize);
            for (count, field) in counts.iter_mut().zip(record) {
                *count += usize::from(is_address(field));
            }
            rows += 1;
            rows < LOOKED_AT
        });
        let most = *counts.iter().max().filter(|most| **most > 0)?;
        let address = counts.iter().position(|count| *count == most)?;
        let first = self.first_row()?;
        Some(Columns {
            has_header: !first.get(address).is_some_and(is_address),
            address,
            category: None,
            score: None,
        })
    }

    /// Where in a row a column begins.
    fn offset(&self, row: &[u8], column: usize) -> usize {
        let mut quoted = false;
        let mut delimiters = row.iter().enumerate().filter(|(_, byte)| {
            quoted ^= **byte == b'"';
            !quoted && **byte == self.delimiter
        });
        let field = match column {
            0 => 0,
            column => delimiters.nth(column - 1).map_or(0, |(at, _)| at + 1),
        };
        let blank = row[field..]
            .iter()
            .take_while(|byte| matches!(byte, b' ' | b'"'));
        field + blank.count()
    }
}

/// The column with the first of the names that there is.
fn named(record: &ByteRecord, names: &[&str]) -> Option<usize> {
    let column = |name: &&str| {
        record
            .iter()
            .position(|field| field.trim_ascii().eq_ignore_ascii_case(name.as_bytes()))
    };
    names.iter().find_map(column)
}

fn is_address(field: &[u8]) -> bool {
    let field = core::str::from_utf8(field).unwrap_or_default().trim();
    let address = field.split('/').next().unwrap_or(field);
    address.parse::<IpAddr>().is_ok()
}
