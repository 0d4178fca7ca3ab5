//! Alerts that a filter lets through.

use std::borrow::Cow;

use axum::{
    extract::{Query, State},
    response::Response,
};
use defender_detect::{Alert, Severity, alert::AlertState};
use maud::{Markup, html};
use serde::Deserialize;

use super::{NAME, Way, ago, choice, device_link, link, page, trouble};
use crate::{
    report::{
        pieces::{badge, class},
        text::{Brief, Count, Shown},
    },
    store::AlertFilter,
    web::{Shared, caller::Caller},
};

/// Alerts of a page.
const MOST: u32 = 50;

/// What is asked for; what is none of the choices chooses nothing.
#[derive(Deserialize)]
pub(in crate::web) struct Asked {
    #[serde(default)]
    state: String,
    #[serde(default)]
    severity: String,
    #[serde(default)]
    acknowledged: String,
    #[serde(default)]
    device: String,
    #[serde(default)]
    before: String,
}

const SEVERITIES: [(&str, Severity); 3] = [
    ("High", Severity::High),
    ("Medium", Severity::Medium),
    ("Low", Severity::Low),
];

pub(super) async fn show(
    State(api): Shared,
    caller: Caller,
    Query(asked): Query<Asked>,
) -> Response {
    let named = SEVERITIES.iter().find(|(name, _)| *name == asked.severity);
    let filter = AlertFilter {
        state: match asked.state.as_str() {
            "open" => Some(AlertState::Open),
            "closed" => Some(AlertState::Closed),
            _ => None,
        },
        severity: named.map(|(_, severity)| *severity),
        device: Some(asked.device.clone()).filter(|device| !device.is_empty()),
        acknowledged: match asked.acknowledged.as_str() {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        },
        before: Some(asked.before.clone()).filter(|before| !before.is_empty()),
        limit: MOST + 1,
    };
    let now = api.clock.now();
    match api.read(move |reader| reader.alerts(&filter)).await {
        Ok(alerts) => page(
            &caller,
            "Alerts",
            Way::Alerts,
            &content(&asked, &alerts, now),
        ),
        Err(problem) => trouble(&caller, Way::Alerts, &problem),
    }
}

fn content(asked: &Asked, alerts: &[Alert], now: u32) -> Markup {
    let next = alerts
        .get(MOST as usize - 1)
        .filter(|_| alerts.len() > MOST as usize);
    let severities = SEVERITIES.map(|(name, _)| (name, name));
    html! {
        h1 { "Alerts" }
        form method="get" action="/alerts" class="filter" role="search" {
            (choice("State", "state", &asked.state, &[("open", "open"), ("closed", "closed")], "any"))
            (choice("At least", "severity", &asked.severity, &severities, "any"))
            (choice("Acknowledged", "acknowledged", &asked.acknowledged, &[("no", "no"), ("yes", "yes")], "any"))
            label { "Device " input name="device" value=(asked.device) autocomplete="off"; }
            button { "Filter" }
        }
        div id="alerts" data-live {
            @if alerts.is_empty() { p { "None." } }
            @for alert in alerts.iter().take(MOST as usize) { (one(alert, now, false)) }
            @if let Some(last) = next {
                @let here = [("state", &asked.state), ("severity", &asked.severity), ("acknowledged", &asked.acknowledged), ("device", &asked.device)];
                @let query: String = here.iter().map(|(name, value)| link(&format!("{name}="), value) + "&").collect();
                p { a href=(format!("/alerts?{query}{}", link("before=", &last.id))) { "Earlier ones" } }
            }
        }
    }
}

/// Why, with the device's name as the title has it.
fn explanation(alert: &Alert) -> Cow<'_, str> {
    let brief = Brief(&alert.device, NAME).to_string();
    match brief == alert.device {
        true => Cow::Borrowed(&alert.explanation),
        false => Cow::Owned(alert.explanation.replace(&alert.device, &brief)),
    }
}

/// What an alert says in a list, under the page's title, or in a section of it.
pub(super) fn one(alert: &Alert, now: u32, is_in_section: bool) -> Markup {
    let title = html! {
        (badge(alert.severity)) " "
        a href=(link("/alerts/", &alert.id)) { (alert.kind.title()) }
        " – " (device_link(&alert.device))
    };
    html! {
        article class=(class(alert.severity)) {
            @if is_in_section { h3 { (title) } } @else { h2 { (title) } }
            p class="soft" {
                "since " (ago(now, alert.first_seen)) ", seen " (Count(alert.count.into(), "time"))
                @if alert.state == AlertState::Closed { ", over" }
            }
            p { (Shown(&explanation(alert))) "." }
            @if is_in_section { p { strong { "Do: " } (alert.kind.remediation()) } }
        }
    }
}
