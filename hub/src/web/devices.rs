//! Devices over the API.

use std::ops::RangeInclusive;

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    Shared,
    extract::{Asked, Named},
    problem::Problem,
};
use crate::store::{DeviceFilter, DeviceOrder, DeviceRecord, TrafficRecord};

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

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Filter {
    /// Those with open alerts alone, the worst first.
    #[serde(default)]
    alerts: bool,
    /// Only those of which the id has this in it.
    search: Option<String>,
    /// Only those of this security group.
    group: Option<String>,
    /// Only those that come after the device of this id.
    after: Option<String>,
    /// With an `order` other than `name`: what that device had in the answer before, of `last_seen` or `reports`. Without it, what it has now.
    at: Option<u64>,
    /// So many of the first ones are left out.
    #[serde(default)]
    skip: u32,
    /// The most of them: 1,000 when nothing is said, 10,000 at most.
    limit: Option<u32>,
    /// In which order, where not the worst come first.
    #[serde(default)]
    #[param(inline)]
    order: DeviceOrder,
    /// With their traffic of the last 24 hours.
    #[serde(default)]
    traffic: bool,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Span {
    /// From when on, in seconds of Unix time; a day ago when nothing is said.
    since: Option<u32>,
}

/// Devices.
#[derive(Serialize, ToSchema)]
pub(super) struct Devices {
    devices: Vec<DeviceRecord>,
}

/// Traffic of a device.
#[derive(Serialize, ToSchema)]
pub(super) struct Traffic {
    /// By hour, peer and service.
    traffic: Vec<TrafficRecord>,
}

/// Devices
///
/// In the `order` that is asked for, page by page from `after` on; or with `alerts=true` the worst first, of which `skip` leaves out those that
/// one has.
#[utoipa::path(get, path = "/api/v1/devices", operation_id = "devices", tag = "devices", params(Filter),
    responses((status = 200, body = Devices)))]
pub(super) async fn list(
    State(api): Shared,
    Asked(filter): Asked<Filter>,
) -> Result<Json<Devices>, Problem> {
    let filter = DeviceFilter {
        has_alerts: filter.alerts,
        search: filter.search,
        group: filter.group,
        after: filter.after,
        at: filter.at,
        skip: filter.skip,
        limit: filter.limit.unwrap_or(USUAL).min(MOST),
        order: filter.order,
        traffic: filter.traffic.then(|| last_day(api.clock.now())),
    };
    let devices = api.read(move |reader| reader.devices(&filter)).await?;
    Ok(Json(Devices { devices }))
}

/// A device
#[utoipa::path(get, path = "/api/v1/devices/{id}", operation_id = "device", tag = "devices",
    params(("id" = String, Path)), responses((status = 200, body = DeviceRecord)))]
pub(super) async fn one(
    State(api): Shared,
    Named(device): Named<String>,
) -> Result<Json<DeviceRecord>, Problem> {
    let found = api.read(move |reader| reader.device(&device)).await?;
    Ok(Json(found.ok_or_else(Problem::no_device)?))
}

/// Traffic of a device, by hour, peer and service
#[utoipa::path(get, path = "/api/v1/devices/{id}/traffic", operation_id = "traffic", tag = "devices",
    params(("id" = String, Path), Span), responses((status = 200, body = Traffic)))]
pub(super) async fn traffic(
    State(api): Shared,
    Named(device): Named<String>,
    Asked(span): Asked<Span>,
) -> Result<Json<Traffic>, Problem> {
    let since = span
        .since
        .unwrap_or_else(|| api.clock.now().saturating_sub(SPAN));
    let traffic = api
        .read(move |reader| reader.traffic(&device, since))
        .await?;
    Ok(Json(Traffic { traffic }))
}
