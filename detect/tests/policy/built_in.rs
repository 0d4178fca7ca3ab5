//! Built-in alerts: hostile addresses, refused connections, what is done around the hub.

use defender_detect::{
    HUB, Kind, Severity, SignalKind,
    input::{HubEvent, Refusal},
};

use crate::{
    raised,
    support::{Hub, icmp, ip, refusing, syn, tcp, udp},
    threats,
};

const SUSPICIOUS: &str = "IoT_SuspiciousIPAddressCommunication";

#[test]
fn communication_with_a_suspicious_address() {
    let mut hub = Hub::with(threats(
        "feed",
        "203.0.113.0/24,1,99\n2001:db8:bad::/48,1,9",
    ));
    hub.report("d", 10, &[tcp(40_000, ip("198.51.100.1"), 443)]);
    assert_eq!(raised(&hub), [""; 0]);
    hub.report("d", 10, &[tcp(40_000, ip("203.0.113.9"), 443)]);
    assert_eq!(raised(&hub), [SUSPICIOUS]);
    let alert = hub.raised(Kind::SuspiciousIpAddressCommunication)[0];
    assert_eq!(
        (alert.severity, alert.peer),
        (Severity::Medium, Some(ip("203.0.113.9")))
    );
    assert!(
        alert
            .explanation
            .contains("exchanged 3,000 bytes with 203.0.113.9, which feed (category 1) lists"),
        "{}",
        alert.explanation
    );
    // The same network and service is the same alert, another is another; IPv4 in IPv6 is IPv4.
    hub.report("d", 10, &[tcp(40_001, ip("203.0.113.10"), 443)]);
    hub.report("d", 10, &[tcp(40_002, ip("::ffff:203.0.113.10"), 443)]);
    assert_eq!(raised(&hub).len(), 1);
    hub.report("d", 10, &[tcp(40_001, ip("2001:db8:bad::1"), 443)]);
    assert_eq!(raised(&hub).len(), 2);
}

/// Whatever the device sends there counts; that somebody tries it does not.
#[test]
fn what_is_communication() {
    let peer = ip("203.0.113.9");
    for (flow, count) in [
        (syn(40_000, peer, 443), 1),
        (udp(40_000, peer, 53, 0, 60), 1),
        (icmp(peer, 64, 64), 1),
        // Somebody tries the device, which does not answer, or turns it away.
        (udp(5000, peer, 40_000, 60, 0), 0),
        (refusing(23, peer, 40_000), 0),
        // It lets somebody in.
        (tcp(23, peer, 40_000), 1),
    ] {
        let mut hub = Hub::with(threats("feed", "203.0.113.9"));
        hub.report("d", 10, &[flow]);
        assert_eq!(
            hub.raised(Kind::SuspiciousIpAddressCommunication).len(),
            count,
            "{flow:?}"
        );
    }
}

#[test]
fn private_networks_and_public_resolvers_do_not_act() {
    let mut hub = Hub::with(threats("feed", "10.0.0.0/8\n8.8.8.0/24\n192.168.1.1"));
    for peer in ["10.0.0.9", "8.8.8.8", "192.168.1.1"] {
        hub.report("d", 10, &[udp(40_000, ip(peer), 53, 100, 60)]);
    }
    assert_eq!(raised(&hub), [""; 0]);
    hub.report("d", 10, &[udp(40_000, ip("8.8.8.9"), 53, 100, 60)]);
    assert_eq!(raised(&hub), [SUSPICIOUS]);
}

#[test]
fn refused_connections() {
    for (reason, alert_type, severity) in [
        (
            Refusal::CertificateMismatch,
            "IoT_Cert_Print_Mismatch",
            Severity::Medium,
        ),
        (
            Refusal::CertificateExpired,
            "IoT_Cert_Expired",
            Severity::Medium,
        ),
        (
            Refusal::SasTokenExpired,
            "IoT_Expired_SAS_Token",
            Severity::Low,
        ),
        (
            Refusal::SasTokenInvalid,
            "IoT_Invalid_SAS_Token",
            Severity::Low,
        ),
    ] {
        let mut hub = Hub::new();
        let source = Some(ip("203.0.113.9"));
        let changes = hub.signal("d", SignalKind::Refused { reason, source });
        assert_eq!(raised(&hub), [alert_type]);
        let alert = &changes[0].alert;
        assert_eq!(
            (alert.severity, alert.peer),
            (severity, source),
            "{alert_type}"
        );
    }
    let mut hub = Hub::new();
    for reason in [Refusal::UnknownDevice, Refusal::Unauthorized] {
        hub.signal(
            "d",
            SignalKind::Refused {
                reason,
                source: None,
            },
        );
    }
    assert_eq!(raised(&hub), [""; 0]);
}

#[test]
fn around_the_hub() {
    for (event, alert_type, severity) in [
        (
            HubEvent::CertificateAdded,
            "IoT_CertificateSuccessfullyAddedToHub",
            Severity::Medium,
        ),
        (
            HubEvent::CertificateDeleted,
            "IoT_CertificateSuccessfullyDeletedFromHub",
            Severity::Medium,
        ),
        (
            HubEvent::CertificateAddFailed,
            "Hub_CertificateFailedToBeAddedToHub",
            Severity::Medium,
        ),
        (
            HubEvent::CertificateDeleteFailed,
            "IoT.Hub_CertificateFailedToBeDeletedFromHub",
            Severity::Medium,
        ),
        (
            HubEvent::DiagnosticSettingAdded,
            "IoT_DiagnosticSettingAddedOrEditedOnHub",
            Severity::Low,
        ),
        (
            HubEvent::DiagnosticSettingEdited,
            "IoT_DiagnosticSettingAddedOrEditedOnHub",
            Severity::Low,
        ),
        (
            HubEvent::DiagnosticSettingDeleted,
            "IoT_DiagnosticSettingDeletedFromHub",
            Severity::Low,
        ),
    ] {
        let mut hub = Hub::new();
        let changes = hub.signal(HUB, SignalKind::Hub(event));
        assert_eq!(raised(&hub), [alert_type]);
        assert_eq!(changes[0].alert.severity, severity, "{alert_type}");
    }
}
