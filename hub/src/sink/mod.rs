//! Who is told of alerts, a file each. Every sink has a thread and a place in the outbox of its own: one that is down or slow
//! holds back nothing but itself.
//!
//! A sink is told at least once. Each change has an id by which a repetition can be told: that of
//! [`ocsf::finding`](defender_detect::ocsf::finding)'s `metadata.uid`.

mod alertmanager;
mod cef;
mod http;
mod ocsf_lines;
mod syslog;
mod teller;
mod webhook;

use std::time::Duration;

use defender_detect::{Alert, ChangeEvent};

pub use self::http::TargetError;
pub(crate) use self::{
    alertmanager::Alertmanager,
    http::{HttpTarget, check_url, http_agent},
    ocsf_lines::{OcsfLines, Rotation},
    syslog::{Syslog, SyslogTarget},
    teller::Teller,
    webhook::Webhook,
};
use crate::store::Outgoing;

/// Somebody who is told of alerts.
pub(crate) trait Sink: Send {
    /// Tells changes, in order. If it fails, all of them are told again later.
    fn tell(&mut self, changes: &[Outgoing]) -> Result<(), SinkError>;

    /// How often it wants to hear of all open alerts beside, if it does.
    fn repeats(&self) -> Option<Duration> {
        None
    }

    /// Tells open alerts.
    fn repeat(&mut self, _open: &[Alert]) -> Result<(), SinkError> {
        Ok(())
    }
}

/// Why a sink takes nothing.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct SinkError(String);

impl SinkError {
    fn new(reason: impl ToString) -> Self {
        Self(reason.to_string())
    }
}

/// An id of the change: the same when it is told again, and of no other one.
fn uid(outgoing: &Outgoing) -> String {
    let Outgoing { change, .. } = outgoing;
    let id = &change.alert.id;
    match change.event {
        ChangeEvent::Raised => format!("{id}/raised"),
        ChangeEvent::Again => format!("{id}/again/{}", change.alert.count),
        ChangeEvent::Closed => format!("{id}/closed"),
    }
}

/// Seconds of Unix time as RFC 3339 has them.
fn rfc3339(seconds: u32) -> String {
    jiff::Timestamp::from_second(seconds.into()).map_or_else(
        |_| "1970-01-01T00:00:00Z".to_owned(),
        |time| time.to_string(),
    )
}

#[cfg(test)]
pub(crate) mod tests {
    use defender_detect::{Change, ChangeEvent, Kind, Severity, ocsf};

    use super::*;

    /// An alert as the store has it, about a device with a hostile name.
    pub(crate) fn outgoing(device: &str, event: ChangeEvent) -> Outgoing {
        let alert = serde_json::json!({
            "id": format!("PortScan-{device}-1"),
            "rule": Kind::PortScan.rule(),
            "severity": Severity::Medium,
            "device": device,
            "group": "default",
            "first_seen": 1_795_000_000_u32,
            "last_seen": 1_795_000_060_u32,
            "count": 3,
            "state": if event == ChangeEvent::Closed { "closed" } else { "open" },
            "peer": "192.0.2.7",
            "service": { "protocol": "TCP", "port": 22, "at": "peer" },
            "explanation": format!("{device} tried 10 ports"),
            "evidence": [],
        });
        Outgoing {
            number: 1,
            change: Change {
                event,
                alert: serde_json::from_value(alert).unwrap(),
            },
        }
    }

    #[test]
    fn the_id_of_a_change_is_that_of_its_finding() {
        for event in [ChangeEvent::Raised, ChangeEvent::Again, ChangeEvent::Closed] {
            let outgoing = outgoing("pump", event);
            let finding = ocsf::finding(&outgoing.change);
            assert_eq!(finding["metadata"]["uid"], uid(&outgoing));
        }
    }

    #[test]
    fn times_are_utc() {
        assert_eq!(rfc3339(1_795_000_000), "2026-11-18T11:06:40Z");
    }
}
