//! What is known today is known after a restart, too, and what is taken back is known no more, whatever was looked up before.

use defender_detect::baseline::Baselines;
use defender_detect::{Detector, Input, Kind, Policy, Report};

use crate::support::message;
use crate::{DAY, INTERVAL, learned, live, new_classes, usual};

const STATES: [&str; 3] = ["a", "b", "\0default"];

/// Another worker with the same states.
fn moved(from: &Detector) -> Detector {
    let mut to = Detector::new(Policy::default());
    to.resume(from.position());
    for name in STATES {
        to.restore(name, &from.state(name).unwrap()).unwrap();
    }
    to
}

#[test]
fn what_was_looked_up_before_a_restart_is_not_looked_up_again_after_it() {
    let mut hub = learned();
    let late = hub.now;
    // The group has forgotten what "a" taught it, when "a" hands in something that it did on the day of its last report.
    live(&mut hub, &[("b", Vec::new())], INTERVAL);
    hub.now += 40 * DAY;
    let other = vec![crate::support::tcp(
        50_000,
        crate::support::ip("10.0.0.9"),
        8080,
    )];
    live(&mut hub, &[("b", other)], INTERVAL);
    let mut restarted = moved(&hub.detector);
    let message = message(vec![hub.activity(late + 1, INTERVAL, &usual())]);
    let report = Report {
        device: "a",
        received: Some(hub.now),
        message: &message,
    };
    let changes = hub.feed(Input::Report(report));
    assert_eq!(restarted.feed(Input::Report(report)), changes);
    for name in STATES {
        assert_eq!(restarted.state(name), hub.detector.state(name), "{name:?}");
    }
}

#[test]
fn what_a_given_baseline_does_not_have_is_new_though_it_was_seen_today() {
    let mut hub = learned();
    let with_it = Baselines::parse(
        r#"[[group]]
        name = "default"
        learned = "1day"
        classes = [{ class = "TCP 3333 out to the Internet", origin = "accepted" }]
        peers = [{ network = "198.51.100.0", origin = "accepted" }]"#,
    )
    .unwrap();
    hub.detector.give(&with_it);
    let flow = crate::support::tcp(50_002, crate::support::ip("198.51.100.66"), 3333);
    let devices = [("a", crate::with(flow))];
    live(&mut hub, &devices, 2 * INTERVAL);
    assert_eq!(new_classes(&hub, "a"), 0, "{:?}", hub.changes);
    let mut without = with_it;
    without.groups[0].classes.clear();
    hub.detector.give(&without);
    hub.detector.take_touched();
    live(&mut hub, &devices, INTERVAL);
    assert_eq!(hub.raised(Kind::NewTrafficClass).len(), 1);
}
