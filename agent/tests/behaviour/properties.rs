//! What holds of every course of events.

use std::time::Duration;

use defender_agent::{Collector, MESSAGE_BYTES, Priority, Protocol, Settings};
use proptest::collection::vec;
use proptest::prelude::*;

use super::messages::SMALLEST;
use crate::support::cases;
use crate::support::packets::any_protocol;
use crate::support::samples::{Sample, any_sample};
use crate::support::simulation::Simulation;

/// Something that happens to a device between two periodic events, or for how long nothing does.
#[derive(Clone, Debug)]
enum Event {
    Pass(u32),
    Connect(bool),
    Take(bool),
    Traffic(Vec<Sample>),
    Entropy(bool),
    ClockBy(i64),
    Set(Change),
}

/// A change of the settings.
#[derive(Clone, Copy, Debug)]
enum Change {
    Interval(Priority, u64),
    Enabled(Collector, bool),
    Moved(Collector, Priority),
    RetryTime(u64),
    PendingTime(u64),
    EmptyEvents(bool),
    Protocol(Protocol, bool),
    FlowLimits(usize, usize),
}

impl Change {
    fn make(self, settings: &mut Settings) {
        let seconds = Duration::from_secs;
        match self {
            Self::Interval(priority, time) => {
                settings.set_interval(priority, seconds(time)).unwrap()
            }
            Self::Enabled(collector, on) => settings.set_collector_enabled(collector, on),
            Self::Moved(collector, priority) => {
                settings.set_collector_priority(collector, priority)
            }
            Self::RetryTime(time) => settings.set_retry_time(seconds(time)).unwrap(),
            Self::PendingTime(time) => settings.set_pending_time(seconds(time)).unwrap(),
            Self::EmptyEvents(send) => settings.set_send_empty_events(send),
            Self::Protocol(protocol, on) => settings.set_protocol_enabled(protocol, on),
            Self::FlowLimits(ipv4, ipv6) => settings.set_flow_limits(ipv4, ipv6).unwrap(),
        }
    }
}

/// The longest interval and retry time there is, in seconds; the default of the low priority group.
const LONGEST: u64 = 60;

/// The longest time in which nothing happens, in seconds: longer than the pending time, but for Miri.
const LONGEST_PASS: u32 = if cfg!(miri) { 20 } else { 400 };

fn any_change() -> impl Strategy<Value = Change> {
    let priority = || proptest::sample::select(Priority::ALL.as_slice());
    let collector = || proptest::sample::select(Collector::ALL.as_slice());
    prop_oneof![
        (priority(), 1..=LONGEST).prop_map(|(priority, time)| Change::Interval(priority, time)),
        (collector(), any::<bool>()).prop_map(|(collector, on)| Change::Enabled(collector, on)),
        (collector(), priority()).prop_map(|(collector, to)| Change::Moved(collector, to)),
        (1..=LONGEST).prop_map(Change::RetryTime),
        (1..400_u64).prop_map(Change::PendingTime),
        any::<bool>().prop_map(Change::EmptyEvents),
        (any_protocol(), any::<bool>()).prop_map(|(protocol, on)| Change::Protocol(protocol, on)),
        (1..100_usize, 1..100_usize).prop_map(|(ipv4, ipv6)| Change::FlowLimits(ipv4, ipv6)),
    ]
}

/// A change that moves no grid.
fn any_change_of_no_interval() -> impl Strategy<Value = Change> {
    any_change().prop_filter("it moves a grid", |change| {
        !matches!(change, Change::Interval(..) | Change::Moved(..))
    })
}

/// Events that leave time and settings alone.
fn any_outage_or_traffic() -> impl Strategy<Value = Event> {
    prop_oneof![
        6 => (1..=LONGEST_PASS / 10).prop_map(Event::Pass),
        2 => any::<bool>().prop_map(Event::Connect),
        2 => any::<bool>().prop_map(Event::Take),
        4 => vec(any_sample(), 1..40).prop_map(Event::Traffic),
    ]
}

fn any_event() -> impl Strategy<Value = Event> {
    let clock = prop_oneof![
        -10..10_i64,
        -100_000..100_000_i64,
        Just(-1_760_000_000),
        Just(1_760_000_000),
    ];
    prop_oneof![
        14 => any_outage_or_traffic(),
        1 => (0..LONGEST_PASS).prop_map(Event::Pass),
        1 => any::<bool>().prop_map(Event::Entropy),
        1 => clock.prop_map(Event::ClockBy),
        3 => any_change().prop_map(Event::Set),
    ]
}

fn play<const MESSAGE: usize>(device: &mut Simulation<MESSAGE>, events: &[Event]) {
    for event in events {
        match event {
            Event::Pass(seconds) => device.run(*seconds),
            Event::Connect(connected) => device.connect(*connected),
            Event::Take(takes) => device.pass(*takes),
            Event::Traffic(samples) => samples.iter().for_each(|sample| device.packet(*sample)),
            Event::Entropy(broken) => device.entropy.broken = *broken,
            Event::ClockBy(seconds) => device.step_clock(*seconds),
            Event::Set(change) => device.set(|settings| change.make(settings)),
        }
    }
}

/// Plays the events, and then lets the hub be there for as long as anything may take.
fn check_bytes<const MESSAGE: usize>(events: &[Event]) -> Result<(), TestCaseError> {
    let mut device = Simulation::<MESSAGE>::with_buffer();
    play(&mut device, events);
    device.connect(true);
    device.pass(true);
    device.entropy.broken = false;
    device.run(2 + 2 * LONGEST as u32);
    device.assert_all_reported();
    Ok(())
}

proptest! {
    #![proptest_config(cases(128))]

    #[test]
    fn no_byte_is_lost_or_doubled(
        events in vec(any_event(), 1..if cfg!(miri) { 10 } else { 60 }),
    ) {
        check_bytes::<MESSAGE_BYTES>(&events)?;
        check_bytes::<SMALLEST>(&events)?;
    }

    #[test]
    fn polling_when_asked_is_as_good_as_every_second(
        events in vec(
            prop_oneof![
                4 => any_outage_or_traffic(),
                1 => any_change_of_no_interval().prop_map(Event::Set),
            ],
            1..if cfg!(miri) { 10 } else { 60 },
        ),
    ) {
        let mut every_second = Simulation::new();
        play(&mut every_second, &events);
        let mut when_asked = Simulation::new();
        when_asked.patient = true;
        play(&mut when_asked, &events);
        prop_assert_eq!(every_second.sent, when_asked.sent);
        prop_assert_eq!(every_second.refused, when_asked.refused);
        prop_assert_eq!(every_second.agent.state(), when_asked.agent.state());
        prop_assert!(when_asked.polls.len() <= every_second.polls.len());
    }
}
