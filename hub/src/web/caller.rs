//! Who asks.

use std::sync::Arc;

use axum::{Json, extract::FromRequestParts, http::StatusCode, http::request::Parts};
use serde::Serialize;
use utoipa::ToSchema;

use super::{problem::Problem, sessions::Session};
use crate::users::UserRole;

/// Who asks.
#[derive(Clone)]
pub(super) enum Caller {
    /// Somebody on this machine, or a program that shows the token. They say who they are.
    Anybody,
    /// Somebody who has logged in.
    User {
        session: Arc<Session>,
        role: UserRole,
    },
}

impl Caller {
    /// The user, if it is one.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Anybody => None,
            Self::User { session, .. } => Some(&session.name),
        }
    }

    /// What a user's forms show.
    pub fn csrf(&self) -> Option<&str> {
        match self {
            Self::Anybody => None,
            Self::User { session, .. } => Some(&session.csrf),
        }
    }

    /// Whether they may do more than look.
    pub fn may_change(&self) -> bool {
        self.role() == UserRole::Operator
    }

    fn role(&self) -> UserRole {
        match self {
            Self::Anybody => UserRole::Operator,
            Self::User { role, .. } => *role,
        }
    }

    /// Who does something: a user is who they are, whatever they say.
    pub fn who(&self, said: Option<String>) -> Result<String, Problem> {
        let who = self.name().map(str::to_owned).or(said);
        who.ok_or_else(|| {
            Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "say in `who` who does it")
        })
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let caller = parts.extensions.get().cloned();
        caller.ok_or_else(|| Problem::new(StatusCode::FORBIDDEN, "nobody knows who asks"))
    }
}

/// Who asks, as the API says it.
#[derive(Serialize, ToSchema)]
pub(super) struct Me {
    /// The user; `null`: somebody on this machine, or a program that shows the token.
    user: Option<String>,
    /// What they may do.
    role: UserRole,
}

/// Who asks, and what they may do
#[utoipa::path(get, path = "/api/v1/me", operation_id = "me", tag = "hub",
    responses((status = 200, body = Me)))]
pub(super) async fn me(caller: Caller) -> Json<Me> {
    Json(Me {
        user: caller.name().map(str::to_owned),
        role: caller.role(),
    })
}
