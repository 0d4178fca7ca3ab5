//! Word that something has changed, for pages that are looked at.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    extract::State,
    http::StatusCode,
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures_util::stream;

use super::{LISTENERS, Shared, problem::Problem};

/// How often something is sent that shows that the hub is still there.
const ALIVE: Duration = Duration::from_secs(15);

/// Word that something has changed
///
/// Server-sent events: a number at once, and another one when something has changed, until the hub stops. 64 may listen at a time.
#[utoipa::path(get, path = "/api/v1/events", operation_id = "events", tag = "hub",
    responses((status = 200, body = String, content_type = "text/event-stream")))]
pub(super) async fn events(State(api): Shared) -> Response {
    let Ok(permit) = Arc::clone(&api.listeners).try_acquire_owned() else {
        let reason = format!("{LISTENERS} listen already");
        return Problem::new(StatusCode::SERVICE_UNAVAILABLE, reason).into_response();
    };
    let mut changes = api.changes.subscribe();
    changes.mark_changed();
    let begin = (changes, api.stopping.clone(), permit);
    let events = stream::unfold(begin, |(mut changes, mut stopping, permit)| async move {
        let number = tokio::select! {
            changed = changes.changed() => {
                changed.ok()?;
                *changes.borrow_and_update()
            }
            _ = stopping.wait_for(|is_stopping| *is_stopping) => return None,
        };
        let event = Event::default().data(number.to_string());
        Some((Ok::<_, Infallible>(event), (changes, stopping, permit)))
    });
    Sse::new(events)
        .keep_alive(KeepAlive::new().interval(ALIVE))
        .into_response()
}
