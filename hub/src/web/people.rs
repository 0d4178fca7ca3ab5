//! Logging in: who knows a password gets a session, and nobody guesses one.

use std::{net::IpAddr, sync::Arc, time::Instant};

use axum::http::StatusCode;
use tokio::{sync::Semaphore, task};

use super::{Api, guesses::Guesses, problem::Problem, sessions::Sessions};
use crate::{identity::password::Hashed, store::StoreError};

/// Passwords that are looked at at once: each takes 19 MiB, and a core for tens of milliseconds.
const AT_ONCE: usize = 2;

/// The longest name and password that are looked at, in bytes.
const LONGEST: usize = 256;

/// Those who look after the hub from elsewhere.
pub(crate) struct People {
    pub(super) sessions: Sessions,
    guesses: Guesses,
    at_once: Semaphore,
    /// What is compared for names that nobody has, so that they take as long as others.
    nobody: Hashed,
}

/// Why somebody is not let in.
pub(super) enum Refused {
    /// Name or password is wrong.
    Wrong,
    /// They have tried too often; in so many seconds they may again.
    TooOften(u64),
    /// It cannot be found out.
    Problem(Problem),
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl People {
    /// Nobody yet.
    ///
    /// # Errors
    /// [`StoreError::Gone`] when the system gives no random numbers.
    pub fn new() -> Result<Self, StoreError> {
        let password = crate::identity::password::make().map_err(|_| StoreError::Gone)?;
        Ok(Self {
            sessions: Sessions::default(),
            guesses: Guesses::default(),
            at_once: Semaphore::new(AT_ONCE),
            nobody: Hashed::new(password.as_bytes()).map_err(|_| StoreError::Gone)?,
        })
    }
}

impl Api {
    /// The token of a new session.
    pub(super) async fn log_in(
        self: &Arc<Self>,
        client: IpAddr,
        name: String,
        password: String,
    ) -> Result<String, Refused> {
        if name.len() > LONGEST || password.len() > LONGEST {
            return Err(Refused::Wrong);
        }
        let people = &self.people;
        let tried = people.guesses.take(client, &name, Instant::now());
        tried.map_err(|wait| Refused::TooOften(wait.as_secs() + 1))?;
        let gone = |_| Refused::Problem(StoreError::Gone.into());
        let _permit = people
            .at_once
            .acquire()
            .await
            .map_err(|_| Refused::Problem(StoreError::Gone.into()))?;
        let api = Arc::clone(self);
        let asked = name.clone();
        let found = task::spawn_blocking(move || {
            let user = api.reader.user(&asked)?;
            let hashed = user.as_ref().map(|user| &user.password);
            let is_right = hashed
                .unwrap_or(&api.people.nobody)
                .is_of(password.as_bytes());
            Ok::<_, StoreError>(user.filter(|_| is_right))
        });
        let found = found.await.map_err(gone)?;
        let user = found.map_err(Problem::from)?.ok_or(Refused::Wrong)?;
        people.guesses.give_back(client, &name);
        let token = people.sessions.begin(&name, user.password, Instant::now());
        token
            .map_err(|error| Refused::Problem(Problem::new(StatusCode::SERVICE_UNAVAILABLE, error)))
    }
}
