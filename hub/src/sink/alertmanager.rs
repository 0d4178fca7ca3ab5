//! Prometheus' Alertmanager: `POST /api/v2/alerts`.
//!
//! An alert is one there, told by its labels. Alertmanager forgets what it is not reminded of, also when it restarts, so open alerts are told
//! again every minute; one that closes is told with its end.

use std::time::{Duration, SystemTime};

use defender_detect::{Alert, ChangeEvent};
use serde_json::{Value, json};

use super::{HttpTarget, Sink, SinkError, rfc3339};
use crate::store::Outgoing;

/// How often open alerts are told again.
const REPEATS: Duration = Duration::from_secs(60);

/// For how long one that is open stays if nobody says anything more: four times as long.
const STAYS: u32 = 240;

/// Alerts in a request.
const AT_ONCE: usize = 500;

/// Tells an Alertmanager.
pub(crate) struct Alertmanager {
    target: HttpTarget,
    authorization: Option<String>,
}

impl Alertmanager {
    /// An Alertmanager at its base URL, with a bearer token if a proxy before it asks for one.
    pub fn new(target: &HttpTarget, token: Option<&str>) -> Self {
        Self {
            target: target.below("/api/v2/alerts"),
            authorization: token.map(|token| format!("Bearer {token}")),
        }
    }

    fn post(&self, alerts: &[Value]) -> Result<(), SinkError> {
        let headers = self.authorization.as_deref();
        let headers: Vec<_> = headers
            .map(|value| ("authorization", value))
            .into_iter()
            .collect();
        for some in alerts.chunks(AT_ONCE) {
            let body = serde_json::to_vec(some).map_err(SinkError::new)?;
            self.target.post(&headers, &body)?;
        }
        Ok(())
    }
}

impl Sink for Alertmanager {
    fn tell(&mut self, changes: &[Outgoing]) -> Result<(), SinkError> {
        let now = now();
        let alerts: Vec<_> = changes
            .iter()
            .map(|outgoing| {
                let is_over = outgoing.change.event == ChangeEvent::Closed;
                let ends = if is_over {
                    now
                } else {
                    now.saturating_add(STAYS)
                };
                posted(&outgoing.change.alert, ends)
            })
            .collect();
        self.post(&alerts)
    }

    fn repeats(&self) -> Option<Duration> {
        Some(REPEATS)
    }

    fn repeat(&mut self, open: &[Alert]) -> Result<(), SinkError> {
        let ends = now().saturating_add(STAYS);
        let alerts: Vec<_> = open.iter().map(|alert| posted(alert, ends)).collect();
        self.post(&alerts)
    }
}

fn now() -> u32 {
    let now = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    u32::try_from(now.as_secs()).unwrap_or(u32::MAX)
}

/// An alert as Alertmanager has it. Its labels never change while it lives: what changes is among the annotations.
fn posted(alert: &Alert, ends: u32) -> Value {
    // A device whose clock is ahead must not begin what has ended.
    let starts = alert.first_seen.min(ends.saturating_sub(1));
    let mut labels = json!({
        "alertname": alert.kind.rule(),
        "alert_id": alert.id,
        "alert_type": alert.kind.alert_type(),
        "group": alert.group,
    });
    // Empty labels are as good as none.
    if !alert.device.is_empty() {
        labels["device"] = alert.device.as_str().into();
    }
    json!({
        "labels": labels,
        "annotations": {
            "summary": alert.kind.title(),
            "description": alert.explanation,
            "remediation": alert.kind.remediation(),
            "severity": alert.severity.name(),
            "peer": alert.peer.map(|peer| peer.to_string()).unwrap_or_default(),
            "service": alert.service.map(|service| service.to_string()).unwrap_or_default(),
            "count": alert.count.to_string(),
        },
        "startsAt": rfc3339(starts),
        "endsAt": rfc3339(ends),
    })
}

#[cfg(test)]
mod tests {
    use super::{super::tests::outgoing, *};

    #[test]
    fn labels_stay_the_same_from_opening_to_closing() {
        let labels = |event| {
            let mut alert = outgoing("pump", event).change.alert;
            alert.count = if event == ChangeEvent::Closed { 9 } else { 1 };
            posted(&alert, 1_795_000_100)["labels"].clone()
        };
        let raised = labels(ChangeEvent::Raised);
        assert_eq!(raised, labels(ChangeEvent::Again));
        assert_eq!(raised, labels(ChangeEvent::Closed));
        assert_eq!(raised["device"], "pump");
    }

    #[test]
    fn an_alert_never_ends_before_it_begins() {
        let alert = outgoing("pump", ChangeEvent::Raised).change.alert;
        let posted = posted(&alert, alert.first_seen - 100);
        assert!(posted["startsAt"].as_str() < posted["endsAt"].as_str());
    }
}
