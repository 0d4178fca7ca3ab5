//! Zeek's intelligence framework: fields separated by tabs, named by a line `#fields`.

use super::lines;
use crate::{
    place::{Place, offset_in},
    threats::{builder::Sink, label::Category, report::Fault},
};

/// Where in a line the fields are that matter here.
#[derive(Clone, Copy)]
struct Columns {
    indicator: usize,
    kind: Option<usize>,
    source: Option<usize>,
}

impl Columns {
    /// From a line `#fields`, if it names the indicator.
    fn new(line: &str) -> Option<Self> {
        let of = |name| line.split('\t').skip(1).position(|field| field == name);
        Some(Self {
            indicator: of("indicator")?,
            kind: of("indicator_type"),
            source: of("meta.source"),
        })
    }
}

pub(super) fn read(text: &[u8], sink: &mut Sink<'_>) {
    let mut columns = None;
    for (number, line) in lines(text) {
        if line.starts_with("#fields") {
            columns = Columns::new(line);
        }
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        let place = |part: &str| {
            let offset = offset_in(line, part).unwrap_or(0);
            Place::in_line(number, line.as_bytes(), offset)
        };
        let Some(columns) = columns else {
            // Without it, every line would say the same.
            return sink.fault(|| place(line), Fault::NoFields);
        };
        let field = |column: Option<usize>| line.split('\t').nth(column?);
        match field(columns.kind) {
            None | Some("Intel::ADDR" | "Intel::SUBNET") => {}
            Some(_) => {
                sink.skip();
                continue;
            }
        }
        let Some(indicator) = field(Some(columns.indicator)) else {
            let fault = Fault::Missing {
                name: "indicator",
                form: "indicator⇥indicator_type⇥meta.source",
            };
            sink.fault(|| place(line), fault);
            continue;
        };
        let category = Category::text(field(columns.source).unwrap_or("-"));
        sink.prefix(|| place(indicator), indicator.trim(), category, None);
    }
}
