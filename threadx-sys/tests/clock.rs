//! Time: the order of what falls due under the manual clock, and the clock that follows the system's.

mod common;

use common::objects::*;
use common::{in_kernel, in_kernel_after};
use std::sync::Mutex as StdMutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};
use threadx_sys::host::*;
use threadx_sys::*;

static LOG: StdMutex<Vec<(ULONG, String)>> = StdMutex::new(Vec::new());

fn log(what: impl Into<String>) {
    LOG.lock().unwrap().push((now(), what.into()));
}

fn take_log() -> Vec<(ULONG, String)> {
    std::mem::take(&mut LOG.lock().unwrap())
}

fn entries(expected: &[(ULONG, &str)]) -> Vec<(ULONG, String)> {
    expected
        .iter()
        .map(|(time, what)| (*time, (*what).to_string()))
        .collect()
}

extern "C" fn log_timer(input: ULONG) {
    log(format!("timer {input}"));
}

#[test]
fn time_stands_still_until_it_is_moved() {
    in_kernel(|| {
        manual_clock();
        let start = now();
        thread::sleep(Duration::from_millis(30));
        assert_eq!(now(), start);
        assert_eq!(advance(7), TX_SUCCESS);
        assert_eq!(now(), start + 7);
        set_now(1000);
        assert_eq!(now(), 1000);
        assert_eq!(advance(1), TX_SUCCESS);
        assert_eq!(now(), 1001);
    });
}

#[test]
fn due_events_run_in_order_of_time_then_timers_then_creation() {
    in_kernel_after(manual_clock, || {
        for (label, ticks) in [("slow", 20), ("first", 10), ("second", 10)] {
            spawn(label, move || {
                assert_eq!(sleep(ticks), TX_SUCCESS);
                log(label);
            });
            settle();
        }
        Timer::new(log_timer, 1, 10, 0);
        Timer::new(log_timer, 2, 5, 5);
        assert_eq!(advance(20), TX_SUCCESS);
        assert_eq!(
            take_log(),
            entries(&[
                (5, "timer 2"),
                (10, "timer 1"),
                (10, "timer 2"),
                (10, "first"),
                (10, "second"),
                (15, "timer 2"),
                (20, "timer 2"),
                (20, "slow"),
            ])
        );
    });
}

#[test]
fn a_woken_thread_runs_until_it_waits_before_the_next_one() {
    in_kernel_after(manual_clock, || {
        let flags = Flags::new();
        for label in ["a", "b"] {
            spawn(label, move || {
                sleep(3);
                log(format!("{label} wakes"));
                // Real time passes, in which the other thread would run if it were woken already.
                thread::sleep(Duration::from_millis(20));
                flags.set(1, TX_OR);
                log(format!("{label} ends"));
            });
        }
        spawn("waiter", move || {
            for _ in 0..2 {
                assert_eq!(flags.get(1, TX_OR_CLEAR, TX_WAIT_FOREVER), (TX_SUCCESS, 1));
                thread::sleep(Duration::from_millis(5));
                log("signalled");
            }
        });
        settle();
        advance(10);
        let log: Vec<String> = take_log()
            .into_iter()
            .map(|(time, what)| format!("{time} {what}"))
            .collect();
        let expected = if cfg!(host_port) {
            // The next one is woken when all is quiet.
            [
                "3 a wakes",
                "3 a ends",
                "3 signalled",
                "3 b wakes",
                "3 b ends",
                "3 signalled",
            ]
        } else {
            // ThreadX' own order: both are ready at once, and then so is, behind them, whoever waits for the signal.
            [
                "3 a wakes",
                "3 a ends",
                "3 b wakes",
                "3 b ends",
                "3 signalled",
                "3 signalled",
            ]
        };
        assert_eq!(log, expected);
    });
}

#[test]
fn long_ways_cost_only_what_happens_on_them() {
    in_kernel_after(manual_clock, || {
        static SECONDS: AtomicU32 = AtomicU32::new(0);
        extern "C" fn count(_: ULONG) {
            SECONDS.fetch_add(1, Ordering::Relaxed);
        }
        Timer::new(
            count,
            0,
            TX_TIMER_TICKS_PER_SECOND,
            TX_TIMER_TICKS_PER_SECOND,
        );
        let before = Instant::now();
        assert_eq!(advance(1000 * TX_TIMER_TICKS_PER_SECOND), TX_SUCCESS);
        assert_eq!(SECONDS.load(Ordering::Relaxed), 1000);
        assert!(before.elapsed() < Duration::from_secs(30));
    });
}

#[test]
fn timeouts_fall_due_on_their_tick() {
    in_kernel_after(manual_clock, || {
        let (mutex, flags, semaphore) = (Mutex::new(), Flags::new(), Semaphore::new(0));
        assert_eq!(mutex.get(TX_NO_WAIT), TX_SUCCESS);
        spawn("mutex", move || {
            assert_eq!(mutex.get(4), TX_NOT_AVAILABLE);
            log("mutex");
        });
        spawn("flags", move || {
            assert_eq!(flags.get(1, TX_AND, 2).0, TX_NO_EVENTS);
            log("flags");
        });
        spawn("semaphore", move || {
            assert_eq!(semaphore.get(3), TX_NO_INSTANCE);
            log("semaphore");
        });
        settle();
        advance(1);
        assert_eq!(take_log(), []);
        advance(10);
        assert_eq!(
            take_log(),
            entries(&[(2, "flags"), (3, "semaphore"), (4, "mutex")])
        );
    });
}

#[test]
fn a_foreign_thread_can_move_the_clock_and_waits_for_the_kernel() {
    in_kernel_after(
        || {
            manual_clock();
            // Not started yet: it has to wait for that.
            thread::spawn(|| {
                common::finish(|| {
                    assert_eq!(advance(5), TX_SUCCESS);
                    assert_eq!(context(), TX_HOST_CONTEXT_INTERRUPT);
                    assert_eq!(take_log(), entries(&[(5, "test")]));
                });
            });
            thread::sleep(Duration::from_millis(20));
        },
        || {
            sleep(5);
            log("test");
            sleep(TX_WAIT_FOREVER);
        },
    );
}

#[test]
fn the_clock_refuses_whoever_cannot_move_it() {
    in_kernel_after(
        || assert_eq!(advance(1), TX_CALLER_ERROR),
        || {
            assert_eq!(advance(1), TX_NOT_AVAILABLE, "the clock is not manual");
            manual_clock();
            static STATUS: AtomicU32 = AtomicU32::new(TX_SUCCESS);
            extern "C" fn advance_in_timer(_: ULONG) {
                STATUS.store(advance(1), Ordering::Relaxed);
                settle();
            }
            Timer::new(advance_in_timer, 0, 1, 0);
            spawn("second", || {
                sleep(2);
                assert_eq!(advance(1), TX_NOT_AVAILABLE, "another thread moves it");
                log("refused");
            });
            settle();
            assert_eq!(advance(2), TX_SUCCESS);
            assert_eq!(STATUS.load(Ordering::Relaxed), TX_CALLER_ERROR);
            assert_eq!(take_log().len(), 1);
        },
    );
}

#[test]
fn timers_stop_change_and_go_on() {
    in_kernel_after(manual_clock, || {
        let timer = Timer::new(log_timer, 1, 10, 10);
        let once = Timer::new(log_timer, 2, 3, 0);
        advance(4);
        assert_eq!(once.activate(), TX_ACTIVATE_ERROR, "it has expired");
        assert_eq!(once.change(2, 0), TX_SUCCESS);
        assert_eq!(once.activate(), TX_SUCCESS);
        assert_eq!(timer.activate(), TX_ACTIVATE_ERROR, "it runs");
        assert_eq!(timer.deactivate(), TX_SUCCESS);
        advance(100);
        assert_eq!(
            timer.activate(),
            TX_SUCCESS,
            "with the six ticks that were left"
        );
        advance(5);
        assert_eq!(take_log(), entries(&[(3, "timer 2"), (6, "timer 2")]));
        advance(1);
        assert_eq!(take_log(), entries(&[(110, "timer 1")]));
        assert_eq!(timer.change(0, 1), TX_TICK_ERROR);
        assert_eq!(timer.delete(), TX_SUCCESS);
        assert_eq!(timer.activate(), TX_TIMER_ERROR);
        advance(100);
        assert_eq!(take_log(), []);
    });
}

#[test]
fn a_deleted_timer_is_not_running_any_more() {
    in_kernel(|| {
        static STARTED: AtomicU32 = AtomicU32::new(0);
        static ENDED: AtomicU32 = AtomicU32::new(0);
        extern "C" fn slow(_: ULONG) {
            STARTED.fetch_add(1, Ordering::SeqCst);
            thread::sleep(Duration::from_millis(50));
            ENDED.fetch_add(1, Ordering::SeqCst);
        }
        let timer = Timer::new(slow, 0, 1, 1);
        while STARTED.load(Ordering::SeqCst) == 0 {
            relinquish();
        }
        assert_eq!(timer.delete(), TX_SUCCESS);
        let ended = ENDED.load(Ordering::SeqCst);
        assert_eq!(ended, STARTED.load(Ordering::SeqCst));
        sleep(10);
        assert_eq!(ENDED.load(Ordering::SeqCst), ended);
    });
}

#[test]
fn expiration_functions_run_in_timer_context() {
    in_kernel_after(manual_clock, || {
        static CONTEXT: AtomicU32 = AtomicU32::new(u32::MAX);
        extern "C" fn look(_: ULONG) {
            CONTEXT.store(context(), Ordering::Relaxed);
            // SAFETY: only reads the caller's identity.
            let (thread, timer) = unsafe { (tx_thread_identify(), tx_host_timer_expiring()) };
            assert_eq!(thread, &raw mut _tx_timer_thread);
            // SAFETY: as above.
            let state = unsafe { _tx_thread_system_state_get() };
            assert_eq!(state, 0, "only the identity tells it from a thread");
            assert!(!timer.is_null());
            assert_eq!(sleep(1), TX_CALLER_ERROR);
            // The host port is stricter than ThreadX, which lets timers have a mutex that is free.
            #[cfg(host_port)]
            assert_eq!(Mutex(leak_created()).get(TX_NO_WAIT), TX_CALLER_ERROR);
            assert_eq!(Mutex(leak_created()).get(1), TX_WAIT_ERROR);
            log("looked");
        }
        static MUTEX: std::sync::OnceLock<Mutex> = std::sync::OnceLock::new();
        fn leak_created() -> *mut TX_MUTEX {
            MUTEX.get().expect("created before the timer").0
        }
        assert!(MUTEX.set(Mutex::new()).is_ok());
        Timer::new(look, 0, 1, 0);
        advance(1);
        assert_eq!(CONTEXT.load(Ordering::Relaxed), TX_HOST_CONTEXT_TIMER);
        assert_eq!(take_log().len(), 1);
        assert_eq!(context(), TX_HOST_CONTEXT_THREAD);
        assert_ne!(Thread::current().0, &raw mut _tx_timer_thread);
    });
}

#[test]
fn the_real_clock_runs_a_hundred_ticks_a_second() {
    in_kernel(|| {
        // The system's clock is read around each reading of ours, however long the thread waits in between.
        let before_start = Instant::now();
        let start = now();
        let after_start = Instant::now();
        assert_eq!(sleep(20), TX_SUCCESS);
        let at_least = after_start.elapsed();
        let ticks = u128::from(now() - start);
        let at_most = before_start.elapsed();
        assert!(ticks >= 20);
        // Each tick of ThreadX' port to Linux is late by what the system takes to wake it, and so it may fall behind.
        if cfg!(host_port) {
            assert!(
                ticks + 1 >= at_least.as_millis() / 10,
                "{ticks} in {at_least:?}"
            );
        }
        assert!(
            ticks <= at_most.as_millis() / 10 + 1,
            "{ticks} in {at_most:?}"
        );
    });
}
