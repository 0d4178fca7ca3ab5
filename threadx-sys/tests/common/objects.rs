//! ThreadX' objects for tests: never deleted unless a test does it, so that their control blocks are always valid.

use std::ffi::CStr;
use std::ptr::null_mut;
use std::sync::Mutex as StdMutex;
use threadx_sys::host::{
    tx_host_clock_advance, tx_host_clock_manual, tx_host_context, tx_host_settle,
};
use threadx_sys::*;

const STACK_SIZE: usize = 4096;

/// Memory for a control block, for ever.
pub fn leak<T>() -> *mut T {
    // SAFETY: control blocks are plain C structures, for which all zeros is a value.
    Box::leak(Box::new(unsafe { std::mem::zeroed::<T>() }))
}

/// A name as C wants it.
pub fn name(text: &'static CStr) -> *mut CHAR {
    text.as_ptr().cast_mut().cast()
}

type Entry = Box<dyn FnOnce() + Send>;
static ENTRIES: StdMutex<Vec<Option<Entry>>> = StdMutex::new(Vec::new());

extern "C" fn run_entry(index: ULONG) {
    let entry = ENTRIES.lock().expect("no panic in here")[index as usize].take();
    entry.expect("a thread starts once")();
}

#[derive(Clone, Copy)]
pub struct Thread(pub *mut TX_THREAD);
// SAFETY: the kernel guards its control blocks.
unsafe impl Send for Thread {}
// SAFETY: as above.
unsafe impl Sync for Thread {}

/// Starts a thread.
pub fn spawn(label: &'static str, entry: impl FnOnce() + Send + 'static) -> Thread {
    create(label, TX_AUTO_START, entry)
}

/// Creates a thread.
pub fn create(
    _label: &'static str,
    auto_start: UINT,
    entry: impl FnOnce() + Send + 'static,
) -> Thread {
    let mut entries = ENTRIES.lock().expect("no panic in here");
    let index = entries.len() as ULONG;
    entries.push(Some(Box::new(entry)));
    drop(entries);
    let thread = leak();
    let stack: &'static mut [u8] = Box::leak(vec![0; STACK_SIZE].into_boxed_slice());
    let stack = stack.as_mut_ptr().cast();
    // SAFETY: control block and stack are leaked, and the entry function runs on any thread.
    let status = unsafe {
        tx_thread_create(
            thread,
            name(c"test"),
            Some(run_entry),
            index,
            stack,
            STACK_SIZE as ULONG,
            16,
            16,
            TX_NO_TIME_SLICE,
            auto_start,
        )
    };
    assert_eq!(status, TX_SUCCESS);
    Thread(thread)
}

impl Thread {
    pub fn current() -> Self {
        // SAFETY: only reads the caller's identity.
        Self(unsafe { tx_thread_identify() })
    }

    pub fn state(self) -> UINT {
        let mut state = 0;
        let nothing = null_mut;
        // SAFETY: the control block is valid and null stands for what is not wanted.
        let status = unsafe {
            tx_thread_info_get(
                self.0,
                nothing(),
                &raw mut state,
                null_mut(),
                null_mut(),
                null_mut(),
                null_mut(),
                null_mut(),
                null_mut(),
            )
        };
        assert_eq!(status, TX_SUCCESS);
        state
    }

    pub fn suspend(self) -> UINT {
        // SAFETY: the control block is valid.
        unsafe { tx_thread_suspend(self.0) }
    }

    pub fn resume(self) -> UINT {
        // SAFETY: the control block is valid.
        unsafe { tx_thread_resume(self.0) }
    }

    pub fn terminate(self) -> UINT {
        // SAFETY: the control block is valid.
        unsafe { tx_thread_terminate(self.0) }
    }

    pub fn delete(self) -> UINT {
        // SAFETY: the control block is valid memory, which the kernel checks to be a thread.
        unsafe { tx_thread_delete(self.0) }
    }

    pub fn wait_abort(self) -> UINT {
        // SAFETY: the control block is valid.
        unsafe { tx_thread_wait_abort(self.0) }
    }
}

#[derive(Clone, Copy)]
pub struct Mutex(pub *mut TX_MUTEX);
// SAFETY: the kernel guards its control blocks.
unsafe impl Send for Mutex {}
// SAFETY: as above.
unsafe impl Sync for Mutex {}

impl Mutex {
    pub fn new() -> Self {
        let mutex = leak();
        // SAFETY: the control block is leaked.
        let status = unsafe { tx_mutex_create(mutex, name(c"mutex"), TX_INHERIT) };
        assert_eq!(status, TX_SUCCESS);
        Self(mutex)
    }

    pub fn get(self, wait: ULONG) -> UINT {
        // SAFETY: the control block is valid memory.
        unsafe { tx_mutex_get(self.0, wait) }
    }

    pub fn put(self) -> UINT {
        // SAFETY: the control block is valid memory.
        unsafe { tx_mutex_put(self.0) }
    }

    pub fn delete(self) -> UINT {
        // SAFETY: the control block is valid memory.
        unsafe { tx_mutex_delete(self.0) }
    }
}

#[derive(Clone, Copy)]
pub struct Flags(pub *mut TX_EVENT_FLAGS_GROUP);
// SAFETY: the kernel guards its control blocks.
unsafe impl Send for Flags {}
// SAFETY: as above.
unsafe impl Sync for Flags {}

impl Flags {
    pub fn new() -> Self {
        let group = leak();
        // SAFETY: the control block is leaked.
        let status = unsafe { tx_event_flags_create(group, name(c"flags")) };
        assert_eq!(status, TX_SUCCESS);
        Self(group)
    }

    /// Status and flags.
    pub fn get(self, flags: ULONG, option: UINT, wait: ULONG) -> (UINT, ULONG) {
        let mut actual = 0;
        // SAFETY: the control block is valid memory, and the flags live until the call returns.
        let status = unsafe { tx_event_flags_get(self.0, flags, option, &raw mut actual, wait) };
        (status, actual)
    }

    pub fn set(self, flags: ULONG, option: UINT) -> UINT {
        // SAFETY: the control block is valid memory.
        unsafe { tx_event_flags_set(self.0, flags, option) }
    }

    pub fn delete(self) -> UINT {
        // SAFETY: the control block is valid memory.
        unsafe { tx_event_flags_delete(self.0) }
    }
}

#[derive(Clone, Copy)]
pub struct Semaphore(pub *mut TX_SEMAPHORE);
// SAFETY: the kernel guards its control blocks.
unsafe impl Send for Semaphore {}
// SAFETY: as above.
unsafe impl Sync for Semaphore {}

impl Semaphore {
    pub fn new(count: ULONG) -> Self {
        let semaphore = leak();
        // SAFETY: the control block is leaked.
        let status = unsafe { tx_semaphore_create(semaphore, name(c"semaphore"), count) };
        assert_eq!(status, TX_SUCCESS);
        Self(semaphore)
    }

    pub fn get(self, wait: ULONG) -> UINT {
        // SAFETY: the control block is valid memory.
        unsafe { tx_semaphore_get(self.0, wait) }
    }

    pub fn put(self) -> UINT {
        // SAFETY: the control block is valid memory.
        unsafe { tx_semaphore_put(self.0) }
    }

    pub fn delete(self) -> UINT {
        // SAFETY: the control block is valid memory.
        unsafe { tx_semaphore_delete(self.0) }
    }
}

#[derive(Clone, Copy)]
pub struct Timer(pub *mut TX_TIMER);
// SAFETY: the kernel guards its control blocks.
unsafe impl Send for Timer {}
// SAFETY: as above.
unsafe impl Sync for Timer {}

impl Timer {
    /// A running timer.
    pub fn new(
        function: extern "C" fn(ULONG),
        input: ULONG,
        initial: ULONG,
        reschedule: ULONG,
    ) -> Self {
        let timer = leak();
        // SAFETY: the control block is leaked, and the function runs on any thread.
        let status = unsafe {
            tx_timer_create(
                timer,
                name(c"timer"),
                Some(function),
                input,
                initial,
                reschedule,
                TX_AUTO_ACTIVATE,
            )
        };
        assert_eq!(status, TX_SUCCESS);
        Self(timer)
    }

    pub fn activate(self) -> UINT {
        // SAFETY: the control block is valid memory.
        unsafe { tx_timer_activate(self.0) }
    }

    pub fn deactivate(self) -> UINT {
        // SAFETY: the control block is valid memory.
        unsafe { tx_timer_deactivate(self.0) }
    }

    pub fn change(self, initial: ULONG, reschedule: ULONG) -> UINT {
        // SAFETY: the control block is valid memory.
        unsafe { tx_timer_change(self.0, initial, reschedule) }
    }

    pub fn delete(self) -> UINT {
        // SAFETY: the control block is valid memory.
        unsafe { tx_timer_delete(self.0) }
    }
}

pub fn sleep(ticks: ULONG) -> UINT {
    // SAFETY: checks its caller.
    unsafe { tx_thread_sleep(ticks) }
}

pub fn now() -> ULONG {
    // SAFETY: callable from everywhere.
    unsafe { tx_time_get() }
}

pub fn set_now(ticks: ULONG) {
    // SAFETY: callable from everywhere.
    unsafe { tx_time_set(ticks) };
}

pub fn relinquish() {
    // SAFETY: callable from everywhere.
    unsafe { tx_thread_relinquish() };
}

pub fn interrupts(posture: UINT) -> UINT {
    // SAFETY: callable from everywhere; the posture is the calling thread's own.
    unsafe { tx_interrupt_control(posture) }
}

pub fn manual_clock() {
    // SAFETY: callable from everywhere.
    unsafe { tx_host_clock_manual() };
}

pub fn advance(ticks: ULONG) -> UINT {
    // SAFETY: checks its caller.
    unsafe { tx_host_clock_advance(ticks) }
}

pub fn settle() {
    // SAFETY: checks its caller.
    unsafe { tx_host_settle() };
}

pub fn context() -> UINT {
    // SAFETY: callable from everywhere.
    unsafe { tx_host_context() }
}
