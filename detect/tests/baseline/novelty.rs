//! Classes and peers that are new.

use defender_detect::{Kind, Policy, Severity, groups::Groups};
use defender_message::decode::Payload;

use crate::support::{Hub, host, icmp, ip, syn, tcp, udp};
use crate::{DAY, HOUR, INTERVAL, learned, live, new_classes, usual, with};

fn miner() -> defender_message::flow::Flow<std::net::IpAddr> {
    tcp(50_002, ip("198.51.100.66"), 3333)
}

#[test]
fn nothing_is_told_while_a_device_learns() {
    let mut hub = Hub::new();
    live(&mut hub, &[("a", usual())], DAY / 2);
    live(&mut hub, &[("a", with(miner()))], DAY / 2 - HOUR);
    assert!(hub.changes.is_empty(), "{:?}", hub.changes);
}

#[test]
fn a_new_class_is_told_once() {
    let mut hub = learned();
    live(&mut hub, &[("a", with(miner()))], HOUR);
    let raised = hub.raised(Kind::NewTrafficClass);
    assert_eq!(raised.len(), 1);
    assert_eq!(raised[0].severity, Severity::Medium);
    let text = &raised[0].explanation;
    assert!(
        text.contains("TCP port 3333 out to the Internet, with 198.51.100.66"),
        "{text}"
    );
    // It goes on, and begins again after the alert has closed.
    live(&mut hub, &[("a", usual())], DAY);
    assert_eq!(hub.closed(Kind::NewTrafficClass).len(), 1);
    live(&mut hub, &[("a", with(miner()))], DAY);
    assert_eq!(new_classes(&hub, "a"), 1);
    // Another class is another matter.
    live(
        &mut hub,
        &[("a", with(udp(50_003, ip("198.51.100.66"), 6881, 300, 300)))],
        INTERVAL,
    );
    assert_eq!(new_classes(&hub, "a"), 2);
}

#[test]
fn a_new_class_does_not_hide_another_one() {
    let mut hub = learned();
    let other = udp(50_003, ip("198.51.100.66"), 6881, 300, 300);
    live(&mut hub, &[("a", with(miner()))], INTERVAL);
    live(&mut hub, &[("a", with(other))], INTERVAL);
    let told = hub.changes.iter().map(|change| &change.alert);
    let mut told = told.filter(|alert| alert.kind == Kind::NewTrafficClass);
    assert!(told.any(|alert| alert.explanation.contains("TCP port 3333")));
    assert!(told.any(|alert| alert.explanation.contains("UDP port 6881")));
}

#[test]
fn each_part_of_a_class_makes_it_another_one() {
    for flow in [
        // Another protocol, another service, another network, another direction.
        udp(50_002, ip("203.0.113.10"), 8883, 300, 300),
        tcp(50_002, ip("203.0.113.10"), 443),
        tcp(50_002, host(9), 8883),
        tcp(8883, ip("203.0.113.10"), 50_002),
        icmp(ip("203.0.113.10"), 0, 100),
        // One that fails is tried, nevertheless.
        syn(50_002, ip("203.0.113.10"), 22),
    ] {
        let mut hub = learned();
        live(&mut hub, &[("a", with(flow))], INTERVAL);
        assert_eq!(new_classes(&hub, "a"), 1, "{flow:?}");
    }
}

#[test]
fn what_others_try_at_the_device_in_vain_is_not_its_doing() {
    let mut hub = learned();
    let tried = crate::support::refusing(22, ip("198.51.100.66"), 50_002);
    live(&mut hub, &[("a", with(tried))], INTERVAL);
    live(
        &mut hub,
        &[("a", with(icmp(ip("198.51.100.66"), 100, 0)))],
        INTERVAL,
    );
    assert_eq!(new_classes(&hub, "a"), 0);
}

#[test]
fn a_new_peer_of_a_known_class_is_information() {
    let mut hub = learned();
    // The same /24, and another one.
    live(
        &mut hub,
        &[("a", with(tcp(50_002, ip("203.0.113.200"), 8883)))],
        INTERVAL,
    );
    assert!(hub.changes.is_empty(), "{:?}", hub.changes);
    live(
        &mut hub,
        &[("a", with(tcp(50_002, ip("198.51.100.7"), 8883)))],
        INTERVAL,
    );
    let raised = hub.raised(Kind::NewPeer);
    assert_eq!(raised[0].severity, Severity::Informational);
    assert_eq!(raised[0].peer, Some(ip("198.51.100.7")));
    assert_eq!(hub.kinds(), [Kind::NewPeer]);
}

#[test]
fn what_two_devices_have_shown_is_known_to_their_group_and_what_one_has_is_not() {
    let mut hub = Hub::new();
    let web = || with(tcp(50_002, ip("203.0.113.80"), 443));
    let odd = || with(tcp(50_002, ip("203.0.113.80"), 9443));
    live(
        &mut hub,
        &[("a", web()), ("b", web()), ("c", odd()), ("d", usual())],
        DAY + INTERVAL,
    );
    assert!(hub.changes.is_empty(), "{:?}", hub.changes);
    live(
        &mut hub,
        &[("a", web()), ("c", odd()), ("d", web())],
        INTERVAL,
    );
    assert_eq!(new_classes(&hub, "d"), 0);
    live(&mut hub, &[("c", odd()), ("d", odd())], INTERVAL);
    assert_eq!((new_classes(&hub, "c"), new_classes(&hub, "d")), (0, 1));
}

#[test]
fn learning_goes_by_the_time_that_reports_cover() {
    let mut hub = Hub::new();
    // A device that is away most of the time.
    for _ in 0..10 {
        live(&mut hub, &[("a", usual())], HOUR);
        hub.pass(2 * DAY);
    }
    live(&mut hub, &[("a", with(miner()))], INTERVAL);
    assert_eq!(new_classes(&hub, "a"), 0);
    // And one that says that its first report covers a month.
    let event = hub.activity(hub.now, 30 * DAY, &usual());
    hub.send("b", Some(hub.now), vec![event]);
    hub.now += INTERVAL;
    let event = hub.activity(hub.now, 30 * DAY, &with(miner()));
    hub.send("b", Some(hub.now), vec![event]);
    assert_eq!(new_classes(&hub, "b"), 0);
    // Heartbeats cover time, too: a device may have nothing to report for long.
    for _ in 0..24 {
        hub.now += HOUR;
        let event = hub.event(hub.now, HOUR, Payload::Heartbeat);
        hub.send("a", Some(hub.now), vec![event]);
    }
    live(
        &mut hub,
        &[("a", with(udp(50_003, ip("198.51.100.66"), 6881, 300, 300)))],
        INTERVAL,
    );
    assert_eq!(new_classes(&hub, "a"), 1);
}

#[test]
fn a_device_that_moves_to_another_group_is_told_once() {
    let mut hub = learned();
    live(&mut hub, &[("b", usual()), ("a", usual())], HOUR);
    let mut policy = Policy::default();
    policy.groups = Groups::parse("cameras = ['a']").unwrap();
    hub.detector.exchange(policy);
    live(&mut hub, &[("a", usual())], 2 * DAY);
    assert_eq!(new_classes(&hub, "a"), 1);
    let alert = hub.raised(Kind::NewTrafficClass)[0];
    assert_eq!(alert.group, "cameras");
}

#[test]
fn a_device_that_is_replaced_or_updated_is_told_once() {
    let mut hub = learned();
    let other = [
        tcp(50_000, ip("198.51.100.10"), 5671),
        udp(50_001, ip("198.51.100.1"), 443, 500, 500),
    ];
    live(&mut hub, &[("a", other.to_vec())], 3 * DAY);
    let raised = hub.raised(Kind::NewTrafficClass);
    assert_eq!(raised.len(), 1);
    assert_eq!(hub.closed(Kind::NewTrafficClass)[0].count, 2);
}

#[test]
fn what_is_unused_for_a_month_is_new_again() {
    let mut hub = Hub::new();
    let web = || with(tcp(50_002, ip("203.0.113.80"), 443));
    live(&mut hub, &[("a", web())], DAY + INTERVAL);
    live(&mut hub, &[("a", usual())], 29 * DAY);
    live(&mut hub, &[("a", web())], INTERVAL);
    assert_eq!(new_classes(&hub, "a"), 0);
    live(&mut hub, &[("a", usual())], 32 * DAY);
    live(&mut hub, &[("a", web())], INTERVAL);
    assert_eq!(new_classes(&hub, "a"), 1);
}

#[test]
fn what_is_frozen_neither_learns_nor_forgets() {
    let frozen = |is_frozen| {
        let mut policy = Policy::default();
        policy.config.baseline.frozen = is_frozen;
        policy
    };
    let mut hub = Hub::new();
    let web = || with(tcp(50_002, ip("203.0.113.80"), 443));
    live(&mut hub, &[("a", web()), ("b", usual())], DAY + INTERVAL);
    hub.detector.exchange(frozen(true));
    // Used by nobody for long, and a newcomer that learns nothing.
    live(
        &mut hub,
        &[("a", usual()), ("new", with(miner()))],
        40 * DAY,
    );
    live(&mut hub, &[("a", web())], INTERVAL);
    assert_eq!(new_classes(&hub, "a"), 0);
    hub.detector.exchange(frozen(false));
    live(&mut hub, &[("a", with(miner()))], INTERVAL);
    assert_eq!(new_classes(&hub, "a"), 1);
}

#[test]
fn a_device_that_does_everything_raises_nothing_that_wakes_anybody() {
    let mut hub = Hub::new();
    for first in (1..=80).step_by(4) {
        let many: Vec<_> = (first..first + 4)
            .map(|n| tcp(50_000 + n, ip("203.0.113.10"), 7_000 + n))
            .collect();
        live(&mut hub, &[("a", many)], INTERVAL);
    }
    live(&mut hub, &[("a", usual())], DAY);
    live(&mut hub, &[("a", with(miner()))], INTERVAL);
    let raised = hub.raised(Kind::NewTrafficClass);
    assert!(!raised.is_empty());
    assert!(
        raised
            .iter()
            .all(|it| it.severity == Severity::Informational)
    );
}

#[test]
fn a_device_that_is_pinged_does_nothing_new_and_one_that_pings_in_vain_does() {
    let mut hub = learned();
    let ping = |bytes_in, bytes_out| [("a", with(icmp(ip("10.0.0.7"), bytes_in, bytes_out)))];
    live(&mut hub, &ping(320, 320), INTERVAL);
    assert_eq!(new_classes(&hub, "a"), 0, "{:?}", hub.changes);
    live(&mut hub, &ping(0, 320), INTERVAL);
    let raised = hub.raised(Kind::NewTrafficClass);
    let text = &raised[0].explanation;
    let expected =
        "a had traffic of a kind that its group has never had: ICMP out to the local network";
    assert!(text.starts_with(expected), "{text}");

    // Who is used to it may lose one.
    let mut hub = Hub::new();
    live(&mut hub, &ping(320, 320), DAY + INTERVAL);
    live(&mut hub, &ping(0, 320), INTERVAL);
    assert_eq!(new_classes(&hub, "a"), 0, "{:?}", hub.changes);
}
