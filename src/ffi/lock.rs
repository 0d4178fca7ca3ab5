//! Data that packet hooks share with other threads, behind the kernel's interrupt lockout.
//!
//! It is the one lock that works in every context in which NetX Duo calls a packet hook, and it is the kernel's own:
//! on a microcontroller it masks interrupts, on the host port it is a process-wide lock.

#[cfg(masked_in_place)]
use core::arch::asm;
use core::cell::UnsafeCell;
use core::marker::PhantomData;
use core::mem;

use threadx_sys::{UINT, tx_interrupt_disable, tx_interrupt_restore};

/// Proof that interrupts are off on this processor. Not `Send`: another thread is not in the section.
///
/// A section must be short, must not call C that may block, and must not nest: two sections at once would give out the
/// same data twice.
pub(crate) struct Section(PhantomData<*mut ()>);

/// Dropping it gives the lockout back.
struct Lockout {
    posture: UINT,
}

impl Drop for Lockout {
    #[inline(always)]
    fn drop(&mut self) {
        // SAFETY: allowed in every context; the posture is the one that was found.
        unsafe { tx_interrupt_restore(self.posture) };
    }
}

/// Runs `work` in a section of its own.
#[inline(always)]
pub(crate) fn locked<R>(work: impl FnOnce(&mut Section) -> R) -> R {
    let _lockout = Lockout {
        // SAFETY: allowed in every context.
        posture: unsafe { tx_interrupt_disable() },
    };
    work(&mut Section(PhantomData))
}

/// The same on the way of every packet: on a Cortex-M without calls of the kernel, around which nothing could stay in a register. All
/// interrupts are masked, as the kernel does it there, unless `TX_PORT_USE_BASEPRI` has it mask those up to a priority.
#[inline(always)]
pub(crate) fn locked_in_place<R>(work: impl FnOnce(&mut Section) -> R) -> R {
    #[cfg(masked_in_place)]
    {
        let mask: u32;
        // SAFETY: allowed in every context in which NetX Duo runs. Not `nomem`: what is in the section stays in it.
        unsafe {
            asm!("mrs {}, primask", "cpsid i", out(reg) mask, options(nostack, preserves_flags));
        }
        let result = work(&mut Section(PhantomData));
        // SAFETY: likewise; the mask is the one that was found.
        unsafe { asm!("msr primask, {}", in(reg) mask, options(nostack, preserves_flags)) };
        result
    }
    #[cfg(not(masked_in_place))]
    locked(work)
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
