//! Custom alerts about connections.

use defender_detect::{Kind, Severity};

use crate::{
    raised, range, rule,
    support::{Hub, host, icmp, ip, syn, tcp, udp},
};

const TO: &str = "IoT_CA_ConnectionToIpNotAllowed";
const FROM: &str = "IoT_CA_ConnectionFromIpNotAllowed";
const ACTIVE: &str = "IoT_CA_ActiveConnectionsNotInAllowedRange";

#[test]
fn connections_to_what_is_not_allowed() {
    let policy = || {
        rule(
            "allowlistRules",
            r#"{"ruleType": "ConnectionToIpNotAllowed", "isEnabled": true, "allowlistValues": ["198.51.100.0/24"]}"#,
        )
    };
    for (flow, expected) in [
        (tcp(40_000, ip("198.51.100.1"), 443), &[][..]),
        (tcp(40_000, ip("203.0.113.1"), 443), &[TO]),
        (tcp(40_000, ip("2001:db8::1"), 443), &[TO]),
        // A try is one, too.
        (syn(40_000, ip("203.0.113.1"), 443), &[TO]),
        // Opened to the device; undecided; not to a host.
        (tcp(80, ip("203.0.113.1"), 40_000), &[]),
        (udp(50_000, ip("203.0.113.1"), 50_001, 10, 10), &[]),
        (udp(40_000, ip("239.255.255.250"), 1900, 0, 100), &[]),
    ] {
        let mut hub = Hub::with(policy());
        hub.report("d", 10, &[flow]);
        assert_eq!(raised(&hub), expected, "{flow:?}");
    }
    let mut hub = Hub::with(policy());
    hub.report("d", 10, &[tcp(40_000, ip("203.0.113.1"), 443)]);
    let alert = hub.raised(Kind::ConnectionToIpNotAllowed)[0];
    assert_eq!(alert.severity, Severity::Low);
    assert!(
        alert.explanation.starts_with(
            "d connected to TCP port 443 of 203.0.113.1, which its group's rules do not allow"
        ),
        "{}",
        alert.explanation
    );
}

#[test]
fn connections_from_what_is_not_allowed() {
    let allow = r#"{"ruleType": "ConnectionFromIpNotAllowed", "isEnabled": true, "allowlistValues": ["198.51.100.0/24"]}"#;
    for (flow, expected) in [
        (tcp(80, ip("198.51.100.1"), 40_000), &[][..]),
        (tcp(80, ip("203.0.113.1"), 40_000), &[FROM]),
        (tcp(40_000, ip("203.0.113.1"), 443), &[]),
    ] {
        let mut hub = Hub::with(rule("allowlistRules", allow));
        hub.report("d", 10, &[flow]);
        assert_eq!(raised(&hub), expected, "{flow:?}");
    }
}

#[test]
fn connections_with_what_is_denied() {
    for (rule_type, flow, alert_type) in [
        (
            "ConnectionToIpNotAllowed",
            tcp(40_000, ip("203.0.113.1"), 443),
            TO,
        ),
        (
            "ConnectionFromIpNotAllowed",
            tcp(80, ip("203.0.113.1"), 40_000),
            FROM,
        ),
    ] {
        let policy = |enabled| {
            rule(
                "denylistRules",
                &format!(
                    r#"{{"ruleType": "{rule_type}", "isEnabled": {enabled}, "denylistValues": ["203.0.113.0/24"]}}"#
                ),
            )
        };
        let mut hub = Hub::with(policy(true));
        hub.report(
            "d",
            10,
            &[
                tcp(40_000, ip("198.51.100.1"), 443),
                tcp(80, ip("198.51.100.1"), 40_000),
            ],
        );
        assert_eq!(raised(&hub), [""; 0]);
        hub.report("d", 10, &[flow]);
        assert_eq!(raised(&hub), [alert_type]);
        let mut hub = Hub::with(policy(false));
        hub.report("d", 10, &[flow]);
        assert_eq!(raised(&hub), [""; 0]);
    }
}

/// Rules are those of the device's group, and of no other.
#[test]
fn rules_are_a_group_s_own() {
    let mut policy = rule(
        "allowlistRules",
        r#"{"ruleType": "ConnectionToIpNotAllowed", "isEnabled": true, "allowlistValues": []}"#,
    );
    policy.groups = defender_detect::groups::Groups::parse("others = ['free-*']").unwrap();
    let mut hub = Hub::with(policy);
    hub.report("free-1", 10, &[tcp(40_000, ip("203.0.113.1"), 443)]);
    assert_eq!(raised(&hub), [""; 0]);
    hub.report("bound", 10, &[tcp(40_000, ip("203.0.113.1"), 443)]);
    assert_eq!(raised(&hub), [TO]);
    assert_eq!(hub.changes[0].alert.group, "default");
}

#[test]
fn active_connections_are_distinct_flows_within_the_window() {
    let connections = |from: u16, count: u16| -> Vec<_> {
        (from..from + count)
            .map(|n| tcp(40_000 + n, host(1), 8883))
            .collect()
    };
    let mut hub = Hub::with(range("ActiveConnectionsNotInAllowedRange", 0, 20));
    hub.report("d", 60, &connections(0, 20));
    // The same ones go on; ICMP is no connection.
    let mut flows = connections(0, 20);
    flows.push(icmp(host(2), 64, 64));
    hub.report("d", 60, &flows);
    assert_eq!(raised(&hub), [""; 0]);
    hub.report("d", 60, &connections(20, 1));
    assert_eq!(raised(&hub), [ACTIVE]);
    let alert = hub.raised(Kind::ActiveConnectionsNotInAllowedRange)[0];
    assert!(
        alert
            .explanation
            .starts_with("d had 21 connections within 5 min, allowed are 0 to 20"),
        "{}",
        alert.explanation
    );

    // One after the other for longer than the window they are few at a time.
    let mut hub = Hub::with(range("ActiveConnectionsNotInAllowedRange", 0, 20));
    for n in 0..60 {
        hub.report("d", 20, &connections(n, 1));
    }
    assert_eq!(raised(&hub), [""; 0]);
}

/// A message about an hour counts as an hour.
#[test]
fn a_long_report_may_have_as_many_more() {
    let flows =
        |count: u16| -> Vec<_> { (0..count).map(|n| tcp(30_000 + n, host(n), 8883)).collect() };
    for (count, expected) in [(240, &[][..]), (241, &[ACTIVE])] {
        let mut hub = Hub::with(range("ActiveConnectionsNotInAllowedRange", 0, 20));
        hub.report("d", 3600, &flows(count));
        assert_eq!(raised(&hub), expected, "{count}");
    }
}

#[test]
fn too_few_connections() {
    let one = [tcp(40_000, host(1), 8883)];
    let mut hub = Hub::with(range("ActiveConnectionsNotInAllowedRange", 2, 20));
    // Not before the window has been reported of whole.
    for _ in 0..4 {
        hub.report("d", 60, &one);
    }
    assert_eq!(raised(&hub), [""; 0]);
    hub.report("d", 60, &one);
    assert_eq!(raised(&hub), [ACTIVE]);
    let mut hub = Hub::with(range("ActiveConnectionsNotInAllowedRange", 1, 20));
    for _ in 0..10 {
        hub.report("d", 60, &one);
    }
    assert_eq!(raised(&hub), [""; 0]);
    // A device that reports that there was nothing.
    for _ in 0..4 {
        hub.report("d", 60, &[]);
    }
    assert_eq!(raised(&hub), [""; 0]);
    hub.report("d", 60, &[]);
    assert_eq!(raised(&hub), [ACTIVE]);
}
