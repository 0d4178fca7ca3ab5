//! When the agent can be enabled, and what a failure leaves behind: nothing.

use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock, mpsc};
use std::thread;
use std::time::Duration;

use threadx_defender::Error;
use threadx_defender::agent::packet::Direction::Out;
use threadx_defender::agent::{Protocol, State};
use threadx_defender::azure::AzureIot;
use threadx_defender::defender::{Defender, DefenderStorage, EntropyUnavailable};
use threadx_defender::kernel::{self, Kernel, ThreadStorage};
use threadx_defender::net::{Ip, PacketPool};
use threadx_sys::{TX_AUTO_ACTIVATE, TX_SUCCESS, TX_TIMER, ULONG, tx_timer_create};

use crate::device::talk::{Tally, talk};
use crate::device::{
    AZURE, Device, HUBS, POOL, azure, create_ip, know_the_time, no_jitter, seconds_pass,
};
use crate::kernel::{in_kernel, in_process};
use crate::raw::{RawAzure, RawIp};

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

    fn later() {
        let kernel = Kernel::current().unwrap();
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
fn without_the_time_nothing_is_left_behind() {
    in_kernel(|kernel| {
        let device = Device::without_agent(kernel);
        let ip = RawIp::named(c"ip");
        let raw = RawAzure::create(ip);
        // SAFETY: C created the instance, and it stays.
        let adopted = unsafe { AzureIot::from_raw(raw.0) };
        let (fields, modules) = (ip.fields(), raw.modules());
        know_the_time(false);
        let builder = Defender::builder().settings(no_jitter());
        assert_eq!(error(builder.enable(&FIRST, &adopted)), Error::NoUnixTime);
        let silent = builder.unix_time(|| None);
        know_the_time(true);
        assert_eq!(error(silent.enable(&FIRST, &adopted)), Error::NoUnixTime);
        assert_eq!((ip.fields(), raw.modules()), (fields, modules));
        seconds_pass(kernel, 2);
        let agent = builder.enable(&FIRST, &adopted).unwrap();
        assert_eq!(raw.modules(), modules + 1);
        drop(agent);
        assert_eq!((ip.fields(), raw.modules()), (fields, modules));
        drop(device);
    });
}

#[test]
fn without_random_bytes_nothing_is_left_behind() {
    static CALLS: AtomicU32 = AtomicU32::new(0);
    in_kernel(|kernel| {
        let device = Device::without_agent(kernel);
        let ip = RawIp::named(c"ip");
        let raw = RawAzure::create(ip);
        // SAFETY: C created the instance, and it stays.
        let adopted = unsafe { AzureIot::from_raw(raw.0) };
        let (fields, modules) = (ip.fields(), raw.modules());
        let builder = Defender::builder();
        let none = builder.entropy(|_| Err(EntropyUnavailable));
        assert_eq!(error(none.enable(&FIRST, &adopted)), Error::NoEntropy);
        // It may run dry after the jitter was drawn, too.
        let dry = builder.entropy(|bytes| match CALLS.fetch_add(1, Ordering::Relaxed) {
            0 => {
                bytes.fill(7);
                Ok(())
            }
            _ => Err(EntropyUnavailable),
        });
        assert_eq!(error(dry.enable(&FIRST, &adopted)), Error::NoEntropy);
        assert!(CALLS.load(Ordering::Relaxed) > 1);
        assert_eq!((ip.fields(), raw.modules()), (fields, modules));
        drop(builder.enable(&FIRST, &adopted).unwrap());
        drop(device);
    });
}

#[test]
fn a_default_agent_that_cannot_be_enabled_takes_its_instance_with_it() {
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
        let fields = RawIp::named(c"ip").fields();
        know_the_time(false);
        assert_eq!(
            error(azure().create(kernel, &AZURE, &ip, &pool)),
            Error::NoUnixTime
        );
        assert_eq!(RawIp::named(c"ip").fields(), fields);
        know_the_time(true);
        drop(azure().create(kernel, &AZURE, &ip, &pool).unwrap());
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
        assert!(HUBS[0].published().is_empty());
        know_the_time(true);
        device.seconds(1);
        assert_eq!(HUBS[0].tally(), injected);
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
