//! An alert's life: told once, again at powers of ten, closed after quiet; never more than a person can read.

use defender_detect::alert::AlertState;
use defender_detect::exceptions::Exceptions;
use defender_detect::{ChangeEvent, Config, Kind, Policy, Severity};
use defender_message::flow::Flow;
use std::net::IpAddr;

use crate::support::{Hub, START, host, of, refusing, syn, tcp};

fn scan(peer: IpAddr) -> Vec<Flow<IpAddr>> {
    (1..=10)
        .map(|port| syn(40_000 + port, peer, port))
        .collect()
}

fn guesses(peer: IpAddr, from: u16) -> Vec<Flow<IpAddr>> {
    (0..9).map(|n| tcp(from + n, peer, 22)).collect()
}

fn except(hub: &mut Hub, text: &str) {
    let mut policy = hub.detector.policy().clone();
    policy.exceptions = Exceptions::parse(text).unwrap();
    let changes = hub.detector.exchange(policy);
    hub.changes.extend(changes);
}

#[test]
fn the_same_again_is_told_at_every_power_of_ten() {
    let mut hub = Hub::new();
    for _ in 0..1000 {
        hub.report("d", 60, &scan(host(9)));
    }
    let told: Vec<_> = hub
        .changes
        .iter()
        .map(|change| (change.event, change.alert.count))
        .collect();
    assert_eq!(
        told,
        [
            (ChangeEvent::Raised, 1),
            (ChangeEvent::Again, 10),
            (ChangeEvent::Again, 100),
            (ChangeEvent::Again, 1000),
        ]
    );
    let last = &hub.changes[3].alert;
    assert_eq!(
        (last.first_seen, last.last_seen),
        (START + 60, START + 60_000)
    );
    assert!(hub.changes.iter().all(|change| change.alert.id == last.id));
}

#[test]
fn an_alert_closes_after_an_hour_of_quiet_and_opens_again_with_the_next_number() {
    let mut hub = Hub::new();
    hub.report("d", 10, &scan(host(9)));
    hub.pass(3599);
    assert_eq!(hub.closed(Kind::PortScan).len(), 0);
    hub.pass(1);
    let closed = hub.closed(Kind::PortScan);
    assert_eq!(closed.len(), 1);
    assert_eq!((closed[0].state, closed[0].count), (AlertState::Closed, 1));
    assert!(!closed[0].evidence.is_empty());
    let first = hub.raised(Kind::PortScan)[0].id.clone();
    assert_eq!(closed[0].id, first);
    assert!(hub.detector.alerts().is_empty());

    hub.report("d", 10, &scan(host(9)));
    let second = &hub.raised(Kind::PortScan)[1].id;
    let fingerprint = first.strip_suffix("-1").unwrap();
    assert_eq!(*second, format!("{fingerprint}-2"));
}

#[test]
fn it_closes_before_the_same_is_seen_again_also_without_a_tick() {
    let mut hub = Hub::new();
    hub.report("d", 10, &scan(host(9)));
    hub.report("d", 4000, &[]);
    let interval_of_one = 10;
    hub.report("d", interval_of_one, &scan(host(9)));
    let events: Vec<_> = hub.changes.iter().map(|change| change.event).collect();
    assert_eq!(
        events,
        [
            ChangeEvent::Raised,
            ChangeEvent::Closed,
            ChangeEvent::Raised
        ]
    );
}

#[test]
fn ids_are_never_used_twice_however_many_alerts_come_and_go() {
    let mut hub = Hub::new();
    for round in 0..3 {
        for peer in 0..40 {
            hub.report("d", 10, &guesses(host(peer), 40_000 + 100 * round));
            hub.pass(3600);
        }
    }
    let mut ids: Vec<_> = hub
        .raised(Kind::PasswordGuessing)
        .iter()
        .map(|alert| alert.id.clone())
        .collect();
    assert_eq!(ids.len(), 120);
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 120);
}

#[test]
fn past_twenty_of_a_rule_one_alert_sums_up_and_other_rules_are_still_told() {
    let mut hub = Hub::new();
    for peer in 0..50 {
        hub.report("d", 10, &guesses(host(peer), 40_000));
    }
    let raised = hub.raised(Kind::PasswordGuessing);
    assert_eq!(raised.len(), 21);
    assert!(
        raised[20].explanation.starts_with("1 more finding"),
        "{}",
        raised[20].explanation
    );
    let alerts = hub.detector.alerts();
    assert_eq!(alerts.len(), 21);
    assert_eq!(alerts[20].count, 30);
    hub.report("d", 10, &scan(host(9)));
    assert_eq!(hub.raised(Kind::PortScan).len(), 1);
}

#[test]
fn however_many_rules_apply_at_once_none_is_lost() {
    let mut hub = Hub::new();
    for peer in 0..50 {
        hub.report("d", 10, &guesses(host(peer), 40_000));
        let scan: Vec<_> = (1..=10)
            .map(|port| refusing(port, host(1000 + peer), 61_000))
            .collect();
        hub.report("d", 10, &scan);
        let icmp: Vec<_> = [crate::support::icmp(host(2000 + peer), 20_000, 0)].into();
        hub.report("d", 10, &icmp);
    }
    hub.report("d", 10, &scan(host(9)));
    assert_eq!(
        hub.kinds(),
        [
            Kind::PortScan,
            Kind::PasswordGuessing,
            Kind::ScannedByPeer,
            Kind::IcmpTunnel
        ]
    );
    assert!(hub.detector.alerts().len() <= 32);
}

#[test]
fn the_number_of_open_alerts_is_a_setting() {
    let config = Config::parse("[alerts]\nopen-per-rule = 2\nquiet = \"10m\"\n").unwrap();
    let mut hub = Hub::with(Policy::new(config));
    for peer in 0..5 {
        hub.report("d", 10, &guesses(host(peer), 40_000));
    }
    assert_eq!(hub.raised(Kind::PasswordGuessing).len(), 3);
    hub.pass(600);
    assert_eq!(hub.closed(Kind::PasswordGuessing).len(), 3);
}

#[test]
fn a_scan_has_one_alert_and_its_first_victims_are_told_one_by_one() {
    let mut hub = Hub::new();
    for peer in 0..9 {
        hub.report("d", 10, &scan(host(peer)));
        hub.report("d", 10, &scan(host(peer)));
    }
    let told = of(&hub.changes, Kind::PortScan, ChangeEvent::Again);
    let peers: Vec<_> = told.iter().filter_map(|alert| alert.peer).collect();
    assert_eq!(peers, [host(1), host(2), host(3), host(4)]);
    assert_eq!(hub.detector.alerts().len(), 1);
}

#[test]
fn an_alert_says_what_was_seen_against_which_limit_in_which_flows_and_what_to_do() {
    let mut hub = Hub::new();
    hub.report("pump-7", 10, &scan(host(9)));
    let alert = &hub.changes[0].alert;
    assert_eq!(
        alert.explanation,
        "pump-7 tried 10 ports of 10.1.0.9 in vain within 5 min, the limit is 10; flows: \
         TCP 10.0.0.2:40001 with 10.1.0.9:1, TCP 10.0.0.2:40002 with 10.1.0.9:2 and 6 more"
    );
    assert_eq!(alert.evidence.len(), 8);
    assert_eq!(alert.severity, Severity::Medium);
    let json = serde_json::to_value(alert).unwrap();
    assert_eq!(json["rule"], "PortScan");
    assert_eq!(json["alert_type"], "Defender_PortScan");
    assert_eq!(json["state"], "open");
    assert_eq!(json["peer"], "10.1.0.9");
    assert!(json["remediation"].as_str().unwrap().len() > 20);
    for field in [
        "id",
        "severity",
        "title",
        "device",
        "group",
        "first_seen",
        "last_seen",
        "count",
        "service",
        "explanation",
        "evidence",
    ] {
        assert!(!json[field].is_null() || field == "service", "{field}");
    }
    let back: defender_detect::Alert = serde_json::from_value(json).unwrap();
    assert_eq!(back, *alert);
}

#[test]
fn an_exception_closes_what_it_covers_and_nothing_else() {
    let mut hub = Hub::new();
    for device in ["a", "b"] {
        hub.report(device, 10, &guesses(host(1), 40_000));
        hub.report(device, 10, &guesses(host(2), 40_000));
    }
    assert_eq!(hub.detector.alerts().len(), 4);
    except(
        &mut hub,
        "[[exception]]\nrule = \"PasswordGuessing\"\ndevice = \"a\"\npeer = \"10.1.0.1\"\nreason = \"backup\"\n",
    );
    let closed = hub.closed(Kind::PasswordGuessing);
    assert_eq!(closed.len(), 1);
    assert_eq!(
        (closed[0].device.as_str(), closed[0].peer),
        ("a", Some(host(1)))
    );
    let open: Vec<_> = hub
        .detector
        .alerts()
        .into_iter()
        .map(|alert| (alert.device, alert.peer.unwrap()))
        .collect();
    assert_eq!(
        open,
        [
            ("a".into(), host(2)),
            ("b".into(), host(1)),
            ("b".into(), host(2))
        ]
    );
    // Nor is it raised again.
    let before = hub.changes.len();
    hub.report("a", 10, &guesses(host(1), 50_000));
    assert_eq!(hub.changes.len(), before);
}

#[test]
fn an_exception_ends_by_the_time_of_receipt() {
    let mut hub = Hub::new();
    except(
        &mut hub,
        "[[exception]]\nrule = \"PortScan\"\ndevice = \"d\"\nuntil = 2026-11-19T00:00:00Z\nreason = \"audit\"\n",
    );
    // The 19th of November 2026 begins at 1,795,046,400.
    hub.report("d", 10, &scan(host(9)));
    assert_eq!(hub.kinds(), []);
    hub.now = 1_795_046_400;
    hub.report("d", 0, &scan(host(9)));
    assert_eq!(hub.kinds(), [Kind::PortScan]);
}

#[test]
fn a_state_that_is_restored_under_an_exception_closes_what_it_covers() {
    let mut hub = Hub::new();
    hub.report("d", 10, &scan(host(9)));
    let state = hub.detector.state("d").unwrap();
    let mut other = Hub::new();
    except(
        &mut other,
        "[[exception]]\nrule = \"PortScan\"\ndevice = \"d\"\nreason = \"audit\"\n",
    );
    let changes = other.detector.restore("d", &state).unwrap();
    assert_eq!(of(&changes, Kind::PortScan, ChangeEvent::Closed).len(), 1);
}
