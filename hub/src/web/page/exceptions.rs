//! Exceptions that were made over the API.

use axum::{extract::State, response::Response};
use maud::html;

use super::{Way, page, trouble};
use crate::{
    report::text::{Shown, Time},
    store::Reader,
    web::{Shared, caller::Caller},
};

pub(super) async fn show(State(api): Shared, caller: Caller) -> Response {
    let exceptions = match api.read(Reader::exceptions).await {
        Ok(exceptions) => exceptions,
        Err(problem) => return trouble(&caller, Way::Exceptions, &problem),
    };
    let content = html! {
        h1 { "Exceptions" }
        p { "Those that were made here or by " code { "defender hub alerts except" } ". Those of a file stay in their file. One is made from an alert." }
        div id="exceptions" data-live {
            @if exceptions.is_empty() { p { "None." } }
            @for exception in &exceptions {
                article {
                    p class="soft" { "Number " (exception.id) ", by " (Shown(&exception.who)) ", " (Time(exception.created)) }
                    pre { @for line in exception.text.lines() { (Shown(line)) "\n" } }
                    @if caller.may_change() {
                        form data-form {
                            button data-delete=(format!("/api/v1/exceptions/{}", exception.id)) { "Delete number " (exception.id) }
                            output role="status" {}
                        }
                    }
                }
            }
        }
    };
    page(&caller, "Exceptions", Way::Exceptions, &content)
}
