//! What is normal for groups, and what a person accepts.

use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use defender_detect::baseline::{GroupBaseline, KnownClass, Origin};
use maud::{Markup, html};
use serde::Deserialize;

use super::{NAME, Way, link, page, trouble};
use crate::{
    report::{
        pieces::wide,
        text::{Brief, Shown},
    },
    web::{Shared, baselines, caller::Caller},
};

/// Classes of a page, and those of a device's.
const MOST: usize = 100;
const FEW: usize = 20;

/// Groups of a page.
const GROUPS: usize = 100;

/// Where the list goes on.
#[derive(Deserialize)]
pub(in crate::web) struct Asked {
    #[serde(default)]
    skip: usize,
}

pub(super) async fn list(
    State(api): Shared,
    caller: Caller,
    Query(asked): Query<Asked>,
) -> Response {
    let groups = match baselines::all(&api).await {
        Ok(groups) => groups,
        Err(problem) => return trouble(&caller, Way::Baselines, &problem),
    };
    let content = html! {
        h1 { "Normal traffic" }
        p { "What devices do day by day, by security group. A class of traffic that is new to a group raises an alert, until somebody accepts it." }
        div id="groups" data-live {
            @if groups.is_empty() { p { "Nothing was learned yet." } } @else {
                (wide("Groups", &html! {
                    table {
                        thead { tr {
                            th scope="col" { "Group" }
                            th scope="col" class="number" { "Classes of traffic" }
                            th scope="col" class="number" { "Not accepted" }
                            th scope="col" class="number" { "Networks of peers" }
                        } }
                        tbody {
                            @for group in groups.iter().skip(asked.skip).take(GROUPS) {
                                tr {
                                    th scope="row" { a href=(link("/baselines/", &group.name)) { (Brief(&group.name, NAME)) } }
                                    td class="number" { (group.classes.len()) }
                                    td class="number" { (group.alerted().count()) }
                                    td class="number" { (group.peers.len()) }
                                }
                            }
                        }
                    }
                }))
                @if groups.len().saturating_sub(asked.skip) > GROUPS {
                    p { a href=(format!("/baselines?skip={}", asked.skip.saturating_add(GROUPS))) { "The next ones" } }
                }
            }
        }
    };
    page(&caller, "Normal traffic", Way::Baselines, &content)
}

pub(super) async fn show(
    State(api): Shared,
    caller: Caller,
    Path(name): Path<String>,
    Query(asked): Query<Asked>,
) -> Response {
    let group = match baselines::all(&api).await {
        Ok(groups) => groups.into_iter().find(|group| group.name == name),
        Err(problem) => return trouble(&caller, Way::Baselines, &problem),
    };
    // A group of which nothing was learned may be given something.
    let group = group.unwrap_or_else(|| GroupBaseline::new(&name));
    let rest = group.classes.len().saturating_sub(asked.skip);
    let content = html! {
        h1 { "Normal for group " (Shown(&name)) }
        div id="normal" data-live {
            (learned(&group))
            (classes(&caller, &group, asked.skip, MOST))
            @if rest > MOST {
                p { a href=(format!("{}?skip={}", link("/baselines/", &name), asked.skip.saturating_add(MOST))) { "The next ones" } }
            }
        }
        @if caller.may_change() { (give(&name)) }
    };
    page(
        &caller,
        &format!("Normal for {name}"),
        Way::Baselines,
        &content,
    )
}

/// What a device's page says of its group.
pub(super) fn of_device(caller: &Caller, group: &GroupBaseline) -> Markup {
    html! {
        (learned(group))
        (classes(caller, group, 0, FEW))
        @if group.classes.len() > FEW {
            p { a href=(link("/baselines/", &group.name)) { "All " (group.classes.len()) " classes of group " (Shown(&group.name)) } }
        }
    }
}

fn learned(group: &GroupBaseline) -> Markup {
    let devices = match group.devices {
        0 => "no device",
        1 => "one device",
        _ => "several devices",
    };
    html! {
        p { "It was learned from " (devices) ". Classes of traffic: " (group.classes.len()) "." }
    }
}

/// Those first on which somebody should decide.
fn sorted(group: &GroupBaseline) -> Vec<&KnownClass> {
    let mut classes: Vec<_> = group.classes.iter().collect();
    let place = |origin| match origin {
        Origin::Alerted => 0,
        Origin::Candidate => 1,
        Origin::Learned => 2,
        Origin::Accepted => 3,
    };
    classes.sort_by_key(|known| (place(known.origin), known.class));
    classes
}

fn classes(caller: &Caller, group: &GroupBaseline, skip: usize, most: usize) -> Markup {
    let table = wide(
        "Classes of traffic",
        &html! {
            table {
                thead { tr {
                    th scope="col" { "Class of traffic" }
                    th scope="col" { "Why it is known" }
                    th scope="col" { "Last used" }
                    @if caller.may_change() { th scope="col" { "Decide" } }
                } }
                tbody { @for known in sorted(group).into_iter().skip(skip).take(most) { (row(caller, known)) } }
            }
        },
    );
    html! {
        @if group.classes.is_empty() {}
        @else if caller.may_change() {
            form data-form=(link("/api/v1/baselines/", &group.name) + "/") {
                (table)
                p { output role="status" {} }
            }
        }
        @else { (table) }
    }
}

fn row(caller: &Caller, known: &KnownClass) -> Markup {
    let class = known.class.to_string();
    let why = match (known.origin, &known.device) {
        (Origin::Alerted, _) => "It has raised an alert; nobody has accepted it".to_owned(),
        (Origin::Candidate, Some(device)) => format!("{} alone has shown it", Brief(device, NAME)),
        (Origin::Candidate, None) => "One device has shown it".to_owned(),
        (Origin::Learned, _) => "Several devices have shown it".to_owned(),
        (Origin::Accepted, _) => "A person has accepted it".to_owned(),
    };
    html! {
        tr {
            th scope="row" { (class) }
            td { (why) }
            td { @match known.used { Some(day) => (day), None => "–" } }
            @if caller.may_change() { td {
                @if known.origin != Origin::Accepted {
                    button data-post="accept" name="class" value=(class) aria-label=(format!("Accept {class}")) { "Accept" } " "
                }
                button data-post="forget" name="class" value=(class) aria-label=(format!("Forget {class}")) { "Forget" }
            } }
        }
    }
}

/// Accepting what was not seen yet.
fn give(group: &str) -> Markup {
    html! {
        section aria-labelledby="give-title" {
            h2 id="give-title" { "Accept another class" }
            p { "As in " code { "TCP 8883 out to the Internet" } ". What is accepted raises no alert in this group; what is forgotten is new when it is seen again." }
            form data-form=(link("/api/v1/baselines/", group) + "/") {
                label { "Class " input name="class" required maxlength="100" autocomplete="off"; }
                p { button data-post="accept" { "Accept it" } }
                p { output role="status" {} }
            }
        }
    }
}
