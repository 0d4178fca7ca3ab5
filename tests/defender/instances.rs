//! IP instances that come and go while the agent is enabled.

use std::ffi::CStr;

use threadx_defender::agent::Protocol;
use threadx_defender::agent::packet::Direction::{In, Out};
use threadx_defender::defender::{Defender, DefenderStorage};

use crate::device::talk::{Tally, count, talk};
use crate::device::{Device, HUBS, create_ip};
use crate::kernel::in_kernel;
use crate::raw::RawIp;

#[test]
fn an_instance_that_is_created_later_is_watched_within_a_second() {
    in_kernel(|kernel| {
        let mut device = Device::start(kernel);
        let later = create_ip(kernel, 1, c"later", &device.pool);
        let before = RawIp::named(c"later").fields();
        device.seconds(1);
        let mut injected = Tally::new();
        let v4 = talk(Protocol::Udp, "10.0.1.2:5000", "192.0.2.1:53");
        let v6 = talk(Protocol::Tcp, "[fd00:1::2]:5000", "[2001:db8::1]:443");
        for (talk, data) in [(v4, 10), (v6, 20)] {
            for direction in [In, Out] {
                later
                    .inject(direction, &talk.packet(direction, data))
                    .unwrap();
                count(&mut injected, &talk, direction, data);
            }
        }
        device.seconds(30);
        assert_eq!(HUBS[0].tally(), injected);
        drop(device.azure.take_defender());
        assert_eq!(RawIp::named(c"later").fields(), before);
    });
}

#[test]
fn an_instance_that_is_deleted_is_let_go_and_may_come_again() {
    in_kernel(|kernel| {
        let device = Device::start(kernel);
        let talk = talk(Protocol::Udp, "10.0.1.2:5000", "192.0.2.1:53");
        let mut injected = Tally::new();
        // With time enough to see that it is gone, and without.
        for pause in [3, 0, 1, 0, 0] {
            let ip = create_ip(kernel, 1, c"second", &device.pool);
            let fresh = RawIp::named(c"second").fields();
            device.seconds(1);
            let hooked = RawIp::named(c"second").fields();
            assert_ne!(hooked.udp, fresh.udp);
            assert_ne!(hooked.filter, fresh.filter);
            for direction in [In, Out] {
                ip.inject(direction, &talk.packet(direction, 10)).unwrap();
                count(&mut injected, &talk, direction, 10);
            }
            drop(ip);
            device.seconds(pause);
        }
        device.seconds(30);
        assert_eq!(HUBS[0].tally(), injected);
        assert_eq!(
            device.agent().statistics().unwrap().ip_instances_left_alone,
            0
        );
    });
}

#[test]
fn deleting_a_hooked_instance_and_disabling_at_once_does_no_harm() {
    in_kernel(|kernel| {
        let mut device = Device::start(kernel);
        let first = RawIp::named(c"ip");
        let second = create_ip(kernel, 1, c"second", &device.pool);
        let fresh = RawIp::named(c"second").fields();
        device.seconds(1);
        drop(second);
        drop(device.azure.take_defender());
        let again = create_ip(kernel, 1, c"second", &device.pool);
        assert_eq!(RawIp::named(c"second").fields(), fresh);
        assert_eq!(first.fields().filter, None);
        drop(again);
    });
}

#[test]
fn more_instances_than_can_be_watched_are_counted() {
    in_kernel(|kernel| {
        let mut device = Device::start(kernel);
        const NAMES: [&CStr; 5] = [c"1", c"2", c"3", c"4", c"5"];
        let mut ips: Vec<_> = (1..)
            .zip(NAMES)
            .map(|(number, name)| create_ip(kernel, number, name, &device.pool))
            .collect();
        device.seconds(1);
        let left_alone =
            |device: &Device| device.agent().statistics().unwrap().ip_instances_left_alone;
        assert_eq!(left_alone(&device), 2, "six instances, four watched");
        let talk = talk(Protocol::Udp, "10.0.5.2:5000", "192.0.2.1:53");
        ips[4].inject(Out, &talk.packet(Out, 10)).unwrap();
        assert_eq!(
            device.agent().statistics().unwrap().packets.packets_seen(),
            0
        );
        // Room is used again.
        drop(ips.remove(1));
        drop(ips.remove(0));
        device.seconds(1);
        assert_eq!(left_alone(&device), 0);
        ips[2].inject(Out, &talk.packet(Out, 10)).unwrap();
        assert_eq!(
            device.agent().statistics().unwrap().packets.packets_counted,
            1
        );
        drop(device.azure.take_defender());
        assert_eq!(RawIp::named(c"5").fields().filter, None);
    });
}

#[test]
fn instances_that_find_no_room_are_counted_from_the_start() {
    in_kernel(|kernel| {
        let device = Device::without_agent(kernel);
        const NAMES: [&CStr; 4] = [c"1", c"2", c"3", c"4"];
        let ips: Vec<_> = (1..)
            .zip(NAMES)
            .map(|(number, name)| create_ip(kernel, number, name, &device.pool))
            .collect();
        static AGENT: DefenderStorage = DefenderStorage::new();
        let agent = Defender::builder().enable(&AGENT, &device.azure).unwrap();
        assert_eq!(agent.statistics().unwrap().ip_instances_left_alone, 1);
        drop((agent, ips));
    });
}
