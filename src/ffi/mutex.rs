//! A ThreadX mutex in a static.

use core::cell::UnsafeCell;
use core::mem::MaybeUninit;
use core::sync::atomic::{AtomicBool, Ordering};

use threadx_sys::{
    TX_INHERIT, TX_MUTEX, TX_MUTEX_ERROR, TX_WAIT_FOREVER, tx_mutex_create, tx_mutex_get,
    tx_mutex_put,
};

use crate::error::{Api, Error, check};

/// A mutex that is created once and never deleted.
pub(crate) struct Mutex {
    block: UnsafeCell<MaybeUninit<TX_MUTEX>>,
    created: AtomicBool,
}

// SAFETY: the control block is touched by ThreadX only, which locks for itself.
unsafe impl Sync for Mutex {}

/// The mutex is held until this is dropped.
pub(crate) struct Held<'a>(&'a Mutex);

impl Mutex {
    pub const fn new() -> Self {
        Self {
            block: UnsafeCell::new(MaybeUninit::zeroed()),
            created: AtomicBool::new(false),
        }
    }

    /// Creates the mutex, unless that was done before. One thread at a time.
    pub fn create(&'static self) -> Result<(), Error> {
        if self.created.load(Ordering::Acquire) {
            return Ok(());
        }
        let name = c"defender".as_ptr().cast_mut();
        // With inheritance: what waits for the agent may be more urgent than the thread that holds it up.
        // SAFETY: the block is static and unused until now; this thread alone is here.
        let status = unsafe { tx_mutex_create(self.block.get().cast(), name, TX_INHERIT) };
        check(Api::ThreadX, "tx_mutex_create", status)?;
        self.created.store(true, Ordering::Release);
        Ok(())
    }

    /// Waits for the mutex. The thread that holds it gets it again. Threads only.
    ///
    /// # Errors
    /// `TX_MUTEX_ERROR` before it was created.
    pub fn lock(&'static self) -> Result<Held<'static>, Error> {
        let status = if self.created.load(Ordering::Acquire) {
            // SAFETY: the block is static, and a mutex, which is never deleted.
            unsafe { tx_mutex_get(self.block.get().cast(), TX_WAIT_FOREVER) }
        } else {
            // Without error checking ThreadX itself would not notice.
            TX_MUTEX_ERROR
        };
        check(Api::ThreadX, "tx_mutex_get", status)?;
        Ok(Held(self))
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        // SAFETY: this thread got the mutex. The status says only whether it holds it, and it does.
        unsafe { tx_mutex_put(self.0.block.get().cast()) };
    }
}
