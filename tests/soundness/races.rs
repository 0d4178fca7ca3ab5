//! Agents and IP instances that come and go at the same time. `tests/interleavings.rs` goes through the orders of it; this is the
//! real thing, for a few seconds.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use threadx_defender::Error;
use threadx_defender::agent::packet::Direction::Out;
use threadx_defender::defender::{Defender, DefenderStorage};
use threadx_defender::host::ManualClock;
use threadx_defender::kernel::{Kernel, ThreadStorage};
use threadx_defender::net::{Ip, PacketPoolStorage};

use crate::device::{Device, IPS, MASK};
use crate::kernel::in_kernel;

static AGENT: DefenderStorage = DefenderStorage::new();
static STOP: AtomicBool = AtomicBool::new(false);

/// As long as each of these goes on.
const TIME: Duration = Duration::from_secs(3);

#[test]
fn instances_come_and_go_while_the_agent_does() {
    static THREAD: ThreadStorage<65_536> = ThreadStorage::new();
    static SECOND_POOL: PacketPoolStorage<65_536> = PacketPoolStorage::new();
    static MADE: AtomicU64 = AtomicU64::new(0);
    static ENDED: AtomicBool = AtomicBool::new(false);
    fn make_and_drop(kernel: Kernel) {
        let pool = SECOND_POOL.create(kernel, c"second", 1600).unwrap();
        while !STOP.load(Ordering::Relaxed) {
            let ip = Ip::builder(c"second", [10, 0, 1, 2].into(), MASK);
            drop(ip.create(kernel, &IPS[1], &pool).unwrap());
            MADE.fetch_add(1, Ordering::Relaxed);
        }
        ENDED.store(true, Ordering::Release);
    }
    in_kernel(|kernel| {
        let device = Device::create(kernel, crate::device::azure().without_defender());
        // Upstream runs the one thread of the highest priority that is ready: this one has to be interrupted wherever it is.
        kernel.spawn(&THREAD, c"second", 17, make_and_drop).unwrap();
        let end = Instant::now() + TIME;
        let mut agents = 0_u64;
        while Instant::now() < end || MADE.load(Ordering::Relaxed) == 0 {
            match Defender::builder().enable(&AGENT, &device.azure) {
                Ok(agent) => {
                    agents += 1;
                    drop(agent);
                }
                // Somebody was at work in an instance: it is gone within a second.
                Err(Error::AlreadyEnabled) => {}
                Err(error) => panic!("{error}"),
            }
            // Upstream the other one runs meanwhile.
            kernel.sleep(Duration::from_millis(10)).unwrap();
        }
        STOP.store(true, Ordering::Relaxed);
        while !ENDED.load(Ordering::Acquire) {
            kernel.sleep(Duration::from_millis(10)).unwrap();
        }
        assert!(agents > 0);
        drop(device);
    });
}

/// Whether the first instance has a filter.
fn is_hooked() -> bool {
    // SAFETY: the one instance exists; the field is looked at while no agent comes or goes.
    unsafe {
        (*netxduo_sys::_nx_ip_created_ptr)
            .nx_ip_packet_filter_extended
            .is_some()
    }
}

#[test]
fn no_hook_stays_wherever_the_guard_is_dropped() {
    static GO: AtomicBool = AtomicBool::new(false);
    static DROPPED: AtomicBool = AtomicBool::new(false);
    in_kernel(|kernel| {
        let device = Device::without_agent(kernel);
        let clock = ManualClock::stop(kernel);
        let Device {
            client,
            azure,
            ip,
            pool,
            ..
        } = device;
        let guard: Arc<Mutex<Option<Defender>>> = Arc::default();
        // Drops it when told, a little earlier or later.
        let dropper = {
            let guard = Arc::clone(&guard);
            move || {
                let mut seed = 1_u32;
                while !STOP.load(Ordering::Relaxed) {
                    if !GO.swap(false, Ordering::AcqRel) {
                        std::hint::spin_loop();
                        continue;
                    }
                    let agent = guard.lock().unwrap().take();
                    seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    (0..seed >> 22).for_each(|_| std::hint::spin_loop());
                    drop(agent);
                    DROPPED.store(true, Ordering::Release);
                }
            }
        };
        let dropper = thread::spawn(dropper);
        // Packets keep the lock busy.
        let packets = move || {
            let mut packet = [0; 32];
            for (at, byte) in [
                (0, 0x45),
                (3, 32),
                (8, 64),
                (9, 17),
                (12, 10),
                (15, 2),
                (16, 10),
                (19, 9),
                (25, 12),
            ] {
                packet[at] = byte;
            }
            while !STOP.load(Ordering::Relaxed) {
                ip.inject(Out, &packet).unwrap();
                thread::yield_now();
            }
            ip
        };
        let packets = thread::spawn(packets);
        let end = Instant::now() + TIME;
        while Instant::now() < end {
            let agent = loop {
                match Defender::builder().enable(&AGENT, &azure) {
                    Ok(agent) => break agent,
                    Err(_) => clock.advance(Duration::from_secs(1)).unwrap(),
                }
            };
            *guard.lock().unwrap() = Some(agent);
            GO.store(true, Ordering::Release);
            clock.advance(Duration::from_secs(1)).unwrap();
            while !DROPPED.swap(false, Ordering::AcqRel) {
                thread::yield_now();
            }
            // It has gone with the next second.
            clock.advance(Duration::from_secs(1)).unwrap();
            assert!(
                !is_hooked(),
                "the agent is gone, and its hook is still there"
            );
        }
        STOP.store(true, Ordering::Relaxed);
        dropper.join().unwrap();
        let ip = packets.join().unwrap();
        drop((client, azure, ip, pool));
    });
}
