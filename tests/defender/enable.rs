//! When the agent can be enabled, and what a failure leaves behind: nothing.

use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock, mpsc};
use std::thread;
use std::time::Duration;

use threadx_defender::Error;
use threadx_defender::agent::packet::Direction::Out;
use threadx_defender::agent::{Protocol, State};
use threadx_defender::defender::{Defender, DefenderStorage, EntropyUnavailable};
use threadx_defender::kernel::{self, Kernel, ThreadStorage};
use threadx_defender::net::{Ip, PacketPool};
use threadx_sys::{TX_AUTO_ACTIVATE, TX_SUCCESS, TX_TIMER, ULONG, tx_timer_create};

use crate::device::talk::{Tally, talk};
use crate::device::{
    AZURE, Device, HUBS, POOL, azure, create_ip, know_the_time, no_jitter, seconds_pass,
};
use crate::kernel::{in_kernel, in_process};
use crate::raw::RawIp;

static FIRST: DefenderStorage = DefenderStorage::new();
static SECOND: DefenderStorage<8, 8> = DefenderStorage::new();

/// The error of something that has no `Debug`.
fn error<T>(result: Result<T, Error>) -> Error {
    match result {
        Ok(_) => panic!("it succeeded"),
        Err(error) => error,
    }
}

#[test]
fn there_is_one_agent_at_a_time() {
    in_kernel(|kernel| {
        let device = Device::without_agent(kernel);
        let builder = Defender::builder().settings(no_jitter());
        let first = builder.enable(&FIRST, &device.azure).unwrap();
        let hooked = RawIp::named(c"ip").fields();
        assert_eq!(
            error(builder.enable(&SECOND, &device.azure)),
            Error::AlreadyEnabled
        );
        assert_eq!(
            error(builder.enable(&FIRST, &device.azure)),
            Error::AlreadyEnabled
        );
        assert_eq!(RawIp::named(c"ip").fields(), hooked);
        // The one that was refused has not harmed the one that is.
        let talk = talk(Protocol::Udp, "10.0.0.2:5000", "192.0.2.1:53");
        let mut injected = Tally::new();
        device.pass(&mut injected, &talk, Out, 10);
        device.seconds(30);
        assert_eq!(HUBS[0].tally(), injected);
        drop(first);
        let second = builder.enable(&SECOND, &device.azure).unwrap();
        assert_eq!(second.state(), State::Pending);
        drop(second);
        drop(builder.enable(&FIRST, &device.azure).unwrap());
    });
}

#[test]
fn the_default_agent_is_the_one_agent_too() {
    in_kernel(|kernel| {
        let mut device = Device::start(kernel);
        let builder = Defender::builder();
        assert_eq!(
            error(builder.enable(&FIRST, &device.azure)),
            Error::AlreadyEnabled
        );
        assert_eq!(
            error(azure().create(kernel, &AZURE, &device.ip, &device.pool)),
            Error::StorageInUse { what: "AzureIot" }
        );
        drop(device.azure.take_defender());
        drop(builder.enable(&FIRST, &device.azure).unwrap());
    });
}

#[test]
fn everything_can_be_dropped_and_created_again_in_the_same_storage() {
    in_kernel(|kernel| {
        let talk = talk(Protocol::Udp, "10.0.0.2:5000", "192.0.2.1:53");
        for round in 1..=5 {
            let device = Device::start(kernel);
            let mut injected = Tally::new();
            HUBS[0].clear();
            device.pass(&mut injected, &talk, Out, 10 * round);
            device.seconds(30);
            assert_eq!(HUBS[0].tally(), injected, "round {round}");
        }
    });
}

#[test]
fn only_threads_may_enable_it() {
    in_kernel(|kernel| {
        let device: &'static Device = Box::leak(Box::new(Device::without_agent(kernel)));
        let before = RawIp::named(c"ip").fields();
        // A thread that is not ThreadX' has the rights of an interrupt.
        let foreign = thread::spawn(|| {
            let enabled = error(Defender::builder().enable(&FIRST, &device.azure));
            let current = error(Kernel::current());
            (enabled, current)
        });
        assert_eq!(
            foreign.join().unwrap(),
            (Error::NotAThread, Error::NotAThread)
        );
        assert_eq!(RawIp::named(c"ip").fields(), before);
        drop(Defender::builder().enable(&FIRST, &device.azure).unwrap());
    });
}

#[test]
fn it_cannot_be_enabled_before_the_threads_run() {
    static ERROR: Mutex<Option<Error>> = Mutex::new(None);
    static EARLY: OnceLock<(PacketPool, Ip)> = OnceLock::new();
    static LATER: AtomicBool = AtomicBool::new(false);
    static THREAD: ThreadStorage<65_536> = ThreadStorage::new();

    fn define(kernel: Kernel) {
        let pool = POOL.create(kernel, c"pool", 1600).unwrap();
        let ip = create_ip(kernel, 0, c"ip", &pool);
        *ERROR.lock().unwrap() = Some(error(azure().create(kernel, &AZURE, &ip, &pool)));
        assert!(EARLY.set((pool, ip)).is_ok());
        kernel.spawn(&THREAD, c"later", 16, later).unwrap();
    }

    fn later(kernel: Kernel) {
        let (pool, ip) = EARLY.get().unwrap();
        // Nothing of the failed attempt is in the way.
        drop(azure().create(kernel, &AZURE, ip, pool).unwrap());
        LATER.store(true, Ordering::Release);
    }

    in_process(|| {
        let (sender, receiver) = mpsc::channel::<Result<Infallible, Error>>();
        thread::spawn(move || sender.send(Kernel::enter(define)));
        let entered = receiver.recv_timeout(Duration::from_secs(5));
        assert!(entered.is_err(), "the kernel does not return");
        assert!(LATER.load(Ordering::Acquire));
        assert_eq!(*ERROR.lock().unwrap(), Some(Error::NotAThread));
        assert_eq!(error(Kernel::enter(define)), Error::KernelEntered);
        assert_eq!(error(kernel::run(|_| ())), Error::KernelEntered);
    });
}

#[test]
fn without_the_time_it_is_enabled_and_begins_when_it_comes() {
    in_kernel(|kernel| {
        let device = Device::without_agent(kernel);
        know_the_time(false);
        let agent = Defender::builder()
            .settings(no_jitter())
            .enable(&FIRST, &device.azure)
            .unwrap();
        assert_eq!(agent.state(), State::WaitingForTime);
        device.seconds(100);
        assert_eq!(agent.state(), State::WaitingForTime);
        assert!(HUBS[0].published().is_empty());
        know_the_time(true);
        device.seconds(1);
        assert_eq!(agent.state(), State::Active);
        device.seconds(28);
        assert!(HUBS[0].published().is_empty());
        device.seconds(2);
        assert_eq!(HUBS[0].published().len(), 1);
    });
}

#[test]
fn without_random_bytes_it_is_enabled_and_begins_when_they_come() {
    static DRY: AtomicBool = AtomicBool::new(true);
    in_kernel(|kernel| {
        let device = Device::without_agent(kernel);
        let agent = Defender::builder()
            .settings(no_jitter())
            .entropy(|bytes| {
                bytes.fill(7);
                match DRY.load(Ordering::Relaxed) {
                    true => Err(EntropyUnavailable),
                    false => Ok(()),
                }
            })
            .enable(&FIRST, &device.azure)
            .unwrap();
        device.seconds(100);
        assert_eq!(agent.state(), State::WaitingForEntropy);
        DRY.store(false, Ordering::Relaxed);
        device.seconds(32);
        assert_eq!(agent.state(), State::Active);
        assert_eq!(HUBS[0].published().len(), 1);
    });
}

#[test]
fn the_default_agent_comes_with_its_instance_before_the_time_is_known() {
    in_kernel(|kernel| {
        let device = Device::start(kernel);
        let Device {
            client,
            azure: instance,
            ip,
            pool,
            ..
        } = device;
        drop((client, instance));
        know_the_time(false);
        let instance = azure().create(kernel, &AZURE, &ip, &pool).unwrap();
        let state = instance.defender().map(Defender::state);
        assert_eq!(state, Some(State::WaitingForTime));
        know_the_time(true);
        seconds_pass(kernel, 2);
        let state = instance.defender().map(Defender::state);
        assert_eq!(state, Some(State::Pending));
    });
}

#[test]
fn entropy_that_runs_dry_later_puts_a_message_off() {
    static DRY: AtomicBool = AtomicBool::new(false);
    in_kernel(|kernel| {
        let builder = Defender::builder().settings(no_jitter()).entropy(|bytes| {
            if DRY.load(Ordering::Relaxed) {
                return Err(EntropyUnavailable);
            }
            // Any bytes do here.
            bytes.fill(0x5A);
            Ok(())
        });
        let device = Device::start_with(kernel, builder);
        let talk = talk(Protocol::Udp, "10.0.0.2:5000", "192.0.2.1:53");
        let mut injected = Tally::new();
        device.pass(&mut injected, &talk, Out, 10);
        DRY.store(true, Ordering::Relaxed);
        device.seconds(33);
        assert!(HUBS[0].published().is_empty());
        assert!(
            device
                .agent()
                .statistics()
                .unwrap()
                .messages
                .entropy_failures
                >= 3
        );
        DRY.store(false, Ordering::Relaxed);
        device.seconds(1);
        assert_eq!(HUBS[0].taken()[0].at, 34);
        assert_eq!(HUBS[0].tally(), injected);
    });
}

#[test]
fn a_device_that_forgets_the_time_for_a_moment_goes_on() {
    in_kernel(|kernel| {
        let device = Device::start(kernel);
        let talk = talk(Protocol::Udp, "10.0.0.2:5000", "192.0.2.1:53");
        let mut injected = Tally::new();
        device.pass(&mut injected, &talk, Out, 10);
        know_the_time(false);
        device.seconds(35);
        // Its stamps go on by the uptime.
        assert_eq!(HUBS[0].tally(), injected);
        know_the_time(true);
    });
}

#[test]
fn of_two_that_enter_the_kernel_at_once_one_does() {
    in_process(|| {
        let threads = [1, 2].map(|number| thread::spawn(move || kernel::run(move |_| number)));
        let results = threads.map(|thread| thread.join().unwrap());
        let refused = results
            .iter()
            .filter(|result| **result == Err(Error::KernelEntered));
        assert_eq!(refused.count(), 1, "{results:?}");
        assert!(results.iter().any(Result::is_ok), "{results:?}");
    });
}

#[test]
fn a_timer_is_no_thread() {
    static ERROR: Mutex<Option<Error>> = Mutex::new(None);

    unsafe extern "C" fn expired(_: ULONG) {
        *ERROR.lock().unwrap() = Kernel::current().err();
    }

    in_kernel(|kernel| {
        // SAFETY: a control block is a plain C structure, for which all zeros is a value.
        let timer = Box::leak(Box::new(unsafe { std::mem::zeroed::<TX_TIMER>() }));
        // SAFETY: control block and name stay, and the function may run in a timer.
        let status = unsafe {
            let name = c"timer".as_ptr().cast_mut().cast();
            tx_timer_create(timer, name, Some(expired), 0, 1, 0, TX_AUTO_ACTIVATE)
        };
        assert_eq!(status, TX_SUCCESS);
        kernel.sleep(Duration::from_millis(50)).unwrap();
        assert_eq!(*ERROR.lock().unwrap(), Some(Error::NotAThread));
    });
}
