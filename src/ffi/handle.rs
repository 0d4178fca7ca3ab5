//! Objects of C's that are deleted when they are dropped.

use core::mem;

use super::kernel::{in_thread, may_wait};
use super::pinned::{Occupancy, Use};

/// An object of C's.
pub(crate) trait Object {
    /// Deletes it; returns whether it is gone. Where it is not, nothing has changed.
    ///
    /// # Safety
    /// It exists in a room of ours, no object of ours uses it, and this is its last use. The caller is a thread that may wait.
    unsafe fn delete(this: *mut Self) -> bool;
}

/// The owner of an object.
///
/// Dropped on a thread it deletes the object and gives back its room, unless another object still uses it. Elsewhere it stays, and what
/// it uses with it: C lets only threads delete, and does not check that unless it was compiled with error checking. A thread that
/// holds a mutex of ThreadX deletes nothing either: it may be in a callback of the very object, further up its stack, and others may
/// wait for that mutex while they hold the one that deleting needs.
pub(crate) struct Handle<T: Object, const USES: usize> {
    pointer: *mut T,
    /// `None`: C made the object and answers for it.
    occupancy: Option<&'static Occupancy>,
    uses: Option<[Use; USES]>,
}

// SAFETY: the pointer is to a static, or to what C made for all threads; and C locks for itself.
unsafe impl<T: Object, const USES: usize> Send for Handle<T, USES> {}
// SAFETY: likewise.
unsafe impl<T: Object, const USES: usize> Sync for Handle<T, USES> {}

impl<T: Object, const USES: usize> Handle<T, USES> {
    /// The owner of an object that exists in a room, and of its uses of others.
    ///
    /// # Safety
    /// It exists in the room with this occupancy, and nobody else owns it.
    pub unsafe fn owning(
        pointer: *mut T,
        occupancy: &'static Occupancy,
        uses: [Use; USES],
    ) -> Self {
        Self {
            pointer,
            occupancy: Some(occupancy),
            uses: Some(uses),
        }
    }

    /// An object that C made and answers for.
    ///
    /// # Safety
    /// It exists for as long as the result and everything made with it lives.
    pub const unsafe fn foreign(pointer: *mut T) -> Self {
        Self {
            pointer,
            occupancy: None,
            uses: None,
        }
    }

    /// The object, which exists as long as this.
    pub fn pointer(&self) -> *mut T {
        self.pointer
    }

    /// Keeps the object from being deleted.
    pub fn hold(&self) -> Use {
        Use::of(self.occupancy)
    }

    pub fn is_foreign(&self) -> bool {
        self.occupancy.is_none()
    }
}

/// Whether the caller may delete objects.
pub(super) fn may_delete() -> bool {
    in_thread() && may_wait()
}

impl<T: Object, const USES: usize> Drop for Handle<T, USES> {
    fn drop(&mut self) {
        let Some(occupancy) = self.occupancy else {
            return;
        };
        // SAFETY: the object exists in its room, nobody uses it, and this is its owner's end; the caller may wait.
        if may_delete() && !occupancy.in_use() && unsafe { T::delete(self.pointer) } {
            occupancy.release();
        } else {
            // It stays, so what it uses must.
            mem::forget(self.uses.take());
        }
    }
}
