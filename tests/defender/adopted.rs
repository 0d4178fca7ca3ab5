//! Objects that C made, and storage of other sizes.

use defender_message::SecurityMessage;
use threadx_defender::agent::packet::Direction::{In, Out};
use threadx_defender::agent::{Protocol, State};
use threadx_defender::azure::{AzureIot, HubClient};
use threadx_defender::defender::{Defender, DefenderStorage};
use threadx_defender::host::ManualClock;

use crate::device::talk::{Tally, talk, tally, totals};
use crate::device::{Device, HUBS, POOL, count_packet, create_ip, no_jitter, seconds_pass};
use crate::kernel::in_kernel;
use crate::raw::{PUBLISHED, RawAzure, RawIp};

#[test]
fn the_middleware_that_c_made_can_be_watched() {
    static AGENT: DefenderStorage = DefenderStorage::new();
    in_kernel(|kernel| {
        ManualClock::stop(kernel);
        let pool = POOL.create(kernel, c"pool", 1600).unwrap();
        let ip = create_ip(kernel, 0, c"ip", &pool);
        let raw = RawAzure::create(RawIp::named(c"ip"));
        let raw_client = raw.connect("device-of-c");
        let modules = raw.modules();
        // SAFETY: C created the instance, and it stays.
        let azure = unsafe { AzureIot::from_raw(raw.0) };
        assert!(azure.defender().is_none(), "adopting enables nothing");
        assert_eq!(raw.modules(), modules);
        // SAFETY: C initialized the client, and it stays.
        let client = unsafe { HubClient::from_raw(raw_client) };
        assert!(client.is_connected());

        let agent = Defender::builder()
            .settings(no_jitter())
            .enable(&AGENT, &azure)
            .unwrap();
        let mut injected = Tally::new();
        let web = talk(Protocol::Tcp, "10.0.0.2:50000", "192.0.2.1:443");
        count_packet(&ip, &mut injected, &web, In, 10);
        seconds_pass(kernel, 30);
        assert_eq!(agent.state(), State::Active);
        let published = PUBLISHED.lock().unwrap().clone();
        let [(topic, payload)] = &published[..] else {
            panic!("one message");
        };
        assert!(topic.starts_with("devices/device-of-c/messages/events/mti="));
        let message = SecurityMessage::decode(payload).unwrap();
        assert_eq!(tally([&message]), injected);

        // Dropping what was adopted deletes nothing of C's.
        client.disconnect().unwrap();
        assert!(!client.is_connected());
        client.set_connection(true).unwrap();
        drop(agent);
        drop((client, azure));
        assert_eq!(raw.modules(), modules);
        // SAFETY: the client still exists.
        let state = unsafe { (*raw_client).nx_azure_iot_hub_client_state };
        assert_eq!(state, netxduo_sys::NX_AZURE_IOT_HUB_CLIENT_STATUS_CONNECTED);
    });
}

#[test]
fn traffic_over_the_size_of_a_small_agent_is_reported_to_the_byte() {
    static AGENT: DefenderStorage<16, 16, 1024> = DefenderStorage::new();
    in_kernel(|kernel| {
        let device = Device::without_agent(kernel);
        let agent = Defender::builder()
            .settings(no_jitter())
            .enable(&AGENT, &device.azure)
            .unwrap();
        let mut injected = Tally::new();
        for peer in 1..=100_u16 {
            let v4 = format!("192.0.2.{peer}:{peer}");
            let v6 = format!("[2001:db8::{peer:x}]:{peer}");
            for protocol in [Protocol::Tcp, Protocol::Udp] {
                let v4 = talk(protocol, "10.0.0.2:5000", &v4);
                let v6 = talk(protocol, "[fd00::2]:5000", &v6);
                for talk in [v4, v6] {
                    device.pass(&mut injected, &talk, Out, usize::from(peer));
                    device.pass(&mut injected, &talk, In, 2 * usize::from(peer));
                }
            }
        }
        device.seconds(30);
        let messages = HUBS[0].taken();
        assert!(messages.len() > 1, "more than one message holds");
        for message in &messages {
            assert!(message.payload.len() <= 1024);
            assert_eq!(message.at, 30);
        }
        let reported = HUBS[0].tally();
        assert_eq!(totals(&reported), totals(&injected));
        // What was kept apart is right by itself.
        let exact = reported
            .iter()
            .filter(|(talk, bytes)| injected.get(talk) == Some(bytes));
        assert!(exact.count() >= 16);
        let statistics = agent.statistics().unwrap();
        assert_eq!(statistics.packets.packets_counted, 800);
        assert!(statistics.packets.flows_aggregated >= 400 - 32);
        assert_eq!(statistics.messages.messages_sent, messages.len() as u64);
    });
}
