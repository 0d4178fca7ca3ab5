//! What threads, timers and interrupts share, behind the kernel's interrupt lockout.

use core::cell::UnsafeCell;

use threadx_sys::{UINT, tx_interrupt_disable, tx_interrupt_restore};

/// A value that is reached only with interrupts off.
pub struct Cell<T>(UnsafeCell<T>);

// SAFETY: `with` gives out the value with interrupts off, so to one caller at a time.
unsafe impl<T: Send> Sync for Cell<T> {}

/// Interrupts are off until it is dropped, also by a panic.
struct Section(UINT);

impl Drop for Section {
    fn drop(&mut self) {
        // SAFETY: allowed in every context; the posture is the one that was found.
        unsafe { tx_interrupt_restore(self.0) };
    }
}

impl<T> Cell<T> {
    pub const fn new(value: T) -> Self {
        Self(UnsafeCell::new(value))
    }

    /// Works with the value, with interrupts off. The work is brief, and uses no other cell and no function of the agent, which turn
    /// interrupts off themselves.
    pub fn with<R>(&self, work: impl FnOnce(&mut T) -> R) -> R {
        // SAFETY: allowed in every context.
        let _section = Section(unsafe { tx_interrupt_disable() });
        // SAFETY: interrupts are off, so nobody else is in here, and the work does not come here again.
        work(unsafe { &mut *self.0.get() })
    }
}
