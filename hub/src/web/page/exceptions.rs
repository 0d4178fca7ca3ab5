//! Exceptions that were made over the API.

use axum::{
    extract::{Query, State},
    response::Response,
};
use maud::{Markup, html};
use serde::Deserialize;

use super::{NAME, Way, page, trouble};
use crate::{
    report::text::{Brief, Count, Time},
    store::{ExceptionRecord, Reader},
    web::{Shared, caller::Caller},
};

/// How many bytes of HTML the exceptions of a page have; the last may go beyond. Each has so many lines of so many bytes.
const ROOM: usize = 50_000;
const LINES: usize = 20;
const LINE: usize = 1500;

/// Where the list goes on.
#[derive(Deserialize)]
pub(in crate::web) struct Asked {
    /// Behind the exception of this number.
    #[serde(default)]
    after: i64,
}

pub(super) async fn show(
    State(api): Shared,
    caller: Caller,
    Query(asked): Query<Asked>,
) -> Response {
    let exceptions = match api.read(Reader::exceptions).await {
        Ok(exceptions) => exceptions,
        Err(problem) => return trouble(&caller, Way::Exceptions, &problem),
    };
    let mut room = ROOM;
    let behind = exceptions
        .into_iter()
        .skip_while(|exception| exception.id <= asked.after);
    let mut behind = behind.peekable();
    let mut shown = Vec::new();
    while room > 0
        && let Some(exception) = behind.next()
    {
        let html = one(&caller, &exception);
        room = room.saturating_sub(html.0.len());
        shown.push((exception.id, html));
    }
    let next = shown.last().filter(|_| behind.peek().is_some());
    let content = html! {
        h1 { "Exceptions" }
        p { "Those that were made here or by " code { "defender hub alerts except" } ". Those of a file stay in their file. One is made from an alert." }
        div id="exceptions" data-live {
            @if shown.is_empty() { p { "None." } }
            @for (_, html) in &shown { (html) }
            @if let Some((last, _)) = next { p { a href=(format!("/exceptions?after={last}")) { "The next ones" } } }
        }
    };
    page(&caller, "Exceptions", Way::Exceptions, &content)
}

fn one(caller: &Caller, exception: &ExceptionRecord) -> Markup {
    let left = exception.text.lines().count().saturating_sub(LINES);
    html! {
        article {
            p class="soft" { "Number " (exception.id) ", by " (Brief(&exception.who, NAME)) ", " (Time(exception.created)) }
            pre { @for line in exception.text.lines().take(LINES) { (Brief(line, LINE)) "\n" } }
            @if left > 0 { p { "And " (Count(left as u64, "more line")) ", which " code { "/api/v1/exceptions" } " has." } }
            @if caller.may_change() {
                form data-form="/api/v1/exceptions/" {
                    button data-delete=(exception.id) { "Delete number " (exception.id) }
                    output role="status" {}
                }
            }
        }
    }
}
