//! Values that come later.

use core::mem::MaybeUninit;

/// A value, or none yet. All zero until it comes, so that a static takes no memory of an image for it; an `Option` would pick a bit
/// pattern of its own.
pub(crate) struct Late<T> {
    is_there: bool,
    value: MaybeUninit<T>,
}

impl<T: Copy> Late<T> {
    pub const fn new() -> Self {
        Self {
            is_there: false,
            value: MaybeUninit::zeroed(),
        }
    }

    pub fn set(&mut self, value: T) {
        self.value.write(value);
        self.is_there = true;
    }

    pub fn clear(&mut self) {
        self.is_there = false;
    }

    pub fn get(&mut self) -> Option<&mut T> {
        // SAFETY: it was written before `is_there` was set.
        self.is_there
            .then(|| unsafe { self.value.assume_init_mut() })
    }
}
