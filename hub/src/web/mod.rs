//! The API, and the page upon it.
//!
//! Each route of the API stands with its handler, and `GET /api/v1/openapi.json` describes all of them; `docs/hub.md` has a table of them. What
//! is wrong with a request is said as `{"error":…}`.

mod access;
mod alerts;
mod baselines;
mod caller;
mod client;
mod cookie;
mod devices;
mod document;
mod exceptions;
mod extract;
mod forwarded;
mod guesses;
mod live;
mod page;
mod people;
mod policy;
mod problem;
mod profile;
mod serve;
mod sessions;
mod tls;

use std::{sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, Request, State},
    http::{HeaderValue, StatusCode, header},
    middleware,
    response::{IntoResponse, Response},
};
use defender_detect::Severity;
use serde::{Deserialize, Serialize};
use tokio::{
    sync::{Semaphore, mpsc, oneshot, watch},
    time,
};
use utoipa::ToSchema;

pub use self::client::{ApiClient, ApiError};
use self::problem::Problem;
pub(crate) use self::{
    access::Access,
    people::People,
    serve::{Listening, serve},
    tls::{CertificateError, TlsListener, server_config},
};
use crate::{
    clock::Clock,
    config::InForce,
    health::Health,
    intake::{Delivery, Intake, What},
    metrics::Metrics,
    store::{Reader, Store, StoreError},
};

/// Asks for what decides to be read again, and is told what is wrong with it.
pub(crate) type Reload = mpsc::Sender<oneshot::Sender<Result<(), String>>>;

/// What the API reaches.
pub(crate) struct Api {
    pub store: Store,
    pub reader: Arc<Reader>,
    pub intake: Intake,
    pub reload: Reload,
    /// What decides at present.
    pub in_force: watch::Receiver<Arc<InForce>>,
    pub clock: Arc<Clock>,
    pub metrics: Arc<Metrics>,
    pub health: Arc<Health>,
    pub access: Access,
    /// Who logs in.
    pub people: People,
    /// Goes on when something has changed that pages show.
    pub changes: watch::Sender<u64>,
    pub stopping: watch::Receiver<bool>,
    /// Room for those who listen to that.
    pub listeners: Arc<Semaphore>,
}

/// The longest body of a request, in bytes.
const LONGEST: usize = 64 << 10;

/// How long a request may take, from the end of its head to the beginning of the answer.
const WITHIN: Duration = Duration::from_secs(60);

type Shared = State<Arc<Api>>;

/// How many may listen for changes at a time: connections are left for others.
pub(crate) const LISTENERS: usize = 64;

impl Api {
    /// Something has changed that pages show.
    fn changed(&self) {
        self.changes.send_modify(|number| *number += 1);
    }

    /// Reads from the store, beside everything else.
    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Reader) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Problem> {
        let reader = Arc::clone(&self.reader);
        let result = tokio::task::spawn_blocking(move || read(&reader)).await;
        Ok(result.map_err(|_| StoreError::Gone)??)
    }

    /// Puts something into the journal, behind what devices have sent.
    async fn put(&self, received: u32, what: What) -> Result<(), Problem> {
        let (told, kept) = oneshot::channel();
        let delivery = Delivery {
            received,
            what,
            kept: Some(told),
        };
        self.intake.put(delivery).await?;
        let reason = "the store takes nothing; try again later";
        kept.await
            .map_err(|_| Problem::new(StatusCode::SERVICE_UNAVAILABLE, reason))
    }

    /// Has what decides read again.
    async fn exchange(&self) -> Result<(), Problem> {
        let (done, result) = oneshot::channel();
        let gone = |_| Problem::from(StoreError::Gone);
        self.reload
            .send(done)
            .await
            .map_err(|_| Problem::from(StoreError::Gone))?;
        result
            .await
            .map_err(gone)?
            .map_err(|reason| Problem::new(StatusCode::CONFLICT, reason))
    }
}

/// All of the API.
pub(crate) fn router(api: Arc<Api>) -> Router {
    Router::new()
        .merge(document::routes())
        .merge(page::routes())
        .fallback(|| async { Problem::new(StatusCode::NOT_FOUND, "there is nothing here") })
        .method_not_allowed_fallback(|| async {
            let reason = "this is not done here: `Allow` says what is";
            Problem::new(StatusCode::METHOD_NOT_ALLOWED, reason)
        })
        .layer(DefaultBodyLimit::max(LONGEST))
        .layer(middleware::from_fn(in_time))
        .layer(middleware::from_fn_with_state(
            Arc::clone(&api),
            access::check,
        ))
        .with_state(api)
}

/// Who is slow with what belongs to a request is not waited for.
async fn in_time(request: Request, next: middleware::Next) -> Response {
    let answered = time::timeout(WITHIN, next.run(request)).await;
    answered.unwrap_or_else(|_| {
        Problem::new(StatusCode::REQUEST_TIMEOUT, "the request took too long").into_response()
    })
}

/// Whether the hub does its work
///
/// 503 says why not. Anybody may ask.
#[utoipa::path(get, path = "/healthz", operation_id = "health", tag = "hub",
    responses((status = 200, body = String, content_type = "text/plain")))]
async fn healthz(State(api): Shared) -> Response {
    match api.health.trouble() {
        None => "ok\n".into_response(),
        Some(trouble) => (StatusCode::SERVICE_UNAVAILABLE, format!("{trouble}\n")).into_response(),
    }
}

/// How the hub is, and what it has to tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[non_exhaustive]
pub struct Status {
    /// The program's version.
    pub version: String,
    /// The hub's time, in seconds of Unix time.
    pub time: u32,
    /// Devices that it looks after.
    pub devices: u64,
    /// Open alerts by severity, informational first.
    pub open_alerts: [u64; 4],
    /// What it does not do, though it should.
    pub trouble: Option<String>,
}

impl Status {
    /// Open alerts by severity, the worst first, as far as there are any.
    pub fn open_by_severity(&self) -> impl Iterator<Item = (Severity, u64)> + use<> {
        let [informational, low, medium, high] = self.open_alerts;
        let counts = [
            (Severity::High, high),
            (Severity::Medium, medium),
            (Severity::Low, low),
            (Severity::Informational, informational),
        ];
        counts.into_iter().filter(|(_, count)| *count > 0)
    }
}

/// How the hub is
#[utoipa::path(get, path = "/api/v1/status", operation_id = "status", tag = "hub",
    responses((status = 200, body = Status)))]
async fn status(State(api): Shared) -> Result<Json<Status>, Problem> {
    Ok(Json(status_of(&api).await?))
}

async fn status_of(api: &Api) -> Result<Status, Problem> {
    let open_alerts = api.read(Reader::open_alerts).await?;
    Ok(Status {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        time: api.clock.now(),
        devices: u64::try_from(api.metrics.devices.get()).unwrap_or(0),
        open_alerts,
        trouble: api.health.trouble().map(str::to_owned),
    })
}

/// Metrics for Prometheus
///
/// Nothing is labelled by device.
#[utoipa::path(get, path = "/metrics", operation_id = "metrics", tag = "hub",
    responses((status = 200, body = String, content_type = "application/openmetrics-text")))]
async fn metrics(State(api): Shared) -> Result<Response, Problem> {
    let (open, waiting) = api
        .read(|reader| Ok((reader.open_alerts()?, reader.waiting()?)))
        .await?;
    api.metrics.open(open);
    api.metrics
        .waiting
        .set(i64::try_from(waiting).unwrap_or(i64::MAX));
    api.metrics.clock_ahead.set(api.clock.ahead().as_secs_f64());
    let kind =
        HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");
    Ok(([(header::CONTENT_TYPE, kind)], api.metrics.text()).into_response())
}
