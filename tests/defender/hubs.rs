//! Several hub clients, and clients that refuse, go and come back.

use std::time::Duration;

use threadx_defender::agent::packet::Direction::{In, Out};
use threadx_defender::agent::{Protocol, State};
use threadx_defender::azure::HubClient;
use threadx_defender::host::ManualClock;

use crate::device::talk::{Talk, Tally, talk};
use crate::device::{CLIENTS, Device, HUBS, connect};
use crate::kernel::in_kernel;

fn web() -> Talk {
    talk(Protocol::Tcp, "10.0.0.2:50000", "192.0.2.1:443")
}

/// How many messages each of the first hubs took.
fn taken<const N: usize>() -> [usize; N] {
    std::array::from_fn(|hub| HUBS[hub].taken().len())
}

#[test]
fn a_message_goes_to_each_device_once() {
    in_kernel(|kernel| {
        let device = Device::start(kernel);
        let _module = connect(1, "device", "module", &device.azure);
        let _other = connect(2, "other", "", &device.azure);
        device.pass(&mut Tally::new(), &web(), Out, 10);
        device.seconds(30);
        let [own, module, other] = taken();
        assert_eq!((own + module, other), (1, 1));
        let first = if own == 1 { &HUBS[0] } else { &HUBS[1] };
        assert_eq!(
            first.taken()[0].payload,
            HUBS[2].taken()[0].payload,
            "one message for all"
        );
        assert_eq!(
            device.agent().statistics().unwrap().messages.messages_sent,
            1
        );
    });
}

#[test]
fn a_client_that_refuses_leaves_it_to_the_next_of_its_device() {
    in_kernel(|kernel| {
        let device = Device::start(kernel);
        let _module = connect(1, "device", "module", &device.azure);
        HUBS[0].refuse(true);
        device.seconds(30);
        assert_eq!(taken(), [0, 1]);
        HUBS[0].refuse(false);
        HUBS[1].refuse(true);
        device.seconds(60);
        assert_eq!(taken(), [1, 1]);
        assert_eq!(
            device.agent().statistics().unwrap().messages.retries,
            0,
            "somebody took it at once"
        );
    });
}

#[test]
fn a_module_identity_publishes_to_its_own_topic() {
    in_kernel(|kernel| {
        let device = Device::start(kernel);
        device.client.disconnect().unwrap();
        let _module = connect(1, "device", "module", &device.azure);
        device.seconds(30);
        assert_eq!(
            HUBS[1].taken()[0].topic,
            "devices/device/modules/module/messages/events/\
             mti=2.3-1-0-0&%24.ifid=urn%3Aazureiot%3ASecurity%3ASecurityAgent%3A1"
        );
    });
}

#[test]
fn no_more_devices_than_the_limit_get_it() {
    in_kernel(|kernel| {
        let device = Device::start(kernel);
        let names = ["b", "c", "d"];
        let clients: Vec<HubClient> = (1..)
            .zip(names)
            .map(|(hub, name)| connect(hub, name, "", &device.azure))
            .collect();
        device
            .agent()
            .update(|settings| settings.set_max_hub_devices(2))
            .unwrap();
        device.seconds(30);
        assert_eq!(taken::<4>().iter().sum::<usize>(), 2);
        device
            .agent()
            .update(|settings| settings.set_max_hub_devices(64))
            .unwrap();
        device.seconds(60);
        assert_eq!(taken::<4>().iter().sum::<usize>(), 2 + 4);
        drop(clients);
    });
}

#[test]
fn clients_of_different_hubs_are_different_devices() {
    in_kernel(|kernel| {
        let device = Device::start(kernel);
        let elsewhere = HubClient::builder("other.example", "device")
            .transport(&HUBS[1])
            .create(&CLIENTS[1], &device.azure)
            .unwrap();
        elsewhere.connect(true, Duration::ZERO).unwrap();
        device.seconds(30);
        assert_eq!(taken(), [1, 1]);
    });
}

#[test]
fn nothing_is_lost_while_the_hub_is_away() {
    in_kernel(|kernel| {
        let device = Device::start(kernel);
        let mut injected = Tally::new();
        let mut busy = |seconds: u64| {
            for _ in 0..seconds {
                device.pass(&mut injected, &web(), Out, 10);
                device.pass(&mut injected, &web(), In, 20);
                device.seconds(1);
            }
        };
        let agent = device.agent();
        busy(45);
        assert_eq!(agent.state(), State::Active);
        device.client.set_connection(false).unwrap();
        assert!(!device.client.is_connected());
        busy(60);
        assert_eq!(agent.state(), State::Pending);
        busy(300);
        assert_eq!(agent.state(), State::Suspended);
        let before = HUBS[0].published().len();
        assert_eq!(before, 2, "messages at 30 and 40");
        device.client.set_connection(true).unwrap();
        busy(4);
        assert_eq!(agent.state(), State::Active);
        assert_eq!(HUBS[0].published().len(), before + 1);
        busy(20);
        device.seconds(10);
        assert_eq!(HUBS[0].tally(), injected);
    });
}

#[test]
fn a_client_that_is_dropped_and_created_again_is_found() {
    in_kernel(|kernel| {
        let Device {
            client,
            azure,
            ip: _ip,
            pool: _pool,
            ..
        } = Device::start(kernel);
        crate::device::seconds_pass(kernel, 30);
        assert_eq!(taken(), [1]);
        drop(client);
        crate::device::seconds_pass(kernel, 60);
        assert_eq!(taken(), [1]);
        let _client = connect(0, "device", "", &azure);
        crate::device::seconds_pass(kernel, 4);
        assert_eq!(taken(), [2]);
    });
}

#[test]
fn a_message_that_nobody_takes_is_sent_again_with_the_same_bytes() {
    in_kernel(|kernel| {
        let device = Device::start(kernel);
        let mut injected = Tally::new();
        device.pass(&mut injected, &web(), Out, 10);
        HUBS[0].refuse(true);
        device.seconds(30 + 3 + 3);
        HUBS[0].refuse(false);
        device.seconds(3);
        let published = HUBS[0].published();
        let when: Vec<_> = published.iter().map(|message| message.at).collect();
        assert_eq!(when, [30, 33, 36, 39]);
        for again in &published[1..] {
            assert_eq!(again.payload, published[0].payload);
        }
        let messages = device.agent().statistics().unwrap().messages;
        assert_eq!((messages.messages_sent, messages.retries), (1, 3));
        assert_eq!(HUBS[0].tally(), injected);
    });
}

#[test]
fn no_packet_is_lost_to_messages_that_nobody_takes() {
    in_kernel(|kernel| {
        let device = Device::start(kernel);
        let free = device.pool.available();
        HUBS[0].refuse(true);
        device.seconds(200);
        assert!(HUBS[0].published().len() > 50);
        assert_eq!(device.pool.available(), free);
    });
}

#[test]
fn without_packets_a_message_waits() {
    in_kernel(|kernel| {
        let device = Device::start(kernel);
        let mut injected = Tally::new();
        device.pass(&mut injected, &web(), Out, 10);
        // SAFETY: the pool exists; the packets are released below.
        let packets: Vec<_> = std::iter::from_fn(|| unsafe {
            let pool = (*crate::raw::RawIp::named(c"ip").0).nx_ip_default_packet_pool;
            let mut packet = std::ptr::null_mut();
            let status = netxduo_sys::nx_packet_allocate(pool, &raw mut packet, 0, 0);
            (status == netxduo_sys::NX_SUCCESS).then_some(packet)
        })
        .collect();
        assert_eq!(device.pool.available(), 0);
        device.seconds(35);
        assert!(HUBS[0].published().is_empty());
        assert!(device.agent().statistics().unwrap().messages.retries > 0);
        for packet in packets {
            // SAFETY: it was allocated above, and nobody else has it.
            unsafe { netxduo_sys::nx_packet_release(packet) };
        }
        device.seconds(3);
        assert_eq!(HUBS[0].tally(), injected);
    });
}

#[test]
fn time_in_which_nothing_is_due_may_be_skipped() {
    in_kernel(|kernel| {
        let device = Device::start(kernel);
        let clock = ManualClock::stop(kernel);
        let agent = device.agent();
        device.seconds(1);
        assert_eq!(agent.outlook().unwrap().seconds, 29);
        assert!(!agent.outlook().unwrap().unsent);
        device.pass(&mut Tally::new(), &web(), Out, 10);
        assert!(agent.outlook().unwrap().unsent);
        // From second 1 to just before second 30: no message is due, and none comes.
        clock.skip(Duration::from_secs(28));
        assert_eq!(taken(), [0]);
        device.seconds(1);
        assert_eq!(taken(), [1]);
        assert!(!agent.outlook().unwrap().unsent);
        // From one collection to the next.
        for collections in 2..100 {
            device.pass(&mut Tally::new(), &web(), Out, 10);
            let wait = agent.outlook().unwrap().seconds;
            assert_eq!(wait, 10);
            clock.skip(Duration::from_secs(u64::from(wait) - 1));
            device.seconds(1);
            assert_eq!(taken(), [collections]);
        }
    });
}
