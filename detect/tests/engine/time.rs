//! Whose clock is believed, and that by its clock a device can neither hide a rate nor invent one. The same event counts once.

use std::net::IpAddr;

use defender_detect::{ClockFault, Config, Kind, Policy};
use defender_message::flow::Flow;

use crate::support::{Hub, START, host, syn};

/// One failed flow, to a port of its own.
fn probe(number: u16) -> [Flow<IpAddr>; 1] {
    [syn(40_000, host(9), 1 + number)]
}

/// Reports of one probe each, `every` seconds by the time of receipt, at the time and with the interval that `stated` gives.
fn probes(count: u16, every: u32, stated: impl Fn(u16, u32) -> (u32, u32)) -> Hub {
    let mut hub = Hub::new();
    for number in 0..count {
        hub.now += every;
        let (time, interval) = stated(number, hub.now);
        let event = hub.activity(time, interval, &probe(number));
        hub.send("d", Some(hub.now), vec![event]);
    }
    hub
}

#[test]
fn a_clock_that_is_right_or_late_is_believed() {
    for late in [0, 3600, 86_400] {
        let hub = probes(20, 10, |_, now| (now - late, 10));
        assert_eq!(hub.detector.clock_fault("d"), None);
        assert_eq!(hub.kinds(), [Kind::PortScan]);
        assert_eq!(hub.raised(Kind::PortScan)[0].last_seen, START + 100 - late);
        assert_eq!(probes(60, 60, |_, now| (now - late, 60)).kinds(), []);
    }
}

#[test]
fn a_fast_clock_hides_no_scan() {
    // Ten times as fast as time: by its own clock a probe a minute, in truth one every six seconds.
    let hub = probes(200, 6, |number, _| (START + 60 * u32::from(number), 60));
    assert_eq!(hub.kinds(), [Kind::PortScan]);
    let slowly_ahead = probes(120, 6, |number, _| {
        (START - 7200 + 60 * u32::from(number), 60)
    });
    assert_eq!(
        slowly_ahead.detector.clock_fault("d"),
        Some(ClockFault::Gains)
    );
    assert_eq!(slowly_ahead.kinds(), [Kind::PortScan]);
}

#[test]
fn a_clock_far_ahead_never_set_or_standing_is_taken_at_the_time_of_receipt() {
    type Stated = fn(u16, u32) -> (u32, u32);
    let cases: [(ClockFault, Stated); 4] = [
        (ClockFault::Ahead, |_, now| (now + 301, 10)),
        (ClockFault::NeverSet, |number, _| {
            (u32::from(number) * 86_400, 10)
        }),
        (ClockFault::Stands, |_, _| (START - 5, 10)),
        (ClockFault::Ahead, |_, _| (u32::MAX, u32::MAX)),
    ];
    for (fault, stated) in cases {
        let fast = probes(20, 10, stated);
        assert_eq!(fast.detector.clock_fault("d"), Some(fault));
        assert_eq!(fast.kinds(), [Kind::PortScan], "{fault:?}");
        let slow = probes(40, 60, stated);
        assert_eq!(slow.kinds(), [], "{fault:?}");
    }
}

#[test]
fn intervals_are_capped_by_the_time_that_passed() {
    // An interval that would thin a scan out, from a clock that is right.
    let hub = probes(20, 10, |_, now| (now, u32::MAX));
    assert_eq!(hub.kinds(), [Kind::PortScan]);
}

#[test]
fn a_clock_that_gained_and_keeps_up_since_is_believed_again() {
    let mut hub = Hub::new();
    let send = |hub: &mut Hub, late: u32| {
        hub.now += 60;
        let event = hub.activity(hub.now - late, 60, &[]);
        hub.send("d", Some(hub.now), vec![event]);
        hub.detector.clock_fault("d")
    };
    assert_eq!(send(&mut hub, 3600), None);
    assert_eq!(send(&mut hub, 0), Some(ClockFault::Gains));
    let faults: Vec<_> = (0..70).map(|_| send(&mut hub, 0)).collect();
    assert_eq!(faults.last(), Some(&None));
}

/// A clock states the same second for so long; and one that gained, by six minutes, keeps up for so long since.
#[test]
fn when_a_clock_stands_and_when_it_is_believed_again_are_settings() {
    let fault = |settings: &str, stated: &[(u32, u32)]| {
        let mut hub = Hub::with(Policy::new(Config::parse(settings).unwrap()));
        for (received, stated) in stated {
            let event = hub.activity(START + stated, 10, &probe(0));
            hub.send("d", Some(START + received), vec![event]);
        }
        hub.detector.clock_fault("d")
    };
    let stands = [(0, 0), (70, 0)];
    assert_eq!(fault("", &stands), Some(ClockFault::Stands));
    assert_eq!(fault("clock.stands-after = \"80s\"", &stands), None);
    let gained = [(3_600, 0), (7_200, 3_960), (9_000, 5_760)];
    assert_eq!(fault("", &gained), Some(ClockFault::Gains));
    assert_eq!(fault("clock.believed-after = \"20m\"", &gained), None);
}

#[test]
fn messages_of_one_collection_do_not_make_a_clock_that_stands() {
    let mut hub = Hub::new();
    for _ in 0..20 {
        hub.now += 60;
        for part in 0..3 {
            let event = hub.activity(hub.now, 60, &probe(0));
            hub.send("d", Some(hub.now + part), vec![event]);
            assert_eq!(hub.detector.clock_fault("d"), None);
        }
    }
}

#[test]
fn without_receipts_the_events_time_goes_on_over_a_clock_that_is_set() {
    let mut hub = Hub::new();
    for number in 0..60 {
        // Every twelve minutes the clock goes back by an hour.
        let time = START + 40 * u32::from(number) - 3600 * u32::from(number / 18);
        let event = hub.activity(time, 40, &probe(number));
        hub.send("d", None, vec![event]);
    }
    assert_eq!(hub.detector.clock_fault("d"), None);
    assert_eq!(hub.kinds(), []);
    for number in 60..80 {
        let event = hub.activity(1000 + u32::from(number), 1, &probe(number));
        hub.send("d", None, vec![event]);
    }
    assert_eq!(hub.kinds(), [Kind::PortScan]);
}

#[test]
fn the_same_event_counts_once_also_over_a_restart() {
    let mut hub = Hub::new();
    let flows: Vec<_> = (0..6)
        .map(|n| crate::support::tcp(40_000 + n, host(9), 22))
        .collect();
    let dns = crate::support::udp(40_000, host(1), 53, 100, 6000);
    let event = hub.activity(START + 10, 10, &[flows, vec![dns]].concat());
    for step in 0..20 {
        hub.send("d", Some(START + 10 + step), vec![event.clone()]);
        let state = hub.detector.state("d").unwrap();
        hub.detector.restore("d", &state).unwrap();
    }
    assert_eq!(hub.kinds(), []);
    // Another device's event with the same id is another event, and so is the same id at another time: some agents begin
    // with the same ids after every boot.
    hub.send("other", Some(START + 40), vec![event.clone()]);
    assert_eq!(hub.kinds(), []);
    let mut later = event;
    later.time += 1;
    hub.send("d", Some(START + 41), vec![later]);
    assert_eq!(hub.kinds(), [Kind::DnsTunnel]);
}

#[test]
fn events_without_id_are_all_counted() {
    let mut hub = Hub::new();
    for number in 0..10 {
        let mut event = hub.activity(START + 10, 10, &probe(number));
        event.id = Default::default();
        hub.send("d", Some(START + 10), vec![event]);
    }
    assert_eq!(hub.kinds(), [Kind::PortScan]);
}
