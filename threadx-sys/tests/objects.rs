//! Mutexes, event flags and semaphores, and what the checked services say to wrong arguments.

mod common;

use common::objects::*;
use common::{in_kernel, in_kernel_after};
use std::ptr::null_mut;
use std::sync::Mutex as StdMutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use threadx_sys::*;

#[test]
fn a_mutex_is_its_owners_as_often_as_it_was_got() {
    in_kernel_after(manual_clock, || {
        static OTHER: AtomicU32 = AtomicU32::new(u32::MAX);
        let mutex = Mutex::new();
        assert_eq!(mutex.get(TX_NO_WAIT), TX_SUCCESS);
        assert_eq!(mutex.get(TX_WAIT_FOREVER), TX_SUCCESS);
        spawn("other", move || {
            assert_eq!(mutex.put(), TX_NOT_OWNED);
            assert_eq!(mutex.get(TX_NO_WAIT), TX_NOT_AVAILABLE);
            OTHER.store(mutex.get(TX_WAIT_FOREVER), Ordering::Relaxed);
        });
        settle();
        assert_eq!(mutex.put(), TX_SUCCESS);
        settle();
        assert_eq!(
            OTHER.load(Ordering::Relaxed),
            u32::MAX,
            "got twice, put once"
        );
        assert_eq!(mutex.put(), TX_SUCCESS);
        settle();
        assert_eq!(OTHER.load(Ordering::Relaxed), TX_SUCCESS);
        assert_eq!(mutex.put(), TX_NOT_OWNED);
        // The other thread has ended while it owned the mutex.
        assert_eq!(mutex.get(TX_NO_WAIT), TX_SUCCESS);
    });
}

#[test]
fn a_mutex_goes_to_waiters_in_order() {
    in_kernel_after(manual_clock, || {
        static ORDER: StdMutex<Vec<u32>> = StdMutex::new(Vec::new());
        let mutex = Mutex::new();
        assert_eq!(mutex.get(TX_NO_WAIT), TX_SUCCESS);
        for number in 0..4 {
            spawn("waiter", move || {
                assert_eq!(mutex.get(TX_WAIT_FOREVER), TX_SUCCESS);
                ORDER.lock().unwrap().push(number);
                assert_eq!(mutex.put(), TX_SUCCESS);
            });
            settle();
        }
        assert_eq!(mutex.put(), TX_SUCCESS);
        settle();
        assert_eq!(*ORDER.lock().unwrap(), [0, 1, 2, 3]);
    });
}

#[test]
fn a_mutex_excludes() {
    in_kernel(|| {
        static mut COUNTER: u64 = 0;
        const ROUNDS: u64 = 20_000;
        let (mutex, done) = (Mutex::new(), Semaphore::new(0));
        for _ in 0..4 {
            spawn("counter", move || {
                for _ in 0..ROUNDS {
                    assert_eq!(mutex.get(TX_WAIT_FOREVER), TX_SUCCESS);
                    // SAFETY: only the owner of the mutex comes here.
                    unsafe { COUNTER += 1 };
                    assert_eq!(mutex.put(), TX_SUCCESS);
                }
                done.put();
            });
        }
        for _ in 0..4 {
            assert_eq!(done.get(TX_WAIT_FOREVER), TX_SUCCESS);
        }
        // SAFETY: the other threads are done.
        assert_eq!(unsafe { COUNTER }, 4 * ROUNDS);
    });
}

#[test]
fn flags_are_waited_for_by_any_or_all_and_cleared() {
    in_kernel_after(manual_clock, || {
        let flags = Flags::new();
        assert_eq!(flags.get(0b1, TX_OR, TX_NO_WAIT), (TX_NO_EVENTS, 0));
        assert_eq!(flags.set(0b0110, TX_OR), TX_SUCCESS);
        assert_eq!(flags.get(0b0011, TX_OR, TX_NO_WAIT), (TX_SUCCESS, 0b0110));
        let (status, actual) = flags.get(0b0011, TX_AND, TX_NO_WAIT);
        assert_eq!(status, TX_NO_EVENTS);
        // Newer versions say which flags there are all the same.
        assert!(actual == 0b0110 || cfg!(not(host_port)) && actual == 0);
        assert_eq!(
            flags.get(0b0010, TX_AND_CLEAR, TX_NO_WAIT),
            (TX_SUCCESS, 0b0110)
        );
        assert_eq!(flags.get(0b1111, TX_OR, TX_NO_WAIT), (TX_SUCCESS, 0b0100));
        assert_eq!(flags.set(!0b0100, TX_AND), TX_SUCCESS);
        assert_eq!(flags.get(0b1111, TX_OR, TX_NO_WAIT).0, TX_NO_EVENTS);
    });
}

#[test]
fn one_set_wakes_all_that_it_satisfies() {
    in_kernel_after(manual_clock, || {
        static WOKEN: StdMutex<Vec<(u32, u32)>> = StdMutex::new(Vec::new());
        let flags = Flags::new();
        for (number, wanted, option) in [
            (0, 0b01, TX_OR_CLEAR),
            (1, 0b11, TX_AND),
            (2, 0b11, TX_OR_CLEAR),
            (3, 0b101, TX_AND),
        ] {
            spawn("waiter", move || {
                let (status, actual) = flags.get(wanted, option, TX_WAIT_FOREVER);
                assert_eq!(status, TX_SUCCESS);
                WOKEN.lock().unwrap().push((number, actual));
            });
            settle();
        }
        flags.set(0b011, TX_OR);
        settle();
        let mut woken = std::mem::take(&mut *WOKEN.lock().unwrap());
        woken.sort_unstable();
        assert_eq!(
            woken,
            [(0, 0b011), (1, 0b011), (2, 0b011)],
            "each sees what was set"
        );
        assert_eq!(
            flags.get(0b011, TX_OR, TX_NO_WAIT).0,
            TX_NO_EVENTS,
            "cleared afterwards"
        );
        flags.set(0b100, TX_OR);
        settle();
        assert_eq!(*WOKEN.lock().unwrap(), []);
        flags.set(0b001, TX_OR);
        settle();
        assert_eq!(*WOKEN.lock().unwrap(), [(3, 0b101)]);
    });
}

#[test]
fn deleting_ends_every_wait() {
    in_kernel_after(manual_clock, || {
        static STATUSES: StdMutex<Vec<UINT>> = StdMutex::new(Vec::new());
        let (mutex, flags, semaphore) = (Mutex::new(), Flags::new(), Semaphore::new(0));
        assert_eq!(mutex.get(TX_NO_WAIT), TX_SUCCESS);
        let record = |status| STATUSES.lock().unwrap().push(status);
        spawn("mutex", move || record(mutex.get(TX_WAIT_FOREVER)));
        spawn("flags", move || record(flags.get(1, TX_OR, 1000).0));
        spawn("semaphore", move || record(semaphore.get(TX_WAIT_FOREVER)));
        settle();
        assert_eq!(mutex.delete(), TX_SUCCESS);
        assert_eq!(flags.delete(), TX_SUCCESS);
        assert_eq!(semaphore.delete(), TX_SUCCESS);
        settle();
        assert_eq!(*STATUSES.lock().unwrap(), [TX_DELETED; 3]);
        assert_eq!(mutex.get(TX_NO_WAIT), TX_MUTEX_ERROR);
        assert_eq!(mutex.put(), TX_MUTEX_ERROR);
        assert_eq!(mutex.delete(), TX_MUTEX_ERROR);
        assert_eq!(flags.set(1, TX_OR), TX_GROUP_ERROR);
        assert_eq!(flags.delete(), TX_GROUP_ERROR);
        assert_eq!(semaphore.put(), TX_SEMAPHORE_ERROR);
        assert_eq!(semaphore.delete(), TX_SEMAPHORE_ERROR);
    });
}

#[test]
fn a_semaphore_counts() {
    in_kernel_after(manual_clock, || {
        static GOT: AtomicU32 = AtomicU32::new(0);
        let semaphore = Semaphore::new(2);
        assert_eq!(semaphore.get(TX_NO_WAIT), TX_SUCCESS);
        assert_eq!(semaphore.get(TX_WAIT_FOREVER), TX_SUCCESS);
        assert_eq!(semaphore.get(TX_NO_WAIT), TX_NO_INSTANCE);
        for _ in 0..2 {
            spawn("waiter", move || {
                assert_eq!(semaphore.get(TX_WAIT_FOREVER), TX_SUCCESS);
                GOT.fetch_add(1, Ordering::Relaxed);
            });
        }
        settle();
        semaphore.put();
        settle();
        assert_eq!(GOT.load(Ordering::Relaxed), 1);
        semaphore.put();
        semaphore.put();
        settle();
        assert_eq!(GOT.load(Ordering::Relaxed), 2);
        assert_eq!(semaphore.get(TX_NO_WAIT), TX_SUCCESS, "one was left over");
    });
}

#[test]
fn foreign_threads_have_the_rights_of_an_interrupt() {
    in_kernel(|| {
        let (mutex, flags, semaphore) = (Mutex::new(), Flags::new(), Semaphore::new(1));
        let foreign = thread::spawn(move || {
            assert_eq!(mutex.get(TX_NO_WAIT), TX_CALLER_ERROR);
            assert_eq!(mutex.get(1), TX_WAIT_ERROR);
            assert_eq!(mutex.put(), TX_CALLER_ERROR);
            assert_eq!(mutex.delete(), TX_CALLER_ERROR);
            assert_eq!(flags.get(1, TX_OR, 1).0, TX_WAIT_ERROR);
            assert_eq!(flags.get(1, TX_OR, TX_NO_WAIT).0, TX_NO_EVENTS);
            assert_eq!(semaphore.get(TX_NO_WAIT), TX_SUCCESS);
            assert_eq!(semaphore.get(1), TX_WAIT_ERROR);
            assert_eq!(sleep(1), TX_CALLER_ERROR);
            assert!(Thread::current().0.is_null());
            // SAFETY: nothing is created.
            let status = unsafe { tx_mutex_create(leak(), null_mut(), TX_INHERIT) };
            assert_eq!(status, TX_CALLER_ERROR);
            assert_eq!(flags.set(1, TX_OR), TX_SUCCESS);
        });
        assert_eq!(flags.get(1, TX_OR, TX_WAIT_FOREVER), (TX_SUCCESS, 1));
        foreign.join().unwrap();
    });
}

#[test]
fn objects_can_be_used_before_the_threads_start() {
    in_kernel_after(
        || {
            let mutex = Mutex::new();
            assert_eq!(mutex.get(TX_NO_WAIT), TX_SUCCESS);
            assert_eq!(mutex.get(1), TX_WAIT_ERROR);
            assert_eq!(mutex.put(), TX_SUCCESS);
            assert_eq!(mutex.put(), TX_NOT_OWNED);
            assert_eq!(mutex.delete(), TX_CALLER_ERROR);
            assert_eq!(context(), threadx_sys::TX_HOST_CONTEXT_INITIALIZATION);
        },
        || (),
    );
}

#[test]
fn wrong_arguments_are_named() {
    in_kernel(|| {
        let (mutex, flags, semaphore) = (Mutex::new(), Flags::new(), Semaphore::new(0));
        extern "C" fn nothing(_: ULONG) {}
        // SAFETY: every call has an argument that the checked form refuses before it uses it.
        unsafe {
            assert_eq!(
                tx_mutex_create(null_mut(), null_mut(), TX_INHERIT),
                TX_MUTEX_ERROR
            );
            assert_eq!(
                tx_mutex_create(mutex.0, null_mut(), TX_INHERIT),
                TX_MUTEX_ERROR
            );
            assert_eq!(tx_mutex_create(leak(), null_mut(), 2), TX_INHERIT_ERROR);
            assert_eq!(
                _txe_mutex_create(leak(), null_mut(), TX_INHERIT, 1),
                TX_MUTEX_ERROR
            );
            assert_eq!(tx_mutex_get(null_mut(), TX_NO_WAIT), TX_MUTEX_ERROR);
            assert_eq!(tx_event_flags_create(flags.0, null_mut()), TX_GROUP_ERROR);
            assert_eq!(
                tx_event_flags_get(flags.0, 1, TX_OR, null_mut(), TX_NO_WAIT),
                TX_PTR_ERROR
            );
            assert_eq!(flags.get(1, 4, TX_NO_WAIT).0, TX_OPTION_ERROR);
            assert_eq!(flags.set(1, TX_OR_CLEAR), TX_OPTION_ERROR);
            assert_eq!(
                tx_semaphore_create(semaphore.0, null_mut(), 0),
                TX_SEMAPHORE_ERROR
            );
            let timer = |timer, function, ticks, activate| {
                tx_timer_create(timer, null_mut(), function, 0, ticks, 0, activate)
            };
            assert_eq!(
                timer(null_mut(), Some(nothing as _), 1, TX_AUTO_ACTIVATE),
                TX_TIMER_ERROR
            );
            assert_eq!(
                timer(leak(), Some(nothing as _), 0, TX_AUTO_ACTIVATE),
                TX_TICK_ERROR
            );
            assert_eq!(timer(leak(), Some(nothing as _), 1, 2), TX_ACTIVATE_ERROR);
            // ThreadX itself would call it.
            #[cfg(host_port)]
            assert_eq!(timer(leak(), None, 1, TX_AUTO_ACTIVATE), TX_TIMER_ERROR);
        }
    });
}

#[test]
fn wrong_threads_are_named() {
    in_kernel(|| {
        extern "C" fn nothing(_: ULONG) {}
        let stack: *mut u8 = leak::<[u8; 1024]>().cast();
        let create = |thread, entry, stack: *mut u8, size, priority, threshold, start| {
            // SAFETY: every call has an argument that the checked form refuses before it uses it.
            unsafe {
                tx_thread_create(
                    thread,
                    null_mut(),
                    entry,
                    0,
                    stack.cast(),
                    size,
                    priority,
                    threshold,
                    0,
                    start,
                )
            }
        };
        let entry: Option<unsafe extern "C" fn(ULONG)> = Some(nothing);
        let own_stack = {
            // SAFETY: the calling thread's control block is valid.
            unsafe { (*Thread::current().0).tx_thread_stack_start }.cast()
        };
        assert_eq!(
            create(null_mut(), entry, stack, 1024, 1, 1, 1),
            TX_THREAD_ERROR
        );
        assert_eq!(
            create(Thread::current().0, entry, stack, 1024, 1, 1, 1),
            TX_THREAD_ERROR
        );
        assert_eq!(create(leak(), None, stack, 1024, 1, 1, 1), TX_PTR_ERROR);
        assert_eq!(
            create(leak(), entry, null_mut(), 1024, 1, 1, 1),
            TX_PTR_ERROR
        );
        assert_eq!(
            create(leak(), entry, own_stack, 1024, 1, 1, 1),
            TX_PTR_ERROR,
            "another thread's stack"
        );
        assert_eq!(
            create(leak(), entry, stack, TX_MINIMUM_STACK - 1, 1, 1, 1),
            TX_SIZE_ERROR
        );
        assert_eq!(
            create(leak(), entry, stack, 1024, TX_MAX_PRIORITIES, 1, 1),
            TX_PRIORITY_ERROR
        );
        assert_eq!(create(leak(), entry, stack, 1024, 1, 2, 1), TX_THRESH_ERROR);
        assert_eq!(create(leak(), entry, stack, 1024, 1, 1, 2), TX_START_ERROR);
        // SAFETY: the checked forms refuse what is no thread.
        unsafe {
            assert_eq!(tx_thread_delete(leak()), TX_THREAD_ERROR);
            assert_eq!(tx_thread_delete(Thread::current().0), TX_DELETE_ERROR);
            assert_eq!(tx_thread_resume(Thread::current().0), TX_RESUME_ERROR);
            assert_eq!(tx_thread_terminate(null_mut()), TX_THREAD_ERROR);
            assert_eq!(tx_thread_suspend(null_mut()), TX_THREAD_ERROR);
            assert_eq!(
                tx_thread_wait_abort(Thread::current().0),
                TX_WAIT_ABORT_ERROR
            );
            let mut old = 0;
            assert_eq!(
                tx_thread_priority_change(Thread::current().0, 32, &raw mut old),
                TX_PRIORITY_ERROR
            );
            assert_eq!(
                tx_thread_priority_change(Thread::current().0, 10, null_mut()),
                TX_PTR_ERROR
            );
            assert_eq!(
                tx_thread_priority_change(Thread::current().0, 10, &raw mut old),
                TX_SUCCESS
            );
            assert_eq!(old, 16);
            assert_eq!(
                tx_thread_preemption_change(Thread::current().0, 11, &raw mut old),
                TX_THRESH_ERROR
            );
            assert_eq!(
                tx_thread_preemption_change(Thread::current().0, 0, &raw mut old),
                TX_SUCCESS
            );
            assert_eq!(old, 10);
        }
    });
}
