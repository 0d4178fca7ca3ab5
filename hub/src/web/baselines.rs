//! What is normal, over the API.

use axum::{Json, extract::State, http::StatusCode};
use defender_detect::{
    Detector,
    baseline::{Class, GroupBaseline},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Api, Shared,
    extract::{Body, Named},
    problem::Problem,
};
use crate::intake::What;

/// The longest name of a group, in bytes.
const LONGEST_NAME: usize = 256;

/// A class of traffic on which somebody decides.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Decision {
    /// As in `TCP 8883 out to the Internet`.
    #[schema(value_type = String)]
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

/// What is normal, by security group.
#[derive(Serialize, ToSchema)]
pub(super) struct Baselines {
    /// As `defender baseline show --json` has them.
    #[schema(value_type = Vec<Object>)]
    baselines: Vec<GroupBaseline>,
}

/// What is normal, by security group
#[utoipa::path(get, path = "/api/v1/baselines", operation_id = "baselines", tag = "baselines",
    responses((status = 200, body = Baselines)))]
pub(super) async fn list(State(api): Shared) -> Result<Json<Baselines>, Problem> {
    let baselines = all(&api).await?;
    Ok(Json(Baselines { baselines }))
}

/// Accept a class of traffic
///
/// It raises no alert in this group from then on. It has its effect a moment later.
#[utoipa::path(post, path = "/api/v1/baselines/{group}/accept", operation_id = "accept", tag = "baselines",
    params(("group" = String, Path)), request_body = Decision, responses((status = 202)))]
pub(super) async fn accept(
    State(api): Shared,
    Named(group): Named<String>,
    Body(Decision { class }): Body<Decision>,
) -> Result<StatusCode, Problem> {
    decide(&api, group, class, true).await
}

/// Forget a class of traffic
///
/// It is new when it is seen again. It has its effect a moment later.
#[utoipa::path(post, path = "/api/v1/baselines/{group}/forget", operation_id = "forget", tag = "baselines",
    params(("group" = String, Path)), request_body = Decision, responses((status = 202)))]
pub(super) async fn forget(
    State(api): Shared,
    Named(group): Named<String>,
    Body(Decision { class }): Body<Decision>,
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
