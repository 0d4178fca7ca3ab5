//! Baselines as a person has them: read, accepted, given back.

use defender_detect::baseline::{Baselines, Class, GroupBaseline, Origin};
use defender_detect::{Detector, Kind, Policy};

use crate::support::{Hub, ip, tcp};
use crate::{DAY, HOUR, INTERVAL, learned, live, new_classes, usual, with};

fn class(text: &str) -> Class {
    text.parse().unwrap()
}

#[test]
fn what_was_learned_can_be_read_and_given_back() {
    let mut hub = learned();
    live(
        &mut hub,
        &[("a", with(tcp(50_002, ip("198.51.100.66"), 3333)))],
        INTERVAL,
    );
    let baselines = hub.detector.baselines();
    let text = baselines.to_string();
    for expected in [
        "name = \"default\"",
        "learned = \"1day",
        "devices = 1",
        "{ class = \"TCP 8883 out to the Internet\", origin = \"candidate\", used = \"2026-11-",
        "device = \"a\" }",
        "{ class = \"TCP 3333 out to the Internet\", origin = \"alerted\"",
        "{ network = \"203.0.113.0\"",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    assert_eq!(Baselines::parse(&text).unwrap(), baselines);

    // Another device is judged by it from its first report.
    let mut other = Hub::new();
    other.now = hub.now;
    other.detector.give(&baselines);
    live(&mut other, &[("b", usual())], HOUR);
    assert!(other.changes.is_empty(), "{:?}", other.changes);
    live(
        &mut other,
        &[("b", with(tcp(50_002, ip("198.51.100.66"), 3333)))],
        INTERVAL,
    );
    assert_eq!(new_classes(&other, "b"), 1);
    live(
        &mut other,
        &[("b", with(tcp(50_002, ip("198.51.100.7"), 8883)))],
        INTERVAL,
    );
    assert_eq!(other.raised(Kind::NewPeer).len(), 1);
}

#[test]
fn what_a_person_accepts_is_known_and_what_is_forgotten_is_not() {
    let mut hub = learned();
    live(
        &mut hub,
        &[("a", with(tcp(50_002, ip("198.51.100.66"), 3333)))],
        INTERVAL,
    );
    let mut baselines = hub.detector.baselines();
    let group = baselines.group_mut("default");
    assert_eq!(
        group.alerted().collect::<Vec<_>>(),
        [class("TCP 3333 out to the Internet")]
    );
    assert!(group.accept(class("TCP 3333 out to the Internet")));
    assert!(!group.accept(class("TCP 3333 out to the Internet")));
    assert!(group.accept(class("TCP 4444 out to the Internet")));
    assert!(group.forget(class("UDP 53 out to the local network")));
    assert!(!group.forget(class("UDP 53 out to the local network")));
    let mut other = Hub::new();
    other.detector.give(&baselines);
    let peer = ip("203.0.113.66");
    let flows = [tcp(50_002, peer, 3333), tcp(50_003, peer, 4444)];
    live(&mut other, &[("b", flows.to_vec())], INTERVAL);
    assert!(other.changes.is_empty(), "{:?}", other.changes);
    live(&mut other, &[("b", usual())], INTERVAL);
    assert_eq!(new_classes(&other, "b"), 1);
    // It stays, though nobody uses it.
    live(&mut other, &[("b", usual())], 60 * DAY);
    live(
        &mut other,
        &[("b", vec![tcp(50_002, peer, 3333)])],
        INTERVAL,
    );
    assert_eq!(new_classes(&other, "b"), 1);
}

#[test]
fn of_several_devices_what_one_alone_has_shown_is_not_known_to_others() {
    let mut hub = Hub::new();
    let odd = with(tcp(50_002, ip("203.0.113.80"), 9443));
    live(
        &mut hub,
        &[("a", usual()), ("b", odd.clone())],
        DAY + INTERVAL,
    );
    let baselines = hub.detector.baselines();
    assert_eq!(baselines.groups[0].devices, 2);
    let origin = |text| {
        let classes = baselines.groups[0].classes.iter();
        let mut of_it = classes.filter(|known| known.class == class(text));
        of_it.next().map(|known| known.origin)
    };
    assert_eq!(
        origin("TCP 8883 out to the Internet"),
        Some(Origin::Learned)
    );
    assert_eq!(
        origin("TCP 9443 out to the Internet"),
        Some(Origin::Candidate)
    );
    let mut other = Hub::new();
    other
        .detector
        .give(&Baselines::parse(&baselines.to_string()).unwrap());
    live(&mut other, &[("c", odd)], INTERVAL);
    assert_eq!(new_classes(&other, "c"), 1);
}

#[test]
fn learning_goes_on_where_it_was() {
    let mut hub = Hub::new();
    live(&mut hub, &[("a", usual())], DAY / 2);
    let half = hub.detector.baselines();
    let mut other = Hub::new();
    other.now = hub.now;
    other.detector.give(&half);
    // Eleven hours and a half were learned, and as many as are missing are still learned.
    live(
        &mut other,
        &[("a", with(tcp(50_002, ip("203.0.113.80"), 443)))],
        DAY / 4,
    );
    assert!(other.changes.is_empty(), "{:?}", other.changes);
    live(&mut other, &[("a", usual())], DAY / 3);
    live(
        &mut other,
        &[("a", with(tcp(50_002, ip("203.0.113.80"), 444)))],
        INTERVAL,
    );
    assert_eq!(new_classes(&other, "a"), 1);
    assert!(other.detector.baselines().groups[0].learned.as_secs() >= u64::from(DAY - HOUR));
}

#[test]
fn a_hostile_name_stays_a_name() {
    let name = "a\"\\\n\u{1b}[2J\u{202e}]";
    let mut baselines = Baselines::default();
    *baselines.group_mut(name) = GroupBaseline::new(name);
    let text = baselines.to_string();
    assert!(!text.contains('\u{1b}'));
    assert_eq!(Baselines::parse(&text).unwrap(), baselines);
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let many = "{ class = 'TCP 1 out to the Internet', origin = 'learned' },".repeat(600);
    let many = format!("[[group]]\nname = 'x'\nclasses = [{many}]\n");
    for (text, expected) in [
        ("[[group]]\n", "line 1, column 1: `name` is missing"),
        (
            "[[group]]\nname = 'x'\nclasses = [{ class = 'TCP 80', origin = 'learned' }]\n",
            "line 3",
        ),
        (
            "[[group]]\nname = 'x'\npeers = [{ network = 'x', origin = 'learned' }]\n",
            "line 3",
        ),
        (
            "[[group]]\nname = 'x'\nclasses = [{ class = 'ICMP out to the Internet', origin = 'mine' }]\n",
            "line 3",
        ),
        (
            "[[group]]\nname = 'x'\n[[group]]\nname = 'x'\n",
            "the group `x` is there already",
        ),
        (&many, "600 classes, at most 512"),
        ("group = 7", "line 1"),
    ] {
        let error = Baselines::parse(text).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
    // A file that says nothing is one.
    let mut detector = Detector::new(Policy::default());
    detector.give(&Baselines::parse("").unwrap());
    assert_eq!(detector.baselines(), Baselines::default());
}
