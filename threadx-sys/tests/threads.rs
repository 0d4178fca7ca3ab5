//! The life of threads, and the interrupt lock.

mod common;

use common::objects::*;
use common::{in_kernel, in_kernel_after};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;
use std::time::Duration;
use threadx_sys::*;

#[test]
fn a_thread_that_is_not_started_waits_for_its_resume() {
    in_kernel_after(manual_clock, || {
        static RAN: AtomicBool = AtomicBool::new(false);
        let other = create("other", TX_DONT_START, || {
            RAN.store(true, Ordering::Relaxed)
        });
        settle();
        assert_eq!(other.state(), TX_SUSPENDED);
        assert!(!RAN.load(Ordering::Relaxed));
        assert_eq!(other.resume(), TX_SUCCESS);
        settle();
        assert!(RAN.load(Ordering::Relaxed));
        assert_eq!(other.state(), TX_COMPLETED);
        assert_eq!(other.resume(), TX_RESUME_ERROR);
        assert_eq!(other.suspend(), TX_SUSPEND_ERROR);
        assert_eq!(other.delete(), TX_SUCCESS);
        assert_eq!(other.delete(), TX_THREAD_ERROR);
    });
}

#[test]
fn the_created_list_is_circular_and_in_order() {
    in_kernel_after(manual_clock, || {
        let first = Thread::current();
        let second = spawn("second", || ());
        let third = spawn("third", || ());
        let list = || {
            // SAFETY: nobody creates or deletes threads now.
            unsafe {
                let (mut list, mut thread) = (Vec::new(), _tx_thread_created_ptr);
                for _ in 0.._tx_thread_created_count {
                    list.push(thread);
                    assert_eq!(
                        (*(*thread).tx_thread_created_next).tx_thread_created_previous,
                        thread
                    );
                    thread = (*thread).tx_thread_created_next;
                }
                let first = _tx_thread_created_ptr;
                assert_eq!(thread, first);
                list
            }
        };
        // On the host port the thread of the timers is not among them.
        let timer_thread = &raw mut _tx_timer_thread;
        let created = || {
            let mut list = list();
            if cfg!(not(host_port)) {
                assert_eq!(list.remove(0), timer_thread);
            }
            list
        };
        assert_eq!(created(), [first.0, second.0, third.0]);
        settle();
        assert_eq!(second.delete(), TX_SUCCESS);
        assert_eq!(created(), [first.0, third.0]);
    });
}

#[test]
fn suspending_takes_effect_at_a_service_or_after_a_wait() {
    in_kernel_after(manual_clock, || {
        static ROUNDS: AtomicU32 = AtomicU32::new(0);
        let other = spawn("other", || {
            loop {
                assert_eq!(sleep(1), TX_SUCCESS);
                ROUNDS.fetch_add(1, Ordering::Relaxed);
            }
        });
        advance(3);
        assert_eq!(ROUNDS.load(Ordering::Relaxed), 3);
        assert_eq!(other.suspend(), TX_SUCCESS);
        assert_eq!(other.state(), TX_SLEEP);
        assert_eq!(other.resume(), TX_SUSPEND_LIFTED);
        assert_eq!(other.suspend(), TX_SUCCESS);
        advance(3);
        assert_eq!(ROUNDS.load(Ordering::Relaxed), 3);
        assert_eq!(other.state(), TX_SUSPENDED);
        assert_eq!(other.wait_abort(), TX_WAIT_ABORT_ERROR);
        assert_eq!(other.resume(), TX_SUCCESS);
        settle();
        assert_eq!(ROUNDS.load(Ordering::Relaxed), 4, "its sleep is over");
        advance(1);
        assert_eq!(ROUNDS.load(Ordering::Relaxed), 5);
    });
}

#[test]
fn a_running_thread_suspends_at_its_next_service() {
    in_kernel(|| {
        static SPINS: AtomicU32 = AtomicU32::new(0);
        let other = spawn("spinner", || {
            loop {
                SPINS.fetch_add(1, Ordering::Relaxed);
                relinquish();
            }
        });
        while SPINS.load(Ordering::Relaxed) == 0 {
            sleep(1);
        }
        assert_eq!(other.suspend(), TX_SUCCESS);
        settle();
        assert_eq!(other.state(), TX_SUSPENDED);
        let spins = SPINS.load(Ordering::Relaxed);
        sleep(2);
        assert_eq!(SPINS.load(Ordering::Relaxed), spins);
        assert_eq!(other.resume(), TX_SUCCESS);
        while SPINS.load(Ordering::Relaxed) == spins {
            sleep(1);
        }
    });
}

#[test]
fn a_wait_can_be_aborted() {
    in_kernel_after(manual_clock, || {
        static STATUS: AtomicU32 = AtomicU32::new(u32::MAX);
        let semaphore = Semaphore::new(0);
        for wait in [TX_WAIT_FOREVER, 50] {
            let other = spawn("other", move || {
                STATUS.store(semaphore.get(wait), Ordering::Relaxed)
            });
            settle();
            assert_eq!(other.state(), TX_SEMAPHORE_SUSP);
            assert_eq!(other.wait_abort(), TX_SUCCESS);
            settle();
            assert_eq!(STATUS.swap(u32::MAX, Ordering::Relaxed), TX_WAIT_ABORTED);
        }
        let sleeper = spawn("sleeper", || {
            STATUS.store(sleep(TX_WAIT_FOREVER), Ordering::Relaxed)
        });
        settle();
        assert_eq!(sleeper.wait_abort(), TX_SUCCESS);
        settle();
        assert_eq!(STATUS.load(Ordering::Relaxed), TX_WAIT_ABORTED);
        assert_eq!(semaphore.put(), TX_SUCCESS);
        assert_eq!(
            semaphore.get(TX_NO_WAIT),
            TX_SUCCESS,
            "nobody waits any more"
        );
    });
}

#[test]
fn a_terminated_thread_runs_no_more_and_owns_nothing() {
    in_kernel(|| {
        static SPINS: AtomicU32 = AtomicU32::new(0);
        let (mutex, semaphore) = (Mutex::new(), Semaphore::new(0));
        let spinner = spawn("spinner", move || {
            assert_eq!(mutex.get(TX_WAIT_FOREVER), TX_SUCCESS);
            loop {
                SPINS.fetch_add(1, Ordering::SeqCst);
                relinquish();
            }
        });
        let waiter = spawn("waiter", move || {
            semaphore.get(TX_WAIT_FOREVER);
            SPINS.store(0, Ordering::SeqCst);
        });
        while SPINS.load(Ordering::SeqCst) == 0 || waiter.state() != TX_SEMAPHORE_SUSP {
            sleep(1);
        }
        assert_eq!(spinner.delete(), TX_DELETE_ERROR);
        assert_eq!(spinner.terminate(), TX_SUCCESS);
        let spins = SPINS.load(Ordering::SeqCst);
        assert_eq!(spinner.state(), TX_TERMINATED);
        assert_eq!(mutex.get(TX_NO_WAIT), TX_SUCCESS);
        assert_eq!(waiter.terminate(), TX_SUCCESS);
        assert_eq!(waiter.terminate(), TX_SUCCESS, "again changes nothing");
        semaphore.put();
        sleep(3);
        assert_eq!(SPINS.load(Ordering::SeqCst), spins);
        assert_eq!(
            semaphore.get(TX_NO_WAIT),
            TX_SUCCESS,
            "the terminated thread did not take it"
        );
        assert_eq!(spinner.delete(), TX_SUCCESS);
        assert_eq!(waiter.delete(), TX_SUCCESS);
        settle();
    });
}

#[test]
fn a_thread_can_end_itself() {
    in_kernel_after(manual_clock, || {
        let own = spawn("own", || {
            Thread::current().terminate();
            unreachable!("terminated");
        });
        settle();
        assert_eq!(own.state(), TX_TERMINATED);
        assert_eq!(own.delete(), TX_SUCCESS);
    });
}

#[test]
fn a_control_block_can_be_used_again() {
    in_kernel_after(manual_clock, || {
        static RUNS: AtomicU32 = AtomicU32::new(0);
        extern "C" fn wait_for_ever(_: ULONG) {
            RUNS.fetch_add(1, Ordering::Relaxed);
            sleep(TX_WAIT_FOREVER);
            RUNS.fetch_add(100, Ordering::Relaxed);
        }
        let (block, stack) = (leak(), leak::<[u8; 1024]>());
        for run in 1..=20 {
            // SAFETY: the control block and the stack are free again.
            let status = unsafe {
                tx_thread_create(
                    block,
                    name(c"again"),
                    Some(wait_for_ever),
                    0,
                    stack.cast(),
                    1024,
                    1,
                    1,
                    0,
                    1,
                )
            };
            assert_eq!(status, TX_SUCCESS);
            advance(1);
            assert_eq!(RUNS.load(Ordering::Relaxed), run);
            assert_eq!(Thread(block).terminate(), TX_SUCCESS);
            assert_eq!(Thread(block).delete(), TX_SUCCESS);
            // SAFETY: the memory is nobody's now, and a thread that is still around must not look at it.
            unsafe { block.write_bytes(0xA5, 1) };
        }
        advance(100);
        assert_eq!(RUNS.load(Ordering::Relaxed), 20);
    });
}

#[test]
fn disabled_interrupts_exclude_all_threads() {
    in_kernel(|| {
        static mut COUNTER: u64 = 0;
        const ROUNDS: u64 = 50_000;
        fn count() {
            for _ in 0..ROUNDS {
                let posture = interrupts(TX_INT_DISABLE);
                // SAFETY: only one thread at a time has interrupts disabled.
                unsafe { COUNTER += 1 };
                assert_eq!(interrupts(posture), TX_INT_DISABLE);
            }
        }
        let done = Semaphore::new(0);
        for _ in 0..2 {
            spawn("counter", move || {
                count();
                done.put();
            });
        }
        let foreign = [thread::spawn(count), thread::spawn(count)];
        for foreign in foreign {
            foreign.join().unwrap();
        }
        for _ in 0..2 {
            assert_eq!(done.get(TX_WAIT_FOREVER), TX_SUCCESS);
        }
        // SAFETY: the other threads are done.
        assert_eq!(unsafe { COUNTER }, 4 * ROUNDS);
    });
}

#[test]
fn the_posture_nests_and_belongs_to_the_thread() {
    in_kernel(|| {
        assert_eq!(interrupts(TX_INT_DISABLE), TX_INT_ENABLE);
        assert_eq!(interrupts(TX_INT_DISABLE), TX_INT_DISABLE);
        assert_eq!(interrupts(TX_INT_DISABLE), TX_INT_DISABLE);
        assert_eq!(interrupts(TX_INT_ENABLE), TX_INT_DISABLE);
        assert_eq!(interrupts(TX_INT_ENABLE), TX_INT_ENABLE);
        // Free again: another thread gets it.
        thread::spawn(|| {
            assert_eq!(interrupts(TX_INT_DISABLE), TX_INT_ENABLE);
            interrupts(TX_INT_ENABLE);
        })
        .join()
        .unwrap();
    });
}

#[test]
fn waiting_with_interrupts_disabled_lets_others_have_them() {
    in_kernel(|| {
        let semaphore = Semaphore::new(0);
        spawn("other", move || {
            interrupts(TX_INT_DISABLE);
            thread::sleep(Duration::from_millis(10));
            semaphore.put();
            interrupts(TX_INT_ENABLE);
        });
        interrupts(TX_INT_DISABLE);
        assert_eq!(semaphore.get(TX_WAIT_FOREVER), TX_SUCCESS);
        assert_eq!(
            interrupts(TX_INT_ENABLE),
            TX_INT_DISABLE,
            "the posture comes back with the thread"
        );
    });
}

// ThreadX itself does not notice that it was entered before, and starts anew in the middle of what is running.
#[cfg(host_port)]
#[test]
fn a_second_kernel_is_not_started() {
    in_kernel(|| {
        // SAFETY: returns at once, because there is a kernel.
        unsafe { tx_kernel_enter() };
        assert_eq!(sleep(1), TX_SUCCESS);
    });
}
