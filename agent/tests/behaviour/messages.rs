//! What does not fit one message comes in several.

use std::time::Duration;

use defender_agent::{MAX_SYSTEM_INFORMATION, Settings};
use defender_message::decode::Payload;
use defender_message::encode::size;

use crate::support::samples::{Sample, sent_to};
use crate::support::simulation::Simulation;

/// The smallest message buffer that an agent accepts.
pub const SMALLEST: usize = size::minimum_buffer(
    Settings::MAX_SECURITY_MODULE_ID,
    MAX_SYSTEM_INFORMATION,
    MAX_SYSTEM_INFORMATION,
    MAX_SYSTEM_INFORMATION,
);

/// 128 bytes.
const LONG: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\
                    0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// 129 bytes.
const LONGER: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\
                      0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef!";

/// As many flows of each IP version as the table holds.
fn fill<const MESSAGE: usize>(device: &mut Simulation<MESSAGE>) {
    for version in [4, 6] {
        for host in 0..64 {
            let sample = sent_to(host, 100 + u32::from(host));
            device.packet(Sample { version, ..sample });
        }
    }
}

fn check_parts<const MESSAGE: usize>() {
    let mut device = Simulation::<MESSAGE>::with_buffer();
    device.system.os_info = LONG;
    device.system.kernel_info = LONG;
    device.system.hw_info = LONG;
    fill(&mut device);
    device.run_through(30, |_| {});
    assert!(device.sent.len() > 1, "{} bytes hold it all", MESSAGE);
    assert!(device.seconds().iter().all(|&second| second == 30));
    assert_eq!(device.reported().count(), 128);
    assert_eq!(device.agent.statistics().flows_reported, 128);
    device.assert_all_reported();
    // Nothing comes twice, and the groups keep their order over all parts.
    let kinds: String = device.sent.iter().map(|sent| sent.kinds()).collect();
    assert!(kinds.ends_with("NSH"), "{kinds}");
    assert_eq!(kinds.matches(['S', 'H']).count(), 2, "{kinds}");
    // All parts but the last are full: no further flow would have fitted.
    for sent in &device.sent[..device.sent.len() - 1] {
        let largest = size::MAX_FLOW_V4
            .max(size::MAX_FLOW_V6)
            .max(size::MAX_EMPTY_EVENT);
        let texts = if sent.kinds().ends_with('N') {
            0
        } else {
            3 * 136
        };
        assert!(sent.bytes.len() + largest + texts + size::MAX_EMPTY_EVENT > MESSAGE);
    }
}

#[test]
fn a_full_table_comes_in_parts() {
    if !cfg!(miri) {
        check_parts::<4000>();
        check_parts::<2048>();
    }
    check_parts::<SMALLEST>();
}

#[test]
#[cfg_attr(miri, ignore = "slow, and shorter tests reach as much")]
fn a_buffer_that_is_large_enough_takes_it_all() {
    let mut device = Simulation::<16_000>::with_buffer();
    fill(&mut device);
    device.run_through(30, |_| {});
    assert_eq!(device.sent.len(), 1);
    assert_eq!(device.reported().count(), 128);
}

#[test]
#[cfg_attr(miri, ignore = "slow, and shorter tests reach as much")]
fn a_part_that_is_refused_midway_is_kept_and_the_rest_follows() {
    let mut device = Simulation::<2048>::with_buffer();
    fill(&mut device);
    device.run(30);
    // Of two sends one is taken, beginning with the second.
    device
        .settings
        .set_retry_time(Duration::from_secs(1))
        .unwrap();
    device.every_other_send_fails = true;
    device.run(60);
    assert!(device.sent.len() > 2);
    assert_eq!(device.refused.len(), device.sent.len());
    assert_eq!(
        device.reported().filter(|flow| flow.bytes_out > 0).count(),
        128
    );
    device.assert_all_reported();
}

#[test]
#[cfg_attr(miri, ignore = "slow, and shorter tests reach as much")]
fn flows_that_come_behind_a_part_wait_for_the_next_collection_and_say_since_when() {
    let mut device = Simulation::<2048>::with_buffer();
    fill(&mut device);
    device.run(30);
    device.clients[0].takes = false;
    device.run(1);
    // The first part is refused at 30; these come into the places that it emptied.
    let early = sent_to(0, 7);
    device.packet(early);
    device.run(14);
    device.clients[0].takes = true;
    device.run_through(49, |_| {});
    let rest = device.sent.iter().flat_map(|sent| sent.flows());
    assert!(!rest.into_iter().any(|flow| flow.bytes_out == 7));
    device.connect(false);
    device.run_through(51, |_| {});
    device.connect(true);
    device.run_through(60, |_| {});
    let with_early =
        |sent: &&crate::support::simulation::Sent| sent.flows().any(|flow| flow.bytes_out == 7);
    let sent = device.sent.iter().find(with_early).unwrap();
    // It was counted at 30.
    let covered = sent.network_activity().collection_interval;
    assert!(covered >= sent.second - 30, "{covered} at {}", sent.second);
    device.assert_all_reported();
}

#[test]
#[cfg_attr(miri, ignore = "slow, and shorter tests reach as much")]
fn each_part_says_the_time_that_the_collection_covers() {
    let mut device = Simulation::<2048>::with_buffer();
    device.connect(false);
    fill(&mut device);
    device.run_through(99, |_| {});
    device.connect(true);
    device.run_through(102, |_| {});
    assert!(device.sent.len() > 2);
    for sent in device.sent.iter().filter(|sent| sent.flows().count() > 0) {
        assert_eq!(sent.network_activity().collection_interval, 102);
    }
}

#[test]
fn empty_events_are_not_added_behind_the_last_part() {
    // Full and then some: whatever number of flows just fills a message, no empty event follows.
    for flows in (1..64).step_by(if cfg!(miri) { 30 } else { 1 }) {
        let mut device = Simulation::<SMALLEST>::with_buffer();
        device.set(|settings| settings.set_send_empty_events(true));
        for host in 0..flows {
            device.packet(sent_to(host, 1));
        }
        device.run_through(30, |_| {});
        let events = device.sent.iter().flat_map(|sent| &sent.message.events);
        let empty = events.filter(
            |event| matches!(&event.payload, Payload::NetworkActivity { flows } if flows.is_empty()),
        );
        assert_eq!(empty.count(), 0, "{flows} flows");
        device.assert_all_reported();
    }
}

#[test]
fn texts_that_are_too_long_are_left_out() {
    let mut device = Simulation::new();
    assert_eq!(
        (LONG.len(), LONGER.len()),
        (MAX_SYSTEM_INFORMATION, MAX_SYSTEM_INFORMATION + 1)
    );
    device.system.os_info = LONG;
    device.system.kernel_info = LONGER;
    device.system.hw_info = "board";
    device.run_through(30, |_| {});
    let Payload::SystemInformation {
        os_info,
        kernel_info,
        hw_info,
    } = &device.sent[0].message.events[0].payload
    else {
        panic!("{:?}", device.sent[0].message);
    };
    assert_eq!((os_info.as_str(), kernel_info.as_str()), (LONG, ""));
    assert_eq!(hw_info, "board");
}
