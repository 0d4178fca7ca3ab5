//! Exceptions over the API: made here, in effect at once, kept in the store.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use defender_detect::{alert::AlertState, exceptions::Exceptions, policy::Subject};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use toml::value::Datetime;

use super::{Shared, alerts::MOST, problem::Problem};
use crate::store::AlertFilter;

/// An exception as it is asked for: what it names must be so.
// A name that is not known must not pass: without it the exception would cover more than it was meant to.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Names {
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    device: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    peer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    port: Option<u16>,
    #[serde(
        default,
        deserialize_with = "time",
        skip_serializing_if = "Option::is_none"
    )]
    until: Option<Datetime>,
    reason: String,
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
    exception: [&'a Names; 1],
}

pub(super) async fn list(State(api): Shared) -> Result<Json<Value>, Problem> {
    let exceptions = api.read(crate::store::Reader::exceptions).await?;
    Ok(Json(json!({ "exceptions": exceptions })))
}

pub(super) async fn add(
    State(api): Shared,
    Json(mut asked): Json<Map<String, Value>>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let (who, text) = read(&mut asked)?;
    let now = api.clock.now();
    let id = api.store.add_exception(now, who, text.clone()).await?;
    api.exchange().await?;
    api.changed();
    let created = json!({ "id": id, "text": text });
    Ok((StatusCode::CREATED, Json(created)))
}

/// What an exception would close, if it were made now.
pub(super) async fn preview(
    State(api): Shared,
    Json(mut asked): Json<Map<String, Value>>,
) -> Result<Json<Value>, Problem> {
    let (_, text) = read(&mut asked)?;
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
    let named = covered.iter().take(NAMED).map(
        |alert| json!({ "id": alert.id, "title": alert.kind.title(), "device": alert.device }),
    );
    let named: Vec<_> = named.collect();
    Ok(Json(
        json!({ "text": text, "count": covered.len(), "covers": named }),
    ))
}

/// How many alerts are named that an exception would close.
const NAMED: usize = 100;

/// Who makes an exception, and the file with it alone.
fn read(asked: &mut Map<String, Value>) -> Result<(String, String), Problem> {
    let wrong = |reason: String| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, reason);
    let Some(Value::String(who)) = asked.remove("who") else {
        return Err(wrong("say `who` makes the exception".into()));
    };
    let names: Names = serde_json::from_value(Value::Object(std::mem::take(asked)))
        .map_err(|error| wrong(error.to_string()))?;
    let file = File {
        exception: [&names],
    };
    let text = toml::to_string(&file).map_err(|error| wrong(error.to_string()))?;
    Exceptions::parse(&text).map_err(|error| {
        let faults = error.problems.iter();
        let faults: Vec<_> = faults.map(|problem| problem.fault.to_string()).collect();
        wrong(faults.join("; "))
    })?;
    Ok((who, text))
}

/// For the fuzz target: what passes is one exception, and covers not everything.
pub(super) fn check(text: &str) {
    let Ok(mut asked) = serde_json::from_str(text) else {
        return;
    };
    if let Ok((_, text)) = read(&mut asked) {
        let kept = Exceptions::parse(&text);
        assert!(kept.is_ok_and(|kept| kept.iter().count() == 1));
    }
}

pub(super) async fn delete(State(api): Shared, Path(id): Path<i64>) -> Result<StatusCode, Problem> {
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
