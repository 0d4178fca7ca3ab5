//! ThreadX: one thread, whose entry runs when the kernel is entered.

use core::ffi::c_void;

use core::ptr;
use core::sync::atomic::{AtomicPtr, AtomicU32, AtomicUsize, Ordering::Relaxed};

use threadx_sys::{
    CHAR, TX_DELETE_ERROR, TX_INITIALIZE_IN_PROGRESS, TX_MUTEX, TX_THREAD, UINT, ULONG,
    tx_application_define,
};

use crate::opaque::{functions, variables};

functions! {
    _tx_initialize_kernel_enter = kernel_enter;
    _txe_thread_create = thread_create;
    _txe_thread_delete = thread_delete;
    _tx_thread_identify = thread_identify;
    _tx_thread_system_state_get = system_state;
    _tx_thread_sleep = thread_sleep;
    _tx_time_get = ticks;
    _txe_mutex_create = mutex_create;
    _txe_mutex_get = mutex_get;
    _txe_mutex_put = mutex_put;
    threadx_sys_only_type_checks_on_this_target_do_not_link = nothing;
    netxduo_sys_only_type_checks_on_this_target_do_not_link = nothing;
}

variables! {
    _tx_timer_thread: TX_THREAD;
}

static THREAD: AtomicPtr<TX_THREAD> = AtomicPtr::new(ptr::null_mut());
static ENTRY: AtomicUsize = AtomicUsize::new(0);
static STATE: AtomicU32 = AtomicU32::new(TX_INITIALIZE_IN_PROGRESS);
static TICKS: AtomicU32 = AtomicU32::new(0);
static RANDOM: AtomicU32 = AtomicU32::new(0x1234_5678);

type Entry = unsafe extern "C" fn(ULONG);

unsafe extern "C" fn kernel_enter() {
    // SAFETY: this is where ThreadX calls it, too.
    unsafe { tx_application_define(ptr::null_mut()) };
    STATE.store(0, Relaxed);
    let entry = ENTRY.load(Relaxed);
    if entry != 0 {
        // SAFETY: `thread_create` put an entry there.
        unsafe { core::mem::transmute::<usize, Entry>(entry)(0) };
    }
}

#[allow(clippy::too_many_arguments)] // ThreadX' signature.
unsafe extern "C" fn thread_create(
    thread: *mut TX_THREAD,
    _name: *mut CHAR,
    entry: Option<Entry>,
    _input: ULONG,
    _stack: *mut c_void,
    _stack_size: ULONG,
    _priority: UINT,
    _threshold: UINT,
    _time_slice: ULONG,
    _auto_start: UINT,
    _size: UINT,
) -> UINT {
    THREAD.store(thread, Relaxed);
    ENTRY.store(entry.map_or(0, |entry| entry as usize), Relaxed);
    0
}

/// It has not ended.
extern "C" fn thread_delete(_: *mut TX_THREAD) -> UINT {
    TX_DELETE_ERROR
}

extern "C" fn thread_identify() -> *mut TX_THREAD {
    THREAD.load(Relaxed)
}

extern "C" fn thread_sleep(ticks: ULONG) -> UINT {
    TICKS.fetch_add(ticks, Relaxed);
    0
}

/// Initialization, until the thread runs.
extern "C" fn system_state() -> ULONG {
    STATE.load(Relaxed)
}

extern "C" fn nothing() {}

/// What `tx_time_get` says.
pub extern "C" fn ticks() -> ULONG {
    TICKS.load(Relaxed)
}

/// Moves time.
pub fn set_ticks(ticks: ULONG) {
    TICKS.store(ticks, Relaxed);
}

/// Unix time, which goes with the ticks.
pub fn unix_time() -> u32 {
    1_795_000_000 + ticks() / threadx_sys::TX_TIMER_TICKS_PER_SECOND
}

/// Fills `bytes` with what is not random at all: the same in every run.
pub fn random(bytes: &mut [u8]) {
    let mut x = RANDOM.load(Relaxed);
    for byte in bytes {
        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
        *byte = x as u8;
    }
    RANDOM.store(x, Relaxed);
}

extern "C" fn mutex_create(_: *mut TX_MUTEX, _: *mut CHAR, _: UINT, _size: UINT) -> UINT {
    0
}

unsafe extern "C" fn mutex_get(mutex: *mut TX_MUTEX, _wait: ULONG) -> UINT {
    // SAFETY: the mutex is one of the program's, which has one thread.
    unsafe {
        let thread = THREAD.load(Relaxed);
        if (*mutex).tx_mutex_ownership_count == 0 {
            (*mutex).tx_mutex_owner = thread;
            (*thread).tx_thread_owned_mutex_count += 1;
        }
        (*mutex).tx_mutex_ownership_count += 1;
    }
    0
}

unsafe extern "C" fn mutex_put(mutex: *mut TX_MUTEX) -> UINT {
    // SAFETY: as in `mutex_get`.
    unsafe {
        (*mutex).tx_mutex_ownership_count -= 1;
        if (*mutex).tx_mutex_ownership_count == 0 {
            (*mutex).tx_mutex_owner = ptr::null_mut();
            (*THREAD.load(Relaxed)).tx_thread_owned_mutex_count -= 1;
        }
    }
    0
}
