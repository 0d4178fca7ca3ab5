//! What users of other tools complain about, each as a test.

use std::net::IpAddr;

use defender_detect::exceptions::Exceptions;
use defender_detect::{ChangeEvent, Kind, Policy};
use defender_message::flow::Flow;

use crate::support::{Hub, host, ip, of, refused, syn, tcp, udp};

/// A hub with a device that has done this for a day, which it learns, and then nothing new.
fn learned(flows: &[Flow<IpAddr>]) -> Hub {
    let mut hub = Hub::new();
    for _ in 0..=24 * 6 {
        hub.report("d", 600, flows);
    }
    assert_eq!(hub.kinds(), []);
    hub
}

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

/// RITA 29, 498: connections that fail are taken for something regular. Here: a server that is down is neither scan nor guessing nor flood,
/// and also to a device that has learned neither a beacon nor a new peer, though it has an address that nobody knows.
#[test]
fn a_server_that_is_down_raises_nothing() {
    let server = ip("203.0.113.10");
    let mut hub = learned(&[tcp(50_000, server, 8883), tcp(50_001, host(9), 22)]);
    for step in 0..360u16 {
        let ports = (0..10).map(|n| 10_000 + 10 * step + n);
        let tries = ports.clone().map(|port| refused(port, host(9), 22));
        hub.report("d", 10, &tries.collect::<Vec<_>>());
        let silent = ports.clone().map(|port| syn(port, server, 8883));
        let moved = ip("198.51.100.66");
        let refused = ports.map(|port| refused(port, moved, 8883));
        hub.report("d", 10, &silent.chain(refused).collect::<Vec<_>>());
    }
    assert_eq!(hub.kinds(), []);
    // One that answers is both: the hub has learned, and looks.
    for step in 0..400u16 {
        hub.report("d", 10, &[tcp(20_000 + step, ip("198.51.100.67"), 8883)]);
    }
    assert_eq!(hub.kinds(), [Kind::Beacon, Kind::NewPeer]);
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

/// Slips 1985: thousands of notices about unknown ports. Here: of a device that has learned, too, and about peers that it does not know.
#[test]
fn a_thousand_ports_and_hosts_make_no_thousand_notices() {
    let mut hub = learned(&[tcp(50_000, ip("203.0.113.10"), 8883)]);
    for step in 0..1000u16 {
        let [high, low] = step.to_be_bytes();
        let stranger = IpAddr::from([45, high, low, 9]);
        let flows: Vec<_> = (0..16)
            .map(|n| syn(40_000, host(step), 1 + 16 * step + n))
            .chain((0..16).map(|n| udp(40_000 + n, ip("198.51.100.9"), 20_000 + step, 0, 60)))
            .chain([tcp(50_001, stranger, 8883)])
            .collect();
        // All within an hour, in which no alert closes.
        hub.report("d", 3, &flows);
    }
    // Whatever the ports and hosts are, a scan is one alert, and so are classes that are new; of peers so many have their own, and one sums up.
    let most = usize::from(Policy::default().config.alerts.open_per_rule);
    for (kind, alerts) in [
        (Kind::PortScan, 1),
        (Kind::NewTrafficClass, 1),
        (Kind::NewPeer, most + 1),
    ] {
        assert_eq!(hub.raised(kind).len(), alerts, "{kind:?}");
    }
    // Each is told with its first four victims, and at 10, 100, 1,000 and 10,000 sightings.
    let told = hub.changes.len();
    assert!(told <= most + 1 + hub.kinds().len() * 8, "{told}");
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
