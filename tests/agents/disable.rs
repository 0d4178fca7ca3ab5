//! Disabling an agent while it sends, and where it cannot be done at once.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use threadx_defender::Error;
use threadx_defender::agent::Protocol;
use threadx_defender::agent::packet::Direction::Out;
use threadx_defender::defender::{Defender, Implementation};
use threadx_defender::host::ManualClock;
use threadx_defender::kernel::{Kernel, ThreadStorage};

use crate::both::{builder, enable, try_enable};
use crate::device::talk::{Talk, Tally, talk};
use crate::device::{Device, HUBS};
use crate::raw::RawIp;

on_both_agents!(
    it_can_be_disabled_from_within_its_own_send,
    it_can_be_disabled_from_within_a_send_that_fails,
    disabling_on_another_thread_waits_for_the_send,
    a_guard_that_is_dropped_where_no_thread_is_disables_it_within_a_second,
    packets_pass_and_count_while_a_send_takes_its_time,
);

/// The agent's guard, for whoever is to drop it.
static GUARD: Mutex<Option<Defender>> = Mutex::new(None);

fn take_guard() -> Option<Defender> {
    GUARD.lock().unwrap().take()
}

fn web() -> Talk {
    talk(Protocol::Tcp, "10.0.0.2:50000", "192.0.2.1:443")
}

/// A device whose agent's guard is in `GUARD`, for good: a hub's work may refer to it.
fn device_with_guard(kernel: Kernel, agent: Implementation) -> &'static Device {
    let device = Box::leak(Box::new(Device::without_agent(kernel)));
    *GUARD.lock().unwrap() = Some(enable(agent, device));
    device
}

/// Enabled again it does its work, and nothing of before is in it.
fn works_again(device: &Device, agent: Implementation) {
    HUBS[0].clear();
    HUBS[0].meanwhile(|| true);
    let before = RawIp::named(c"ip").fields();
    let defender = enable(agent, device);
    let mut injected = Tally::new();
    device.pass(&mut injected, &web(), Out, 20);
    device.seconds(30);
    assert_eq!(HUBS[0].tally(), injected);
    drop(defender);
    assert_eq!(RawIp::named(c"ip").fields(), before);
}

fn it_can_be_disabled_from_within_its_own_send(kernel: Kernel, agent: Implementation) {
    disabled_within_a_send(kernel, agent, true);
}

fn it_can_be_disabled_from_within_a_send_that_fails(kernel: Kernel, agent: Implementation) {
    disabled_within_a_send(kernel, agent, false);
}

fn disabled_within_a_send(kernel: Kernel, agent: Implementation, taken: bool) {
    static IN_BETWEEN: Mutex<Vec<Error>> = Mutex::new(Vec::new());
    let device: &'static Device = Box::leak(Box::new(Device::without_agent(kernel)));
    let before = RawIp::named(c"ip").fields();
    *GUARD.lock().unwrap() = Some(enable(agent, device));
    HUBS[0].meanwhile(move || {
        if let Some(defender) = take_guard() {
            drop(defender);
            assert_eq!(RawIp::named(c"ip").fields(), before);
            // Its place is taken until its tick is over.
            let again = try_enable(builder(agent), device);
            IN_BETWEEN.lock().unwrap().extend(again.err());
        }
        taken
    });
    device.pass(&mut Tally::new(), &web(), Out, 10);
    device.seconds(30);
    assert_eq!(HUBS[0].published().len(), 1);
    let in_between = IN_BETWEEN.lock().unwrap().clone();
    assert_eq!(in_between, [Error::AlreadyEnabled]);
    assert_eq!(RawIp::named(c"ip").fields(), before);
    device.seconds(100);
    assert_eq!(HUBS[0].published().len(), 1, "it is disabled");
    works_again(device, agent);
}

fn disabling_on_another_thread_waits_for_the_send(kernel: Kernel, agent: Implementation) {
    static SENT: AtomicBool = AtomicBool::new(false);
    static DISABLED: AtomicBool = AtomicBool::new(false);
    static THREAD: ThreadStorage<65_536> = ThreadStorage::new();

    fn disable(_: Kernel) {
        drop(take_guard());
        assert!(SENT.load(Ordering::Relaxed), "the send is over");
        DISABLED.store(true, Ordering::Relaxed);
    }

    let device = device_with_guard(kernel, agent);
    HUBS[0].meanwhile(move || {
        kernel.sleep(Duration::from_secs(5)).unwrap();
        SENT.store(true, Ordering::Relaxed);
        true
    });
    device.seconds(30);
    assert!(!SENT.load(Ordering::Relaxed), "the hub takes its time");
    kernel.spawn(&THREAD, c"disable", 10, disable).unwrap();
    let clock = ManualClock::stop(kernel);
    clock.settle();
    assert!(!DISABLED.load(Ordering::Relaxed));
    // Meanwhile nothing is counted any more, and packets pass.
    device.pass(&mut Tally::new(), &web(), Out, 10);
    clock.advance(Duration::from_secs(5)).unwrap();
    assert!(DISABLED.load(Ordering::Relaxed));
    assert_eq!(HUBS[0].taken().len(), 1);
    assert_eq!(RawIp::named(c"ip").fields().filter, None);
    works_again(device, agent);
}

fn a_guard_that_is_dropped_where_no_thread_is_disables_it_within_a_second(
    kernel: Kernel,
    agent: Implementation,
) {
    let device = device_with_guard(kernel, agent);
    // A thread that is not ThreadX' has the rights of an interrupt: the cloud helper is out of its reach.
    std::thread::spawn(|| drop(take_guard())).join().unwrap();
    assert_eq!(RawIp::named(c"ip").fields().filter, None);
    device.pass(&mut Tally::new(), &web(), Out, 10);
    // The cloud helper's thread does the rest.
    device.seconds(1);
    drop(enable(agent, device));
    device.seconds(100);
    assert!(HUBS[0].published().is_empty());
    works_again(device, agent);
}

fn packets_pass_and_count_while_a_send_takes_its_time(kernel: Kernel, agent: Implementation) {
    let device = Device::without_agent(kernel);
    let _defender = enable(agent, &device);
    HUBS[0].meanwhile(move || {
        kernel.sleep(Duration::from_secs(25)).unwrap();
        true
    });
    let mut injected = Tally::new();
    for _ in 0..100 {
        device.pass(&mut injected, &web(), Out, 10);
        device.seconds(1);
    }
    HUBS[0].meanwhile(|| true);
    device.seconds(60);
    assert_eq!(HUBS[0].tally(), injected);
}
