//! Alerts over the API.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, Query, State},
    http::StatusCode,
};
use defender_detect::{Severity, alert::AlertState};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Api, Shared, problem::Problem};
use crate::{
    intake::What,
    store::{AlertFilter, AlertRecord},
};

/// The most alerts of an answer, and how many when nothing is said.
pub(super) const MOST: u32 = 10_000;
const USUAL: u32 = 1000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Filter {
    state: Option<AlertState>,
    severity: Option<Severity>,
    device: Option<String>,
    acknowledged: Option<bool>,
    limit: Option<u32>,
    before: Option<String>,
}

/// Who does something, and why.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Act {
    who: String,
    #[serde(default)]
    comment: String,
}

pub(super) async fn list(
    State(api): Shared,
    Query(filter): Query<Filter>,
) -> Result<Json<Value>, Problem> {
    let filter = AlertFilter {
        state: filter.state,
        severity: filter.severity,
        device: filter.device,
        acknowledged: filter.acknowledged,
        before: filter.before,
        limit: filter.limit.unwrap_or(USUAL).min(MOST),
    };
    let alerts = api.read(move |reader| reader.alerts(&filter)).await?;
    Ok(Json(json!({ "alerts": alerts })))
}

pub(super) async fn one(
    State(api): Shared,
    Path(id): Path<String>,
) -> Result<Json<AlertRecord>, Problem> {
    Ok(Json(find(&api, id).await?))
}

async fn find(api: &Arc<Api>, id: String) -> Result<AlertRecord, Problem> {
    let found = api.read(move |reader| reader.alert(&id)).await?;
    found.ok_or_else(Problem::no_alert)
}

pub(super) async fn acknowledge(
    State(api): Shared,
    Path(id): Path<String>,
    Json(act): Json<Act>,
) -> Result<Json<AlertRecord>, Problem> {
    let now = api.clock.now();
    let acknowledged = api.store.acknowledge(id.clone(), now, act.who, act.comment);
    match acknowledged.await? {
        true => {
            api.changed();
            Ok(Json(find(&api, id).await?))
        }
        false => Err(Problem::no_alert()),
    }
}

/// Closes an alert. It goes through the journal like what devices send, and so has its effect a moment later.
pub(super) async fn close(
    State(api): Shared,
    Path(id): Path<String>,
    Json(act): Json<Act>,
) -> Result<(StatusCode, Json<AlertRecord>), Problem> {
    let found = find(&api, id.clone()).await?;
    if found.alert.state == AlertState::Closed {
        return Err(Problem::new(
            StatusCode::CONFLICT,
            "the alert is closed already",
        ));
    }
    let now = api.clock.now();
    api.store
        .acknowledge(id.clone(), now, act.who, act.comment)
        .await?;
    let what = What::Close {
        device: found.alert.device,
        alert: id.clone(),
    };
    api.put(now, what).await?;
    Ok((StatusCode::ACCEPTED, Json(find(&api, id).await?)))
}
