//! Devices over the API.

use axum::{
    Json,
    extract::{Path, Query, State},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Shared, problem::Problem};

/// The most devices of an answer, and how many when nothing is said.
const MOST: u32 = 10_000;
const USUAL: u32 = 1000;

/// The traffic of so many seconds when nothing is said: a day.
const SPAN: u32 = 24 * 60 * 60;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Page {
    #[serde(default)]
    after: String,
    limit: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Span {
    since: Option<u32>,
}

pub(super) async fn list(
    State(api): Shared,
    Query(page): Query<Page>,
) -> Result<Json<Value>, Problem> {
    let limit = page.limit.unwrap_or(USUAL).min(MOST);
    let devices = api
        .read(move |reader| reader.devices(&page.after, limit))
        .await?;
    Ok(Json(json!({ "devices": devices })))
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
