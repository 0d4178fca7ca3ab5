//! One alert: what was seen, what to do, what happened, and what a person does.

use axum::{
    extract::{Path, State},
    response::Response,
};
use defender_detect::{Alert, alert::AlertState};
use maud::{Markup, html};

use super::{NAME, Way, device_link, link, page, trouble};
use crate::{
    report::{
        pieces::{badge, class, evidence},
        text::{Brief, Count, Shown, Time},
    },
    store::{AlertRecord, HistoryRecord},
    web::{Shared, caller::Caller, problem::Problem},
};

/// Of what happened, so much is shown from the beginning and up to now, and of what was said to it so many bytes.
const FIRST: usize = 10;
const LAST: usize = 40;
const COMMENT: usize = 1000;

pub(super) async fn show(State(api): Shared, caller: Caller, Path(id): Path<String>) -> Response {
    match api.read(move |reader| reader.alert(&id)).await {
        Ok(Some(record)) => {
            let title = record.alert.kind.title();
            page(&caller, title, Way::Alerts, &content(&caller, &record))
        }
        Ok(None) => trouble(&caller, Way::Alerts, &Problem::no_alert()),
        Err(problem) => trouble(&caller, Way::Alerts, &problem),
    }
}

fn content(caller: &Caller, record: &AlertRecord) -> Markup {
    let alert = &record.alert;
    html! {
        h1 { (alert.kind.title()) " – " (device_link(&alert.device)) }
        div id="alert" data-live {
            article class=(class(alert.severity)) {
                p { (badge(alert.severity)) " " strong { (state(record)) } }
                p { (Shown(&alert.explanation)) "." }
                p { strong { "Do: " } (alert.kind.remediation()) }
                p {
                    strong { "Since: " } (Time(alert.first_seen))
                    ", last at " (Time(alert.last_seen)) ", seen " (Count(alert.count.into(), "time")) "."
                }
                p class="soft" {
                    "Rule " code { (alert.kind.alert_type()) } ", id " code { (Shown(&alert.id)) }
                    @if !alert.group.is_empty() { ", group " (Shown(&alert.group)) }
                }
            }
            @if !alert.evidence.is_empty() { h2 { "Evidence" } (evidence(alert)) }
            h2 { "What happened" }
            ol class="time" {
                @let (first, rest) = record.history.split_at(record.history.len().min(FIRST));
                @let (left_out, last) = rest.split_at(rest.len().saturating_sub(LAST));
                @for entry in first { (event(entry)) }
                @if !left_out.is_empty() {
                    li { (left_out.len()) " more, which the API has" }
                }
                @for entry in last { (event(entry)) }
            }
        }
        @if caller.may_change() { (acts(caller, alert)) }
    }
}

fn event(entry: &HistoryRecord) -> Markup {
    html! {
        li {
            (Time(entry.time)) " " (Shown(&entry.event))
            @if !entry.who.is_empty() { " by " (Brief(&entry.who, NAME)) }
            ", seen " (Count(entry.count.into(), "time"))
            @if !entry.comment.is_empty() { ": " (Brief(&entry.comment, COMMENT)) }
        }
    }
}

fn state(record: &AlertRecord) -> String {
    let state = match record.alert.state {
        AlertState::Open => "Open",
        AlertState::Closed => "Over",
    };
    match record.acknowledged {
        Some(time) => format!("{state}, acknowledged at {}", Time(time)),
        None => state.to_owned(),
    }
}

/// What a person does about it. The script sends it to the API.
fn acts(caller: &Caller, alert: &Alert) -> Markup {
    let path = link("/api/v1/alerts/", &alert.id) + "/";
    // An exception that names peers does not cover what is about none.
    let is_of_peer = alert.kind.is_of_peer();
    html! {
        section aria-labelledby="acts-title" {
            h2 id="acts-title" { "Do something about it" }
            noscript { p { "These forms need the page's script. The same is done by " code { "defender hub alerts" } "." } }
            form data-form=(path) {
                (who(caller))
                label { "What you say " input name="comment" maxlength="1000" autocomplete="off"; }
                p {
                    button data-post="acknowledge" { "Acknowledge" } " "
                    @if alert.state == AlertState::Open { button data-post="close" { "Close" } }
                }
                p { output role="status" {} }
            }
            h3 { "Make an exception" }
            p { "What it covers closes, and is not told any more. What is left empty covers any." }
            form data-form="/api/v1/exceptions" {
                (who(caller))
                label { "Rule " input name="rule" value=(alert.kind.rule()) autocomplete="off"; }
                label { "Device " input name="device" value=(alert.device) autocomplete="off"; }
                label { "Group " input name="group" autocomplete="off"; }
                label { "Peer, or a prefix " input name="peer" value=[alert.peer.filter(|_| is_of_peer)] autocomplete="off"; }
                label { "Port " input name="port" type="number" min="1" max="65535" value=[alert.service.filter(|_| is_of_peer).map(|service| service.port)]; }
                label { "Until (a day, in UTC) " input name="until" type="date"; }
                label { "Why " input name="reason" required maxlength="1000" autocomplete="off"; }
                p {
                    button data-post="/preview" { "Show what it would cover" } " "
                    button data-post="" { "Make it" }
                }
                p { output role="status" {} }
            }
        }
    }
}

/// Who does it; of who has logged in it is known.
fn who(caller: &Caller) -> Markup {
    html! {
        @if caller.name().is_none() {
            label { "Who you are " input name="who" required maxlength="100" autocomplete="username"; }
        }
    }
}
