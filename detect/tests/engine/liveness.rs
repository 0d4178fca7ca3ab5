//! Heartbeats that stop, agents that go silent, and silences that are nobody's.

use defender_detect::{ChangeEvent, Input, Kind, SignalKind};

use crate::support::{Hub, host, of, tcp};

/// A device that has sent heartbeats for ten minutes.
fn alive(hub: &mut Hub) {
    for _ in 0..10 {
        hub.pass(60);
        hub.heartbeat("d", 60);
    }
}

#[test]
fn a_heartbeat_is_lost_after_three_intervals_and_jitter() {
    let mut hub = Hub::new();
    alive(&mut hub);
    hub.pass(239);
    assert_eq!(hub.kinds(), []);
    hub.pass(1);
    let lost = hub.raised(Kind::HeartbeatLost);
    assert_eq!(lost.len(), 1);
    assert_eq!(
        lost[0].explanation,
        "No heartbeat of d for 240 seconds, the limit is 240"
    );
}

#[test]
fn a_silence_has_one_alert_however_long_it_is_and_closes_when_it_is_over() {
    let mut hub = Hub::new();
    alive(&mut hub);
    hub.pass(7 * 86_400);
    assert_eq!(hub.raised(Kind::HeartbeatLost).len(), 1);
    assert_eq!(hub.closed(Kind::HeartbeatLost).len(), 0);
    assert!(of(&hub.changes, Kind::HeartbeatLost, ChangeEvent::Again).len() <= 4);
    for _ in 0..70 {
        hub.heartbeat("d", 60);
        hub.pass(60);
    }
    assert_eq!(hub.closed(Kind::HeartbeatLost).len(), 1);
    assert_eq!(hub.detector.alerts().len(), 0);
}

/// A fleet may fall silent as one: what each sight of a silence costs, it costs for all of them. What the alert says is never less than half of it.
#[test]
fn a_silence_is_seen_again_whenever_it_is_twice_as_long_and_twice_in_the_quiet_time() {
    let mut hub = Hub::new();
    alive(&mut hub);
    hub.pass(239);
    let mut seen = Vec::new();
    for second in 240..4 * 3600 {
        hub.pass(1);
        let alerts = hub.detector.alerts();
        assert_eq!(alerts.len(), 1);
        if alerts[0].count as usize > seen.len() {
            seen.push(second);
        }
    }
    assert_eq!(seen[..5], [240, 480, 960, 1920, 1920 + 1800]);
    assert!(seen.windows(2).skip(3).all(|two| two[1] - two[0] == 1800));
}

#[test]
fn an_interval_that_is_stated_wrongly_excuses_nobody() {
    let mut hub = Hub::new();
    for _ in 0..10 {
        hub.pass(60);
        hub.heartbeat("d", u32::MAX);
    }
    hub.pass(300);
    assert_eq!(hub.kinds(), [Kind::HeartbeatLost]);
}

#[test]
fn of_a_connected_device_the_agent_is_silent() {
    let mut hub = Hub::new();
    hub.signal("d", SignalKind::Connected { source: None });
    alive(&mut hub);
    hub.report("d", 10, &[tcp(40_000, host(1), 443)]);
    hub.pass(600);
    assert_eq!(hub.kinds(), [Kind::AgentSilent]);
}

#[test]
fn of_a_connected_device_that_reports_the_heartbeat_is_lost() {
    let mut hub = Hub::new();
    hub.signal("d", SignalKind::Connected { source: None });
    alive(&mut hub);
    for _ in 0..60 {
        hub.report("d", 10, &[tcp(40_000, host(1), 443)]);
        hub.pass(0);
        hub.feed(Input::Tick { time: hub.now });
    }
    assert_eq!(hub.kinds(), [Kind::HeartbeatLost]);
}

#[test]
fn a_disconnected_device_need_not_report_and_has_its_time_when_it_is_back() {
    let mut hub = Hub::new();
    hub.signal("d", SignalKind::Connected { source: None });
    alive(&mut hub);
    hub.signal("d", SignalKind::Disconnected);
    hub.pass(86_400);
    hub.signal("d", SignalKind::Connected { source: None });
    hub.pass(200);
    assert_eq!(hub.kinds(), []);
    hub.pass(60);
    assert_eq!(hub.kinds(), [Kind::AgentSilent]);
}

#[test]
fn a_time_in_which_the_source_was_away_is_no_devices_silence() {
    let mut hub = Hub::new();
    alive(&mut hub);
    hub.now += 86_400;
    hub.feed(Input::Tick { time: hub.now });
    hub.pass(180);
    assert_eq!(hub.kinds(), []);
    hub.pass(120);
    assert_eq!(hub.kinds(), [Kind::HeartbeatLost]);
}

#[test]
fn a_restart_is_an_absence_of_the_source_and_no_silence() {
    let mut hub = Hub::new();
    alive(&mut hub);
    let (state, position) = (hub.detector.state("d").unwrap(), hub.detector.position());
    let mut after = Hub::new();
    after.now = hub.now + 3600;
    after.detector.resume(position);
    after.detector.restore("d", &state).unwrap();
    after.pass(60);
    assert_eq!(after.kinds(), []);
    after.pass(300);
    assert_eq!(after.kinds(), [Kind::HeartbeatLost]);
}

#[test]
fn an_agent_without_heartbeat_is_not_missed() {
    let mut hub = Hub::new();
    for _ in 0..10 {
        hub.report("d", 10, &[tcp(40_000, host(1), 443)]);
    }
    hub.pass(86_400);
    assert_eq!(hub.kinds(), []);
}
