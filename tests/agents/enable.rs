//! When an agent can be enabled, and what a failure leaves behind: nothing.

use threadx_defender::Error;
use threadx_defender::agent::packet::Direction::{In, Out};
use threadx_defender::agent::{Protocol, State};
use threadx_defender::azure::AzureIot;
use threadx_defender::defender::{Defender, DefenderStorage, EntropyUnavailable, Implementation};
use threadx_defender::kernel::Kernel;

use crate::both::{agents, builder, enable, try_enable};
use crate::device::talk::{Tally, talk};
use crate::device::{Device, HUBS, azure, create_ip, know_the_time};
use crate::raw::{RawAzure, RawIp};

on_both_agents!(
    it_reports_what_passes,
    there_is_one_agent_of_any_kind,
    a_second_middleware_finds_it_enabled,
    what_was_disabled_can_be_enabled_again,
    it_comes_with_the_middleware,
    without_time_or_entropy_nothing_is_sent,
    only_threads_may_enable_it,
);

fn it_reports_what_passes(kernel: Kernel, agent: Implementation) {
    let device = Device::without_agent(kernel);
    let defender = enable(agent, &device);
    assert_ne!(defender.state(), State::NotInitialized);
    let mut injected = Tally::new();
    for (protocol, local, remote) in [
        (Protocol::Tcp, "10.0.0.2:50000", "192.0.2.1:443"),
        (Protocol::Udp, "10.0.0.2:5000", "192.0.2.1:53"),
        (Protocol::Icmp, "10.0.0.2:0", "192.0.2.7:0"),
        (Protocol::Tcp, "[fd00::2]:50000", "[2001:db8::1]:443"),
        (Protocol::Udp, "[fd00::2]:5000", "[2001:db8::1]:53"),
        (Protocol::Icmp, "[fd00::2]:0", "[2001:db8::7]:0"),
    ] {
        let talk = talk(protocol, local, remote);
        device.pass(&mut injected, &talk, Out, 10);
        device.pass(&mut injected, &talk, In, 200);
    }
    device.seconds(29);
    assert!(HUBS[0].published().is_empty());
    device.seconds(1);
    assert_eq!(defender.state(), State::Active);
    assert_eq!(HUBS[0].tally(), injected);
    device.seconds(70);
    let taken = HUBS[0].taken();
    let times: Vec<_> = taken.iter().map(|message| message.at).collect();
    // With nothing to say about the network, only the low group reports.
    assert_eq!(times, [30, 90]);
    for message in &taken {
        assert_eq!(
            message.topic,
            "devices/device/messages/events/\
             mti=2.3-1-0-0&%24.ifid=urn%3Aazureiot%3ASecurity%3ASecurityAgent%3A1"
        );
        let message = message.decoded();
        assert_eq!(message.security_module_id, "defender-iot-micro-agent");
    }
}

fn there_is_one_agent_of_any_kind(kernel: Kernel, agent: Implementation) {
    static OTHER: DefenderStorage<8, 8> = DefenderStorage::new();
    let device = Device::without_agent(kernel);
    let first = enable(agent, &device);
    let hooked = RawIp::named(c"ip").fields();
    for other in agents() {
        let refused = builder(other).enable(&OTHER, &device.azure);
        assert_eq!(refused.unwrap_err(), Error::AlreadyEnabled);
    }
    assert_eq!(RawIp::named(c"ip").fields(), hooked);
    // Those that were refused have not harmed the one that is.
    let web = talk(Protocol::Tcp, "10.0.0.2:50000", "192.0.2.1:443");
    let mut injected = Tally::new();
    device.pass(&mut injected, &web, Out, 10);
    device.seconds(30);
    assert_eq!(HUBS[0].tally(), injected);
    drop(first);
    for other in agents() {
        drop(builder(other).enable(&OTHER, &device.azure).unwrap());
    }
}

fn a_second_middleware_finds_it_enabled(kernel: Kernel, agent: Implementation) {
    let device = Device::without_agent(kernel);
    let raw = RawAzure::create(RawIp::named(c"ip"));
    // SAFETY: C created the instance, and it stays.
    let second = unsafe { AzureIot::from_raw(raw.0) };
    let modules = raw.modules();
    let first = enable(agent, &device);
    static OTHER: DefenderStorage<8, 8> = DefenderStorage::new();
    let refused = builder(agent).enable(&OTHER, &second);
    assert_eq!(refused.unwrap_err(), Error::AlreadyEnabled);
    assert_eq!(raw.modules(), modules);
    drop(first);
    let second = builder(agent).enable(&OTHER, &second).unwrap();
    assert_eq!(raw.modules(), modules + 1);
    drop(second);
    assert_eq!(raw.modules(), modules);
}

fn what_was_disabled_can_be_enabled_again(kernel: Kernel, agent: Implementation) {
    let device = Device::without_agent(kernel);
    let before = RawIp::named(c"ip").fields();
    // More flows in all than a table holds: none of them may be left over.
    for round in 1..=20_u16 {
        HUBS[0].clear();
        let defender = enable(agent, &device);
        assert_ne!(defender.state(), State::NotInitialized);
        let mut injected = Tally::new();
        for port in 0..60 {
            let remote = format!("192.0.2.1:{}", 100 * round + port);
            let v4 = talk(Protocol::Udp, "10.0.0.2:5000", &remote);
            device.pass(&mut injected, &v4, Out, usize::from(round));
        }
        device.seconds(35);
        assert_eq!(HUBS[0].tally(), injected, "round {round}");
        // What passes last is not reported any more.
        device.pass(
            &mut Tally::new(),
            &talk(Protocol::Tcp, "10.0.0.2:9", "192.0.2.9:9"),
            Out,
            1,
        );
        drop(defender);
        assert_eq!(RawIp::named(c"ip").fields(), before);
    }
}

fn it_comes_with_the_middleware(kernel: Kernel, agent: Implementation) {
    let mut device = Device::start_with(kernel, builder(agent));
    assert_eq!(device.agent().implementation(), agent);
    let web = talk(Protocol::Tcp, "10.0.0.2:50000", "192.0.2.1:443");
    let mut injected = Tally::new();
    device.pass(&mut injected, &web, In, 10);
    device.seconds(30);
    assert_eq!(HUBS[0].tally(), injected);
    drop(device.azure.take_defender());
    let free = device.pool.available();
    drop(create_ip(kernel, 1, c"other", &device.pool));
    drop(device);
    // Everything is gone: it can be created again.
    let again = Device::create(kernel, azure().defender(builder(agent)));
    assert_eq!(again.pool.available(), free);
}

fn without_time_or_entropy_nothing_is_sent(kernel: Kernel, agent: Implementation) {
    fn none(_: &mut [u8]) -> Result<(), EntropyUnavailable> {
        Err(EntropyUnavailable)
    }
    let device = Device::without_agent(kernel);
    let before = RawIp::named(c"ip").fields();
    let try_for_a_while = |with, state, error| match try_enable(with, &device) {
        Ok(waiting) => {
            device.seconds(100);
            assert_eq!(waiting.state(), state);
        }
        // Only the original cannot wait.
        Err(refused) => {
            assert_ne!(agent, Implementation::Rust);
            assert_eq!(refused, error);
        }
    };
    know_the_time(false);
    try_for_a_while(builder(agent), State::WaitingForTime, Error::NoUnixTime);
    know_the_time(true);
    let without = builder(agent).entropy(none);
    try_for_a_while(without, State::WaitingForEntropy, Error::NoEntropy);
    assert_eq!(RawIp::named(c"ip").fields(), before);
    device.seconds(100);
    assert!(HUBS[0].published().is_empty());
    drop(enable(agent, &device));
}

fn only_threads_may_enable_it(kernel: Kernel, agent: Implementation) {
    let device: &'static Device = Box::leak(Box::new(Device::without_agent(kernel)));
    let before = RawIp::named(c"ip").fields();
    // A thread that is not ThreadX' has the rights of an interrupt.
    let foreign = std::thread::spawn(move || try_enable(builder(agent), device).unwrap_err());
    assert_eq!(foreign.join().unwrap(), Error::NotAThread);
    assert_eq!(RawIp::named(c"ip").fields(), before);
    let defender: Defender = enable(agent, device);
    drop(defender);
}
