//! Traffic on several threads while collections run: every byte is counted once.
#![cfg(any(simulation, target_os = "linux"))]

// Where there is no simulation there is nothing to test, which must not look as if it had passed.
#[cfg(not(simulation))]
compile_error!("these tests need the host port, or ThreadX' port to Linux with the simulation");

#[path = "support/device.rs"]
mod device;
#[path = "support/kernel.rs"]
mod kernel;

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock};
use std::thread;
use std::time::Duration;

use netxduo_sys::{_nx_ip_created_ptr, NX_IP, NX_PACKET, NX_SUCCESS};
use threadx_defender::agent::packet::Direction::{In, Out};
use threadx_defender::agent::{Priority, Protocol, Settings};
use threadx_defender::defender::{Defender, DefenderStorage};
use threadx_defender::host::ManualClock;
use threadx_defender::kernel::{Kernel, ThreadStorage};
use threadx_sys::UINT;

use device::talk::{Talk, Tally, talk, totals};
use device::{Device, HUBS, azure};
use kernel::in_kernel;

/// The device, for every thread.
static DEVICE: OnceLock<Device> = OnceLock::new();
/// The threads are to stop.
static STOP: AtomicBool = AtomicBool::new(false);
/// What each thread that has stopped has passed.
static PASSED: Mutex<Vec<Tally>> = Mutex::new(Vec::new());
/// How many packets all of them have passed.
static PACKETS: AtomicU32 = AtomicU32::new(0);

/// Threads that ThreadX did not make, as an interrupt or a driver would be.
const FOREIGN: u16 = 3;
/// Flows of each thread and IP version beside the one that all have in common.
const FLOWS: u16 = 4;
/// So many flows that the table is full all the time.
const MANY_FLOWS: u16 = 40;

fn device() -> &'static Device {
    DEVICE.get().expect("set before the threads start")
}

/// As often as it can be.
fn every_second() -> Settings {
    let second = Duration::from_secs(1);
    let mut settings = Settings::new();
    settings
        .set_first_collection_jitter(Duration::ZERO)
        .unwrap();
    settings.set_first_collection(second).unwrap();
    settings.set_retry_time(second).unwrap();
    settings.set_interval(Priority::High, second).unwrap();
    settings
}

/// The flows of a thread: some of its own, and one that every thread has.
fn flows(thread: u16, count: u16) -> Vec<Talk> {
    let protocols = [Protocol::Tcp, Protocol::Udp, Protocol::Icmp];
    let mut flows = vec![talk(Protocol::Udp, "10.0.0.2:7", "192.0.2.200:7")];
    for number in 0..count {
        let protocol = protocols[usize::from(number) % 3];
        let port = match protocol {
            Protocol::Icmp => 0,
            _ => 1000 * (thread + 1) + number,
        };
        let v4 = format!("192.0.{thread}.{number}:{port}");
        let v6 = format!("[2001:db8:{thread}::{number:x}]:{port}");
        flows.push(talk(protocol, &format!("10.0.0.2:{port}"), &v4));
        flows.push(talk(protocol, &format!("[fd00::2]:{port}"), &v6));
    }
    flows
}

/// Passes packets of both directions until told to stop, with a rest after each round.
fn pass_packets(thread: u16, count: u16, rest: impl Fn()) {
    let mut passed = Tally::new();
    let flows = flows(thread, count);
    for round in 0_usize.. {
        if STOP.load(Ordering::Acquire) {
            break;
        }
        for (index, talk) in flows.iter().enumerate() {
            device().pass(&mut passed, talk, Out, (round + index) % 200);
            device().pass(&mut passed, talk, In, (round * 3 + index) % 300);
            PACKETS.fetch_add(2, Ordering::Relaxed);
        }
        rest();
    }
    PASSED.lock().unwrap().push(passed);
}

/// Tells the threads to stop, and puts together what they have passed. `wait` lets them come to that.
fn stop(threads: u16, wait: impl Fn()) -> Tally {
    STOP.store(true, Ordering::Release);
    while PASSED.lock().unwrap().len() < usize::from(threads) {
        wait();
    }
    let mut all = Tally::new();
    for (talk, bytes) in PASSED.lock().unwrap().iter().flatten() {
        let sum = all.entry(*talk).or_default();
        sum.0 += bytes.0;
        sum.1 += bytes.1;
    }
    all
}

/// One that ThreadX made passes packets.
fn threadx_thread<const NUMBER: u16, const COUNT: u16>(kernel: Kernel) {
    pass_packets(FOREIGN + NUMBER, COUNT, || {
        kernel.sleep(Duration::from_millis(10)).unwrap();
    });
}

static THREADS: [ThreadStorage<65_536>; 2] = [const { ThreadStorage::new() }; 2];

/// Lets threads of every kind pass packets in real time for some seconds, and lets everything be collected.
fn in_real_time<const COUNT: u16>(kernel: Kernel) -> Tally {
    let agent = Defender::builder().settings(every_second());
    let created = Device::create(kernel, azure().defender(agent));
    assert!(DEVICE.set(created).is_ok());
    let entries = [threadx_thread::<0, COUNT>, threadx_thread::<1, COUNT>];
    for ((storage, entry), priority) in THREADS.iter().zip(entries).zip([3, 20]) {
        kernel.spawn(storage, c"traffic", priority, entry).unwrap();
    }
    for number in 0..FOREIGN {
        thread::spawn(move || {
            pass_packets(number, COUNT, || thread::sleep(Duration::from_micros(300)));
        });
    }
    let rest = || kernel.sleep(Duration::from_millis(20)).unwrap();
    for _ in 0..200 {
        // Statistics may be looked at all the while.
        assert_eq!(
            device()
                .agent()
                .statistics()
                .unwrap()
                .packets
                .packets_malformed,
            0
        );
        rest();
    }
    let passed = stop(FOREIGN + 2, rest);
    HUBS[0].meanwhile(|| true);
    kernel.sleep(Duration::from_millis(2_500)).unwrap();
    passed
}

#[test]
fn every_byte_is_counted_once_in_real_time() {
    in_kernel(|kernel| {
        let passed = in_real_time::<FLOWS>(kernel);
        assert_eq!(HUBS[0].tally(), passed);
        assert!(HUBS[0].taken().len() >= 3, "collections ran meanwhile");
        let statistics = device().agent().statistics().unwrap();
        assert_eq!(statistics.packets.flows_aggregated, 0);
        assert_eq!(statistics.packets.packets_ignored, 0);
    });
}

/// A filter that was there before the agent, and what it saw.
static FILTERED: AtomicU32 = AtomicU32::new(0);

unsafe extern "C" fn filter(_: *mut NX_IP, _: *mut NX_PACKET, _: UINT) -> UINT {
    FILTERED.fetch_add(1, Ordering::Relaxed);
    NX_SUCCESS
}

#[test]
fn packets_pass_while_the_agent_comes_and_goes() {
    const ROUNDS: u64 = 300;
    static AGENT: DefenderStorage = DefenderStorage::new();
    in_kernel(|kernel| {
        let created = Device::create(kernel, azure().without_defender());
        // SAFETY: there is one IP instance, and no packet passes yet.
        unsafe { (*_nx_ip_created_ptr).nx_ip_packet_filter_extended = Some(filter) };
        let free = created.pool.available();
        assert!(DEVICE.set(created).is_ok());
        for number in 0..FOREIGN {
            thread::spawn(move || pass_packets(number, FLOWS, thread::yield_now));
        }
        let mut counted = 0;
        for round in 0..ROUNDS {
            let agent = Defender::builder()
                .settings(every_second())
                .enable(&AGENT, &device().azure)
                .unwrap();
            agent.set_unicast_only(round % 2 == 0).unwrap();
            thread::sleep(Duration::from_millis(1 + round % 7));
            counted += agent.statistics().unwrap().packets.packets_counted;
            drop(agent);
        }
        let passed = stop(FOREIGN, thread::yield_now);
        assert!(counted > 0);
        let packets = PACKETS.load(Ordering::Relaxed);
        assert_eq!(FILTERED.load(Ordering::Relaxed), packets);
        // A packet that one agent has counted at the filter, and the next one, which sits elsewhere, at the receive function:
        // at most one a thread when group traffic is left out again.
        let twice = ROUNDS / 2 * u64::from(FOREIGN);
        assert!(
            counted <= u64::from(packets) + twice,
            "{counted} of {packets}"
        );
        assert!(!passed.is_empty());
        assert_eq!(device().pool.available(), free, "no packet is lost");
    });
}

/// A hub that fails for two messages of three, at random.
fn moody() -> bool {
    static STATE: AtomicU32 = AtomicU32::new(0x1234_5678);
    let step = |state: u32| Some(state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223));
    let before = STATE.fetch_update(Ordering::Relaxed, Ordering::Relaxed, step);
    before.unwrap_or_else(|state| state) >> 16 & 3 == 0
}

#[test]
fn every_byte_is_counted_once_with_a_full_table_and_a_hub_that_fails() {
    in_kernel(|kernel| {
        HUBS[0].meanwhile(moody);
        let passed = in_real_time::<MANY_FLOWS>(kernel);
        let statistics = device().agent().statistics().unwrap();
        assert!(statistics.packets.flows_aggregated > 0);
        assert_eq!(totals(&HUBS[0].tally()), totals(&passed));
    });
}

#[test]
fn every_byte_is_counted_once_over_ten_minutes_in_no_time() {
    in_kernel(|kernel| {
        let clock = ManualClock::stop(kernel);
        HUBS[0].meanwhile(moody);
        let agent = Defender::builder().settings(every_second());
        let created = Device::create(kernel, azure().defender(agent));
        assert!(DEVICE.set(created).is_ok());
        for number in 0..FOREIGN {
            thread::spawn(move || pass_packets(number, FLOWS, thread::yield_now));
        }
        for second in 0..600 {
            clock.advance(Duration::from_secs(1)).unwrap();
            // There is traffic in every second.
            while PACKETS.load(Ordering::Relaxed) < 20 * second {
                thread::yield_now();
            }
            match second % 50 {
                20 => device().client.set_connection(false).unwrap(),
                40 => device().client.set_connection(true).unwrap(),
                _ => {}
            }
        }
        let passed = stop(FOREIGN, thread::yield_now);
        HUBS[0].meanwhile(|| true);
        for _ in 0..5 {
            clock.advance(Duration::from_secs(1)).unwrap();
        }
        assert_eq!(HUBS[0].tally(), passed);
        let messages = device().agent().statistics().unwrap().messages;
        assert!(messages.retries > 30 && messages.messages_sent > 30);
    });
}
