//! Devices: what they run, which services they use, how their agents do.

use std::net::IpAddr;

use defender_detect::hygiene::{Kind, Recommendation, advisories::Affected, credentials_mark};
use defender_detect::{Detector, Policy, Severity, SignalKind};
use defender_message::decode::Payload;
use defender_message::flow::{Flow, Protocol};

use crate::support::{Hub, flow, host, ip, syn, tcp, udp};

const DAY: u32 = 24 * 60 * 60;

fn runs(hub: &mut Hub, device: &str, os_info: &str, kernel_info: &str) {
    let event = hub.event(
        hub.now,
        60,
        Payload::SystemInformation {
            os_info: os_info.into(),
            kernel_info: kernel_info.into(),
            hw_info: String::new(),
        },
    );
    hub.send(device, Some(hub.now), vec![event]);
}

fn of(hub: &Hub, kind: Kind) -> Vec<Recommendation> {
    let all = hub.detector.recommendations().into_iter();
    all.filter(|it| it.kind == kind).collect()
}

#[test]
fn the_originals_version_names_no_patch_level_so_that_some_are_uncertain() {
    let mut hub = Hub::new();
    runs(&mut hub, "a", "Azure RTOS 6.1", "");
    let found = of(&hub, Kind::KnownVulnerabilities);
    let [it] = found.as_slice() else {
        panic!("{found:?}")
    };
    assert_eq!((it.device.as_str(), it.group.as_str()), ("a", "default"));
    assert!(
        it.reason.starts_with("Azure RTOS 6.1 has "),
        "{}",
        it.reason
    );
    assert!(it.reason.contains("by its patch level"), "{}", it.reason);
    assert_eq!(it.severity, Severity::High);
    let how = |id| {
        it.advisories
            .iter()
            .find(|it| it.id == id)
            .map(|it| it.affected)
    };
    // Fixed with 6.3.0, with 6.1.9, and from 6.1.7 on.
    assert_eq!(how("CVE-2023-48691"), Some(Affected::Yes));
    assert_eq!(how("CVE-2021-42302"), Some(Affected::Maybe));
    assert_eq!(how("CVE-2026-0648"), Some(Affected::Maybe));
    let over = of(&hub, Kind::OutOfSupport);
    assert!(over[0].reason.contains("6.1 is out of support"), "{over:?}");
}

#[test]
fn both_products_are_matched_and_an_update_ends_it() {
    let mut hub = Hub::new();
    runs(
        &mut hub,
        "a",
        "Azure RTOS 6.4",
        "ThreadX 6.4.2, NetX Duo 6.4.3",
    );
    let found = of(&hub, Kind::KnownVulnerabilities);
    let ids: Vec<_> = found[0]
        .advisories
        .iter()
        .map(|it| it.id.as_str())
        .collect();
    // ThreadX before 6.4.3, NetX Duo before 6.4.3, NetX Duo before 6.4.4.
    assert!(ids.contains(&"CVE-2025-55080"));
    assert!(!ids.contains(&"CVE-2025-2260"));
    assert!(ids.contains(&"CVE-2025-55094"));
    // The worst first.
    assert_eq!(ids[0], "CVE-2026-103416");
    assert!(
        found[0]
            .reason
            .contains("gone with ThreadX 6.4.3 and NetX Duo 6.5.2")
    );
    runs(
        &mut hub,
        "a",
        "Azure RTOS 6.5",
        "ThreadX 6.5.2, NetX Duo 6.5.2.202603",
    );
    assert_eq!(hub.detector.recommendations(), []);
    // What is unknown is no reason.
    runs(&mut hub, "a", "Zephyr 3.7", "");
    assert_eq!(hub.detector.recommendations(), []);
}

#[test]
fn services_in_clear_text_are_named_while_they_are_in_use() {
    let to = |protocol, port| flow(protocol, 50_000, host(9), port, 2_000, 1_000);
    let at = |protocol, port| flow(protocol, port, host(9), 50_000, 2_000, 1_000);
    let cases = [
        (to(Protocol::Tcp, 21), "FTP", Severity::Medium),
        (to(Protocol::Tcp, 23), "telnet", Severity::Medium),
        (at(Protocol::Tcp, 80), "HTTP", Severity::Low),
        (
            to(Protocol::Tcp, 1883),
            "MQTT without TLS",
            Severity::Medium,
        ),
        (to(Protocol::Udp, 5683), "CoAP without DTLS", Severity::Low),
        (at(Protocol::Udp, 161), "SNMP", Severity::Low),
    ];
    for (flow, name, severity) in cases {
        let mut hub = Hub::new();
        hub.report("a", 10, &[flow]);
        let found = of(&hub, Kind::ClearText);
        assert_eq!(found.len(), 1, "{name}");
        assert!(
            found[0].reason.starts_with(&format!("{name} is used")),
            "{found:?}"
        );
        assert_eq!(found[0].severity, severity, "{name}");
        assert_eq!(found[0].peer, Some(host(9)));
        // As long as it is in use, and a week.
        hub.pass(6 * DAY);
        hub.report("a", 10, &[flow]);
        hub.pass(6 * DAY);
        hub.report("a", 10, &[]);
        assert_eq!(of(&hub, Kind::ClearText).len(), 1, "{name}");
        hub.pass(DAY);
        hub.report("a", 10, &[]);
        assert_eq!(of(&hub, Kind::ClearText), [], "{name}");
    }
}

#[test]
fn what_is_encrypted_or_fails_is_not_in_clear_text() {
    let mut hub = Hub::new();
    let flows = [
        tcp(50_001, host(9), 8883),
        tcp(50_002, host(9), 443),
        tcp(50_003, host(9), 22),
        udp(50_004, host(9), 5684, 500, 500),
        syn(50_005, host(9), 23),
        udp(50_006, host(9), 161, 0, 80),
    ];
    hub.report("a", 10, &flows);
    assert_eq!(hub.detector.recommendations(), []);
}

#[test]
fn an_administration_port_that_others_reach_is_worse_from_the_internet() {
    let reached = |peer: IpAddr| -> Flow<IpAddr> { tcp(22, peer, 50_000) };
    for (peer, severity) in [
        (host(9), Severity::Medium),
        (ip("fd00::9"), Severity::Medium),
        (ip("203.0.113.9"), Severity::High),
        (ip("2001:db8::9"), Severity::High),
    ] {
        let mut hub = Hub::new();
        hub.report("a", 10, &[reached(peer)]);
        let found = of(&hub, Kind::AdministrationReachable);
        assert_eq!(found[0].severity, severity, "{peer}");
        assert!(found[0].reason.contains(&peer.to_string()));
    }
    // Somebody else's port, and one that was refused.
    let mut hub = Hub::new();
    let refused = flow(Protocol::Tcp, 22, host(9), 50_000, 40, 20);
    hub.report("a", 10, &[tcp(50_000, host(9), 22), refused]);
    assert_eq!(of(&hub, Kind::AdministrationReachable), []);
}

#[test]
fn an_agent_that_reports_rarely_is_named_until_it_does_not() {
    let mut hub = Hub::new();
    hub.report("a", 300, &[]);
    assert_eq!(of(&hub, Kind::ReportsRarely), []);
    hub.report("a", 3_600, &[]);
    let found = of(&hub, Kind::ReportsRarely);
    assert_eq!(
        found[0].reason,
        "It reports network activity every 1h, the limit is 5m"
    );
    hub.report("a", 60, &[]);
    assert_eq!(of(&hub, Kind::ReportsRarely), []);
}

#[test]
fn a_flow_table_that_overflows_is_named_for_a_week() {
    let mut hub = Hub::new();
    let aggregate = flow(Protocol::Tcp, 0, ip("0.0.0.0"), 0, 90_000, 90_000);
    hub.report("a", 10, &[aggregate, tcp(50_000, host(1), 8883)]);
    assert_eq!(of(&hub, Kind::TableOverflows).len(), 1);
    hub.pass(7 * DAY);
    hub.report("a", 10, &[]);
    assert_eq!(of(&hub, Kind::TableOverflows), []);
}

#[test]
fn an_old_agent_is_named_and_one_of_another_maker_is_not() {
    let mut policy = Policy::default();
    policy.config.hygiene.oldest_agent = defender_detect::hygiene::Version::parse("1.2.0").unwrap();
    let mut hub = Hub::with(policy);
    // The tests' agent is 1.0.0.
    hub.heartbeat("a", 60);
    let found = of(&hub, Kind::AgentOld);
    assert_eq!(
        found[0].reason,
        "Its agent is version 1.0.0, older than 1.2.0"
    );
    assert_eq!(of(&Hub::new(), Kind::AgentOld), []);
}

#[test]
fn a_wrong_clock_is_named_until_it_is_right() {
    let mut hub = Hub::new();
    let send = |hub: &mut Hub, time| {
        let event = hub.event(time, 60, Payload::Heartbeat);
        hub.send("a", Some(hub.now), vec![event]);
    };
    send(&mut hub, 1_000);
    let found = of(&hub, Kind::ClockWrong);
    assert_eq!(found[0].reason, "Its clock was never set");
    hub.pass(60);
    let now = hub.now;
    send(&mut hub, now);
    assert_eq!(of(&hub, Kind::ClockWrong), []);
}

#[test]
fn the_device_that_was_left_out_of_its_groups_update_is_named() {
    let mut hub = Hub::new();
    for device in ["a", "b", "c"] {
        runs(&mut hub, device, "", "ThreadX 6.5.2, NetX Duo 6.5.2");
    }
    assert_eq!(of(&hub, Kind::VersionsDiffer), []);
    runs(&mut hub, "c", "", "ThreadX 6.5.1, NetX Duo 6.5.1");
    let found = of(&hub, Kind::VersionsDiffer);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].device, "c");
    assert!(found[0].reason.contains("2 of 3 devices"), "{found:?}");
    runs(&mut hub, "c", "", "ThreadX 6.5.2, NetX Duo 6.5.2");
    assert_eq!(of(&hub, Kind::VersionsDiffer), []);
}

#[test]
fn devices_with_the_same_credentials_are_named_until_they_are_renewed() {
    let mut hub = Hub::new();
    let [x, y, z] = [b"x", b"y", b"z"].map(|shown| credentials_mark(shown));
    for (device, marks) in [("a", [x, y]), ("b", [y, 0]), ("c", [z, 0]), ("d", [0, 0])] {
        hub.signal(device, SignalKind::Credentials { marks });
    }
    let found = of(&hub, Kind::SharedCredentials);
    let devices: Vec<_> = found.iter().map(|it| it.device.as_str()).collect();
    assert_eq!(devices, ["a", "b"]);
    assert_eq!(found[0].reason, "It has the same credentials as `b`");
    assert_eq!(found[0].severity, Severity::High);
    hub.signal("b", SignalKind::Credentials { marks: [7, 0] });
    assert_eq!(of(&hub, Kind::SharedCredentials), []);
}

#[test]
fn a_state_that_was_bytes_recommends_the_same() {
    let mut hub = Hub::new();
    runs(
        &mut hub,
        "a",
        "Azure RTOS 6.4",
        "ThreadX 6.4.2, NetX Duo 6.4.2",
    );
    hub.report(
        "a",
        3_600,
        &[tcp(50_000, host(9), 1883), tcp(22, host(9), 50_000)],
    );
    hub.signal("a", SignalKind::Credentials { marks: [1, 2] });
    let mut other = Detector::new(Policy::default());
    other
        .restore("a", &hub.detector.state("a").unwrap())
        .unwrap();
    let recommendations = hub.detector.recommendations();
    assert_eq!(recommendations.len(), 5, "{recommendations:#?}");
    assert_eq!(other.recommendations(), recommendations);
}

#[test]
fn no_more_is_remembered_than_has_room() {
    let mut hub = Hub::new();
    for port in [21, 23, 80, 1883, 2323, 5683, 8000, 8008, 8080, 8888] {
        hub.report("a", 10, &[tcp(40_000 + port, host(port), port)]);
    }
    let found = of(&hub, Kind::ClearText);
    assert_eq!(found.len(), 8);
}
