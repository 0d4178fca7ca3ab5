//! What decides at present: settings, groups, rules, exceptions, lists.

use axum::{extract::State, response::Response};
use maud::{Markup, html};

use super::{Way, page};
use crate::{
    config::{InForce, Part, PartKind},
    report::text::{Count, Shown, Time, html_length},
    web::{Shared, caller::Caller},
};

/// How many bytes of HTML with sentences a page has.
const MOST: usize = 40_000;

/// A heading, what an entry is, and what holds without any.
const KINDS: [(PartKind, &str, &str, &str); 6] = [
    (
        PartKind::Rules,
        "Rules",
        "rule",
        "There are no rules of your own: what is built in decides.",
    ),
    (
        PartKind::Threats,
        "Threat lists",
        "address or network",
        "There is no list of hostile addresses.",
    ),
    (PartKind::Exceptions, "Exceptions", "exception", "None."),
    (
        PartKind::Settings,
        "Settings",
        "setting",
        "All settings are as they come.",
    ),
    (
        PartKind::Groups,
        "Security groups",
        "group",
        "Every device is in the group default.",
    ),
    (
        PartKind::Advisories,
        "Known vulnerabilities",
        "vulnerability",
        "None are known.",
    ),
];

pub(super) async fn show(State(api): Shared, caller: Caller) -> Response {
    page(
        &caller,
        "Rules and lists",
        Way::Policy,
        &content(&api.in_force()),
    )
}

fn content(in_force: &InForce) -> Markup {
    let mut room = MOST;
    html! {
        h1 { "Rules and lists in force" }
        div id="policy" data-live {
            p { "Read at " (Time(in_force.since)) ". They are read again on SIGHUP, and when an exception is made or deleted." }
            @for (kind, title, entry, none) in KINDS {
                h2 { (title) }
                @let of_kind = in_force.parts.iter().filter(|part| part.kind == kind);
                @let parts: Vec<_> = of_kind.filter(|part| part.file.is_some() || part.entries > 0).collect();
                @if parts.is_empty() { p { (none) } }
                @for part in parts { (one(part, entry, &mut room)) }
            }
        }
    }
}

fn one(part: &Part, entry: &str, room: &mut usize) -> Markup {
    let source = match (&part.file, part.kind) {
        (Some(file), _) => Shown(file).to_string(),
        (None, PartKind::Exceptions) => "Made on this page or over the API".to_owned(),
        (None, _) => "As they come with this program".to_owned(),
    };
    let (says, warnings) = (lines(&part.says, room), lines(&part.warnings, room));
    html! {
        article {
            h3 { (source) }
            p class="soft" {
                (Entries(part.entries, entry))
                @if !part.warnings.is_empty() { ", " (Count(part.warnings.len() as u64, "warning")) }
            }
            @if !warnings.is_empty() { ul class="warnings" { @for line in &warnings { li { (line) } } } }
            @if !says.is_empty() { ul { @for line in &says { li { (line) } } } }
            @let left = part.says.len() + part.warnings.len() - says.len() - warnings.len();
            @if left > 0 { p { "And " (left) " more lines, which " code { "/api/v1/policy" } " has." } }
        }
    }
}

/// So many lines as there is room for.
fn lines(all: &[String], room: &mut usize) -> Vec<String> {
    let shown = all.iter().map(|line| Shown(line).to_string());
    let fitting = shown.take_while(|line| {
        let length = html_length(line) + "<li></li>".len();
        let fits = length <= *room;
        *room = room.saturating_sub(length);
        fits
    });
    fitting.collect()
}

/// A number of entries, whose names have plurals of their own.
struct Entries<'a>(usize, &'a str);

impl std::fmt::Display for Entries<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.0, self.1) {
            (1, one) => write!(f, "1 {one}"),
            (count, "vulnerability") => write!(f, "{count} vulnerabilities"),
            (count, "address or network") => write!(f, "{count} addresses and networks"),
            (count, one) => write!(f, "{count} {one}s"),
        }
    }
}
