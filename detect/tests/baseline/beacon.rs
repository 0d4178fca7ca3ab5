//! Regular connections to somebody whom nobody knows.

use std::net::IpAddr;

use defender_detect::{Change, ChangeEvent, Kind, Severity};
use defender_message::flow::Flow;

use crate::support::{Hub, ip, of, syn, tcp, udp};
use crate::{DAY, HOUR, learned};

/// A device that reports each minute; `flows` says what, by the minute.
fn minutes(hub: &mut Hub, count: u32, flows: impl Fn(u32) -> Vec<Flow<IpAddr>>) -> Vec<Change> {
    let mut changes = Vec::new();
    for minute in 0..count {
        let mut all = crate::usual();
        all.extend(flows(minute));
        changes.extend(hub.report("a", 60, &all));
    }
    changes
}

/// Every new connection has a port of its own.
fn connection(minute: u32, peer: &str, port: u16) -> Flow<IpAddr> {
    tcp(51_000 + (minute % 9_000) as u16, ip(peer), port)
}

fn has_beacon(changes: &[Change]) -> bool {
    !of(changes, Kind::Beacon, ChangeEvent::Raised).is_empty()
}

#[test]
fn a_beacon_in_a_known_class_is_found_after_an_hour() {
    for period in [1, 5, 15] {
        let mut hub = learned();
        let beacon = |minute: u32| match minute % period {
            0 => vec![connection(minute, "198.51.100.66", 8883)],
            _ => vec![],
        };
        let changes = minutes(&mut hub, 59, beacon);
        assert!(!has_beacon(&changes), "{period}: too early");
        let changes = minutes(&mut hub, 20, |minute| beacon(minute + 59));
        let raised = of(&changes, Kind::Beacon, ChangeEvent::Raised);
        assert_eq!(raised.len(), 1, "{period}");
        assert_eq!(raised[0].severity, Severity::Medium);
        assert_eq!(raised[0].peer, Some(ip("198.51.100.66")));
    }
}

#[test]
fn what_people_and_programs_do_irregularly_is_none() {
    let mut hub = learned();
    // The gaps of a Fibonacci sequence, over and over.
    let mut times = vec![0_u32];
    for gap in [1, 1, 2, 3, 5, 8, 13, 21, 34].repeat(4) {
        times.push(times.last().unwrap() + gap);
    }
    let changes = minutes(&mut hub, 6 * 60, |minute| {
        let mut flow = connection(minute, "198.51.100.66", 8883);
        flow.bytes_out = 200 + 7_919 * minute % 20_000;
        times
            .contains(&minute)
            .then_some(flow)
            .into_iter()
            .collect()
    });
    assert!(!has_beacon(&changes));
}

#[test]
fn a_server_that_is_down_is_none() {
    let mut hub = learned();
    let changes = minutes(&mut hub, 5 * 60, |minute| {
        vec![syn(51_000 + minute as u16, ip("198.51.100.66"), 8883)]
    });
    assert!(!has_beacon(&changes));
}

#[test]
fn names_and_time_from_another_server_are_none() {
    let mut hub = learned();
    let changes = minutes(&mut hub, 5 * 60, |minute| {
        let port = 51_000 + minute as u16;
        vec![
            udp(port, ip("10.0.0.3"), 53, 200, 60),
            udp(123, ip("10.0.0.4"), 123, 48, 48),
        ]
    });
    assert!(!has_beacon(&changes));
    // Unless the device has never asked for any.
    let mut hub = Hub::new();
    for _ in 0..=24 {
        hub.report("b", HOUR, &[tcp(50_000, ip("203.0.113.10"), 8883)]);
    }
    let mut changes = Vec::new();
    for minute in 0..90 {
        let asked = udp(51_000 + minute, ip("10.0.0.3"), 53, 200, 60);
        changes.extend(hub.report("b", 60, &[asked]));
    }
    assert!(has_beacon(&changes));
}

#[test]
fn a_peer_that_is_known_is_none() {
    let mut hub = Hub::new();
    let changes = minutes(&mut hub, 30 * 60, |minute| {
        vec![connection(minute, "203.0.113.77", 8883)]
    });
    assert!(!has_beacon(&changes));
    assert!(hub.now > DAY);
}

#[test]
fn one_connection_that_goes_on_is_none() {
    let mut hub = learned();
    let changes = minutes(&mut hub, 5 * 60, |_| {
        vec![tcp(51_000, ip("198.51.100.66"), 8883)]
    });
    assert!(!has_beacon(&changes));
}

#[test]
fn signs_of_life_in_connections_that_stay_open_are_none() {
    let mut hub = learned();
    let changes = minutes(&mut hub, 6 * 60, |minute| {
        let alive = |port, every| {
            let flow = tcp(port, ip("198.51.100.66"), 8883);
            (minute % every == 0).then_some(flow)
        };
        // Two that are open side by side, each with a period of its own.
        [alive(51_000, 5), alive(51_001, 7)]
            .into_iter()
            .flatten()
            .collect()
    });
    assert!(!has_beacon(&changes));
}

#[test]
fn datagrams_from_one_port_with_pauses_between_them_are_one() {
    let mut hub = learned();
    let changes = minutes(&mut hub, 80, |minute| match minute % 5 {
        0 => vec![udp(51_000, ip("198.51.100.66"), 8883, 120, 60)],
        _ => vec![],
    });
    assert!(has_beacon(&changes));
}

#[test]
fn a_crowd_of_strangers_does_not_hide_one() {
    let mut hub = learned();
    let changes = minutes(&mut hub, 80, |minute| {
        let mut flows = vec![connection(minute, "198.51.100.66", 8883)];
        for n in 0..20 {
            let peer = IpAddr::from([100, (minute % 200) as u8, n, 1]);
            flows.push(tcp(52_000 + u16::from(n), peer, 8883));
        }
        flows
    });
    let raised = of(&changes, Kind::Beacon, ChangeEvent::Raised);
    assert_eq!(raised.len(), 1, "{raised:?}");
    assert_eq!(raised[0].peer, Some(ip("198.51.100.66")));
}
