//! Suricata's IP reputation, and the file that names its categories.

use core::net::IpAddr;

use super::{lines, plain::without_comment};
use crate::{
    place::{Place, offset_in},
    threats::{builder::Sink, label::Category, report::Fault},
};

const FORM: &str = "address,category,score";
const CATEGORY_FORM: &str = "number,name,description";
const CATEGORIES: u8 = 60;
const SCORES: u8 = 127;

pub(super) fn read(text: &[u8], sink: &mut Sink<'_>) {
    for (number, line) in lines(text) {
        let entry = without_comment(line);
        if entry.is_empty() {
            continue;
        }
        let mut fields = Fields::new(number, line, entry);
        let Ok(address) = fields.next("address", FORM, sink) else {
            continue;
        };
        let category = fields.number("category", FORM, CATEGORIES, sink);
        let score = fields.number("score", FORM, SCORES, sink);
        if let (Ok(category), Ok(score)) = (category, score) {
            let place = || fields.place(address);
            sink.prefix(place, address, Category::Number(category), Some(score));
        }
    }
}

pub(super) fn read_categories(text: &[u8], sink: &mut Sink<'_>) {
    for (number, line) in lines(text) {
        let entry = without_comment(line);
        if entry.is_empty() {
            continue;
        }
        let mut fields = Fields::new(number, line, entry);
        let category = fields.number("number", CATEGORY_FORM, CATEGORIES, sink);
        let name = fields.next("name", CATEGORY_FORM, sink);
        if let (Ok(category), Ok(name)) = (category, name) {
            sink.builder.categories.insert(category, name.to_owned());
        }
    }
}

/// Whether a line is one of a list.
pub(super) fn is_entry(line: &str) -> bool {
    let mut fields = line.split(',').map(str::trim);
    let address = fields.next().is_some_and(is_address);
    let mut number = || {
        fields
            .next()
            .is_some_and(|field| field.parse::<u8>().is_ok())
    };
    address && number() && number() && fields.next().is_none()
}

/// Whether a line names a category.
pub(super) fn is_category(line: &str) -> bool {
    let mut fields = line.splitn(3, ',').map(str::trim);
    let number = fields.next().and_then(|field| field.parse::<u8>().ok());
    let name = fields
        .next()
        .is_some_and(|name| name.bytes().any(|byte| byte.is_ascii_alphabetic()));
    // A number, a name and an address are a table.
    let description = fields.next().is_none_or(|field| !is_address(field));
    number.is_some_and(|number| number <= CATEGORIES) && name && description
}

fn is_address(field: &str) -> bool {
    let address = field.split('/').next().unwrap_or(field);
    address.parse::<IpAddr>().is_ok()
}

/// The fields of a line, with their places.
struct Fields<'a> {
    number: usize,
    line: &'a str,
    rest: Option<&'a str>,
}

/// A field is missing or wrong, which has been told.
struct Told;

impl<'a> Fields<'a> {
    fn new(number: usize, line: &'a str, entry: &'a str) -> Self {
        Self {
            number,
            line,
            rest: Some(entry),
        }
    }

    fn place(&self, part: &str) -> Place {
        let offset = offset_in(self.line, part).unwrap_or(self.line.len());
        Place::in_line(self.number, self.line.as_bytes(), offset)
    }

    fn next(
        &mut self,
        name: &'static str,
        form: &'static str,
        sink: &mut Sink<'_>,
    ) -> Result<&'a str, Told> {
        let Some(rest) = self.rest else {
            sink.fault(|| self.place(""), Fault::Missing { name, form });
            return Err(Told);
        };
        let (field, rest) = match rest.split_once(',') {
            Some((field, rest)) => (field, Some(rest)),
            None => (rest, None),
        };
        self.rest = rest;
        Ok(field.trim())
    }

    fn number(
        &mut self,
        name: &'static str,
        form: &'static str,
        most: u8,
        sink: &mut Sink<'_>,
    ) -> Result<u8, Told> {
        let field = self.next(name, form, sink)?;
        match field.parse() {
            Ok(number) if (1..=most).contains(&number) => Ok(number),
            _ => {
                let fault = Fault::Number {
                    name,
                    text: field.to_owned(),
                    least: 1,
                    most,
                };
                sink.fault(|| self.place(field), fault);
                Err(Told)
            }
        }
    }
}
