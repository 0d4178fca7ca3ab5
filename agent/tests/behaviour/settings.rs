//! Settings that change while it runs.

use std::time::Duration;

use defender_agent::{Collector, Priority, Protocol, Settings, State};

use crate::support::samples::{Sample, sent_to};
use crate::support::simulation::Simulation;

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn traffic(device: &mut Simulation) {
    device.packet(sent_to(1, 11));
}

#[test]
fn an_interval_takes_effect_from_the_last_collection_on() {
    let mut device = Simulation::new();
    device.run_through(41, traffic);
    device.set(|settings| settings.set_interval(Priority::High, seconds(5)).unwrap());
    device.run_through(50, traffic);
    assert_eq!(device.seconds(), [30, 40, 45, 50]);
    device.set(|settings| settings.set_interval(Priority::High, seconds(20)).unwrap());
    device.run_through(70, traffic);
    assert_eq!(device.seconds(), [30, 40, 45, 50, 70]);
    device.run_through(77, traffic);
    // Shorter than what has passed already: collected at once, and it says how much that is.
    device.set(|settings| settings.set_interval(Priority::High, seconds(3)).unwrap());
    device.run_through(80, traffic);
    assert_eq!(device.seconds()[4..], [70, 78, 79]);
    let intervals: Vec<u32> = device.sent[4..]
        .iter()
        .map(|sent| sent.network_activity().collection_interval)
        .collect();
    assert_eq!(intervals, [20, 8, 3]);
}

#[test]
fn a_collector_that_is_off_reports_nothing() {
    let mut device = Simulation::new();
    device.set(|settings| settings.set_collector_enabled(Collector::Heartbeat, false));
    device.run_through(30, traffic);
    device.set(|settings| settings.set_collector_enabled(Collector::SystemInformation, false));
    device.set(|settings| settings.set_collector_enabled(Collector::Heartbeat, true));
    device.run_through(90, traffic);
    assert_eq!(device.sent[0].kinds(), "NS");
    assert_eq!(device.sent.last().unwrap().kinds(), "NH");
}

#[test]
fn a_collector_that_was_turned_off_while_it_waited_reports_nothing() {
    let mut device = Simulation::new();
    device.connect(false);
    device.run_through(35, traffic);
    device.set(|settings| settings.set_collector_enabled(Collector::Heartbeat, false));
    device.connect(true);
    device.run_through(40, traffic);
    assert_eq!(device.sent[0].kinds(), "NS");
}

#[test]
fn network_activity_that_was_turned_off_reports_what_it_counted_and_no_more() {
    let mut device = Simulation::new();
    device.run_through(34, traffic);
    device.set(|settings| settings.set_collector_enabled(Collector::NetworkActivity, false));
    device.run_through(80, traffic);
    assert_eq!(device.seconds(), [30, 40]);
    device.assert_all_reported();
    assert_eq!(device.flows.statistics().packets_counted, 35);

    device.set(|settings| settings.set_collector_enabled(Collector::NetworkActivity, true));
    device.run_through(90, traffic);
    let sent = device.sent.last().unwrap();
    assert_eq!((sent.second, sent.kinds().as_str()), (90, "NSH"));
    assert_eq!(sent.flows().map(|flow| flow.bytes_out).sum::<u32>(), 9 * 11);
}

#[test]
#[cfg_attr(miri, ignore = "slow, and shorter tests reach as much")]
fn time_that_network_activity_was_off_is_not_covered() {
    let mut device = Simulation::new();
    device.run_through(35, traffic);
    device.set(|settings| settings.set_collector_enabled(Collector::NetworkActivity, false));
    device.run_through(1000, traffic);
    device.set(|settings| settings.set_collector_enabled(Collector::NetworkActivity, true));
    device.connect(false);
    device.run_through(1038, traffic);
    device.connect(true);
    device.run_through(1044, traffic);
    let sent = device.sent.last().unwrap();
    let covered = sent.network_activity().collection_interval;
    assert_eq!(
        covered,
        sent.second - 1001 + 1,
        "from the poll that turned it on"
    );
}

#[test]
fn empty_events_end_when_network_activity_is_turned_off() {
    let mut device = Simulation::new();
    device.set(|settings| settings.set_send_empty_events(true));
    device.connect(false);
    device.run_through(35, |_| {});
    device.set(|settings| settings.set_collector_enabled(Collector::NetworkActivity, false));
    device.connect(true);
    device.run_through(60, |_| {});
    assert_eq!(device.sent.len(), 1);
    assert_eq!(device.sent[0].kinds(), "SH");
}

#[test]
fn a_collector_moves_to_another_priority_group() {
    let mut device = Simulation::new();
    device.run_through(30, traffic);
    device.set(|settings| {
        settings.set_collector_priority(Collector::Heartbeat, Priority::High);
        settings.set_collector_priority(Collector::NetworkActivity, Priority::Medium);
    });
    device.run_through(90, traffic);
    let kinds: Vec<(u32, String)> = device
        .sent
        .iter()
        .map(|sent| (sent.second, sent.kinds()))
        .collect();
    let expected = [
        (30, "NSH"),
        (40, "H"),
        (50, "H"),
        (60, "HN"),
        (70, "H"),
        (80, "H"),
        (90, "HNS"),
    ];
    assert_eq!(
        kinds,
        expected.map(|(second, kinds)| (second, kinds.to_owned()))
    );
    assert_eq!(device.sent[3].network_activity().collection_interval, 30);
}

#[test]
fn the_retry_time_takes_effect_while_a_hub_is_awaited() {
    let mut device = Simulation::new();
    device.set(|settings| settings.set_retry_time(seconds(1000)).unwrap());
    device.connect(false);
    device.run(10);
    device.set(|settings| settings.set_retry_time(seconds(2)).unwrap());
    device.connect(true);
    device.run(2);
    assert_eq!(device.agent.state(), State::Active);
}

#[test]
fn the_retry_time_takes_effect_while_a_message_waits() {
    let mut device = Simulation::new();
    device.set(|settings| settings.set_retry_time(seconds(1000)).unwrap());
    device.pass(false);
    device.run_through(32, traffic);
    device.set(|settings| settings.set_retry_time(seconds(5)).unwrap());
    device.pass(true);
    device.run_through(36, traffic);
    assert_eq!(device.refused, [30]);
    assert_eq!(device.seconds(), [35]);
}

#[test]
fn the_pending_time_takes_effect_while_a_hub_is_awaited() {
    let mut device = Simulation::new();
    device.connect(false);
    device.run(20);
    device.set(|settings| settings.set_pending_time(seconds(10)).unwrap());
    device.run(1);
    assert_eq!(device.agent.state(), State::Suspended);
}

#[test]
fn protocols_and_limits_take_effect_while_it_runs() {
    let mut device = Simulation::new();
    let ping = Sample {
        protocol: Protocol::Icmp,
        ..sent_to(9, 8)
    };
    device.set(|settings| settings.set_protocol_enabled(Protocol::Icmp, false));
    device.run_through(30, |device| device.packet(ping));
    device.set(|settings| settings.set_protocol_enabled(Protocol::Icmp, true));
    device.set(|settings| settings.set_flow_limits(2, 1).unwrap());
    device.run_through(40, |device| {
        for host in 1..=3 {
            device.packet(sent_to(host, u32::from(host)));
        }
        device.packet(ping);
    });
    assert_eq!(device.sent[0].kinds(), "SH");
    let last = &device.sent[1];
    let kept = last.flows().filter(|flow| flow.remote_port == 53);
    assert!(kept.count() <= 2);
    device.run_through(50, |_| {});
    device.assert_all_reported();
}

#[test]
fn another_id_is_in_the_next_message() {
    let mut device = Simulation::new();
    device.run_through(30, traffic);
    let longest = "0123456789012345678901234567890123456789012345678901234567890123";
    assert_eq!(longest.len(), Settings::MAX_SECURITY_MODULE_ID);
    device.set(|settings| settings.set_security_module_id(longest).unwrap());
    device.run_through(40, traffic);
    let ids: Vec<&str> = device
        .sent
        .iter()
        .map(|sent| sent.message.security_module_id.as_str())
        .collect();
    assert_eq!(ids, ["defender-iot-micro-agent", longest]);
}
