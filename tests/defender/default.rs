//! What a program gets that creates an `AzureIot` and calls nothing else.

use std::collections::BTreeSet;

use defender_message::decode::Payload;
use netxduo_sys::{NETXDUO_MAJOR_VERSION, NETXDUO_MINOR_VERSION, NETXDUO_PATCH_VERSION};
use threadx_defender::agent::packet::Direction::{In, Out};
use threadx_defender::agent::{Protocol, Settings, State};
use threadx_defender::defender::{Defender, DefenderStorage};
use threadx_defender::host::ManualClock;
use threadx_sys::{THREADX_MAJOR_VERSION, THREADX_MINOR_VERSION, THREADX_PATCH_VERSION};

use crate::device::talk::{Tally, talk};
use crate::device::{Device, HUBS, START, azure, seconds_pass};
use crate::kernel::in_kernel;

#[test]
fn every_packet_of_either_direction_and_ip_version_is_reported_once() {
    in_kernel(|kernel| {
        ManualClock::stop(kernel);
        let device = Device::create(kernel, azure());
        assert_eq!(device.agent().settings(), Settings::new());
        assert_eq!(device.agent().state(), State::Pending);
        let mut injected = Tally::new();
        let talks = [
            talk(Protocol::Tcp, "10.0.0.2:50000", "192.0.2.1:8883"),
            talk(Protocol::Udp, "10.0.0.2:50001", "192.0.2.2:53"),
            talk(Protocol::Icmp, "10.0.0.2:0", "192.0.2.3:0"),
            talk(Protocol::Tcp, "[fd00::2]:50002", "[2001:db8::1]:443"),
            talk(Protocol::Udp, "[fd00::2]:50003", "[2001:db8::2]:123"),
            talk(Protocol::Icmp, "[fd00::2]:0", "[2001:db8::3]:0"),
        ];
        let mut packets = 0;
        // The first collection is up to 89 seconds after enable.
        for second in 0..120 {
            for (index, talk) in talks.iter().enumerate() {
                device.pass(&mut injected, talk, Out, index + second);
                device.pass(&mut injected, talk, In, 3 * index + 1);
                packets += 2;
            }
            device.seconds(1);
        }
        device.seconds(10);
        assert_eq!(HUBS[0].tally(), injected);
        assert_eq!(device.agent().state(), State::Active);
        let statistics = device.agent().statistics().unwrap();
        assert_eq!(statistics.packets.packets_counted, packets);
        assert_eq!(statistics.packets.packets_seen(), packets);
        let sent = HUBS[0].taken();
        assert_eq!(statistics.messages.messages_sent, sent.len() as u64);
        let bytes: usize = sent.iter().map(|message| message.payload.len()).sum();
        assert_eq!(statistics.messages.bytes_sent, bytes as u64);
    });
}

#[test]
fn the_first_message_says_what_the_device_runs_on_and_when() {
    in_kernel(|kernel| {
        let device = Device::start(kernel);
        let web = talk(Protocol::Tcp, "10.0.0.2:50000", "192.0.2.1:443");
        device.pass(&mut Tally::new(), &web, Out, 100);
        device.seconds(29);
        assert!(HUBS[0].published().is_empty());
        device.seconds(1);
        let [message] = &HUBS[0].messages()[..] else {
            panic!("one message at the first collection");
        };
        assert_eq!(message.security_module_id, "defender-iot-micro-agent");
        let [network, system, heartbeat] = &message.events[..] else {
            panic!("an event of each collector");
        };
        for event in &message.events {
            assert_eq!(event.time, START + 30);
        }
        assert_eq!(network.collection_interval, 10);
        assert_eq!(system.collection_interval, 60);
        assert_eq!(heartbeat.payload, Payload::Heartbeat);
        let kernel_info = format!(
            "ThreadX {THREADX_MAJOR_VERSION}.{THREADX_MINOR_VERSION}.{THREADX_PATCH_VERSION}, \
             NetX Duo {NETXDUO_MAJOR_VERSION}.{NETXDUO_MINOR_VERSION}.{NETXDUO_PATCH_VERSION}"
        );
        assert_eq!(
            system.payload,
            Payload::SystemInformation {
                os_info: format!("Azure RTOS {THREADX_MAJOR_VERSION}.{THREADX_MINOR_VERSION}"),
                kernel_info,
                hw_info: String::new(),
            }
        );
    });
}

#[test]
fn messages_go_to_the_topic_of_security_messages() {
    in_kernel(|kernel| {
        let device = Device::start(kernel);
        device.seconds(30);
        assert_eq!(
            HUBS[0].taken()[0].topic,
            "devices/device/messages/events/\
             mti=2.3-1-0-0&%24.ifid=urn%3Aazureiot%3ASecurity%3ASecurityAgent%3A1"
        );
    });
}

#[test]
fn every_event_has_a_random_id_of_its_own() {
    in_kernel(|kernel| {
        let device = Device::start(kernel);
        let mut ids = BTreeSet::new();
        let mut events = 0;
        // A hundred times both collectors of the low priority group.
        device.seconds(30 + 99 * 60);
        for event in HUBS[0]
            .messages()
            .iter()
            .flat_map(|message| &message.events)
        {
            assert_eq!((event.id.0[6] >> 4, event.id.0[8] >> 6), (4, 0b10));
            ids.insert(event.id);
            events += 1;
        }
        assert_eq!((events, ids.len()), (200, 200));
    });
}

#[test]
fn the_first_collection_is_put_off_at_random() {
    in_kernel(|kernel| {
        ManualClock::stop(kernel);
        let mut device = Device::create(kernel, azure());
        static AGENT: DefenderStorage = DefenderStorage::new();
        drop(device.azure.take_defender());
        let mut times = BTreeSet::new();
        for _ in 0..40 {
            HUBS[0].clear();
            let enabled = kernel.uptime().as_secs();
            let agent = Defender::builder().enable(&AGENT, &device.azure).unwrap();
            seconds_pass(kernel, 89);
            let first = HUBS[0].taken()[0].at - enabled;
            assert!((30..=89).contains(&first), "{first} s");
            times.insert(first);
            drop(agent);
        }
        // 40 draws out of 60: fewer than ten different ones is as good as impossible.
        assert!(times.len() >= 10, "{times:?}");
    });
}
