//! What a finding says.

use defender_detect::{ChangeEvent, Kind, ocsf::finding};
use serde_json::{Value, json};

use crate::{EVENTS, change, changes, flow};

#[test]
fn an_alert_s_life_is_that_of_a_finding() {
    let found = EVENTS.map(|event| finding(&change(event, Kind::HostScan, json!({}))));
    let of = |name: &str| found.each_ref().map(|finding| finding[name].clone());
    assert_eq!(of("class_uid"), [2004, 2004, 2004].map(Value::from));
    assert_eq!(of("type_uid"), [200_401, 200_402, 200_403].map(Value::from));
    assert_eq!(
        of("status"),
        ["New", "In Progress", "Resolved"].map(Value::from)
    );
    for finding in &found {
        assert_eq!(finding["finding_info"]["uid"], "0123456789abcdef-1");
    }
    // Each change has an id of its own, and seeing it again another with each count.
    let uid = |event, count: u32| {
        let change = change(event, Kind::HostScan, json!({ "count": count }));
        finding(&change)["metadata"]["uid"].clone()
    };
    assert_ne!(uid(ChangeEvent::Raised, 1), uid(ChangeEvent::Again, 10));
    assert_ne!(uid(ChangeEvent::Again, 100), uid(ChangeEvent::Again, 10));
    assert_ne!(uid(ChangeEvent::Again, 10), uid(ChangeEvent::Closed, 10));
    assert_eq!(uid(ChangeEvent::Again, 10), uid(ChangeEvent::Again, 10));
}

#[test]
fn what_a_person_needs_is_in_it() {
    let finding = finding(&change(
        ChangeEvent::Raised,
        Kind::HostScan,
        json!({ "severity": "High" }),
    ));
    for (path, expected) in [
        ("/severity_id", json!(4)),
        ("/severity", json!("High")),
        ("/is_alert", json!(true)),
        ("/time", json!(1_800_000_060_000_u64)),
        ("/start_time", json!(1_800_000_000_000_u64)),
        ("/count", json!(3)),
        ("/message", json!("lobby did it")),
        ("/finding_info/title", json!(Kind::HostScan.title())),
        ("/finding_info/types/0", json!("Defender_HostScan")),
        ("/finding_info/analytic/name", json!("HostScan")),
        ("/remediation/desc", json!(Kind::HostScan.remediation())),
        ("/device/uid", json!("lobby")),
        ("/device/groups/0/name", json!("cameras")),
        ("/observables/0/value", json!("203.0.113.9")),
        ("/observables/0/name", json!("evidences[].dst_endpoint.ip")),
        ("/evidences/0/dst_endpoint/ip", json!("203.0.113.9")),
        ("/evidences/0/data/class_uid", json!(4001)),
    ] {
        assert_eq!(finding.pointer(path), Some(&expected), "{path}");
    }
}

/// The source is who opened the flow, and bytes out are those that it sent.
#[test]
fn ends_of_a_flow() {
    let ends = |service: Value| {
        let finding = finding(&change(
            ChangeEvent::Raised,
            Kind::HostScan,
            json!({ "service": service }),
        ));
        let data = &finding["evidences"][0]["data"];
        let of = |path: &str| data.pointer(path).unwrap().clone();
        [
            of("/src_endpoint/ip"),
            of("/dst_endpoint/port"),
            of("/connection_info/direction"),
            of("/traffic/bytes_out"),
            of("/traffic/bytes_in"),
        ]
    };
    let service = |at: &str| json!({ "protocol": "TCP", "port": 23, "at": at });
    let expected = |ends: Value| ends.as_array().unwrap().clone();
    assert_eq!(
        ends(service("peer"))[..],
        expected(json!(["192.0.2.2", 23, "Outbound", 120, 40]))
    );
    assert_eq!(
        ends(service("device"))[..],
        expected(json!(["203.0.113.9", 50_000, "Inbound", 40, 120]))
    );
    assert_eq!(
        ends(Value::Null)[..],
        expected(json!(["192.0.2.2", 23, "Unknown", 120, 40]))
    );
}

#[test]
fn protocols() {
    for (protocol, peer, port, number) in [
        ("TCP", "203.0.113.9", 23, 6),
        ("UDP", "2001:db8::9", 53, 17),
        ("ICMP", "203.0.113.9", 0, 1),
        ("ICMP", "2001:db8::9", 0, 58),
    ] {
        let evidence = json!({ "evidence": [flow(protocol, peer, port)] });
        let finding = finding(&change(ChangeEvent::Raised, Kind::HostScan, evidence));
        let evidence = &finding["evidences"][0];
        assert_eq!(
            evidence["connection_info"]["protocol_num"], number,
            "{protocol} {peer}"
        );
        let expected = (port > 0).then(|| json!(port));
        assert_eq!(
            evidence["dst_endpoint"].get("port"),
            expected.as_ref(),
            "{protocol}"
        );
    }
}

/// What a device says stands in it, and nothing is changed: JSON is read back as it was.
#[test]
fn hostile_names_are_only_data() {
    for change in changes() {
        let finding = finding(&change);
        let back: Value = serde_json::from_str(&finding.to_string()).unwrap();
        assert_eq!(back, finding);
        let uid = back["device"]["uid"].as_str().unwrap_or_default();
        assert_eq!(uid, change.alert.device);
        assert_eq!(back["message"], change.alert.explanation);
    }
}
