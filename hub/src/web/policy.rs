//! What decides at present, over the API.

use std::sync::Arc;

use axum::{Json, extract::State};

use super::{Api, Shared};
use crate::config::InForce;

impl Api {
    /// What decides at present.
    pub(super) fn in_force(&self) -> Arc<InForce> {
        Arc::clone(&self.in_force.borrow())
    }
}

pub(super) async fn show(State(api): Shared) -> Json<InForce> {
    Json(InForce::clone(&api.in_force()))
}
