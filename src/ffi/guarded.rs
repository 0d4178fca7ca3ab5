//! Data that one thread at a time works with for longer, behind a ThreadX mutex.

use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicBool, Ordering};

use super::mutex::Mutex;
use crate::error::Error;

/// Data behind a mutex. ThreadX' mutexes let their owner in again; this does not.
pub(crate) struct Guarded<T> {
    mutex: Mutex,
    /// Somebody works with the value. Changes only while the mutex is held.
    busy: AtomicBool,
    value: UnsafeCell<T>,
}

// SAFETY: `with` gives out the value to one thread at a time.
unsafe impl<T: Send> Sync for Guarded<T> {}

/// Why the value could not be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unavailable {
    /// The caller works with it already, further up its stack.
    Reentered,
    /// The mutex could not be locked.
    Failed(Error),
}

/// Marks the value free again, also after a panic.
struct Busy<'a>(&'a AtomicBool);

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

impl<T> Guarded<T> {
    pub const fn new(value: T) -> Self {
        Self {
            mutex: Mutex::new(),
            busy: AtomicBool::new(false),
            value: UnsafeCell::new(value),
        }
    }

    /// Gets ready for [`with`](Self::with). One thread at a time.
    pub fn prepare(&'static self) -> Result<(), Error> {
        self.mutex.create()
    }

    /// Waits until nobody works with the value, and then does. Threads only.
    pub fn with<R>(&'static self, work: impl FnOnce(&mut T) -> R) -> Result<R, Unavailable> {
        let _held = self.mutex.lock().map_err(Unavailable::Failed)?;
        if self.busy.swap(true, Ordering::Acquire) {
            return Err(Unavailable::Reentered);
        }
        let _busy = Busy(&self.busy);
        // SAFETY: this thread holds the mutex, and nothing further up its stack works with the value.
        Ok(work(unsafe { &mut *self.value.get() }))
    }
}
