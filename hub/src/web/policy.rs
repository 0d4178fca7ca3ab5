//! What decides at present, over the API.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};

use super::{Api, Shared};
use crate::config::InForce;

impl Api {
    /// What decides at present.
    pub(super) fn in_force(&self) -> Arc<InForce> {
        Arc::clone(&self.in_force.borrow())
    }
}

/// What decides at present
///
/// Settings, groups, rules, exceptions, threat lists and advisories: of each the file, the number of entries, what it says in sentences, and
/// what was warned about.
#[utoipa::path(get, path = "/api/v1/policy", operation_id = "policy", tag = "policy",
    responses((status = 200, body = InForce)))]
pub(super) async fn show(State(api): Shared) -> Response {
    Json(&*api.in_force()).into_response()
}
