//! The page: what the API has, for a person. It changes nothing: its script posts what forms say to the API.
//!
//! It is made here, from templates that are compiled in, and asks nobody else for anything. Its script and style are files of its own,
//! so that nothing that is written into a page can run: the policy of each answer says so to browsers.

mod alert;
mod alerts;
mod baseline;
mod device;
mod exceptions;
mod fleet;
mod login;
mod policy;

use std::sync::Arc;

use axum::{
    Router,
    http::header,
    response::{Html, IntoResponse, Response},
    routing::{get, post},
};
use maud::{DOCTYPE, Markup, html};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::{Api, caller::Caller, problem::Problem};
use crate::report::{
    STYLE,
    text::{Brief, Shown},
};

const OWN_STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// Nothing but what comes from here, and no script but the one file.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'self'; \
     base-uri 'none'; frame-ancestors 'none'";

/// The pages by their addresses.
pub(super) fn routes() -> Router<Arc<Api>> {
    Router::new()
        .route("/", get(fleet::show))
        .route("/alerts", get(alerts::show))
        .route("/alerts/{id}", get(alert::show))
        .route("/devices/{id}", get(device::show))
        .route("/baselines", get(baseline::list))
        .route("/baselines/{group}", get(baseline::show))
        .route("/exceptions", get(exceptions::show))
        .route("/policy", get(policy::show))
        .route("/login", get(login::show).post(login::log_in))
        .route("/logout", post(login::log_out))
        .route("/page.css", get(style))
        .route("/page.js", get(script))
}

async fn style() -> Response {
    let kind = [(header::CONTENT_TYPE, "text/css; charset=utf-8")];
    (kind, [STYLE, OWN_STYLE].concat()).into_response()
}

async fn script() -> Response {
    let kind = [(header::CONTENT_TYPE, "text/javascript; charset=utf-8")];
    (kind, SCRIPT).into_response()
}

/// Which of the ways at the top a page belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Fleet,
    Alerts,
    Baselines,
    Exceptions,
    Policy,
}

/// A whole page.
fn page(caller: &Caller, title: &str, way: Way, content: &Markup) -> Response {
    let ways = [
        ("/", "Fleet", Way::Fleet),
        ("/alerts?state=open", "Alerts", Way::Alerts),
        ("/baselines", "Normal traffic", Way::Baselines),
        ("/exceptions", "Exceptions", Way::Exceptions),
        ("/policy", "Rules and lists", Way::Policy),
    ];
    let head = html! {
        script src="/page.js" defer {}
        @if let Some(csrf) = caller.csrf() { meta name="csrf-token" content=(csrf); }
    };
    let body = html! {
        a class="skip" href="#content" { "To the content" }
        header {
            nav aria-label="Pages" {
                @for (href, name, it) in ways {
                    a href=(href) aria-current=[(it == way).then_some("page")] { (name) }
                }
            }
            @if let (Some(name), Some(csrf)) = (caller.name(), caller.csrf()) {
                form method="post" action="/logout" class="log-out" {
                    (name) @if !caller.may_change() { ", who may look" } " "
                    input type="hidden" name="csrf" value=(csrf);
                    button { "Log out" }
                }
            }
            p class="soft" role="status" id="live-state" {}
        }
        main id="content" { (content) }
    };
    whole(title, &head, &body)
}

/// A page without ways to others, and without script.
fn bare(title: &str, content: &Markup) -> Response {
    whole(title, &html! {}, &html! { main id="content" { (content) } })
}

fn whole(title: &str, head: &Markup, body: &Markup) -> Response {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (Shown(title)) " – defender hub" }
                link rel="stylesheet" href="/page.css";
                (head)
            }
            body { (body) }
        }
    };
    let headers = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::REFERRER_POLICY, "same-origin"),
    ];
    (headers, Html(page.into_string())).into_response()
}

/// What is wrong, as a page.
fn trouble(caller: &Caller, way: Way, problem: &Problem) -> Response {
    let content = html! { h1 { "This cannot be shown" } p { (problem.reason()) } };
    let mut response = page(caller, "Not shown", way, &content);
    *response.status_mut() = problem.status();
    response
}

/// The address of what has such a name.
fn link(before: &str, name: &str) -> String {
    format!("{before}{}", utf8_percent_encode(name, NON_ALPHANUMERIC))
}

/// The most bytes of a device's name, and of a group's, in a list: so many may be in each of a hundred rows.
const NAME: usize = 160;
const GROUP_NAME: usize = 128;

/// A link to a device; the hub itself has no page.
fn device_link(name: &str) -> Markup {
    html! {
        @if name.is_empty() { "the hub" } @else { a href=(link("/devices/", name)) { (Brief(name, NAME)) } }
    }
}

/// A choice of a form, or any.
fn choice(label: &str, name: &str, chosen: &str, choices: &[(&str, &str)], any: &str) -> Markup {
    html! {
        label {
            (label) " "
            select name=(name) {
                option value="" { (any) }
                @for (value, text) in choices { option value=(value) selected[*value == chosen] { (text) } }
            }
        }
    }
}

/// How long ago something was.
fn ago(now: u32, time: u32) -> String {
    match now.saturating_sub(time) {
        _ if time == 0 => "never".to_owned(),
        seconds @ 0..120 => format!("{seconds} s ago"),
        seconds @ 120..7200 => format!("{} min ago", seconds / 60),
        seconds @ 7200..172_800 => format!("{} h ago", seconds / 3600),
        seconds => format!("{} days ago", seconds / 86_400),
    }
}
