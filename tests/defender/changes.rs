//! Settings that change while the agent runs.

use std::thread;
use std::time::Duration;

use defender_message::decode::Payload;
use threadx_defender::agent::packet::Direction::{self, In, Out};
use threadx_defender::agent::{Collector, Priority, Protocol, Settings};

use crate::device::talk::{Talk, Tally, count, talk};
use crate::device::{Device, HUBS, no_jitter};
use crate::kernel::in_kernel;

/// The seconds of uptime at which a hub took messages.
fn seconds() -> Vec<u64> {
    HUBS[0].taken().iter().map(|message| message.at).collect()
}

/// The kinds of events of each message: N, S, H.
fn kinds() -> Vec<String> {
    let kind = |payload: &Payload| match payload {
        Payload::NetworkActivity { .. } => 'N',
        Payload::SystemInformation { .. } => 'S',
        Payload::Heartbeat => 'H',
        other => panic!("{other:?}"),
    };
    let messages = HUBS[0].messages();
    let kinds = messages
        .iter()
        .map(|message| message.events.iter().map(|event| kind(&event.payload)));
    kinds.map(Iterator::collect).collect()
}

fn web() -> Talk {
    talk(Protocol::Tcp, "10.0.0.2:50000", "192.0.2.1:443")
}

/// Lets seconds pass with a packet in each.
fn busy_seconds(device: &Device, seconds: u64, injected: &mut Tally) {
    for _ in 0..seconds {
        device.pass(injected, &web(), Out, 10);
        device.seconds(1);
    }
}

#[test]
fn intervals_change_within_a_second() {
    in_kernel(|kernel| {
        let device = Device::start(kernel);
        let mut injected = Tally::new();
        busy_seconds(&device, 50, &mut injected);
        assert_eq!(seconds(), [30, 40, 50]);
        device
            .agent()
            .set_interval(Priority::High, Duration::from_secs(3))
            .unwrap();
        busy_seconds(&device, 10, &mut injected);
        assert_eq!(seconds(), [30, 40, 50, 53, 56, 59]);
        let messages = HUBS[0].messages();
        assert_eq!(messages[5].events[0].collection_interval, 3);
        device
            .agent()
            .set_interval(Priority::High, Duration::from_secs(60))
            .unwrap();
        busy_seconds(&device, 60, &mut injected);
        assert_eq!(seconds()[6..], [90, 119]);
        device.seconds(60);
        assert_eq!(HUBS[0].tally(), injected);
    });
}

#[test]
fn an_interval_outside_its_limits_is_refused_with_them() {
    in_kernel(|kernel| {
        let device = Device::start(kernel);
        let refused = |priority, interval: Duration| {
            let result = device.agent().set_interval(priority, interval);
            result.unwrap_err().to_string()
        };
        assert_eq!(
            refused(Priority::High, Duration::ZERO),
            "the interval of the high priority group is 0s, but must be 1s to 30 days"
        );
        assert_eq!(
            refused(Priority::Low, Duration::from_secs(2_592_001)),
            "the interval of the low priority group is 2592001s, but must be 1s to 30 days"
        );
        assert_eq!(
            refused(Priority::Medium, Duration::from_millis(1500)),
            "the interval of the medium priority group is 1.5s, but must be whole seconds"
        );
        assert_eq!(device.agent().settings(), no_jitter());
    });
}

#[test]
fn collectors_are_turned_off_and_on() {
    in_kernel(|kernel| {
        let device = Device::start(kernel);
        let agent = device.agent();
        let mut injected = Tally::new();
        agent
            .set_collector_enabled(Collector::SystemInformation, false)
            .unwrap();
        busy_seconds(&device, 30, &mut injected);
        assert_eq!(kinds(), ["NH"]);
        // Network activity that is off counts nothing.
        agent
            .set_collector_enabled(Collector::NetworkActivity, false)
            .unwrap();
        busy_seconds(&device, 60, &mut Tally::new());
        assert_eq!(kinds(), ["NH", "H"]);
        agent
            .set_collector_enabled(Collector::NetworkActivity, true)
            .unwrap();
        agent
            .set_collector_enabled(Collector::Heartbeat, false)
            .unwrap();
        busy_seconds(&device, 10, &mut injected);
        assert_eq!(kinds(), ["NH", "H", "N"]);
        assert_eq!(HUBS[0].tally(), injected);
    });
}

#[test]
fn collectors_move_to_another_priority_group() {
    in_kernel(|kernel| {
        let device = Device::start(kernel);
        let agent = device.agent();
        let mut injected = Tally::new();
        agent
            .set_collector_priority(Collector::Heartbeat, Priority::High)
            .unwrap();
        agent
            .set_collector_priority(Collector::NetworkActivity, Priority::Medium)
            .unwrap();
        busy_seconds(&device, 60, &mut injected);
        assert_eq!(seconds(), [30, 40, 50, 60]);
        assert_eq!(kinds(), ["HNS", "H", "H", "HN"]);
        assert_eq!(HUBS[0].tally(), injected);
    });
}

#[test]
fn protocols_are_left_out_and_counted_again() {
    in_kernel(|kernel| {
        let device = Device::start(kernel);
        let agent = device.agent();
        let talks = [
            web(),
            talk(Protocol::Udp, "10.0.0.2:5000", "192.0.2.1:53"),
            talk(Protocol::Icmp, "[fd00::2]:0", "[2001:db8::3]:0"),
        ];
        let mut injected = Tally::new();
        for left_out in [Protocol::Tcp, Protocol::Udp, Protocol::Icmp] {
            agent.set_protocol_enabled(left_out, false).unwrap();
            for talk in &talks {
                for direction in [In, Out] {
                    let mut ignored = Tally::new();
                    let counted = talk.protocol != left_out;
                    let tally = if counted { &mut injected } else { &mut ignored };
                    device.pass(tally, talk, direction, 10);
                }
            }
            agent.set_protocol_enabled(left_out, true).unwrap();
        }
        let packets = agent.statistics().unwrap().packets;
        assert_eq!((packets.packets_counted, packets.packets_ignored), (12, 6));
        device.seconds(30);
        assert_eq!(HUBS[0].tally(), injected);
    });
}

#[test]
fn group_traffic_is_counted_only_when_asked_for() {
    in_kernel(|kernel| {
        let device = Device::start(kernel);
        let agent = device.agent();
        let groups = [
            talk(Protocol::Udp, "224.0.0.1:7", "10.0.0.9:9"),
            talk(Protocol::Udp, "255.255.255.255:67", "10.0.0.9:68"),
            talk(Protocol::Udp, "10.0.0.255:137", "10.0.0.9:138"),
            talk(Protocol::Udp, "[ff02::1]:5353", "[fd00::9]:5353"),
            talk(Protocol::Icmp, "[ff02::1]:0", "[fd00::9]:0"),
        ];
        let own = talk(Protocol::Udp, "10.0.0.2:5000", "10.0.0.9:53");
        let own_v6 = talk(Protocol::Udp, "[fd00::2]:5000", "[fd00::9]:53");
        let mut injected = Tally::new();
        let round = |data: usize, injected: &mut Tally| {
            for talk in &groups {
                let mut ignored = Tally::new();
                let counted = !agent.settings().unicast_only();
                let tally = if counted {
                    &mut *injected
                } else {
                    &mut ignored
                };
                device.pass(tally, talk, In, data);
            }
            for talk in [&own, &own_v6] {
                device.pass(injected, talk, In, data);
                device.pass(injected, talk, Out, data);
            }
        };
        round(1, &mut injected);
        let ignored = agent.statistics().unwrap().packets.packets_ignored;
        assert_eq!(ignored, 5);
        agent.set_unicast_only(false).unwrap();
        round(2, &mut injected);
        assert_eq!(agent.statistics().unwrap().packets.packets_ignored, ignored);
        agent.set_unicast_only(true).unwrap();
        round(4, &mut injected);
        assert_eq!(
            agent.statistics().unwrap().packets.packets_ignored,
            2 * ignored
        );
        device.seconds(30);
        assert_eq!(HUBS[0].tally(), injected);
    });
}

#[test]
fn what_the_device_sends_to_a_group_always_counts() {
    in_kernel(|kernel| {
        let device = Device::start(kernel);
        let mdns = talk(Protocol::Udp, "10.0.0.2:5353", "224.0.0.251:5353");
        let mut injected = Tally::new();
        device.pass(&mut injected, &mdns, Out, 10);
        device.agent().set_unicast_only(false).unwrap();
        device.pass(&mut injected, &mdns, Out, 10);
        device.seconds(30);
        assert_eq!(HUBS[0].tally(), injected);
    });
}

#[test]
fn packets_that_are_not_for_the_device_count_only_at_the_filter() {
    in_kernel(|kernel| {
        let device = Device::start(kernel);
        let foreign = talk(Protocol::Udp, "10.0.0.77:5000", "10.0.0.9:53");
        let packet = foreign.packet(In, 10);
        assert!(device.ip.inject(In, &packet).is_err());
        assert_eq!(
            device.agent().statistics().unwrap().packets.packets_seen(),
            0
        );
        device.agent().set_unicast_only(false).unwrap();
        assert!(device.ip.inject(In, &packet).is_err());
        let mut injected = Tally::new();
        count(&mut injected, &foreign, Direction::In, 10);
        device.seconds(30);
        assert_eq!(HUBS[0].tally(), injected);
    });
}

#[test]
fn an_update_is_made_whole_or_not_at_all() {
    in_kernel(|kernel| {
        let device = Device::start(kernel);
        let agent = device.agent();
        let result = agent.update(|settings| {
            settings.set_unicast_only(false);
            settings.set_interval(Priority::High, Duration::from_secs(5))?;
            settings.set_interval(Priority::Low, Duration::ZERO)
        });
        assert!(result.is_err());
        assert_eq!(agent.settings(), no_jitter());
        let mut expected = no_jitter();
        expected.set_unicast_only(false);
        expected
            .set_interval(Priority::High, Duration::from_secs(5))
            .unwrap();
        agent
            .update(|settings| {
                settings.set_unicast_only(false);
                settings.set_interval(Priority::High, Duration::from_secs(5))
            })
            .unwrap();
        assert_eq!(agent.settings(), expected);
    });
}

#[test]
fn updates_of_several_threads_all_hold() {
    const TIMES: u64 = 2_000;
    in_kernel(|kernel| {
        let device: &'static Device = Box::leak(Box::new(Device::start(kernel)));
        let threads = Priority::ALL.map(|priority| {
            thread::spawn(move || {
                for seconds in 1..=TIMES {
                    let interval = Duration::from_secs(seconds);
                    device.agent().set_interval(priority, interval).unwrap();
                    // Nobody else sets this one.
                    assert_eq!(device.agent().settings().interval(priority), interval);
                }
            })
        });
        for thread in threads {
            thread.join().unwrap();
        }
        let settings: Settings = device.agent().settings();
        for priority in Priority::ALL {
            assert_eq!(settings.interval(priority), Duration::from_secs(TIMES));
        }
    });
}

#[test]
fn packets_obey_the_settings_that_hold() {
    in_kernel(|kernel| {
        let device: &'static Device = Box::leak(Box::new(Device::start(kernel)));
        let agent = device.agent();
        for round in 0..500 {
            let threads = [true, false].map(|enabled| {
                thread::spawn(move || {
                    for _ in 0..10 {
                        device
                            .agent()
                            .set_protocol_enabled(Protocol::Tcp, enabled)
                            .unwrap();
                    }
                })
            });
            for thread in threads {
                thread.join().unwrap();
            }
            let before = agent.statistics().unwrap().packets.packets_counted;
            device.pass(&mut Tally::new(), &web(), Out, 10);
            let counted = agent.statistics().unwrap().packets.packets_counted - before;
            let enabled = agent.settings().protocol_enabled(Protocol::Tcp);
            assert_eq!(counted, u64::from(enabled), "round {round}");
        }
    });
}
