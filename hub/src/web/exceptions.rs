//! Exceptions over the API: made here, in effect at once, kept in the store.

use axum::{Json, extract::State, http::StatusCode};
use defender_detect::{alert::AlertState, exceptions::Exceptions, policy::Subject};
use serde::{Deserialize, Serialize};
use toml::value::Datetime;
use utoipa::ToSchema;

use super::{
    Shared,
    alerts::MOST,
    caller::Caller,
    extract::{Body, Named},
    problem::Problem,
};
use crate::store::{AlertFilter, ExceptionRecord};

/// An exception as it is asked for: what it names must be so.
// A name that is not known must not pass: without it the exception would cover more than it was meant to.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewException {
    /// Who makes it. Of a user who has logged in it is known.
    #[serde(skip_serializing)]
    who: Option<String>,
    /// The rule, or type of alert.
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<String>,
    /// The device.
    #[serde(skip_serializing_if = "Option::is_none")]
    device: Option<String>,
    /// The security group.
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<String>,
    /// The peer's address, or a network that it is in.
    #[serde(skip_serializing_if = "Option::is_none")]
    peer: Option<String>,
    /// The port of the service.
    #[serde(skip_serializing_if = "Option::is_none")]
    port: Option<u16>,
    /// When it ends: a day or a time, as in `2027-01-31`.
    #[serde(
        default,
        deserialize_with = "time",
        skip_serializing_if = "Option::is_none"
    )]
    #[schema(value_type = Option<String>)]
    until: Option<Datetime>,
    /// Why.
    reason: String,
}

/// Exceptions that were made over the API.
#[derive(Serialize, ToSchema)]
pub(super) struct List {
    exceptions: Vec<ExceptionRecord>,
}

/// An exception that was made.
#[derive(Serialize, ToSchema)]
pub(super) struct Made {
    /// Its number, by which it is deleted.
    id: i64,
    /// What it says, in TOML.
    text: String,
}

/// What an exception would close.
#[derive(Serialize, ToSchema)]
pub(super) struct Preview {
    /// What it says, in TOML.
    text: String,
    /// How many open alerts it would close.
    count: usize,
    /// The first 100 of these.
    covers: Vec<Covered>,
}

/// An alert that an exception would close.
#[derive(Serialize, ToSchema)]
pub(super) struct Covered {
    id: String,
    title: &'static str,
    device: String,
}

fn time<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Datetime>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    let parse = |text: String| {
        let wrong = |error| serde::de::Error::custom(format_args!("until: {error}"));
        text.parse().map_err(wrong)
    };
    text.map(parse).transpose()
}

/// A file with this exception alone.
#[derive(Serialize)]
struct File<'a> {
    exception: [&'a NewException; 1],
}

/// Exceptions that were made over the API
///
/// Those of a file stay in their file.
#[utoipa::path(get, path = "/api/v1/exceptions", operation_id = "exceptions", tag = "exceptions",
    responses((status = 200, body = List)))]
pub(super) async fn list(State(api): Shared) -> Result<Json<List>, Problem> {
    let exceptions = api.read(crate::store::Reader::exceptions).await?;
    Ok(Json(List { exceptions }))
}

/// Make an exception
///
/// What it covers closes, and is not told any more. What is not named is covered whatever it is; one that names nothing is refused.
#[utoipa::path(post, path = "/api/v1/exceptions", operation_id = "except", tag = "exceptions",
    request_body = NewException, responses((status = 201, body = Made)))]
pub(super) async fn add(
    State(api): Shared,
    caller: Caller,
    Body(asked): Body<NewException>,
) -> Result<(StatusCode, Json<Made>), Problem> {
    let (who, text) = read(&caller, asked)?;
    let now = api.clock.now();
    let id = api.store.add_exception(now, who, text.clone()).await?;
    api.exchange().await?;
    api.changed();
    Ok((StatusCode::CREATED, Json(Made { id, text })))
}

/// What an exception would close, if it were made now
#[utoipa::path(post, path = "/api/v1/exceptions/preview", operation_id = "preview", tag = "exceptions",
    request_body = NewException, responses((status = 200, body = Preview)))]
pub(super) async fn preview(
    State(api): Shared,
    caller: Caller,
    Body(asked): Body<NewException>,
) -> Result<Json<Preview>, Problem> {
    let (_, text) = read(&caller, asked)?;
    let exceptions = Exceptions::parse(&text)
        .map_err(|_| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "it is no exception"))?;
    let time = api.clock.now();
    let open = AlertFilter {
        state: Some(AlertState::Open),
        limit: MOST,
        ..AlertFilter::default()
    };
    let mut covered = api.read(move |reader| reader.alerts(&open)).await?;
    covered.retain(|alert| {
        let is_of_peer = alert.kind.is_of_peer();
        let port = alert.service.map(|service| service.port);
        let subject = Subject {
            kind: alert.kind,
            device: &alert.device,
            group: &alert.group,
            peer: alert.peer.filter(|_| is_of_peer),
            port: port.filter(|_| is_of_peer),
            time,
        };
        exceptions.covering(&subject).is_some()
    });
    let count = covered.len();
    let covers = covered.into_iter().take(NAMED).map(|alert| Covered {
        id: alert.id,
        title: alert.kind.title(),
        device: alert.device,
    });
    let covers = covers.collect();
    Ok(Json(Preview {
        text,
        count,
        covers,
    }))
}

/// How many alerts are named that an exception would close.
const NAMED: usize = 100;

/// Who makes an exception, and the file with it alone.
fn read(caller: &Caller, mut asked: NewException) -> Result<(String, String), Problem> {
    let wrong = |reason: String| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, reason);
    let who = caller.who(asked.who.take())?;
    let file = File {
        exception: [&asked],
    };
    let text = toml::to_string(&file).map_err(|error| wrong(error.to_string()))?;
    Exceptions::parse(&text).map_err(|error| {
        let faults = error.problems.iter();
        let faults: Vec<_> = faults.map(|problem| problem.fault.to_string()).collect();
        wrong(faults.join("; "))
    })?;
    Ok((who, text))
}

/// Delete an exception that was made over the API
#[utoipa::path(delete, path = "/api/v1/exceptions/{id}", operation_id = "delete_exception", tag = "exceptions",
    params(("id" = i64, Path)), responses((status = 204)))]
pub(super) async fn delete(
    State(api): Shared,
    Named(id): Named<i64>,
) -> Result<StatusCode, Problem> {
    match api.store.delete_exception(id).await? {
        true => {
            api.exchange().await?;
            api.changed();
            Ok(StatusCode::NO_CONTENT)
        }
        false => Err(Problem::new(
            StatusCode::NOT_FOUND,
            "there is no exception of this id that was made over the API",
        )),
    }
}
