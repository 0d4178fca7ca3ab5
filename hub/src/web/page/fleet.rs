//! The fleet: who is there, and how bad it is.

use axum::{
    extract::{Query, State},
    response::Response,
};
use maud::{Markup, html};
use serde::Deserialize;

use super::{Way, ago, device_link, link, page, trouble};
use crate::{
    report::{
        pieces::badge,
        text::{Count, Shown},
    },
    store::{DeviceFilter, DeviceRecord},
    web::{Shared, Status, status_of},
};

/// Devices of a page.
const MOST: u32 = 100;

/// What is asked for.
#[derive(Deserialize)]
pub(in crate::web) struct Asked {
    #[serde(default)]
    search: String,
    #[serde(default)]
    group: String,
    #[serde(default)]
    after: String,
    #[serde(default)]
    skip: u32,
}

pub(super) async fn show(State(api): Shared, Query(asked): Query<Asked>) -> Response {
    let text = |text: &String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let filter = DeviceFilter {
        search: text(&asked.search),
        group: text(&asked.group),
        limit: MOST + 1,
        ..DeviceFilter::default()
    };
    let bad = DeviceFilter {
        has_alerts: true,
        skip: asked.skip,
        ..filter.clone()
    };
    let all = DeviceFilter {
        after: asked.after.clone(),
        ..filter
    };
    let found = api.read(move |reader| Ok((reader.devices(&bad)?, reader.devices(&all)?)));
    let (status, found) = (status_of(&api).await, found.await);
    match (status, found) {
        (Ok(status), Ok((bad, all))) => {
            page("Fleet", Way::Fleet, &content(&asked, &status, &bad, &all))
        }
        (Err(problem), _) | (_, Err(problem)) => trouble(Way::Fleet, &problem),
    }
}

fn content(asked: &Asked, status: &Status, bad: &[DeviceRecord], all: &[DeviceRecord]) -> Markup {
    let here = format!(
        "{}{}",
        link("/?search=", &asked.search),
        link("&group=", &asked.group)
    );
    let is_last = |rows: &[DeviceRecord]| rows.len() <= MOST as usize;
    html! {
        h1 { "Fleet" }
        div id="sums" data-live {
            @if let Some(trouble) = &status.trouble {
                p role="alert" class="trouble" { "The hub does not do all its work: " (trouble) "." }
            }
            p class="lead" {
                (Count(status.devices, "device")) ". "
                @if status.open_alerts == [0; 4] { "No alert is open." } @else {
                    "Open alerts:"
                    @for (severity, count) in status.open_by_severity() {
                        " " (count) " " (badge(severity))
                    }
                }
            }
        }
        form method="get" action="/" class="filter" role="search" {
            label { "Device " input name="search" value=(asked.search) autocomplete="off"; }
            label { "Group " input name="group" value=(asked.group) autocomplete="off"; }
            button { "Search" }
        }
        section aria-labelledby="bad-title" {
            h2 id="bad-title" { "With open alerts, the worst first" }
            div id="bad" data-live {
                (table("Devices with open alerts", bad, status.time))
                @if !is_last(bad) {
                    p { a href=(format!("{here}&skip={}", asked.skip.saturating_add(MOST))) { "More with open alerts" } }
                }
            }
        }
        section aria-labelledby="all-title" {
            h2 id="all-title" { "All, by name" }
            div id="all" data-live {
                (table("All devices", all, status.time))
                @if !is_last(all) && let Some(last) = all.get(MOST as usize - 1) {
                    p { a href=(format!("{here}{}", link("&after=", &last.device))) { "The next ones" } }
                }
            }
        }
    }
}

fn table(name: &str, rows: &[DeviceRecord], now: u32) -> Markup {
    html! {
        @if rows.is_empty() { p { "None." } } @else {
            div class="wide" tabindex="0" role="group" aria-label=(name) {
                table {
                    thead { tr {
                        th scope="col" { "Device" }
                        th scope="col" { "Group" }
                        th scope="col" { "Worst alert" }
                        th scope="col" class="number" { "Open" }
                        th scope="col" class="number" { "Messages" }
                        th scope="col" { "Last seen" }
                    } }
                    tbody {
                        @for row in rows.iter().take(MOST as usize) {
                            tr {
                                th scope="row" { (device_link(&row.device)) }
                                td { (Shown(&row.group)) }
                                td { @if let Some(worst) = row.worst_severity() { (badge(worst)) } @else { "–" } }
                                td class="number" { (row.open_alerts) }
                                td class="number" { (row.reports) }
                                td { (ago(now, row.last_seen)) }
                            }
                        }
                    }
                }
            }
        }
    }
}
