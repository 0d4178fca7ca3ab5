//! Alerts over the API.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use defender_detect::{Alert, Severity, alert::AlertState};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    Api, Shared,
    caller::Caller,
    extract::{Asked, Body, Named},
    problem::Problem,
};
use crate::{
    intake::What,
    store::{AlertFilter, AlertRecord},
};

/// The most alerts of an answer, and how many when nothing is said.
pub(super) const MOST: u32 = 10_000;
const USUAL: u32 = 1000;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Filter {
    /// Only `open` ones, or only `closed` ones.
    #[param(value_type = Option<String>)]
    state: Option<AlertState>,
    /// Of at least this severity: `Informational`, `Low`, `Medium`, `High`.
    #[param(value_type = Option<String>)]
    severity: Option<Severity>,
    /// Of the device of this id.
    device: Option<String>,
    /// Only those that somebody has acknowledged, or only those that nobody has.
    acknowledged: Option<bool>,
    /// The most of them: 1,000 when nothing is said, 10,000 at most.
    limit: Option<u32>,
    /// Only those that opened before the one of this id: the next page.
    before: Option<String>,
}

/// Alerts, the latest first.
#[derive(Serialize, ToSchema)]
pub(super) struct Alerts {
    /// With the fields of `defender detect --json`.
    #[schema(value_type = Vec<Object>)]
    alerts: Vec<Alert>,
}

/// Who does something, and why.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Act {
    /// Who does it. Of a user who has logged in it is known.
    who: Option<String>,
    /// Why, or what is done.
    #[serde(default)]
    comment: String,
}

/// Alerts
///
/// The latest first.
#[utoipa::path(get, path = "/api/v1/alerts", operation_id = "alerts", tag = "alerts", params(Filter),
    responses((status = 200, body = Alerts)))]
pub(super) async fn list(
    State(api): Shared,
    Asked(filter): Asked<Filter>,
) -> Result<Json<Alerts>, Problem> {
    let filter = AlertFilter {
        state: filter.state,
        severity: filter.severity,
        device: filter.device,
        acknowledged: filter.acknowledged,
        before: filter.before,
        limit: filter.limit.unwrap_or(USUAL).min(MOST),
    };
    let alerts = api.read(move |reader| match &filter.before {
        Some(id) if reader.alert(id)?.is_none() => Ok(None),
        _ => reader.alerts(&filter).map(Some),
    });
    // Nothing would be taken for the last page.
    let alerts = alerts.await?.ok_or_else(|| {
        let reason = "before: there is no alert of this id; begin with the first page again";
        Problem::new(StatusCode::BAD_REQUEST, reason)
    })?;
    Ok(Json(Alerts { alerts }))
}

/// An alert, with its history
#[utoipa::path(get, path = "/api/v1/alerts/{id}", operation_id = "alert", tag = "alerts",
    params(("id" = String, Path)), responses((status = 200, body = AlertRecord)))]
pub(super) async fn one(
    State(api): Shared,
    Named(id): Named<String>,
) -> Result<Json<AlertRecord>, Problem> {
    Ok(Json(find(&api, id).await?))
}

async fn find(api: &Arc<Api>, id: String) -> Result<AlertRecord, Problem> {
    let found = api.read(move |reader| reader.alert(&id)).await?;
    found.ok_or_else(Problem::no_alert)
}

/// Take note of an alert
#[utoipa::path(post, path = "/api/v1/alerts/{id}/acknowledge", operation_id = "acknowledge", tag = "alerts",
    params(("id" = String, Path)), request_body = Act, responses((status = 200, body = AlertRecord)))]
pub(super) async fn acknowledge(
    State(api): Shared,
    caller: Caller,
    Named(id): Named<String>,
    Body(act): Body<Act>,
) -> Result<Json<AlertRecord>, Problem> {
    let (now, who) = (api.clock.now(), caller.who(act.who)?);
    let acknowledged = api.store.acknowledge(id.clone(), now, who, act.comment);
    match acknowledged.await? {
        true => {
            api.changed();
            Ok(Json(find(&api, id).await?))
        }
        false => Err(Problem::no_alert()),
    }
}

/// Close an alert
///
/// It goes through the journal like what devices send, and so has its effect a moment later. If what it is about goes on, another one opens.
#[utoipa::path(post, path = "/api/v1/alerts/{id}/close", operation_id = "close", tag = "alerts",
    params(("id" = String, Path)), request_body = Act, responses((status = 202, body = AlertRecord)))]
pub(super) async fn close(
    State(api): Shared,
    caller: Caller,
    Named(id): Named<String>,
    Body(act): Body<Act>,
) -> Result<(StatusCode, Json<AlertRecord>), Problem> {
    let who = caller.who(act.who)?;
    let found = find(&api, id.clone()).await?;
    if found.alert.state == AlertState::Closed {
        return Err(Problem::new(
            StatusCode::CONFLICT,
            "the alert is closed already",
        ));
    }
    let now = api.clock.now();
    api.store
        .acknowledge(id.clone(), now, who, act.comment)
        .await?;
    let what = What::Close {
        device: found.alert.device,
        alert: id.clone(),
    };
    api.put(now, what).await?;
    Ok((StatusCode::ACCEPTED, Json(find(&api, id).await?)))
}
