//! Kernel entry, the caller's context, time.

use core::convert::Infallible;
use core::ffi::c_void;
use core::sync::atomic::{AtomicBool, Ordering};

use threadx_sys::{
    _tx_thread_system_state_get, TX_TIMER_TICKS_PER_SECOND, tx_kernel_enter, tx_thread_identify,
    tx_thread_sleep, tx_time_get,
};

use super::lock::{Locked, locked};
use crate::error::{Api, Error, check};
use crate::kernel::Kernel;

/// What to do in `tx_application_define`.
static DEFINE: Locked<Option<fn(Kernel)>> = Locked::new(None);

static ENTERED: AtomicBool = AtomicBool::new(false);

/// Enters the kernel, which calls `define` before the first thread runs.
pub(crate) fn enter(define: fn(Kernel)) -> Result<Infallible, Error> {
    if ENTERED.swap(true, Ordering::AcqRel) {
        return Err(Error::KernelEntered);
    }
    locked(|section| *DEFINE.get(section) = Some(define));
    // SAFETY: this is the first call, and what the kernel needs of the application is below.
    unsafe { tx_kernel_enter() };
    // The kernel never returns; an interface that can express that does not exist in C.
    loop {
        core::hint::spin_loop();
    }
}

/// ThreadX asks the application for its first objects.
#[cfg(feature = "application-define")]
#[unsafe(no_mangle)]
extern "C" fn tx_application_define(_first_unused_memory: *mut c_void) {
    if let Some(define) = DEFINE.load() {
        define(Kernel::running());
    }
}

/// Whether the caller is a ThreadX thread, and neither initialization, timer nor interrupt.
pub(crate) fn in_thread() -> bool {
    // SAFETY: both may be called everywhere and only read.
    unsafe { !tx_thread_identify().is_null() && _tx_thread_system_state_get() == 0 }
}

/// An error unless the caller is a thread.
pub(crate) fn require_thread() -> Result<(), Error> {
    if in_thread() {
        Ok(())
    } else {
        Err(Error::NotAThread)
    }
}

/// Sleeps for so many ticks.
pub(crate) fn sleep(ticks: u32) -> Result<(), Error> {
    // SAFETY: only the calling thread is concerned, and the kernel checks that it is one.
    check(Api::ThreadX, "tx_thread_sleep", unsafe {
        tx_thread_sleep(ticks)
    })
}

/// Ticks since the kernel started; wraps around.
pub(crate) fn ticks() -> u32 {
    // SAFETY: allowed everywhere.
    unsafe { tx_time_get() }
}

/// Ticks a second.
pub(crate) const TICKS_PER_SECOND: u32 = TX_TIMER_TICKS_PER_SECOND;
