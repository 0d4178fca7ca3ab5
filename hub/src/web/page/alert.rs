//! One alert: what was seen, what to do, what happened, and what a person does.

use axum::{
    extract::{Path, State},
    response::Response,
};
use defender_detect::{Alert, alert::AlertState};
use maud::{Markup, html};

use super::{Way, device_link, link, page, trouble};
use crate::{
    report::{
        pieces::{badge, class, evidence},
        text::{Count, Shown, Time},
    },
    store::AlertRecord,
    web::{Shared, caller::Caller, problem::Problem},
};

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
                p class="soft" {
                    (Time(alert.first_seen)) " to " (Time(alert.last_seen)) ", seen " (Count(alert.count.into(), "time"))
                    "; rule " code { (alert.kind.alert_type()) } ", id " code { (Shown(&alert.id)) }
                    @if !alert.group.is_empty() { ", group " (Shown(&alert.group)) }
                }
            }
            @if !alert.evidence.is_empty() { h2 { "Evidence" } (evidence(alert)) }
            h2 { "What happened" }
            ol class="time" {
                @for entry in &record.history {
                    li {
                        (Time(entry.time)) " " (Shown(&entry.event))
                        @if !entry.who.is_empty() { " by " (Shown(&entry.who)) }
                        ", seen " (Count(entry.count.into(), "time"))
                        @if !entry.comment.is_empty() { ": " (Shown(&entry.comment)) }
                    }
                }
            }
        }
        @if caller.may_change() { (acts(caller, alert)) }
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
    let path = link("/api/v1/alerts/", &alert.id);
    // An exception that names peers does not cover what is about none.
    let is_of_peer = alert.kind.is_of_peer();
    html! {
        section aria-labelledby="acts-title" {
            h2 id="acts-title" { "Do something about it" }
            noscript { p { "These forms need the page's script. The same is done by " code { "defender hub alerts" } "." } }
            form data-form {
                (who(caller))
                label { "What you say " input name="comment" maxlength="1000" autocomplete="off"; }
                p {
                    button data-post=(format!("{path}/acknowledge")) { "Acknowledge" } " "
                    @if alert.state == AlertState::Open { button data-post=(format!("{path}/close")) { "Close" } }
                }
                p { output role="status" {} }
            }
            h3 { "Make an exception" }
            p { "What it covers closes, and is not told any more. What is left empty covers any." }
            form data-form {
                (who(caller))
                label { "Rule " input name="rule" value=(alert.kind.rule()) autocomplete="off"; }
                label { "Device " input name="device" value=(alert.device) autocomplete="off"; }
                label { "Group " input name="group" autocomplete="off"; }
                label { "Peer, or a prefix " input name="peer" value=[alert.peer.filter(|_| is_of_peer)] autocomplete="off"; }
                label { "Port " input name="port" type="number" min="1" max="65535" value=[alert.service.filter(|_| is_of_peer).map(|service| service.port)]; }
                label { "Until (a day, in UTC) " input name="until" type="date"; }
                label { "Why " input name="reason" required maxlength="1000" autocomplete="off"; }
                p {
                    button data-post="/api/v1/exceptions/preview" { "Show what it would cover" } " "
                    button data-post="/api/v1/exceptions" { "Make it" }
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
