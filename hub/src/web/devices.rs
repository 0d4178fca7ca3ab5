//! Devices over the API.

use std::ops::RangeInclusive;

use axum::{
    Json,
    extract::{Path, Query, State},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Shared, problem::Problem};
use crate::store::{DeviceFilter, DeviceOrder, DeviceRecord};

/// The most devices of an answer, and how many when nothing is said.
const MOST: u32 = 10_000;
const USUAL: u32 = 1000;

/// The traffic of so many seconds when nothing is said: a day.
const SPAN: u32 = 24 * 60 * 60;

/// The hours of the last day, by their numbers: the one that goes on, and 23 before it.
pub(super) fn last_day(now: u32) -> RangeInclusive<u32> {
    let hour = now / 3600;
    hour.saturating_sub(23)..=hour
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Filter {
    #[serde(default)]
    alerts: bool,
    search: Option<String>,
    group: Option<String>,
    #[serde(default)]
    after: String,
    #[serde(default)]
    skip: u32,
    limit: Option<u32>,
    #[serde(default)]
    order: DeviceOrder,
    #[serde(default)]
    traffic: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Span {
    since: Option<u32>,
}

pub(super) async fn list(
    State(api): Shared,
    Query(filter): Query<Filter>,
) -> Result<Json<Value>, Problem> {
    let filter = DeviceFilter {
        has_alerts: filter.alerts,
        search: filter.search,
        group: filter.group,
        after: filter.after,
        skip: filter.skip,
        limit: filter.limit.unwrap_or(USUAL).min(MOST),
        order: filter.order,
        traffic: filter.traffic.then(|| last_day(api.clock.now())),
    };
    let devices = api.read(move |reader| reader.devices(&filter)).await?;
    Ok(Json(json!({ "devices": devices })))
}

pub(super) async fn one(
    State(api): Shared,
    Path(device): Path<String>,
) -> Result<Json<DeviceRecord>, Problem> {
    let found = api.read(move |reader| reader.device(&device)).await?;
    Ok(Json(found.ok_or_else(Problem::no_device)?))
}

pub(super) async fn traffic(
    State(api): Shared,
    Path(device): Path<String>,
    Query(span): Query<Span>,
) -> Result<Json<Value>, Problem> {
    let since = span
        .since
        .unwrap_or_else(|| api.clock.now().saturating_sub(SPAN));
    let traffic = api
        .read(move |reader| reader.traffic(&device, since))
        .await?;
    Ok(Json(json!({ "traffic": traffic })))
}
