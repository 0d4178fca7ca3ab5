//! Findings of OCSF: what they say, and that the schema allows it.

mod content;
mod schema;

use defender_detect::{Alert, Change, ChangeEvent, Kind};
use serde_json::{Value, json};

const EVENTS: [ChangeEvent; 3] = [ChangeEvent::Raised, ChangeEvent::Again, ChangeEvent::Closed];

/// An alert of a kind: with the members given in place of usual ones.
fn change(event: ChangeEvent, kind: Kind, members: Value) -> Change {
    let mut alert = json!({
        "id": "0123456789abcdef-1", "rule": kind.rule(), "severity": kind.severity(), "device": "lobby", "group": "cameras",
        "first_seen": 1_800_000_000, "last_seen": 1_800_000_060, "count": 3, "state": "open",
        "peer": "203.0.113.9", "service": { "protocol": "TCP", "port": 23, "at": "peer" },
        "explanation": "lobby did it", "evidence": [flow("TCP", "203.0.113.9", 23)],
    });
    for (name, value) in members.as_object().unwrap() {
        alert[name] = value.clone();
    }
    let alert: Alert = serde_json::from_value(alert).unwrap();
    Change { event, alert }
}

fn flow(protocol: &str, peer: &str, port: u16) -> Value {
    let local = if peer.contains(':') {
        "2001:db8::2"
    } else {
        "192.0.2.2"
    };
    json!({
        "protocol": protocol, "local_address": local, "local_port": if port == 0 { 0 } else { 50_000 },
        "remote_address": peer, "remote_port": port, "bytes_in": 40, "bytes_out": 120,
    })
}

/// Changes of every kind, and of every shape that alerts have.
fn changes() -> Vec<Change> {
    let shapes = [
        json!({}),
        json!({ "service": { "protocol": "TCP", "port": 22, "at": "device" } }),
        json!({ "service": null, "evidence": [flow("UDP", "2001:db8::9", 53), flow("ICMP", "2001:db8::9", 0), flow("ICMP", "203.0.113.9", 0)] }),
        // A connection to the hub was refused.
        json!({ "service": null, "evidence": [] }),
        // Something was done to the hub.
        json!({ "device": "", "peer": null, "service": null, "evidence": [] }),
        json!({ "device": "\u{9b}31m\u{202e}\"<>\\ \u{0}", "group": "\n", "explanation": "\u{1b}[2J" }),
        json!({ "first_seen": 0, "last_seen": u32::MAX, "count": u32::MAX }),
    ];
    let kinds = Kind::ALL.iter().zip(shapes.iter().cycle());
    let of_kinds = kinds.map(|(kind, shape)| change(ChangeEvent::Raised, *kind, shape.clone()));
    let of_shapes = shapes
        .iter()
        .flat_map(|shape| EVENTS.map(|event| change(event, Kind::HostScan, shape.clone())));
    of_kinds.chain(of_shapes).collect()
}
