//! Alerts as events of the Open Cybersecurity Schema Framework (OCSF) 1.8: a Detection Finding (class 2004) for each change of an alert.
//!
//! An alert that is raised, seen again and closed becomes a finding that is created, updated and closed (types 200401, 200402 and
//! 200403), with the same `finding_info.uid`. `metadata.uid` is one of the change's own, and the same when a change is sent
//! again. Flows are among `evidences`, each with a Network Activity (class 4001) as its data.
//!
//! Names and texts stand in it as devices send them. Whoever writes them where a person reads them escapes them.

mod evidence;

use serde_json::{Value, json};

use crate::alert::{Alert, Change, ChangeEvent, Severity};

/// The version of the schema.
pub const VERSION: &str = "1.8.0";

/// Type of the device: Internet of things.
const IOT: u8 = 7;
/// Type of what found it: a rule.
const RULE: u8 = 1;

/// A change of an alert as a Detection Finding.
#[must_use]
pub fn finding(change: &Change) -> Value {
    let alert = &change.alert;
    let kind = alert.kind;
    let (activity_id, status_id, status) = match change.event {
        ChangeEvent::Raised => (1, 1, "New"),
        ChangeEvent::Again => (2, 2, "In Progress"),
        ChangeEvent::Closed => (3, 4, "Resolved"),
    };
    let mut finding = json!({
        "class_uid": 2004,
        "class_name": "Detection Finding",
        "category_uid": 2,
        "category_name": "Findings",
        "activity_id": activity_id,
        "type_uid": 200_400 + activity_id,
        "time": milliseconds(alert.last_seen),
        "start_time": milliseconds(alert.first_seen),
        "end_time": milliseconds(alert.last_seen),
        "count": alert.count,
        "severity_id": severity(alert.severity),
        "severity": alert.severity.name(),
        "status_id": status_id,
        "status": status,
        "is_alert": alert.severity > Severity::Informational,
        "message": alert.explanation,
        "metadata": metadata(Some(uid(change))),
        "finding_info": {
            "uid": alert.id,
            "title": kind.title(),
            "desc": alert.explanation,
            "types": [kind.alert_type()],
            "analytic": { "name": kind.rule(), "uid": kind.alert_type(), "type_id": RULE, "type": "Rule" },
            "created_time": milliseconds(alert.first_seen),
            "first_seen_time": milliseconds(alert.first_seen),
            "last_seen_time": milliseconds(alert.last_seen),
        },
        "remediation": { "desc": kind.remediation() },
    });
    let mut add = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            finding[name] = value;
        }
    };
    add("device", device(alert));
    add("resources", hub(alert));
    add("evidences", evidence::of(alert));
    add("observables", observables(alert));
    finding
}

/// The device, unless it is about the hub.
fn device(alert: &Alert) -> Option<Value> {
    (!alert.device.is_empty()).then(|| {
        json!({
            "uid": alert.device,
            "name": alert.device,
            "type_id": IOT,
            "type": "IOT",
            "groups": [{ "name": alert.group }],
        })
    })
}

/// The hub, if it is about that.
fn hub(alert: &Alert) -> Option<Value> {
    alert
        .device
        .is_empty()
        .then(|| json!([{ "name": "IoT hub", "type": "hub" }]))
}

/// What others may look for: the peer.
fn observables(alert: &Alert) -> Option<Value> {
    const IP_ADDRESS: u8 = 2;
    let peer = alert.peer?;
    let end = evidence::Ends::of(alert).peer();
    Some(json!([{
        "name": format!("evidences[].{end}.ip"),
        "type_id": IP_ADDRESS,
        "type": "IP Address",
        "value": peer,
    }]))
}

fn metadata(uid: Option<String>) -> Value {
    let mut metadata = json!({
        "version": VERSION,
        "product": {
            "name": "threadx-defender",
            "vendor_name": "threadx-defender",
            "version": env!("CARGO_PKG_VERSION"),
        },
    });
    if let Some(uid) = uid {
        metadata["uid"] = uid.into();
    }
    metadata
}

/// An id of the change: an alert is raised once, closed once, and seen again with another count each time.
fn uid(change: &Change) -> String {
    let Alert { id, count, .. } = &change.alert;
    match change.event {
        ChangeEvent::Raised => format!("{id}/raised"),
        ChangeEvent::Again => format!("{id}/again/{count}"),
        ChangeEvent::Closed => format!("{id}/closed"),
    }
}

fn severity(severity: Severity) -> u8 {
    match severity {
        Severity::Informational => 1,
        Severity::Low => 2,
        Severity::Medium => 3,
        Severity::High => 4,
    }
}

/// Seconds of Unix time as the schema has times.
fn milliseconds(seconds: u32) -> u64 {
    u64::from(seconds) * 1000
}
