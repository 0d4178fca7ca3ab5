//! JSON whose values know where they stand.

use core::fmt;
use std::borrow::Cow;

use serde::{
    Deserialize,
    de::{Deserializer, MapAccess, Visitor},
};
use serde_json::value::RawValue;

use crate::place::{Place, offset_in};

/// A value of a text, and the way to it.
#[derive(Clone)]
pub(crate) struct Node<'a> {
    whole: &'a str,
    raw: &'a RawValue,
    path: String,
}

/// Where in `whole` the parser found something wrong with a part of it.
pub(crate) fn place(whole: &str, part: &str, error: &serde_json::Error) -> Place {
    let mut lines = part.split_inclusive('\n');
    // The parser counts lines from 1, and bytes in them.
    let before = lines.by_ref().take(error.line().saturating_sub(1));
    let before: usize = before.map(str::len).sum();
    let start = offset_in(whole, part).unwrap_or(0);
    let offset = start + before + error.column().saturating_sub(1);
    Place::of(whole.as_bytes(), offset)
}

/// A text that is no JSON: where, and what the parser says.
pub(crate) struct Malformed {
    pub place: Place,
    pub message: String,
}

impl<'a> Node<'a> {
    pub fn parse(whole: &'a str) -> Result<Self, Malformed> {
        // A file that was edited on Windows may begin with a mark that JSON does not know.
        let text = whole.strip_prefix('\u{feff}').unwrap_or(whole);
        let path = String::new();
        match serde_json::from_str(text) {
            Ok(raw) => Ok(Self { whole, raw, path }),
            Err(error) => Err(Malformed {
                place: place(whole, text, &error),
                message: message(&error),
            }),
        }
    }

    pub fn place(&self) -> Place {
        let offset = offset_in(self.whole, self.raw.get()).unwrap_or(0);
        Place::of(self.whole.as_bytes(), offset)
    }

    /// The way to the value, as in `value[0].properties`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The value as it is written.
    pub fn text(&self) -> &'a str {
        self.raw.get()
    }

    pub fn is_array(&self) -> bool {
        self.raw.get().starts_with('[')
    }

    pub fn is_null(&self) -> bool {
        self.raw.get() == "null"
    }

    /// The members of an object, in their order.
    pub fn members(&self) -> Option<Vec<(Cow<'a, str>, Self)>> {
        let Members(members) = serde_json::from_str(self.raw.get()).ok()?;
        let members = members.into_iter().map(|(name, raw)| {
            let dot = if self.path.is_empty() { "" } else { "." };
            let path = format!("{}{dot}{name}", self.path);
            (name, self.child(raw, path))
        });
        Some(members.collect())
    }

    /// The elements of an array.
    pub fn elements(&self) -> Option<Vec<Self>> {
        let elements: Vec<&'a RawValue> = serde_json::from_str(self.raw.get()).ok()?;
        let elements = elements.into_iter().enumerate().map(|(at, raw)| {
            let path = format!("{}[{at}]", self.path);
            self.child(raw, path)
        });
        Some(elements.collect())
    }

    /// The value as something that serde knows.
    pub fn get<T: Deserialize<'a>>(&self) -> Option<T> {
        serde_json::from_str(self.raw.get()).ok()
    }

    fn child(&self, raw: &'a RawValue, path: String) -> Self {
        Self {
            whole: self.whole,
            raw,
            path,
        }
    }
}

/// What a parser says, without the place: that is told apart.
pub(crate) fn message(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rsplit_once(" at line ") {
        Some((message, _)) => message.to_owned(),
        None => text,
    }
}

/// An object's members.
struct Members<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some((Name(name), value)) = map.next_entry()? {
                    members.push((name, value));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Collect)
    }
}

#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);
