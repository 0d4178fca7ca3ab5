//! Rules, lists and exceptions are exchanged while detection runs.

use defender_detect::{
    ChangeEvent, Kind, MOST_BYTES, Policy, SignalKind,
    exceptions::Exceptions,
    input::Transport,
    rules::{Rules, RulesFile},
};

use crate::{
    raised, range,
    support::{Hub, ip, syn, tcp},
    threats,
};

#[test]
fn a_list_acts_from_its_exchange_on() {
    let flow = [tcp(40_000, ip("203.0.113.9"), 443)];
    let mut hub = Hub::new();
    hub.report("d", 10, &flow);
    assert_eq!(raised(&hub), [""; 0]);
    let changes = hub.detector.exchange(threats("feed", "203.0.113.9"));
    assert_eq!(changes, []);
    hub.report("d", 10, &flow);
    assert_eq!(raised(&hub).len(), 1);
    hub.detector.exchange(threats("feed", "198.51.100.1"));
    hub.report("d", 10, &flow);
    assert_eq!(hub.changes.len(), 1);
}

#[test]
fn a_rule_acts_from_its_exchange_on() {
    let method = SignalKind::DirectMethod;
    let rule = "DirectMethodInvokesNotInAllowedRange";
    let mut hub = Hub::with(range(rule, 0, 5));
    for _ in 0..4 {
        hub.signal("d", method);
    }
    // What has been counted stays so.
    hub.detector.exchange(range(rule, 0, 3));
    hub.signal("d", method);
    assert_eq!(raised(&hub).len(), 1);
    hub.detector.exchange(Policy::default());
    hub.signal("d", method);
    hub.pass(600);
    // Then it was not counted.
    hub.detector.exchange(range(rule, 0, 3));
    for _ in 0..3 {
        hub.signal("d", method);
    }
    assert_eq!(raised(&hub).len(), 1);
}

/// Exceptions act backwards: what they cover closes, and it is told. Another device's alert stays.
#[test]
fn an_exception_closes_what_it_covers() {
    let policy = || threats("feed", "203.0.113.9");
    let mut hub = Hub::with(policy());
    for device in ["a", "b"] {
        hub.report(device, 10, &[tcp(40_000, ip("203.0.113.9"), 443)]);
    }
    let mut excepting = policy();
    excepting.exceptions = Exceptions::parse(
        "[[exception]]\nrule = 'IoT_SuspiciousIPAddressCommunication'\ndevice = 'a'\npeer = '203.0.113.9'\nport = 443\nreason = 'a honeypot'",
    )
    .unwrap();
    let changes = hub.detector.exchange(excepting);
    let closed: Vec<_> = changes
        .iter()
        .map(|change| (change.event, &*change.alert.device))
        .collect();
    assert_eq!(closed, [(ChangeEvent::Closed, "a")]);
    hub.report("a", 10, &[tcp(40_001, ip("203.0.113.9"), 443)]);
    assert_eq!(hub.raised(Kind::SuspiciousIpAddressCommunication).len(), 2);
}

/// In the middle of counting, a state becomes bytes and back, and nothing is told otherwise.
#[test]
fn counts_move_with_a_device() {
    let rules = || range("DirectMethodInvokesNotInAllowedRange", 0, 20);
    let mut here = Hub::with(rules());
    let mut moving = Hub::with(rules());
    for _ in 0..30 {
        for hub in [&mut here, &mut moving] {
            hub.now += 7;
            hub.signal("d", SignalKind::DirectMethod);
        }
        let bytes = moving.detector.state("d").unwrap();
        let position = moving.detector.position();
        moving.detector = defender_detect::Detector::new(rules());
        moving.detector.resume(position);
        moving.detector.restore("d", &bytes).unwrap();
    }
    assert!(!here.changes.is_empty());
    assert_eq!(here.changes, moving.changes);
}

/// Whatever happens, and however many rules count it, a state has its bounds.
#[test]
fn a_state_has_its_bounds() {
    let mut rules = String::new();
    for kind in Kind::ALL
        .iter()
        .filter(|kind| kind.alert_type().starts_with("IoT_CA_"))
    {
        for window in ["PT5M", "PT1H", "P1D"]
            .iter()
            .filter(|_| !kind.rule().ends_with("IpNotAllowed"))
        {
            let comma = if rules.is_empty() { "" } else { "," };
            rules.push_str(&format!(
                r#"{comma}{{"ruleType": "{kind}", "isEnabled": true, "minThreshold": 1, "maxThreshold": 3, "timeWindowSize": "{window}"}}"#
            ));
        }
    }
    let text = format!(r#"{{"timeWindowRules": [{rules}]}}"#);
    let mut policy = threats(
        "a feed with quite a long name, for there are such",
        "10.1.0.0/16\n198.51.0.0/16",
    );
    policy.rules = Rules::new([RulesFile::parse(&text).unwrap()]).unwrap();
    let mut hub = Hub::with(policy);
    let mut most = 0;
    for round in 0..150_u16 {
        for transport in [Transport::Mqtt, Transport::Amqp, Transport::Http] {
            for what in [
                SignalKind::CloudToDevice { transport },
                SignalKind::CloudToDeviceRejected { transport },
                SignalKind::DeviceToCloud { transport },
                SignalKind::DirectMethod,
                SignalKind::TwinUpdate,
                SignalKind::QueuePurge,
                SignalKind::UnauthorizedOperation { source: None },
            ] {
                hub.signal("d", what);
            }
        }
        let flows: Vec<_> = (0..300_u16)
            .flat_map(|n| {
                let host = ip(&format!("198.51.{}.{}", round, n % 250 + 1));
                [syn(n, host, n), tcp(40_000 + n, host, 443 + n)]
            })
            .collect();
        hub.report("d", 20, &flows);
        let state = hub.detector.state("d").unwrap();
        most = most.max(state.len());
        assert!(state.len() <= MOST_BYTES, "{} bytes", state.len());
        hub.detector.restore("d", &state).unwrap();
    }
    assert!(most > 4096, "it did not do much: {most} bytes");
}
