//! TOML that people write: all that is wrong with it is said, each with its place, in words of who writes the file and not of who reads it.
//!
//! What is wrong is taken out, and what is left is read again, so that one slip hides no other.

use core::mem;
use core::ops::Range;
use std::borrow::Cow;

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue, Deserializer, Error};

use crate::place::{Located, quoted};

/// So many problems are told at most: each takes another reading.
const MOST: usize = 100;

/// A file as far as it can be read.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Reading<'a, T> {
    /// What it says, without what is wrong; nothing when that is all of it.
    pub value: Option<T>,
    /// What is wrong.
    pub problems: Vec<Located<String>>,
    text: &'a str,
    root: Option<Spanned<DeTable<'a>>>,
}

/// Reads a file.
#[must_use]
pub fn read<T: DeserializeOwned>(text: &str) -> Reading<'_, T> {
    let mut reading = Reading {
        value: None,
        problems: Vec::new(),
        text,
        root: None,
    };
    let root = match DeTable::parse(text) {
        Ok(root) => root,
        Err(error) => {
            reading.say(&error);
            return reading;
        }
    };
    reading.root = Some(root.clone());
    reading.as_far_as_possible(root);
    reading
}

impl<'a, T> Reading<'a, T> {
    /// What is about the value of a key, as in `section.key`, or as much of it as there is.
    #[must_use]
    pub fn about<F>(&self, key: &str, fault: F) -> Located<F> {
        let mut offset = 0;
        let mut table = self.root.as_ref().map(Spanned::get_ref);
        for name in key.split('.') {
            let Some(value) = table.and_then(|table| table.get(name)) else {
                break;
            };
            offset = value.span().start;
            table = value.get_ref().as_table();
        }
        Located::new(self.text, offset, fault)
    }

    fn as_far_as_possible(&mut self, mut root: Spanned<DeTable<'a>>)
    where
        T: DeserializeOwned,
    {
        let mut taken: Vec<Taken> = Vec::new();
        while self.problems.len() < MOST {
            let error = match T::deserialize(Deserializer::from(root.clone())) {
                Ok(value) => {
                    self.value = Some(value);
                    return;
                }
                Err(error) => error,
            };
            let Some(span) = error.span() else {
                return self.say(&error);
            };
            // What is missing because it was taken out has been told of.
            let missing = within(error.message(), "missing field `", "`");
            let is_told = |taken: &Taken| taken.from == span && Some(&*taken.key) == missing;
            if !taken.iter().any(is_told) {
                self.say(&error);
            }
            let whole = root.span();
            match take(root.get_mut(), whole, &span) {
                Some(one) => taken.push(one),
                None => return,
            }
        }
    }

    fn say(&mut self, error: &Error) {
        let span = error.span().unwrap_or_default();
        let written = self.text.get(span.clone()).unwrap_or_default();
        let words = in_words(error.message(), written);
        // Names in it are as they were written, line breaks and all.
        let line = words.replace(char::is_control, " ");
        let problem = Located::new(self.text, span.start, line);
        self.problems.push(problem);
    }
}

/// What was taken out: the span of what it was in, and its key there.
struct Taken {
    from: Range<usize>,
    key: String,
}

/// Takes out the innermost of what stands at a place.
fn take(table: &mut DeTable<'_>, whole: Range<usize>, span: &Range<usize>) -> Option<Taken> {
    let mut values = table.iter_mut().map(|(_, value)| value);
    if let Some(taken) = values.find_map(|value| take_of(value, span)) {
        return Some(taken);
    }
    let is_it = |key: &Range<usize>, value: &Range<usize>| key == span || value == span;
    let mut entries = table.iter();
    let (key, _) = entries.find(|(key, value)| is_it(&key.span(), &value.span()))?;
    let key = key.get_ref().to_string();
    table.remove(&*key)?;
    Some(Taken { from: whole, key })
}

fn take_of(value: &mut Spanned<DeValue<'_>>, span: &Range<usize>) -> Option<Taken> {
    let whole = value.span();
    match value.get_mut() {
        DeValue::Table(table) => take(table, whole, span),
        DeValue::Array(values) => {
            let inner = values.iter_mut().find_map(|value| take_of(value, span));
            inner.or_else(|| {
                let before = values.len();
                let all = mem::replace(values, DeArray::new()).into_iter();
                *values = all.filter(|value| value.span() != *span).collect();
                let key = String::new();
                (values.len() < before).then_some(Taken { from: whole, key })
            })
        }
        _ => None,
    }
}

/// What serde and the parser say, for those who know neither; `written` is the text that it is about. It is repeated only where serde does so,
/// or for what cannot be a secret.
fn in_words(message: &str, written: &str) -> String {
    if message.contains("$__toml_private_datetime") {
        return "a time stands where none may be".to_owned();
    }
    let parts = |start| message.strip_prefix(start)?.rsplit_once(", expected ");
    if let Some((name, known)) = parts("unknown field ") {
        let known = known.trim_start_matches("one of ").replace(" or ", ", ");
        return format!("there is no key {}; known are {known}", shortened(name));
    }
    if let Some((name, known)) = parts("unknown variant ") {
        let known = known.trim_start_matches("one of ").replace(" or ", ", ");
        return format!("{} stands where one of {known} must be", shortened(name));
    }
    if let Some((found, expected)) = parts("invalid type: ").or_else(|| parts("invalid value: ")) {
        return stands(
            &found_in_words(found, written),
            &expected_in_words(expected),
        );
    }
    if let Some(name) = within(message, "missing field `", "`") {
        return format!("`{name}` is missing");
    }
    match message {
        "invalid socket address syntax" => {
            stands(&quoted(written), &expected_in_words("socket address"))
        }
        "invalid IP address syntax" => stands(&quoted(written), &expected_in_words("IP address")),
        "duplicate key" => format!("{} stands there a second time", quoted(written)),
        // A word: one that begins like `true` or `false` is taken for a slip in it.
        _ if message.starts_with("string values must be quoted")
            || message.starts_with("invalid boolean") =>
        {
            "a text must be in quotes".to_owned()
        }
        "integer number overflowed" => stands(&quoted(written), "a number of less than 20 digits"),
        "wanted string or table" => "a text in quotes must stand here".to_owned(),
        _ => message.to_owned(),
    }
}

fn stands(found: &str, expected: &str) -> String {
    format!("{found} stands where {expected} must be")
}

/// What is between backticks, not longer than messages quote.
fn shortened(name: &str) -> String {
    quoted(name.trim_matches('`'))
}

fn found_in_words(found: &str, written: &str) -> String {
    match found.split_once(' ') {
        Some(("string", text)) => shortened(text),
        Some((_, value)) if value.ends_with('`') => {
            let value = value.trim_start_matches("point ");
            shortened(value)
        }
        _ if found == "sequence" => "a list".to_owned(),
        // A time is a map to serde.
        _ if written.starts_with(|first: char| first.is_ascii_digit()) => quoted(written),
        _ if found == "map" => "a section".to_owned(),
        _ => found.to_owned(),
    }
}

fn expected_in_words(expected: &str) -> Cow<'_, str> {
    let words = match expected {
        "u8" => "a whole number from 0 to 255",
        "u16" => "a whole number from 0 to 65535",
        "u32" => "a whole number from 0 to 4294967295",
        "u64" | "usize" => "a whole number that is not negative",
        "i64" => "a whole number",
        "f32" | "f64" => "a number",
        "a boolean" => "`true` or `false`",
        "a string" => "a text in quotes",
        "path string" => "a path in quotes",
        "a sequence" => "a list in `[` and `]`",
        "a TOML datetime" => "a date such as 2027-01-31",
        "socket address" => "an address with a port such as \"127.0.0.1:8080\"",
        "IP address" => "an address such as \"192.0.2.7\"",
        "a map" => "a section with keys of its own",
        _ if expected.starts_with("struct ") => "a section with keys of its own",
        _ => return Cow::Borrowed(expected),
    };
    Cow::Borrowed(words)
}

fn within<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    text.strip_prefix(start)?.strip_suffix(end)
}
