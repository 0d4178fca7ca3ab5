//! Data that packet hooks share with other threads, behind the kernel's interrupt lockout.
//!
//! It is the one lock that works in every context in which NetX Duo calls a packet hook, and it is the kernel's own:
//! on a microcontroller it masks interrupts, on the host port it is a process-wide lock.

use core::cell::UnsafeCell;
use core::marker::PhantomData;
use core::mem;

use threadx_sys::{UINT, tx_interrupt_disable, tx_interrupt_restore};

/// Proof that interrupts are off on this processor; dropping it gives the lockout back.
///
/// A section must be short, must not call C that may block, and must not nest: two sections at once would give out the
/// same data twice.
#[repr(transparent)]
pub(crate) struct Section {
    posture: UINT,
    /// Not `Send`: another thread is not in the section.
    _thread: PhantomData<*mut ()>,
}

impl Section {
    #[inline(always)]
    pub fn enter() -> Self {
        Self {
            // SAFETY: allowed in every context.
            posture: unsafe { tx_interrupt_disable() },
            _thread: PhantomData,
        }
    }
}

impl Drop for Section {
    #[inline(always)]
    fn drop(&mut self) {
        // SAFETY: allowed in every context; the posture is the one that was found.
        unsafe { tx_interrupt_restore(self.posture) };
    }
}

/// Runs `work` in a section of its own.
pub(crate) fn locked<R>(work: impl FnOnce(&mut Section) -> R) -> R {
    work(&mut Section::enter())
}

/// Data that is reached only with interrupts off.
pub(crate) struct Locked<T>(UnsafeCell<T>);

// SAFETY: `get` gives out the content only under the lockout, so to one thread at a time.
unsafe impl<T: Send> Sync for Locked<T> {}

impl<T> Locked<T> {
    pub const fn new(value: T) -> Self {
        Self(UnsafeCell::new(value))
    }

    /// The content, for as long as the section is borrowed; so one `Locked` at a time.
    #[inline(always)]
    pub fn get<'a>(&'a self, _section: &'a mut Section) -> &'a mut T {
        // SAFETY: the section proves that no other thread is in one, and its borrow that this thread holds no other
        // reference that came out of it. Sections do not nest.
        unsafe { &mut *self.0.get() }
    }

    /// A copy of the content.
    pub fn load(&self) -> T
    where
        T: Copy,
    {
        locked(|section| *self.get(section))
    }

    /// Puts a value in, and returns the one that was there.
    pub fn replace(&self, value: T) -> T {
        locked(|section| mem::replace(self.get(section), value))
    }

    /// Puts a value in.
    pub fn store(&self, value: T) {
        let before = self.replace(value);
        drop(before);
    }
}
