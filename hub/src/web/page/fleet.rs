//! The fleet: who is there, and how bad it is.

use axum::{
    extract::{Query, State},
    response::Response,
};
use defender_detect::Severity;
use maud::{Markup, html};
use serde::Deserialize;

use super::{GROUP_NAME, Way, ago, choice, device_link, link, page, trouble};
use crate::{
    report::{
        pieces::{badge, wide},
        text::{Brief, Count, Size, html_length},
    },
    store::{DeviceFilter, DeviceOrder, DeviceRecord},
    web::{Shared, Status, caller::Caller, devices::last_day, status_of},
};

/// Devices of a table.
const MOST: u32 = 50;

/// The longest name of a group that is proposed, in bytes of HTML.
const PROPOSED: usize = 64;

/// What is asked for; what is none of the choices chooses nothing.
#[derive(Deserialize)]
pub(in crate::web) struct Asked {
    #[serde(default)]
    search: String,
    #[serde(default)]
    group: String,
    #[serde(default)]
    order: String,
    /// Where the table of all goes on: behind a device, and what it had of what orders them.
    #[serde(default)]
    after: String,
    at: Option<u64>,
    /// Where the table of those with open alerts goes on.
    #[serde(default)]
    skip: u32,
}

const ORDERS: [(&str, &str, DeviceOrder); 3] = [
    ("latest", "last seen", DeviceOrder::Latest),
    ("silent", "longest silent", DeviceOrder::Silent),
    ("messages", "most messages", DeviceOrder::Messages),
];

impl Asked {
    fn order(&self) -> DeviceOrder {
        let named = ORDERS.iter().find(|(name, ..)| *name == self.order);
        named.map_or(DeviceOrder::Name, |(.., order)| *order)
    }

    /// The page of the same devices, from the beginning.
    fn address(&self) -> String {
        let parts = [
            ("/?search=", &self.search),
            ("&group=", &self.group),
            ("&order=", &self.order),
        ];
        let parts = parts.map(|(before, value)| link(before, value));
        parts.concat()
    }
}

pub(super) async fn show(
    State(api): Shared,
    caller: Caller,
    Query(asked): Query<Asked>,
) -> Response {
    let text = |text: &String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let filter = DeviceFilter {
        search: text(&asked.search),
        group: text(&asked.group),
        limit: MOST + 1,
        traffic: Some(last_day(api.clock.now())),
        ..DeviceFilter::default()
    };
    let bad = DeviceFilter {
        has_alerts: true,
        skip: asked.skip,
        ..filter.clone()
    };
    let all = DeviceFilter {
        order: asked.order(),
        after: Some(asked.after.clone()).filter(|after| !after.is_empty()),
        at: asked.at,
        ..filter
    };
    let found = api.read(move |reader| Ok((reader.devices(&bad)?, reader.devices(&all)?)));
    let (status, found) = (status_of(&api).await, found.await);
    match (status, found) {
        (Ok(status), Ok((bad, all))) => {
            let in_force = api.in_force();
            let found = Found {
                status,
                groups: &in_force.groups,
                bad,
                all,
            };
            page(&caller, "Fleet", Way::Fleet, &content(&asked, &found))
        }
        (Err(problem), _) | (_, Err(problem)) => trouble(&caller, Way::Fleet, &problem),
    }
}

/// What there is to show.
struct Found<'a> {
    status: Status,
    groups: &'a [String],
    bad: Vec<DeviceRecord>,
    all: Vec<DeviceRecord>,
}

fn content(asked: &Asked, found: &Found<'_>) -> Markup {
    let Found {
        status,
        groups,
        bad,
        all,
    } = found;
    let here = asked.address();
    let is_last = |rows: &[DeviceRecord]| rows.len() <= MOST as usize;
    let orders = ORDERS.map(|(name, text, _)| (name, text));
    let by = orders.iter().find(|(name, _)| *name == asked.order);
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
                        " " a href=(open_alerts(severity)) { (count) " " (badge(severity)) }
                    }
                }
            }
        }
        form method="get" action="/" class="filter" role="search" {
            label { "Device " input name="search" value=(asked.search) autocomplete="off"; }
            label { "Group " input name="group" value=(asked.group) list="groups" autocomplete="off"; }
            datalist id="groups" { @for group in groups.iter().filter(|group| html_length(group) <= PROPOSED) { option value=(group) {} } }
            (choice("Order", "order", &asked.order, &orders, "name"))
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
            h2 id="all-title" { "All, by " (by.map_or("name", |(_, text)| text)) }
            div id="all" data-live {
                (table("All devices", all, status.time))
                @if !is_last(all) { p { a href=(next(&here, asked, all)) { "The next ones" } } }
                @if !asked.after.is_empty() { p { a href=(here) { "From the beginning" } } }
            }
        }
    }
}

/// Where the open alerts of at least a severity are.
fn open_alerts(severity: Severity) -> String {
    match severity {
        Severity::Informational => "/alerts?state=open".to_owned(),
        worse => format!("/alerts?state=open&severity={worse}"),
    }
}

/// Where the table of all goes on.
fn next(here: &str, asked: &Asked, all: &[DeviceRecord]) -> String {
    let Some(last) = all.get(MOST as usize - 1) else {
        return here.to_owned();
    };
    let place = asked.order().place(last);
    let at = place.map_or(String::new(), |at| format!("&at={at}"));
    format!("{here}{}{at}", link("&after=", &last.device))
}

fn table(name: &str, rows: &[DeviceRecord], now: u32) -> Markup {
    html! {
        @if rows.is_empty() { p { "None." } } @else {
            (wide(name, &html! {
                table {
                    thead { tr {
                        th scope="col" { "Device" }
                        th scope="col" { "Group" }
                        th scope="col" { "Worst alert" }
                        th scope="col" class="number" { "Open" }
                        th scope="col" class="number" { "Messages" }
                        th scope="col" class="number" { "Traffic, 24 h" }
                        th scope="col" { "Last seen" }
                    } }
                    tbody {
                        @for row in rows.iter().take(MOST as usize) {
                            tr {
                                th scope="row" { (device_link(&row.device)) }
                                td { (Brief(&row.group, GROUP_NAME)) }
                                td { @if let Some(worst) = row.worst_severity() { (badge(worst)) } @else { "–" } }
                                td class="number" { (row.open_alerts) }
                                td class="number" { (row.reports) }
                                td class="number" { @if let Some(sum) = row.traffic { (Size(sum.bytes_in.saturating_add(sum.bytes_out))) } }
                                td { (ago(now, row.last_seen)) }
                            }
                        }
                    }
                }
            }))
        }
    }
}
