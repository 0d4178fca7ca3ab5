//! A ThreadX mutex around data that one thread at a time works with for longer.

use core::cell::UnsafeCell;
use core::mem::MaybeUninit;
use core::sync::atomic::{AtomicU8, Ordering};

use threadx_sys::{
    TX_MUTEX, TX_NO_INHERIT, TX_WAIT_FOREVER, tx_mutex_create, tx_mutex_get, tx_mutex_put,
    tx_thread_relinquish,
};

use crate::error::{Api, Error, check};

const ABSENT: u8 = 0;
const UNDER_WAY: u8 = 1;
const CREATED: u8 = 2;

/// A mutex for a static: created when it is first locked, never deleted.
pub(crate) struct Mutex {
    block: UnsafeCell<MaybeUninit<TX_MUTEX>>,
    state: AtomicU8,
}

// SAFETY: the control block is touched by ThreadX only, which locks for itself.
unsafe impl Sync for Mutex {}

/// The mutex is held until this is dropped.
pub(crate) struct Held<'a>(&'a Mutex);

impl Mutex {
    pub const fn new() -> Self {
        Self {
            block: UnsafeCell::new(MaybeUninit::uninit()),
            state: AtomicU8::new(ABSENT),
        }
    }

    /// Waits for the mutex. The thread that holds it gets it again.
    pub fn lock(&'static self) -> Result<Held<'static>, Error> {
        self.create()?;
        // SAFETY: the mutex exists, and stays because it is a static that nobody deletes.
        let status = unsafe { tx_mutex_get(self.block.get().cast(), TX_WAIT_FOREVER) };
        check(Api::ThreadX, "tx_mutex_get", status)?;
        Ok(Held(self))
    }

    fn create(&'static self) -> Result<(), Error> {
        loop {
            let found = self.state.compare_exchange(
                ABSENT,
                UNDER_WAY,
                Ordering::Acquire,
                Ordering::Acquire,
            );
            match found {
                Ok(_) => break,
                Err(CREATED) => return Ok(()),
                // Another thread is at it, and done as soon as it runs again.
                // SAFETY: allowed from threads, and harmless elsewhere.
                Err(_) => unsafe { tx_thread_relinquish() },
            }
        }
        let name = c"defender".as_ptr().cast_mut();
        // SAFETY: the block is static and unused until now; this thread alone is here.
        let status = unsafe { tx_mutex_create(self.block.get().cast(), name, TX_NO_INHERIT) };
        let state = if status == 0 { CREATED } else { ABSENT };
        self.state.store(state, Ordering::Release);
        check(Api::ThreadX, "tx_mutex_create", status)
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        // SAFETY: this thread got the mutex. The status says only whether it holds it, and it does.
        unsafe { tx_mutex_put(self.0.block.get().cast()) };
    }
}
