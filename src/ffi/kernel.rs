//! The caller's context, and time.

use threadx_sys::{
    _tx_thread_system_state_get, _tx_timer_thread, TX_TIMER_TICKS_PER_SECOND, tx_thread_identify,
    tx_thread_sleep, tx_time_get,
};

use crate::error::{Api, Error, check};

/// Whether the caller is a ThreadX thread, and neither initialization, timer nor interrupt.
pub(crate) fn in_thread() -> bool {
    // SAFETY: both may be called everywhere and only read; the timer thread's address is all that is taken of it.
    unsafe {
        let thread = tx_thread_identify();
        !thread.is_null()
            && thread != &raw mut _tx_timer_thread
            && _tx_thread_system_state_get() == 0
    }
}

/// Whether the caller, a thread, may wait for others: it holds no mutex that they could wait for. In a callback of NetX Duo or of the
/// middleware it does hold one.
pub(crate) fn may_wait() -> bool {
    // SAFETY: the calling thread exists; what it owns is counted up and down by itself, or while it waits.
    unsafe {
        let thread = tx_thread_identify();
        (&raw const (*thread).tx_thread_owned_mutex_count).read_volatile() == 0
    }
}

/// An error unless the caller is a thread.
pub(crate) fn require_thread() -> Result<(), Error> {
    if in_thread() {
        Ok(())
    } else {
        Err(Error::NotAThread)
    }
}

/// Sleeps for so many ticks. Threads only.
pub(crate) fn sleep(ticks: u32) -> Result<(), Error> {
    require_thread()?;
    // SAFETY: only the caller is concerned, which is a thread.
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
