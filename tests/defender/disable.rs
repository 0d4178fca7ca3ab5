//! Disabling the agent, or changing it, while it sends.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use threadx_defender::Error;
use threadx_defender::agent::packet::Direction::Out;
use threadx_defender::agent::{Collector, Priority, Protocol, State};
use threadx_defender::azure::AzureIot;
use threadx_defender::defender::{Defender, DefenderStorage};
use threadx_defender::host::ManualClock;
use threadx_defender::kernel::{Kernel, ThreadStorage};

use crate::device::talk::{Talk, Tally, talk};
use crate::device::{Device, HUBS, no_jitter};
use crate::kernel::in_kernel;
use crate::raw::{RawAzure, RawIp};

static AGENT: DefenderStorage = DefenderStorage::new();
static OTHER: DefenderStorage<8, 8> = DefenderStorage::new();

/// The agent's guard, for whoever is to drop it.
static GUARD: Mutex<Option<Defender>> = Mutex::new(None);

fn take_guard() -> Option<Defender> {
    GUARD.lock().unwrap().take()
}

fn web() -> Talk {
    talk(Protocol::Tcp, "10.0.0.2:50000", "192.0.2.1:443")
}

/// A device whose agent's guard is in `GUARD`, for good: a hub's work may refer to it.
fn device_with_guard(kernel: Kernel) -> &'static Device {
    let device = Box::leak(Box::new(Device::without_agent(kernel)));
    *GUARD.lock().unwrap() = Some(enable(device).unwrap());
    device
}

fn enable(device: &Device) -> Result<Defender, Error> {
    Defender::builder()
        .settings(no_jitter())
        .enable(&AGENT, &device.azure)
}

#[test]
fn it_can_be_disabled_from_within_its_own_send() {
    in_kernel(|kernel| disabled_within_a_send(kernel, true));
}

#[test]
fn it_can_be_disabled_from_within_a_send_that_fails() {
    in_kernel(|kernel| disabled_within_a_send(kernel, false));
}

fn disabled_within_a_send(kernel: Kernel, taken: bool) {
    let device: &'static Device = Box::leak(Box::new(Device::without_agent(kernel)));
    let before = RawIp::named(c"ip").fields();
    *GUARD.lock().unwrap() = Some(enable(device).unwrap());
    static IN_BETWEEN: Mutex<Vec<Error>> = Mutex::new(Vec::new());
    HUBS[0].meanwhile(move || {
        if let Some(agent) = take_guard() {
            drop(agent);
            assert_eq!(RawIp::named(c"ip").fields(), before);
            // Its memory is in use until its tick is over, and so is its place.
            IN_BETWEEN.lock().unwrap().extend(enable(device).err());
            let other = Defender::builder().enable(&OTHER, &device.azure);
            IN_BETWEEN.lock().unwrap().extend(other.err());
        }
        taken
    });
    device.pass(&mut Tally::new(), &web(), Out, 10);
    device.seconds(30);
    assert_eq!(HUBS[0].published().len(), 1);
    assert_eq!(
        *IN_BETWEEN.lock().unwrap(),
        [Error::AlreadyEnabled, Error::AlreadyEnabled]
    );
    assert_eq!(RawIp::named(c"ip").fields(), before);
    device.seconds(100);
    assert_eq!(HUBS[0].published().len(), 1, "it is disabled");

    // Its memory can be used again, and nothing of before is in it.
    HUBS[0].clear();
    HUBS[0].meanwhile(|| true);
    let agent = enable(device).unwrap();
    assert_eq!(agent.statistics().unwrap(), Default::default());
    let mut injected = Tally::new();
    device.pass(&mut injected, &web(), Out, 20);
    device.seconds(30);
    assert_eq!(HUBS[0].tally(), injected);
    drop(agent);
    assert_eq!(RawIp::named(c"ip").fields(), before);
}

#[test]
fn disabling_on_another_thread_waits_for_the_send() {
    static SENT: AtomicBool = AtomicBool::new(false);
    static DISABLED: AtomicBool = AtomicBool::new(false);
    static THREAD: ThreadStorage<65_536> = ThreadStorage::new();

    fn disable(_: Kernel) {
        drop(take_guard());
        assert!(SENT.load(Ordering::Relaxed), "the send is over");
        DISABLED.store(true, Ordering::Relaxed);
    }

    in_kernel(|kernel| {
        let device = device_with_guard(kernel);
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
        HUBS[0].meanwhile(|| true);
        HUBS[0].clear();
        let agent = enable(device).unwrap();
        let mut injected = Tally::new();
        device.pass(&mut injected, &web(), Out, 20);
        device.seconds(30);
        assert_eq!(HUBS[0].tally(), injected);
        drop(agent);
    });
}

#[test]
fn packets_pass_and_count_while_a_send_takes_its_time() {
    in_kernel(|kernel| {
        let device = Device::start(kernel);
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
    });
}

#[test]
fn it_can_be_asked_and_changed_from_within_its_own_send() {
    static SEEN: Mutex<Vec<State>> = Mutex::new(Vec::new());
    in_kernel(|kernel| {
        let device: &'static Device = Box::leak(Box::new(Device::start(kernel)));
        HUBS[0].meanwhile(|| {
            let agent = device.agent();
            SEEN.lock().unwrap().push(agent.state());
            assert_eq!(agent.statistics().unwrap().messages.messages_sent, 0);
            agent
                .set_interval(Priority::High, Duration::from_secs(4))
                .unwrap();
            agent
                .set_collector_enabled(Collector::Heartbeat, false)
                .unwrap();
            agent.set_unicast_only(false).unwrap();
            HUBS[0].meanwhile(|| true);
            true
        });
        let mut injected = Tally::new();
        for _ in 0..60 {
            device.pass(&mut injected, &web(), Out, 10);
            device.seconds(1);
        }
        let times: Vec<_> = HUBS[0].taken().iter().map(|message| message.at).collect();
        assert_eq!(times[..5], [30, 34, 38, 42, 46]);
        assert_eq!(SEEN.lock().unwrap().len(), 1);
        device.seconds(4);
        assert_eq!(HUBS[0].tally(), injected);
    });
}

#[test]
fn clients_can_come_and_go_from_within_a_send() {
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    in_kernel(|kernel| {
        let device: &'static Device = Box::leak(Box::new(Device::start(kernel)));
        HUBS[0].meanwhile(|| {
            if CALLS.fetch_add(1, Ordering::Relaxed) == 0 {
                // The client that sends breaks its own connection, and a new one comes.
                device.client.set_connection(false).unwrap();
                Box::leak(Box::new(crate::device::connect(
                    1,
                    "device",
                    "",
                    &device.azure,
                )));
            }
            false
        });
        let mut injected = Tally::new();
        device.pass(&mut injected, &web(), Out, 10);
        device.seconds(40);
        assert_eq!(HUBS[1].tally(), injected);
        assert_eq!(CALLS.load(Ordering::Relaxed), 1);
    });
}

#[test]
fn hooks_stay_out_however_often_the_cloud_helper_calls() {
    static STOP: AtomicBool = AtomicBool::new(false);
    in_kernel(|kernel| {
        let device = Device::without_agent(kernel);
        let ip = RawIp::named(c"ip");
        let raw = RawAzure::create(ip);
        // SAFETY: C created the instance, and it stays.
        let azure = unsafe { AzureIot::from_raw(raw.0) };
        let before = ip.fields();
        let seconds = std::thread::spawn(move || {
            while !STOP.load(Ordering::Relaxed) {
                // The whole, which may be sent, and not its pointer.
                let raw = raw;
                raw.second();
            }
        });
        // As many as go in a while: a kernel that stops the world for each costs a hundred times what another does.
        let begin = Instant::now();
        for round in 0.. {
            if round >= 1_000 && begin.elapsed() > Duration::from_secs(5) {
                break;
            }
            drop(Defender::builder().enable(&AGENT, &azure).unwrap());
            assert_eq!(ip.fields(), before, "round {round}");
        }
        STOP.store(true, Ordering::Relaxed);
        seconds.join().unwrap();
        drop(device);
    });
}

#[test]
fn a_guard_that_is_dropped_where_no_thread_is_disables_it_within_a_second() {
    in_kernel(|kernel| {
        let device = device_with_guard(kernel);
        // A thread that is not ThreadX' has the rights of an interrupt: the cloud helper is out of its reach.
        std::thread::spawn(|| drop(take_guard())).join().unwrap();
        assert_eq!(RawIp::named(c"ip").fields().filter, None);
        device.pass(&mut Tally::new(), &web(), Out, 10);
        // The cloud helper's thread does the rest.
        device.seconds(1);
        drop(enable(device).unwrap());
        device.seconds(100);
        assert!(HUBS[0].published().is_empty());
    });
}
