//! One device: what is known of it, its traffic, its alerts.

use std::{cmp::Reverse, collections::BTreeMap};

use axum::{
    extract::{Path, State},
    response::Response,
};
use defender_detect::{Alert, hygiene::Versions};
use maud::{Markup, html};

use super::{Way, ago, alerts, baseline, link, page, trouble};
use crate::{
    report::{
        Bytes, picture,
        pieces::{badge, class, traffic_table},
        text::{Count, Shown, Size, Time},
    },
    store::{AlertFilter, DeviceRecord, TrafficRecord},
    web::{Shared, caller::Caller, problem::Problem, profile::Profile},
};

/// Hours of traffic, alerts and rows that are shown.
const HOURS: u32 = 48;
const ALERTS: u32 = 20;
const ROWS: usize = 15;

const HOUR: u32 = 3600;

pub(super) async fn show(State(api): Shared, caller: Caller, Path(id): Path<String>) -> Response {
    let now = api.clock.now();
    let first = (now / HOUR).saturating_sub(HOURS - 1) * HOUR;
    let profile = api.profile();
    let found = api.read(move |reader| {
        let Some(record) = reader.device(&id)? else {
            return Ok(None);
        };
        let traffic = reader.traffic(&id, first)?;
        let alerts = reader.alerts(&AlertFilter {
            device: Some(id),
            limit: ALERTS,
            ..AlertFilter::default()
        })?;
        let profile = profile(reader, &record)?;
        Ok(Some((record, profile, traffic, alerts)))
    });
    match found.await {
        Ok(Some((record, profile, traffic, alerts))) => {
            let content = html! {
                (content(&caller, &record, &profile, &traffic, &alerts, first, now))
                (mud(&record.device))
            };
            page(&caller, &record.device, Way::Fleet, &content)
        }
        Ok(None) => trouble(&caller, Way::Fleet, &Problem::no_device()),
        Err(problem) => trouble(&caller, Way::Fleet, &problem),
    }
}

fn content(
    caller: &Caller,
    record: &DeviceRecord,
    profile: &Profile,
    traffic: &[TrafficRecord],
    found: &[Alert],
    first: u32,
    now: u32,
) -> Markup {
    html! {
        h1 { (Shown(&record.device)) }
        div id="device" data-live {
            p class="lead" {
                "Group " (Shown(&record.group)) ", last seen " (ago(now, record.last_seen)) ", " (Count(record.reports, "message"))
                @if record.refused > 0 { ", " (record.refused) " of them no security messages" }
                @if record.enrolled { ", enrolled" }
                "."
            }
            (versions(&profile.versions))
            h2 { "Alerts" }
            @if found.is_empty() { p { "None." } }
            @for alert in found { (alerts::one(alert, now, true)) }
            @if found.len() >= ALERTS as usize {
                p { a href=(link("/alerts?device=", &record.device)) { "All of its alerts" } }
            }
            h2 { "Recommendations" }
            (recommendations(profile))
            h2 { "Traffic" }
            (traffic_over_time(traffic, first))
            h2 { "Normal for its group" }
            @match &profile.baseline {
                Some(group) => (baseline::of_device(caller, group)),
                None => p { "Nothing was learned yet." },
            }
        }
    }
}

/// What it says of its software.
fn versions(versions: &Versions) -> Markup {
    let runs = match (versions.system.is_unknown(), versions.agent) {
        (true, None) => "It has not said what it runs on, nor which agent it has.".to_owned(),
        (true, Some(agent)) => format!("Its agent is {agent}; it has not said what it runs on."),
        (false, None) => format!("It runs {}.", versions.system),
        (false, Some(agent)) => format!("It runs {}, with agent {agent}.", versions.system),
    };
    html! { p { (runs) } }
}

/// What would make it safer.
fn recommendations(profile: &Profile) -> Markup {
    html! {
        @if profile.recommendations.is_empty() { p { "None." } }
        @for it in &profile.recommendations {
            article class=(class(it.severity)) {
                h3 { (badge(it.severity)) " " (it.kind.title()) }
                p { (Shown(&it.reason)) "." }
                p { strong { "Do: " } (it.kind.remedy()) }
                @if !it.advisories.is_empty() {
                    details {
                        summary { (Count(it.advisories.len() as u64, "known fault")) }
                        ul {
                            @for known in it.advisories.iter().take(ROWS) {
                                li { (Shown(&known.id)) ", " (known.product.name()) " " (Shown(&known.component)) ": " (Shown(&known.summary)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Its MUD file.
fn mud(device: &str) -> Markup {
    let action = format!("{}/mud", link("/api/v1/devices/", device));
    html! {
        section aria-labelledby="mud-title" {
            h2 id="mud-title" { "MUD file" }
            p { "What is normal for it, as a file that network gear enforces (RFC 8520). It says at which address it will be." }
            form method="get" action=(action) {
                label { "Address " input name="url" type="url" required pattern="https://.+" placeholder="https://" autocomplete="off"; }
                p { button { "Download" } }
            }
        }
    }
}

fn traffic_over_time(traffic: &[TrafficRecord], first: u32) -> Markup {
    let mut bars = vec![[0_u64; 2]; HOURS as usize];
    let mut peers = BTreeMap::<String, Bytes>::new();
    let mut services = BTreeMap::<String, Bytes>::new();
    for row in traffic {
        let at = (row.hour.saturating_sub(first) / HOUR) as usize;
        if let Some([received, sent]) = bars.get_mut(at) {
            *received = received.saturating_add(row.bytes_in);
            *sent = sent.saturating_add(row.bytes_out);
        }
        // The flows that an agent could not keep apart have no address.
        let peer = row.peer.filter(|peer| !peer.is_unspecified());
        let peer = peer.map_or("others".to_owned(), |peer| peer.to_string());
        let side = if row.at_device { " of the device" } else { "" };
        let service = match row.port {
            0 => row.protocol.name().to_owned(),
            port => format!("{} port {port}{side}", row.protocol.name()),
        };
        for sum in [
            peers.entry(peer).or_default(),
            services.entry(service).or_default(),
        ] {
            sum.add(row.bytes_in, row.bytes_out);
        }
    }
    let most = bars.iter().map(|[a, b]| a.saturating_add(*b)).max();
    let name = format!(
        "Bytes by hour since {}, at most {}",
        Time(first),
        Size(most.unwrap_or(0))
    );
    html! {
        @if traffic.is_empty() { p { "None is known of the last " (HOURS) " hours." } } @else {
            (picture::bars("traffic", &name, &bars, &[]))
            p class="soft" {
                (name) span class="key in" {} "to the device" span class="key out" {} "from it"
            }
            (top("Peers", peers))
            (top("Services", services))
        }
    }
}

fn top(caption: &str, all: BTreeMap<String, Bytes>) -> Markup {
    let mut rows: Vec<_> = all.into_iter().collect();
    rows.sort_by_key(|(_, bytes)| Reverse(bytes.all()));
    let mut others = Bytes::default();
    for (_, bytes) in rows.drain(rows.len().min(ROWS)..) {
        others.add(bytes.received, bytes.sent);
    }
    traffic_table(caption, rows, others)
}
