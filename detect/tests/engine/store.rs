//! What a store asks a detector for: which states have changed, and how far the stream has come.

use std::collections::BTreeMap;

use defender_detect::{
    ChangeEvent, Detector, HUB, Input, Kind, Policy, SignalKind, input::Refusal, likely_service,
};
use defender_message::decode::Payload;

use crate::support::{Hub, host, refusing, syn, tcp};

fn scan() -> Vec<defender_message::flow::Flow<std::net::IpAddr>> {
    (1..=10)
        .map(|port| syn(40_000 + port, host(9), port))
        .collect()
}

#[test]
fn whoever_writes_what_was_touched_has_every_state() {
    let mut hub = Hub::new();
    let mut store = BTreeMap::new();
    let mut write = |hub: &mut Hub| {
        let touched = hub.detector.take_touched();
        let mut once = touched.clone();
        once.sort();
        once.dedup();
        assert_eq!(once.len(), touched.len());
        for name in touched {
            store.insert(name.to_string(), hub.detector.state(&name).unwrap());
        }
        for name in hub.detector.devices().chain([HUB]) {
            assert_eq!(
                store.get(name),
                hub.detector.state(name).as_ref(),
                "{name:?}"
            );
        }
        store.len()
    };
    let source = Some(host(1));
    for round in 0..30 {
        for device in ["a", "b", "c"] {
            hub.signal(device, SignalKind::Connected { source });
            let reason = Refusal::SasTokenInvalid;
            hub.signal(device, SignalKind::Refused { reason, source });
            hub.heartbeat(device, 60);
            if round == 3 {
                hub.report(device, 10, &scan());
            }
        }
        write(&mut hub);
        // Silence, and then quiet, are found by ticks.
        hub.pass(400 * round);
        write(&mut hub);
    }
    assert!(!hub.closed(Kind::PortScan).is_empty());
    assert_eq!(write(&mut hub), 4);
    assert!(hub.detector.take_touched().is_empty());
}

#[test]
fn a_person_closes_one_alert_and_no_other() {
    let mut hub = Hub::new();
    hub.report("a", 10, &scan());
    hub.report("b", 10, &scan());
    let refused: Vec<_> = (1..=12)
        .map(|port| refusing(port, host(7), 50_000))
        .collect();
    hub.report("a", 10, &refused);
    let open = hub.detector.alerts_of("a");
    assert!(open.len() > 1 && open.len() + 1 == hub.detector.alerts().len());
    let id = open[0].id.clone();
    assert!(hub.detector.close("b", &id, hub.now).is_empty());
    assert!(hub.detector.close("nobody", &id, hub.now).is_empty());
    let changes = hub.detector.close("a", &id, hub.now);
    assert_eq!(changes.len(), 1);
    assert_eq!(
        (changes[0].event, &changes[0].alert.id),
        (ChangeEvent::Closed, &id)
    );
    assert_eq!(hub.detector.alerts_of("a"), open[1..]);
    // It goes on: that is another one.
    let changes = hub.report("a", 10, &scan());
    let raised: Vec<_> = changes
        .iter()
        .filter(|change| change.alert.kind == Kind::PortScan)
        .collect();
    assert_eq!(raised[0].event, ChangeEvent::Raised);
    assert_ne!(raised[0].alert.id, id);
}

#[test]
fn an_event_is_repeated_once_it_was_there() {
    let mut hub = Hub::new();
    let event = hub.event(hub.now, 60, Payload::Heartbeat);
    assert!(!hub.detector.is_repeated("a", &event));
    hub.send("a", Some(hub.now), vec![event.clone()]);
    assert!(hub.detector.is_repeated("a", &event));
    assert!(!hub.detector.is_repeated("b", &event));
}

#[test]
fn a_position_survives_being_written() {
    let mut hub = Hub::new();
    hub.pass(600);
    let position = hub.detector.position();
    let text = serde_json::to_string(&position).unwrap();
    let mut other = Detector::new(Policy::default());
    other.resume(serde_json::from_str(&text).unwrap());
    assert_eq!(other.position(), position);
    other.feed(Input::Tick { time: hub.now + 30 });
    assert_ne!(other.position(), position);
}

#[test]
fn the_service_of_a_flow_is_the_likelier_port() {
    let port = |local, remote| likely_service(&tcp(local, host(1), remote)).port;
    assert_eq!(port(40_000, 443), 443);
    assert_eq!(port(22, 50_000), 22);
    assert_eq!(port(4662, 50_000), 4662);
    assert_eq!(port(50_000, 50_001), 50_001);
}
