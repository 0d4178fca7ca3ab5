//! Memory that C would have.

use core::cell::UnsafeCell;
use core::mem::MaybeUninit;

/// A control block, all zero at first.
pub(crate) struct Block<T>(UnsafeCell<MaybeUninit<T>>);

// SAFETY: these programs have one thread, and no interrupts.
unsafe impl<T> Sync for Block<T> {}

impl<T> Block<T> {
    pub const fn new() -> Self {
        Self(UnsafeCell::new(MaybeUninit::zeroed()))
    }

    pub const fn get(&self) -> *mut T {
        self.0.get().cast()
    }
}
