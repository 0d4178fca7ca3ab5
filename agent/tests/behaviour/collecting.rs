//! When it collects: the grid, the first time, and without random bytes.

use std::collections::BTreeMap;
use std::time::Duration;

use defender_agent::{Collector, EntropyUnavailable, Priority, Settings, first_collection};

use crate::support::entropy::TestEntropy;
use crate::support::samples::sent_to;
use crate::support::simulation::Simulation;

#[test]
fn collectors_keep_their_own_intervals() {
    let mut device = Simulation::new();
    device.run_through(150, |device| device.packet(sent_to(1, 11)));
    let low: Vec<u32> = device
        .sent
        .iter()
        .filter(|sent| sent.kinds() == "NSH")
        .map(|sent| sent.second)
        .collect();
    assert_eq!(low, [30, 90, 150]);
    for event in &device.sent[0].message.events[1..] {
        assert_eq!(event.collection_interval, 60);
    }
}

#[test]
fn without_flows_there_is_no_network_activity() {
    let mut device = Simulation::new();
    device.run_through(100, |_| {});
    assert_eq!(device.seconds(), [30, 90]);
    assert!(device.sent.iter().all(|sent| sent.kinds() == "SH"));
}

#[test]
fn empty_events_are_sent_if_they_are_wanted() {
    let mut device = Simulation::new();
    device.set(|settings| settings.set_send_empty_events(true));
    device.run_through(50, |_| {});
    assert_eq!(device.seconds(), [30, 40, 50]);
    assert_eq!(device.sent[1].kinds(), "N");
    assert_eq!(device.sent[1].flows().count(), 0);
    assert_eq!(device.sent[1].network_activity().collection_interval, 10);
}

#[test]
fn a_late_collection_says_the_time_that_it_covers() {
    let mut device = Simulation::new();
    device.run_through(90, |device| device.packet(sent_to(1, 11)));
    device.connect(false);
    device.run_through(140, |device| device.packet(sent_to(1, 11)));
    device.connect(true);
    device.run_through(150, |device| device.packet(sent_to(1, 11)));
    let late = &device.sent[device.sent.len() - 2];
    assert_eq!(late.second, 142);
    assert_eq!(late.network_activity().collection_interval, 52);
    // A heartbeat covers nothing, so it says its interval.
    for event in &late.message.events[1..] {
        assert_eq!(event.collection_interval, 60);
    }
    assert_eq!(device.sent.last().unwrap().second, 150);
    let next = device.sent.last().unwrap().network_activity();
    assert_eq!(next.collection_interval, 10);
}

#[test]
fn a_late_collection_that_covers_less_than_its_interval_says_the_interval() {
    let mut device = Simulation::new();
    let retry = |device: &mut Simulation, seconds| {
        let time = Duration::from_secs(seconds);
        device.set(|settings| settings.set_retry_time(time).unwrap());
    };
    // Without a hub at 40 and at 50, with one again when it looks 7 and 3 seconds later.
    for (missed_at, look_after) in [(40, 7), (50, 3)] {
        device.run_through(missed_at - 1, |device| device.packet(sent_to(1, 11)));
        retry(&mut device, look_after);
        device.connect(false);
        device.run_through(missed_at, |device| device.packet(sent_to(1, 11)));
        device.connect(true);
    }
    device.run_through(55, |_| {});
    assert_eq!(device.seconds(), [30, 47, 53]);
    assert_eq!(device.sent[1].network_activity().collection_interval, 17);
    // Six seconds, in truth.
    assert_eq!(device.sent[2].network_activity().collection_interval, 10);
}

#[test]
#[cfg_attr(miri, ignore = "slow, and shorter tests reach as much")]
fn the_first_collection_is_put_off_at_random_over_the_whole_jitter() {
    let settings = Settings::new();
    let mut entropy = TestEntropy {
        state: 7,
        broken: false,
    };
    let tries = 6000;
    let mut spread = BTreeMap::<u32, u32>::new();
    for _ in 0..tries {
        let first = first_collection(&settings, &mut entropy).unwrap();
        *spread.entry(first).or_default() += 1;
    }
    let expected: Vec<u32> = (30..=89).collect();
    assert!(spread.keys().eq(&expected), "{spread:?}");
    // A hundred each on average: half or twice that would be eight standard deviations off at least.
    assert!(
        spread.values().all(|count| (50..200).contains(count)),
        "{spread:?}"
    );
}

#[test]
fn without_jitter_the_first_collection_needs_no_random_bytes() {
    let mut broken = TestEntropy {
        state: 7,
        broken: true,
    };
    let mut settings = Settings::new();
    assert_eq!(
        first_collection(&settings, &mut broken),
        Err(EntropyUnavailable)
    );
    settings
        .set_first_collection_jitter(Duration::ZERO)
        .unwrap();
    assert_eq!(first_collection(&settings, &mut broken), Ok(30));
    settings
        .set_first_collection(Duration::from_secs(5))
        .unwrap();
    assert_eq!(first_collection(&settings, &mut broken), Ok(5));
}

#[test]
fn the_widest_jitter_stays_within_its_limits() {
    let mut settings = Settings::new();
    settings.set_first_collection(Settings::MAX_TIME).unwrap();
    settings
        .set_first_collection_jitter(Settings::MAX_JITTER)
        .unwrap();
    let extremes = [0_u8, 0xFF].map(|byte| first_collection(&settings, &mut Constant(byte)));
    assert_eq!(extremes, [Ok(2_592_000), Ok(2_592_000 + 3600)]);
}

struct Constant(u8);

impl defender_agent::Entropy for Constant {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), EntropyUnavailable> {
        bytes.fill(self.0);
        Ok(())
    }
}

#[test]
fn without_anything_due_no_random_bytes_are_missed() {
    let mut device = Simulation::new();
    device.run(1);
    device.entropy.broken = true;
    // The hub that comes at the beginning is a reason to look for something to send.
    device.run_through(29, |_| {});
    assert_eq!(device.agent.statistics().entropy_failures, 0);
    device.run_through(32, |_| {});
    assert_eq!(device.agent.statistics().entropy_failures, 3);
}

#[test]
fn a_collector_that_is_off_wakes_nobody() {
    let mut device = Simulation::new();
    device.set(|settings| {
        let second = Duration::from_secs(1);
        settings.set_interval(Priority::Medium, second).unwrap();
        settings.set_collector_priority(Collector::Heartbeat, Priority::Medium);
        settings.set_collector_enabled(Collector::Heartbeat, false);
        settings.set_collector_enabled(Collector::NetworkActivity, false);
    });
    device.patient = true;
    device.run_through(89, |_| {});
    // At the beginning and at the first collection.
    assert_eq!(device.polls, [0, 30]);
    device.set(|settings| settings.set_collector_enabled(Collector::SystemInformation, false));
    device.run_through(5000, |_| {});
    assert_eq!(device.polls, [0, 30, 90]);
    device.set(|settings| settings.set_collector_enabled(Collector::NetworkActivity, true));
    device.connect(false);
    device.run_through(5038, |device| device.packet(sent_to(1, 11)));
    device.connect(true);
    device.run_through(5060, |device| device.packet(sent_to(1, 11)));
    // It reports at its next time, not for a time at which it was off, and says for how long it has counted.
    let late = &device.sent[1];
    assert_eq!((late.second, late.kinds().as_str()), (5040, "N"));
    assert_eq!(late.network_activity().collection_interval, 5040 - 5000);
    device.run_through(5070, |_| {});
    device.assert_all_reported();
}

#[test]
fn without_random_bytes_it_keeps_everything_and_asks_again_each_second() {
    let mut device = Simulation::new();
    device.patient = true;
    device.run_through(29, |device| device.packet(sent_to(1, 11)));
    device.entropy.broken = true;
    device.run_through(44, |device| device.packet(sent_to(1, 11)));
    assert!(device.sent.is_empty());
    assert_eq!(device.agent.statistics().entropy_failures, 15);
    device.entropy.broken = false;
    device.run_through(50, |device| device.packet(sent_to(1, 11)));
    assert_eq!(device.seconds(), [45, 50]);
    assert_eq!(device.sent[0].kinds(), "NSH");
    assert_eq!(device.sent[0].network_activity().collection_interval, 45);
    let bytes: Vec<u32> = device.reported().map(|flow| flow.bytes_out).collect();
    assert_eq!(bytes, [45 * 11, 5 * 11]);
}
