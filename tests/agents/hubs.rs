//! Hub clients that refuse, go and come back.

use std::time::Duration;

use threadx_defender::agent::packet::Direction::Out;
use threadx_defender::agent::{Collector, Protocol, State};
use threadx_defender::defender::Implementation;
use threadx_defender::kernel::Kernel;

use crate::both::enable;
use crate::device::talk::{Talk, Tally, talk};
use crate::device::{Device, HUBS, connect};

on_both_agents!(
    a_message_goes_to_each_device_once,
    a_message_that_was_refused_comes_again,
    without_a_hub_it_is_suspended_and_comes_back,
    collectors_that_are_off_stay_off_when_it_comes_back,
);

fn web() -> Talk {
    talk(Protocol::Tcp, "10.0.0.2:50000", "192.0.2.1:443")
}

/// How many messages each of the first hubs took.
fn taken<const N: usize>() -> [usize; N] {
    std::array::from_fn(|hub| HUBS[hub].taken().len())
}

fn a_message_goes_to_each_device_once(kernel: Kernel, agent: Implementation) {
    let device = Device::without_agent(kernel);
    let _defender = enable(agent, &device);
    let _module = connect(1, "device", "module", &device.azure);
    let _other = connect(2, "other", "", &device.azure);
    device.pass(&mut Tally::new(), &web(), Out, 10);
    device.seconds(30);
    let [own, module, other] = taken();
    assert_eq!((own + module, other), (1, 1));
    let first = if own == 1 { &HUBS[0] } else { &HUBS[1] };
    assert_eq!(first.taken()[0].payload, HUBS[2].taken()[0].payload);
}

fn a_message_that_was_refused_comes_again(kernel: Kernel, agent: Implementation) {
    let device = Device::without_agent(kernel);
    let _defender = enable(agent, &device);
    let mut injected = Tally::new();
    device.pass(&mut injected, &web(), Out, 10);
    device.seconds(25);
    HUBS[0].refuse(true);
    device.seconds(9);
    HUBS[0].refuse(false);
    device.seconds(3);
    let published = HUBS[0].published();
    let times: Vec<_> = published.iter().map(|message| message.at).collect();
    assert_eq!(times, [30, 33, 36]);
    assert!(
        published
            .iter()
            .all(|message| message.payload == published[0].payload)
    );
    assert_eq!(HUBS[0].tally(), injected);
}

fn without_a_hub_it_is_suspended_and_comes_back(kernel: Kernel, agent: Implementation) {
    let device = Device::without_agent(kernel);
    device.client.set_connection(false).unwrap();
    let defender = enable(agent, &device);
    defender
        .update(|settings| settings.set_pending_time(Duration::from_secs(100)))
        .unwrap();
    device.seconds(95);
    assert_eq!(defender.state(), State::Pending);
    device.seconds(10);
    assert_eq!(defender.state(), State::Suspended);
    // More flows than a table holds, while it is suspended.
    for port in 0..200 {
        let remote = format!("192.0.2.1:{port}");
        device.pass(
            &mut Tally::new(),
            &talk(Protocol::Udp, "10.0.0.2:5000", &remote),
            Out,
            10,
        );
    }
    device.client.set_connection(true).unwrap();
    device.seconds(20);
    assert_eq!(defender.state(), State::Active);
    // What it was suspended for has no effect any more.
    device.seconds(60);
    HUBS[0].clear();
    let mut injected = Tally::new();
    for _ in 0..30 {
        device.pass(&mut injected, &web(), Out, 10);
        device.seconds(1);
    }
    device.seconds(10);
    assert_eq!(HUBS[0].tally(), injected);
}

fn collectors_that_are_off_stay_off_when_it_comes_back(kernel: Kernel, agent: Implementation) {
    let device = Device::without_agent(kernel);
    device.client.set_connection(false).unwrap();
    let defender = enable(agent, &device);
    defender
        .update(|settings| {
            settings.set_collector_enabled(Collector::Heartbeat, false);
            settings.set_collector_enabled(Collector::SystemInformation, false);
            settings.set_pending_time(Duration::from_secs(30))
        })
        .unwrap();
    device.seconds(60);
    assert_eq!(defender.state(), State::Suspended);
    defender
        .set_collector_enabled(Collector::SystemInformation, true)
        .unwrap();
    device.client.set_connection(true).unwrap();
    device.seconds(130);
    let messages = HUBS[0].messages();
    assert!(!messages.is_empty());
    for event in messages.iter().flat_map(|message| &message.events) {
        let is_system = matches!(
            event.payload,
            defender_message::decode::Payload::SystemInformation { .. }
        );
        assert!(is_system, "{event:?}");
    }
}
