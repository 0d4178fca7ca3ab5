//! What users of other tools complain about, each as a test.

use defender_detect::exceptions::Exceptions;
use defender_detect::{ChangeEvent, Kind, Policy};

use crate::support::{Hub, host, ip, of, refused, syn, tcp, udp};

fn excepting(text: &str) -> Policy {
    let mut policy = Policy::default();
    policy.exceptions = Exceptions::parse(text).unwrap();
    policy
}

/// Zeek 1167: one suppression hides a second victim.
#[test]
fn a_second_victim_is_told_while_the_first_is_known_or_excepted() {
    let guesses = |peer| -> Vec<_> { (0..9).map(|n| tcp(40_000 + n, host(peer), 22)).collect() };
    let mut hub = Hub::new();
    hub.report("d", 10, &guesses(1));
    hub.report("d", 10, &guesses(2));
    let victims: Vec<_> = hub
        .raised(Kind::PasswordGuessing)
        .iter()
        .map(|alert| alert.peer)
        .collect();
    assert_eq!(victims, [Some(host(1)), Some(host(2))]);

    let scan = |peer| -> Vec<_> { (1..=10).map(|port| syn(40_000, host(peer), port)).collect() };
    for rule in ["PortScan", "PasswordGuessing"] {
        let mut hub = Hub::with(excepting(&format!(
            "[[exception]]\nrule = \"{rule}\"\npeer = \"10.1.0.1\"\nreason = \"known\"\n"
        )));
        hub.report("d", 10, &[scan(1), guesses(1)].concat());
        assert!(
            hub.changes
                .iter()
                .all(|change| change.alert.kind.rule() != rule)
        );
        hub.report("d", 10, &[scan(2), guesses(2)].concat());
        let told = hub
            .changes
            .iter()
            .filter(|change| change.alert.kind.rule() == rule);
        assert_eq!(
            told.map(|change| change.alert.peer).collect::<Vec<_>>(),
            [Some(host(2))]
        );
    }
}

/// The same of the other side: a second attacker, and a second device of the same attacker.
#[test]
fn an_exception_for_one_device_silences_no_other() {
    let scan: Vec<_> = (1..=10).map(|port| syn(40_000, host(9), port)).collect();
    let mut hub = Hub::with(excepting(
        "[[exception]]\nrule = \"PortScan\"\ndevice = \"scanner\"\nreason = \"ours\"\n",
    ));
    hub.report("scanner", 10, &scan);
    hub.report("camera", 10, &scan);
    let raised = hub.raised(Kind::PortScan);
    assert_eq!(raised.len(), 1);
    assert_eq!(raised[0].device, "camera");
}

/// RITA 29, 498: connections that fail are taken for something regular. Here: a server that is down is neither scan nor guessing nor flood.
#[test]
fn a_server_that_is_down_raises_nothing() {
    let mut hub = Hub::new();
    for step in 0..360u16 {
        let tries: Vec<_> = (0..10)
            .map(|n| refused(10_000 + 10 * step + n, host(9), 22))
            .collect();
        hub.report("d", 10, &tries);
        let silent: Vec<_> = (0..10)
            .map(|n| syn(20_000 + 10 * step + n, host(8), 8883))
            .collect();
        hub.report("d", 10, &silent);
    }
    assert_eq!(hub.kinds(), []);
}

/// RITA 117, 566: allowlists do not act on what was found already.
#[test]
fn an_exception_acts_on_what_was_found_before() {
    let scan: Vec<_> = (1..=10).map(|port| syn(40_000, host(9), port)).collect();
    let mut hub = Hub::new();
    hub.report("d", 10, &scan);
    assert_eq!(hub.detector.alerts().len(), 1);
    let changes = hub.detector.exchange(excepting(
        "[[exception]]\nrule = \"PortScan\"\ndevice = \"d\"\nreason = \"ours\"\n",
    ));
    assert_eq!(of(&changes, Kind::PortScan, ChangeEvent::Closed).len(), 1);
    assert!(hub.detector.alerts().is_empty());
}

/// Slips 1985: thousands of notices about unknown ports.
#[test]
fn a_thousand_ports_and_hosts_make_no_thousand_notices() {
    let mut hub = Hub::new();
    for step in 0..1000u16 {
        let flows: Vec<_> = (0..16)
            .map(|n| syn(40_000, host(step), 1 + 16 * (step % 4000) + n))
            .chain((0..16).map(|n| udp(40_000 + n, ip("198.51.100.9"), 20_000 + step, 0, 60)))
            .collect();
        hub.report("d", 10, &flows);
    }
    assert!(hub.changes.len() <= 12, "{}", hub.changes.len());
}

/// Slips 1781: repeats on a logarithmic scale that skip a step.
#[test]
fn no_power_of_ten_is_skipped_also_over_a_restart() {
    let mut hub = Hub::new();
    let scan: Vec<_> = (1..=10).map(|port| syn(40_000, host(9), port)).collect();
    for _ in 0..1000 {
        hub.report("d", 10, &scan);
        let state = hub.detector.state("d").unwrap();
        hub.detector.restore("d", &state).unwrap();
    }
    let counts: Vec<_> = hub
        .changes
        .iter()
        .map(|change| change.alert.count)
        .collect();
    assert_eq!(counts, [1, 10, 100, 1000]);
}

/// Wazuh 11870: ignoring one agent silences others.
#[test]
fn forgetting_one_device_or_excepting_its_group_leaves_the_others() {
    let mut policy = excepting("[[exception]]\ngroup = \"lab\"\nreason = \"tests\"\n");
    policy.groups.assign("bench", "lab");
    let scan: Vec<_> = (1..=10).map(|port| syn(40_000, host(9), port)).collect();
    let mut hub = Hub::with(policy);
    for device in ["bench", "pump", "valve"] {
        hub.report(device, 10, &scan);
    }
    hub.detector.forget("pump");
    let open: Vec<_> = hub
        .detector
        .alerts()
        .into_iter()
        .map(|alert| alert.device)
        .collect();
    assert_eq!(open, ["valve"]);
    assert_eq!(hub.raised(Kind::PortScan).len(), 2);
}
