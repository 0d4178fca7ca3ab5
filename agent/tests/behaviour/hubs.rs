//! When hub clients come, go, refuse, or never come.

use defender_agent::{Agent, State};

use crate::support::samples::sent_to;
use crate::support::simulation::{Client, Simulation};

#[test]
fn with_a_hub_it_sends_on_its_grid() {
    let mut device = Simulation::new();
    assert_eq!(device.agent.state(), State::NotInitialized);
    device.run_through(65, |device| device.packet(sent_to(1, 11)));
    assert_eq!(device.seconds(), [30, 40, 50, 60]);
    assert_eq!(device.agent.state(), State::Active);
    let kinds: Vec<String> = device.sent.iter().map(|sent| sent.kinds()).collect();
    assert_eq!(kinds, ["NSH", "N", "N", "N"]);
    let bytes: Vec<u32> = device.reported().map(|flow| flow.bytes_out).collect();
    assert_eq!(bytes, [330, 110, 110, 110]);
}

#[test]
fn a_hub_that_comes_late_gets_what_happened_before() {
    let mut device = Simulation::new();
    device.connect(false);
    device.run_through(99, |device| device.packet(sent_to(1, 11)));
    assert_eq!(device.agent.state(), State::Pending);
    device.connect(true);
    device.run_through(120, |device| device.packet(sent_to(1, 11)));
    // It looks every 3 seconds: at 99, at 102.
    assert_eq!(device.seconds(), [102, 110, 120]);
    let bytes: Vec<u32> = device.reported().map(|flow| flow.bytes_out).collect();
    assert_eq!(bytes, [102 * 11, 8 * 11, 10 * 11]);
    assert_eq!(device.sent[0].network_activity().collection_interval, 102);
    assert_eq!(device.sent[1].network_activity().collection_interval, 10);
}

#[test]
fn a_hub_that_comes_before_the_first_collection_brings_none_forward() {
    let mut device = Simulation::new();
    device.connect(false);
    device.run(10);
    device.connect(true);
    device.run_through(35, |device| device.packet(sent_to(1, 11)));
    assert_eq!(device.seconds(), [30]);
    assert_eq!(device.sent[0].network_activity().collection_interval, 10);
}

#[test]
#[cfg_attr(miri, ignore = "slow, and shorter tests reach as much")]
fn without_a_hub_it_is_suspended_and_goes_on_counting() {
    let mut device = Simulation::new();
    device.connect(false);
    device.run_through(300, |device| device.packet(sent_to(1, 11)));
    assert_eq!(device.agent.state(), State::Pending);
    device.run_through(1000, |device| device.packet(sent_to(1, 11)));
    assert_eq!(device.agent.state(), State::Suspended);
    assert!(device.sent.is_empty() && device.refused.is_empty());
    device.connect(true);
    device.run(4);
    assert_eq!(device.agent.state(), State::Active);
    device.assert_all_reported();
    assert_eq!(device.sent.len(), 1);
    assert_eq!(device.sent[0].kinds(), "NSH");
}

#[test]
#[cfg_attr(miri, ignore = "slow, and shorter tests reach as much")]
fn a_hub_that_goes_is_missed_when_a_message_is_due() {
    let mut device = Simulation::new();
    device.run_through(34, |device| device.packet(sent_to(1, 11)));
    device.connect(false);
    device.run_through(39, |_| {});
    assert_eq!(device.agent.state(), State::Active);
    device.run_through(40, |_| {});
    assert_eq!(device.agent.state(), State::Pending);
    // The pending time counts anew from there.
    device.run_through(340, |_| {});
    assert_eq!(device.agent.state(), State::Pending);
    device.run_through(341, |_| {});
    assert_eq!(device.agent.state(), State::Suspended);
}

#[test]
fn a_hub_that_is_away_between_two_messages_is_not_missed() {
    let mut device = Simulation::new();
    device.run_with(100, |device| {
        device.packet(sent_to(1, 11));
        device.connect(!(1..9).contains(&(device.second % 10)));
    });
    assert_eq!(device.seconds(), [30, 40, 50, 60, 70, 80, 90]);
}

#[test]
fn a_refused_message_comes_again_every_retry_time_and_the_grid_goes_on() {
    let mut device = Simulation::new();
    device.run_through(60, |device| device.packet(sent_to(1, 11)));
    device.pass(false);
    device.run_through(94, |device| device.packet(sent_to(1, 11)));
    assert_eq!(device.agent.state(), State::Active);
    device.pass(true);
    device.run_through(110, |device| device.packet(sent_to(1, 11)));
    assert_eq!(device.refused, [70, 73, 76, 79, 82, 85, 88, 91, 94]);
    assert_eq!(device.seconds(), [30, 40, 50, 60, 97, 100, 110]);
    let bytes: Vec<u32> = device.reported().map(|flow| flow.bytes_out).collect();
    assert_eq!(bytes[4..], [110, 330, 110]);
    // Made at 70 and not touched since; the next covers the time from there.
    assert_eq!(device.sent[4].network_activity().collection_interval, 10);
    assert_eq!(device.sent[5].network_activity().collection_interval, 30);
    assert_eq!(device.agent.statistics().retries, 9);
}

#[test]
#[cfg_attr(miri, ignore = "slow, and shorter tests reach as much")]
fn a_refused_message_outlives_the_hub_that_refused_it() {
    let mut device = Simulation::new();
    device.pass(false);
    device.run_through(31, |device| device.packet(sent_to(1, 11)));
    device.connect(false);
    device.run_through(500, |device| device.packet(sent_to(2, 11)));
    assert_eq!(device.agent.state(), State::Suspended);
    assert_eq!(device.refused, [30]);
    device.connect(true);
    device.pass(true);
    device.run(4);
    device.assert_all_reported();
    // The old message, and in one that follows at once what became due meanwhile.
    assert_eq!(device.sent.len(), 2);
    assert_eq!(device.sent[0].second, device.sent[1].second);
}

#[test]
fn a_word_about_a_message_that_nobody_gave_out_changes_nothing() {
    let mut agent: Agent = Agent::new();
    agent.sent(true);
    agent.sent(false);
    assert_eq!(agent.statistics(), Default::default());
}

#[test]
fn two_clients_of_one_device_get_a_message_once() {
    let mut device = Simulation::new();
    device.clients = vec![
        Client::new("device"),
        Client::new("device"),
        Client::new("other"),
    ];
    device.run_through(50, |device| device.packet(sent_to(1, 11)));
    let took = |device: &Simulation| -> Vec<usize> {
        let clients = device.clients.iter();
        clients.map(|client| client.took.get()).collect()
    };
    assert_eq!(took(&device), [3, 0, 3]);

    // The first goes: its module identity takes over.
    device.connect(false);
    device.run_through(60, |device| device.packet(sent_to(1, 11)));
    assert_eq!(took(&device), [3, 1, 4]);

    // The other device cannot send: that is no reason to keep the message.
    device.clients[2].takes = false;
    device.run_through(70, |_| {});
    assert_eq!(took(&device), [3, 2, 4]);
    assert!(device.refused.is_empty());
    device.assert_all_reported();
}

#[test]
fn no_more_devices_than_set_get_a_message() {
    let mut device = Simulation::new();
    device.clients = vec![Client::new("a"), Client::new("b"), Client::new("c")];
    device.set(|settings| settings.set_max_hub_devices(2).unwrap());
    device.run_through(30, |_| {});
    let took: Vec<usize> = device
        .clients
        .iter()
        .map(|client| client.took.get())
        .collect();
    assert_eq!(took, [1, 1, 0]);
}

#[test]
fn the_outlook_says_what_may_be_left_out() {
    let mut device = Simulation::new();
    let outlook = |device: &Simulation| device.agent.outlook(&device.settings);
    device.run(1);
    let first = outlook(&device);
    assert_eq!((first.seconds, first.look, first.unsent), (30, None, false));
    // A message that is refused is nobody's yet.
    device.pass(false);
    device.run_through(31, |device| device.packet(sent_to(1, 11)));
    assert!(outlook(&device).unsent);
    device.pass(true);
    device.run_through(40, |_| {});
    assert!(!outlook(&device).unsent);
    // Without a hub it gives up after a while; when all is due, it only looks for one, every three seconds.
    device.connect(false);
    device.run_through(500, |device| device.packet(sent_to(1, 11)));
    assert_eq!(device.agent.state(), State::Suspended);
    for _ in 0..20 {
        device.run(1);
        let outlook = outlook(&device);
        assert_eq!(outlook.look, Some(3));
        assert!((1..=3).contains(&outlook.seconds), "{outlook:?}");
    }
}

/// Looks on which no hub is there may be left out, and nothing else is different.
#[test]
fn a_device_that_left_out_looks_sends_the_same() {
    let run = |leaves_out: bool| {
        let mut device = Simulation::new();
        device.connect(false);
        device.run_through(700, |device| device.packet(sent_to(1, 11)));
        // The hub comes at second 5000.
        while device.second < 5000 {
            let outlook = device.agent.outlook(&device.settings);
            let mut polled_at = device.second;
            if leaves_out && let Some(every) = outlook.look {
                // The last poll was a second ago.
                let next = device.second - 1 + outlook.seconds;
                polled_at = next + 4999_u32.saturating_sub(next) / every * every;
            }
            let passes = polled_at.min(5000) - device.second;
            device.second += passes;
            device.unix_time = device.unix_time.map(|time| time + passes);
            if device.second < 5000 {
                device.run(1);
            }
        }
        device.connect(true);
        device.run(100);
        device
    };
    let (every, few) = (run(false), run(true));
    assert!(few.polls.len() + 100 < every.polls.len());
    let seconds = |device: &Simulation| {
        device
            .sent
            .iter()
            .map(|sent| sent.second)
            .collect::<Vec<_>>()
    };
    assert_eq!(seconds(&every), seconds(&few));
    assert_eq!(
        every.sent[0].network_activity(),
        few.sent[0].network_activity()
    );
}
