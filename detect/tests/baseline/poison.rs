//! Who wants a bad thing to be normal teaches nothing.

use std::net::IpAddr;

use defender_detect::{Detector, Kind, Policy};
use defender_message::flow::Flow;

use crate::support::{Hub, host, ip, syn, tcp};
use crate::{DAY, HOUR, INTERVAL, live, new_classes, usual, with};

fn command_and_control() -> Flow<IpAddr> {
    tcp(50_002, ip("198.51.100.66"), 6667)
}

const NINE: [&str; 9] = ["b", "c", "d", "e", "f", "g", "h", "i", "j"];

fn group(
    bot: Vec<Flow<IpAddr>>,
    others: Vec<Flow<IpAddr>>,
) -> Vec<(&'static str, Vec<Flow<IpAddr>>)> {
    let others = NINE.iter().map(|device| (*device, others.clone()));
    others.chain([("bot", bot)]).collect()
}

#[test]
fn a_bot_from_the_first_minute_teaches_its_group_nothing() {
    let mut hub = Hub::new();
    live(
        &mut hub,
        &group(with(command_and_control()), usual()),
        3 * DAY,
    );
    assert!(hub.changes.is_empty(), "{:?}", hub.changes);
    // The next victim is found.
    live(&mut hub, &[("b", with(command_and_control()))], INTERVAL);
    assert_eq!(new_classes(&hub, "b"), 1);
    // And so is each one after it: one alert does not make it normal.
    live(&mut hub, &[("c", with(command_and_control()))], DAY);
    assert_eq!(new_classes(&hub, "c"), 1);
    // Nor does a newcomer who has it from its first minute.
    live(&mut hub, &[("new", with(command_and_control()))], 2 * DAY);
    live(&mut hub, &[("d", with(command_and_control()))], INTERVAL);
    assert_eq!(new_classes(&hub, "d"), 1);
}

#[test]
fn one_class_a_day_is_told_each_time_and_known_never() {
    let mut hub = Hub::new();
    live(&mut hub, &group(usual(), usual()), DAY + INTERVAL);
    for n in 0..10 {
        let other = tcp(51_000 + n, ip("198.51.100.66"), 6_000 + n);
        live(&mut hub, &group(with(other), usual()), DAY);
        assert_eq!(new_classes(&hub, "bot"), usize::from(n) + 1);
    }
    for n in 0..10 {
        let other = tcp(51_000 + n, ip("198.51.100.66"), 6_000 + n);
        live(&mut hub, &[("b", with(other))], INTERVAL);
    }
    let of_b = hub.detector.alerts_of("b");
    assert_eq!(of_b[0].count, 10, "{of_b:?}");
}

#[test]
fn slow_growth_does_not_move_the_limit() {
    let mut hub = Hub::new();
    let sized = |bytes_out: u32| {
        let mut flow = tcp(50_002, ip("203.0.113.10"), 8883);
        flow.bytes_out = bytes_out;
        vec![flow]
    };
    live(&mut hub, &group(sized(10_000), usual()), DAY + INTERVAL);
    let mut bytes = 10_000;
    let mut days = 0;
    while hub.raised(Kind::VolumeAnomaly).is_empty() {
        bytes = bytes * 3 / 2;
        days += 1;
        live(&mut hub, &group(sized(bytes), usual()), DAY);
        assert!(days < 10, "{bytes} bytes a report are not too much");
    }
    // 2,000 come in and 10,000 go out in each report that it learned from: 120,000 are too much, and 1.5 to the seventh is 17.
    assert_eq!(days, 7);
}

#[test]
fn what_an_attack_flags_is_not_learned() {
    let mut hub = Hub::new();
    let mut scan: Vec<_> = (1..=12).map(|n| syn(50_010 + n, host(n), 23)).collect();
    scan.push(command_and_control());
    live(&mut hub, &[("a", usual())], 2 * HOUR);
    live(&mut hub, &[("a", scan)], INTERVAL);
    assert_eq!(hub.raised(Kind::HostScan).len(), 1);
    // A day later it knows what is usual, and not what it did beside the scan.
    live(&mut hub, &[("a", usual())], DAY + HOUR);
    live(&mut hub, &[("a", usual())], HOUR);
    assert_eq!(new_classes(&hub, "a"), 0);
    live(&mut hub, &[("a", with(command_and_control()))], INTERVAL);
    assert_eq!(new_classes(&hub, "a"), 1);
}

#[test]
fn a_restart_changes_nothing() {
    let mut hub = Hub::new();
    live(
        &mut hub,
        &group(with(command_and_control()), usual()),
        DAY + INTERVAL,
    );
    let mut other = Hub::new();
    other.now = hub.now;
    other.detector = Detector::new(Policy::default());
    // What a store would write, groups among it.
    let touched = hub.detector.take_touched();
    assert!(touched.iter().any(|name| !Detector::is_device(name)));
    for name in touched {
        let state = hub.detector.state(&name).unwrap();
        other.detector.restore(&name, &state).unwrap();
    }
    for hub in [&mut hub, &mut other] {
        live(hub, &group(usual(), with(command_and_control())), HOUR);
        live(hub, &[("new", usual())], HOUR);
    }
    let told = |hub: &Hub| hub.detector.alerts();
    assert_eq!(told(&hub), told(&other));
    assert_eq!(told(&hub).len(), 9);
    assert_eq!(hub.detector.baselines(), other.detector.baselines());
}
