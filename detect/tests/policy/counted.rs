//! Custom alerts about what the hub tells: messages, methods, twins, queues, what is not authorized.

use defender_detect::{
    Severity, SignalKind,
    input::{Refusal, Transport},
};

use crate::{
    raised, range,
    support::{Hub, ip},
};

/// Every rule that counts signals, with the signal that it counts.
fn rows() -> Vec<(String, SignalKind)> {
    let mut rows = Vec::new();
    for (name, transport) in [
        ("Mqtt", Transport::Mqtt),
        ("Amqp", Transport::Amqp),
        ("Http", Transport::Http),
    ] {
        rows.push((
            format!("{name}C2DMessages"),
            SignalKind::CloudToDevice { transport },
        ));
        rows.push((
            format!("{name}C2DRejectedMessages"),
            SignalKind::CloudToDeviceRejected { transport },
        ));
        rows.push((
            format!("{name}D2CMessages"),
            SignalKind::DeviceToCloud { transport },
        ));
    }
    let source = Some(ip("203.0.113.9"));
    rows.push(("DirectMethodInvokes".into(), SignalKind::DirectMethod));
    rows.push(("TwinUpdates".into(), SignalKind::TwinUpdate));
    rows.push(("QueuePurges".into(), SignalKind::QueuePurge));
    rows.push((
        "UnauthorizedOperations".into(),
        SignalKind::UnauthorizedOperation { source },
    ));
    rows.push((
        "UnauthorizedOperations".into(),
        SignalKind::Refused {
            reason: Refusal::Unauthorized,
            source,
        },
    ));
    rows.into_iter()
        .map(|(name, what)| (format!("{name}NotInAllowedRange"), what))
        .collect()
}

/// Each rule counts its own signal, and no other rule's.
#[test]
fn every_rule_counts_what_it_is_about() {
    for (rule, _) in rows() {
        for (other, what) in rows() {
            let mut hub = Hub::with(range(&rule, 0, 3));
            for _ in 0..3 {
                hub.now += 1;
                hub.signal("d", what);
            }
            assert_eq!(raised(&hub), [""; 0], "{rule}");
            hub.signal("d", what);
            let expected = (other == rule).then(|| format!("IoT_CA_{rule}"));
            assert_eq!(
                raised(&hub),
                Vec::from_iter(expected.as_deref()),
                "{rule} {what:?}"
            );
            assert!(
                hub.changes
                    .iter()
                    .all(|change| change.alert.severity == Severity::Low)
            );
        }
    }
}

const METHODS: &str = "DirectMethodInvokesNotInAllowedRange";
const METHODS_ALERT: &str = "IoT_CA_DirectMethodInvokesNotInAllowedRange";

#[test]
fn a_window_slides() {
    let mut hub = Hub::with(range(METHODS, 0, 10));
    // Ten in five minutes, for an hour.
    for _ in 0..120 {
        hub.now += 30;
        hub.signal("d", SignalKind::DirectMethod);
    }
    assert_eq!(raised(&hub), [""; 0]);
    let mut hub = Hub::with(range(METHODS, 0, 10));
    for _ in 0..11 {
        hub.now += 29;
        hub.signal("d", SignalKind::DirectMethod);
    }
    assert_eq!(raised(&hub), [METHODS_ALERT]);
    let alert = &hub.changes[0].alert;
    assert_eq!(
        alert.explanation,
        "Direct methods of d were invoked 11 times within 5 min, allowed are 0 to 10"
    );
}

#[test]
fn devices_are_counted_each_for_itself() {
    let mut hub = Hub::with(range(METHODS, 0, 1));
    for device in ["a", "b", "c"] {
        hub.signal(device, SignalKind::DirectMethod);
    }
    assert_eq!(raised(&hub), [""; 0]);
}

#[test]
fn nothing_at_all_is_allowed() {
    let mut hub = Hub::with(range(METHODS, 0, 0));
    hub.signal("d", SignalKind::DirectMethod);
    assert_eq!(raised(&hub), [METHODS_ALERT]);
    assert!(
        hub.changes[0]
            .alert
            .explanation
            .ends_with("allowed are none")
    );
}

/// From the first on, too few are found when a window is over; while it lasts the alert does not close.
#[test]
fn too_few() {
    let mut hub = Hub::with(range(METHODS, 2, 10));
    hub.pass(3600);
    assert_eq!(
        raised(&hub),
        [""; 0],
        "nobody knows whether the hub tells of methods"
    );
    for _ in 0..24 {
        hub.signal("d", SignalKind::DirectMethod);
        hub.pass(140);
    }
    assert_eq!(raised(&hub), [""; 0]);
    hub.pass(600);
    assert_eq!(raised(&hub), [METHODS_ALERT]);
    hub.pass(2 * 3600);
    assert_eq!(hub.changes.len(), 2, "it is told again at ten");
    assert_eq!(raised(&hub).len(), 1);
}
