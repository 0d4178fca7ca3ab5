//! What is normal, over the API.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use defender_detect::{
    Detector,
    baseline::{Class, GroupBaseline},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Api, Shared, problem::Problem};
use crate::intake::What;

/// The longest name of a group, in bytes.
const LONGEST_NAME: usize = 256;

/// A class of traffic on which somebody decides.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Decision {
    class: Class,
}

/// What is normal, by group.
pub(super) async fn all(api: &Api) -> Result<Vec<GroupBaseline>, Problem> {
    let states = api.read(crate::store::Reader::groups).await?;
    let mut detector = Detector::default();
    for (name, state) in states {
        // One of another version is not shown: the hub has begun anew without it, too.
        let _ = detector.restore(&name, &state);
    }
    Ok(detector.baselines().groups)
}

pub(super) async fn list(State(api): Shared) -> Result<Json<Value>, Problem> {
    Ok(Json(json!({ "baselines": all(&api).await? })))
}

pub(super) async fn accept(
    State(api): Shared,
    Path(group): Path<String>,
    Json(Decision { class }): Json<Decision>,
) -> Result<StatusCode, Problem> {
    decide(&api, group, class, true).await
}

pub(super) async fn forget(
    State(api): Shared,
    Path(group): Path<String>,
    Json(Decision { class }): Json<Decision>,
) -> Result<StatusCode, Problem> {
    decide(&api, group, class, false).await
}

/// It goes through the journal like what devices send, and so has its effect a moment later.
async fn decide(
    api: &Api,
    group: String,
    class: Class,
    is_accepted: bool,
) -> Result<StatusCode, Problem> {
    if group.len() > LONGEST_NAME {
        let reason = format!("a group's name has at most {LONGEST_NAME} bytes");
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, reason));
    }
    let known = api.read(crate::store::Reader::groups).await?;
    let mut names = known.iter().map(|(name, _)| name.trim_start_matches('\0'));
    if !is_accepted && !names.any(|name| name == group) {
        let reason = format!("nothing is known of a group `{group}`");
        return Err(Problem::new(StatusCode::NOT_FOUND, reason));
    }
    let what = What::Baseline {
        group,
        class,
        is_accepted,
    };
    api.put(api.clock.now(), what).await?;
    Ok(StatusCode::ACCEPTED)
}
