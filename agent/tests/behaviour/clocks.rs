//! Uptime decides, Unix time only stamps: whatever the one does, the other goes its way.

use std::time::Duration;

use defender_agent::{Priority, Settings, State};

use crate::support::samples::sent_to;
use crate::support::simulation::{ENABLED_AT, Simulation};

/// Seconds that a clock is watched; less for Miri.
const WATCHED: u32 = if cfg!(miri) { 60 } else { 4000 };

/// A device with traffic every second, whose Unix time is what `clock` makes of the seconds since it was enabled.
fn device_with(clock: impl Fn(u32) -> u32) -> Simulation {
    let mut device = Simulation::new();
    device.unix_time = Some(clock(0));
    device.run_with(WATCHED, |device| {
        device.packet(sent_to(1, 11));
        // `run_with` adds the second.
        device.unix_time = Some(clock(device.second + 1).wrapping_sub(1));
    });
    device
}

/// Neither a message too many nor one too few, and every event of the time that it should be of.
fn assert_on_the_grid(device: &Simulation) {
    let grid: Vec<u32> = (30..WATCHED).step_by(10).collect();
    assert_eq!(device.seconds(), grid);
    for sent in &device.sent {
        assert_eq!(sent.network_activity().collection_interval, 10);
    }
}

#[test]
fn a_clock_that_stands_holds_nothing_up_and_is_told() {
    for unix_time in [0, 1_795_000_000, u32::MAX] {
        let mut device = Simulation::new();
        device.run_with(WATCHED, |device| {
            device.packet(sent_to(1, 11));
            device.unix_time = Some(unix_time.wrapping_sub(u32::from(unix_time != u32::MAX)));
        });
        assert_on_the_grid(&device);
        let statistics = device.agent.statistics();
        assert!(
            statistics.unix_time_stood > u64::from(WATCHED) - 10,
            "{statistics:?}"
        );
        assert!(statistics.unix_time_steps <= 1, "{statistics:?}");
    }
}

#[test]
fn a_clock_that_runs_wrong_or_jumps_changes_nothing_but_stamps_and_is_told() {
    let backwards = |second: u32| ENABLED_AT - second;
    let too_fast = |second: u32| ENABLED_AT.wrapping_add(1000 * second);
    let both_ways = |second: u32| ENABLED_AT + second + second % 2 * 7_000_000;
    let ends_of_its_range = |second: u32| {
        if second.is_multiple_of(2) {
            1
        } else {
            u32::MAX
        }
    };
    for device in [
        device_with(backwards),
        device_with(too_fast),
        device_with(both_ways),
        device_with(ends_of_its_range),
    ] {
        assert_on_the_grid(&device);
        let statistics = device.agent.statistics();
        assert!(
            statistics.unix_time_steps > u64::from(WATCHED) / 4,
            "{statistics:?}"
        );
    }
}

#[test]
fn a_clock_that_is_set_is_told_once() {
    for jump in [300_000_000, -20_000] {
        let mut device = Simulation::new();
        device.run_through(33, |device| device.packet(sent_to(1, 11)));
        device.step_clock(jump);
        device.run_with(WATCHED - 34, |device| device.packet(sent_to(1, 11)));
        assert_on_the_grid(&device);
        let statistics = device.agent.statistics();
        assert_eq!(
            (statistics.unix_time_steps, statistics.unix_time_stood),
            (1, 0)
        );
    }
}

#[test]
fn a_clock_that_goes_right_is_not_remarked_upon() {
    let device = device_with(|second| ENABLED_AT + second);
    assert_on_the_grid(&device);
    let statistics = device.agent.statistics();
    assert_eq!(
        (statistics.unix_time_steps, statistics.unix_time_stood),
        (0, 0)
    );
}

#[test]
#[cfg_attr(miri, ignore = "slow, and shorter tests reach as much")]
fn a_device_that_learns_the_time_after_an_hour_begins_then_and_has_counted_all_along() {
    let mut device = Simulation::new();
    device.unix_time = None;
    device.run(3600);
    device.packet(sent_to(1, 11));
    assert_eq!(device.agent.state(), State::WaitingForTime);
    assert!(device.sent.is_empty() && device.refused.is_empty());
    device.unix_time = Some(ENABLED_AT);
    device.run_through(3700, |device| device.packet(sent_to(1, 11)));
    // 30 s after the last second in which it did not know.
    assert_eq!(device.seconds()[..2], [3629, 3639]);
    let covered = |at: usize| device.sent[at].network_activity().collection_interval;
    assert_eq!((covered(0), covered(1)), (3629, 10));
    assert_eq!(device.agent.statistics().unix_time_steps, 0);
}

#[test]
fn a_device_without_random_bytes_begins_when_it_has_them() {
    let mut device = Simulation::new();
    device.patient = true;
    device.entropy.broken = true;
    device.run_with(50, |device| device.packet(sent_to(1, 11)));
    assert_eq!(device.agent.state(), State::WaitingForEntropy);
    assert_eq!(device.polls.len(), 50);
    device.entropy.broken = false;
    device.run_through(90, |device| device.packet(sent_to(1, 11)));
    assert_eq!(device.seconds(), [79, 89]);
    assert_eq!(device.sent[0].network_activity().collection_interval, 79);
    assert_eq!(device.sent[1].network_activity().collection_interval, 10);
}

#[test]
fn a_time_that_is_missing_later_is_what_it_must_be() {
    let mut device = Simulation::new();
    device.run(25);
    device.unix_time = None;
    device.run_through(60, |device| device.packet(sent_to(1, 11)));
    assert_eq!(device.seconds(), [30, 40, 50, 60]);
    for sent in &device.sent {
        assert_eq!(sent.message.events[0].time, ENABLED_AT + sent.second);
    }
}

#[test]
fn an_agent_is_enabled_when_it_is_told_or_else_when_it_is_polled() {
    let mut told = Simulation::new();
    assert_eq!(told.agent.state(), State::NotInitialized);
    told.enable();
    assert_eq!(told.agent.state(), State::Pending);
    told.second = 1;
    told.run_through(30, |device| device.packet(sent_to(1, 11)));
    assert_eq!(told.seconds(), [30]);
    // All that was is forgotten, and it begins where it is told.
    told.second = 40;
    told.enable();
    told.second = 41;
    told.run_through(80, |device| device.packet(sent_to(1, 11)));
    assert_eq!(told.seconds(), [30, 70, 80]);
    let mut polled = Simulation::new();
    polled.second = 7;
    polled.run_through(37, |device| device.packet(sent_to(1, 11)));
    assert_eq!(polled.seconds(), [37]);
}

#[test]
fn jumps_of_the_clock_neither_suspend_it_nor_keep_it_from_being_suspended() {
    let mut device = Simulation::new();
    device.connect(false);
    device.run(10);
    device.step_clock(300_000_000);
    device.run(10);
    device.step_clock(-299_000_000);
    device.run(281);
    assert_eq!(device.agent.state(), State::Pending);
    device.run(1);
    assert_eq!(device.agent.state(), State::Suspended);
}

#[test]
fn uptime_at_the_end_of_its_range_ends_in_no_loop() {
    // `Simulation::poll` fails when a second brings messages without end.
    for enabled_at in [u64::MAX, u64::MAX - 1, u64::MAX - 45, u64::MAX - 300] {
        let mut device = Simulation::new();
        device.enabled_at = enabled_at;
        device.run_with(400, |device| device.packet(sent_to(1, 11)));
        assert!(device.sent.len() <= 40);
        assert!(
            !device.sent.is_empty() || enabled_at > u64::MAX - 30,
            "{enabled_at}"
        );
    }
    let mut device = Simulation::new();
    device.run_through(33, |device| device.packet(sent_to(1, 11)));
    device.enabled_at = u64::MAX / 2;
    device.run(20);
    device.enabled_at = u64::MAX;
    device.run(20);
    // What passed is one interval too many, however long it was.
    assert!(device.sent.len() <= 6, "{:?}", device.seconds());
    device.assert_all_reported();
}

#[test]
fn uptime_that_goes_back_counts_as_standing() {
    let mut device = Simulation::new();
    device.run_through(40, |device| device.packet(sent_to(1, 11)));
    device.enabled_at -= 1000;
    device.run(900);
    assert_eq!(device.seconds(), [30, 40]);
    device.run(200);
    assert!(device.sent.len() > 2);
    device.assert_all_reported();
}

/// A clock of milliseconds in place of seconds came to the end of 32 bits within 50 days, and every poll was due from then on.
#[test]
fn unix_time_in_milliseconds_never_ends_in_a_loop() {
    let mut device = Simulation::new();
    device.set(|settings| {
        for priority in Priority::ALL {
            settings.set_interval(priority, Settings::MAX_TIME).unwrap();
        }
    });
    device.patient = true;
    let day = 24 * 60 * 60;
    for _ in 0..120 {
        device.second += day;
        device.step_clock(i64::from(day) * 1000);
        device.packet(sent_to(1, 11));
        device.poll();
    }
    // At the first poll of a day at which it had to begin, and then every 30 days.
    assert!(
        (3..=5).contains(&device.sent.len()),
        "{:?}",
        device.seconds()
    );
}

#[test]
fn a_wait_of_days_is_no_jump_of_the_clock() {
    let day = 24 * 60 * 60;
    let mut device = Simulation::new();
    device.set(|settings| {
        for priority in Priority::ALL {
            let interval = Duration::from_secs(u64::from(day));
            settings.set_interval(priority, interval).unwrap();
        }
    });
    device.patient = true;
    device.run_through(30, |_| {});
    assert_eq!(device.sent.len(), 1);
    // Five seconds late.
    device.second += day + 4;
    device.step_clock(i64::from(day) + 4);
    device.packet(sent_to(1, 11));
    device.poll();
    assert_eq!(device.sent.len(), 2);
    let interval = device.sent[1].network_activity().collection_interval;
    assert_eq!(interval, day + 5);
    assert_eq!(device.agent.statistics().unix_time_steps, 0);
}
