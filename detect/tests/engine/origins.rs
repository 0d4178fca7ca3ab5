//! Where connections come from, and why they are refused.

use defender_detect::alert::Severity;
use defender_detect::input::Refusal;
use defender_detect::{HUB, Kind, SignalKind};

use crate::support::{Hub, ip};

fn connect(hub: &mut Hub, device: &str, source: &str) {
    hub.now += 20;
    hub.signal(
        device,
        SignalKind::Connected {
            source: Some(ip(source)),
        },
    );
}

#[test]
fn one_identity_that_returns_three_times_to_where_it_has_just_been_is_two_devices() {
    let mut hub = Hub::new();
    for source in ["192.0.2.1", "198.51.100.1", "192.0.2.1", "198.51.100.1"] {
        connect(&mut hub, "d", source);
    }
    assert_eq!(hub.kinds(), []);
    connect(&mut hub, "d", "192.0.2.9");
    let raised = hub.raised(Kind::DuplicateDevice);
    assert_eq!(raised.len(), 1);
    assert_eq!(
        (raised[0].severity, raised[0].device.as_str()),
        (Severity::Medium, "d")
    );
    assert_eq!(
        raised[0].explanation,
        "returns to a network just left: 3 within 10 min, the limit is 3; last from 192.0.2.9"
    );
}

#[test]
fn a_device_that_moves_or_reconnects_is_one() {
    let mut hub = Hub::new();
    for network in 0..100 {
        connect(&mut hub, "mobile", &format!("203.0.{network}.7"));
        connect(&mut hub, "flapping", "192.0.2.1");
        connect(&mut hub, "dhcp", &format!("192.0.2.{network}"));
    }
    // Back home every hour.
    for _ in 0..50 {
        hub.now += 3600;
        connect(&mut hub, "commuter", "192.0.2.1");
        hub.now += 3600;
        connect(&mut hub, "commuter", "198.51.100.1");
    }
    assert_eq!(hub.kinds(), []);
}

/// Behind one address nobody sees two, but for each throwing the other out.
#[test]
fn two_of_one_identity_behind_one_address_throw_each_other_out() {
    let source = Some(ip("192.0.2.1"));
    let mut hub = Hub::new();
    for _ in 0..14 {
        connect(&mut hub, "d", "192.0.2.1");
        hub.signal("d", SignalKind::TakenOver { source });
        assert_eq!(hub.kinds(), []);
    }
    hub.signal("d", SignalKind::TakenOver { source });
    let raised = hub.raised(Kind::DuplicateDevice);
    assert_eq!((raised.len(), raised[0].peer), (1, source));
    assert_eq!(
        raised[0].explanation,
        "throws itself out by connecting again: 15 within 10 min, the limit is 15; last from 192.0.2.1"
    );
}

#[test]
fn a_device_whose_link_breaks_every_minute_is_one() {
    let source = None;
    let mut hub = Hub::new();
    for _ in 0..100 {
        hub.now += 60;
        hub.signal("d", SignalKind::TakenOver { source });
    }
    assert_eq!(hub.kinds(), []);
}

/// The connection that it opened goes on, so that its silence is noticed.
#[test]
fn a_device_that_was_taken_over_is_connected() {
    let mut hub = Hub::new();
    connect(&mut hub, "d", "192.0.2.1");
    hub.heartbeat("d", 60);
    hub.signal("d", SignalKind::TakenOver { source: None });
    hub.pass(600);
    assert_eq!(hub.kinds(), [Kind::AgentSilent]);
}

#[test]
fn many_devices_that_were_elsewhere_come_from_one_source() {
    let mut hub = Hub::new();
    for number in 0..10 {
        connect(
            &mut hub,
            &format!("d{number}"),
            &format!("203.0.{number}.7"),
        );
    }
    for number in 0..10 {
        assert_eq!(hub.kinds(), []);
        connect(&mut hub, &format!("d{number}"), "198.51.100.66");
    }
    let raised = hub.raised(Kind::DuplicateDevice);
    assert_eq!(raised.len(), 1);
    assert_eq!(
        (raised[0].device.as_str(), raised[0].peer),
        (HUB, Some(ip("198.51.100.66")))
    );
}

#[test]
fn a_site_that_powers_up_or_gets_another_address_is_no_attack() {
    let mut hub = Hub::new();
    for source in ["192.0.2.1", "198.51.100.66"] {
        for number in 0..100 {
            connect(&mut hub, &format!("d{number}"), source);
        }
    }
    assert_eq!(hub.kinds(), []);
}

#[test]
fn many_identities_tried_from_one_source_are_guessed() {
    let mut hub = Hub::new();
    let refuse = |hub: &mut Hub, device: &str, reason| {
        hub.now += 1;
        hub.signal(
            device,
            SignalKind::Refused {
                reason,
                source: Some(ip("198.51.100.66")),
            },
        );
    };
    for _ in 0..20 {
        refuse(&mut hub, "one", Refusal::UnknownDevice);
    }
    for number in 0..8 {
        refuse(&mut hub, &format!("d{number}"), Refusal::UnknownDevice);
    }
    assert_eq!(hub.kinds(), []);
    refuse(&mut hub, "last", Refusal::UnknownDevice);
    assert_eq!(hub.kinds(), [Kind::DuplicateDevice]);
}

#[test]
fn each_refusal_that_the_service_had_an_alert_for_has_it_here() {
    for (reason, kind, severity) in [
        (
            Refusal::CertificateMismatch,
            Some(Kind::CertPrintMismatch),
            Severity::Medium,
        ),
        (
            Refusal::CertificateExpired,
            Some(Kind::CertExpired),
            Severity::Medium,
        ),
        (
            Refusal::SasTokenExpired,
            Some(Kind::ExpiredSasToken),
            Severity::Low,
        ),
        (
            Refusal::SasTokenInvalid,
            Some(Kind::InvalidSasToken),
            Severity::Low,
        ),
        (Refusal::Unauthorized, None, Severity::Low),
    ] {
        let mut hub = Hub::new();
        let changes = hub.signal(
            "d",
            SignalKind::Refused {
                reason,
                source: None,
            },
        );
        assert_eq!(hub.kinds(), Vec::from_iter(kind));
        assert!(
            changes
                .iter()
                .all(|change| change.alert.severity == severity)
        );
    }
}
