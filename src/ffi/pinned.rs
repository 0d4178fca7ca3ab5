//! Memory for control blocks that C keeps pointers to, and who uses it.

use core::cell::UnsafeCell;
use core::mem::{self, MaybeUninit};

use super::lock::{Locked, Section, locked};
use crate::error::Error;

/// Room for a `T` in a static, used by one owner at a time.
///
/// It is reached through `&'static` only, so it never moves and never goes away, whatever happens to the handle that
/// owns it. What is inside belongs to C: Rust sees pointers to it.
pub(crate) struct Pinned<T> {
    room: UnsafeCell<MaybeUninit<T>>,
    occupancy: Occupancy,
}

/// Whether a room is in use.
pub(crate) struct Occupancy(Locked<Occupants>);

struct Occupants {
    /// Somebody owns what is inside.
    taken: bool,
    /// Other objects of C that have a pointer to what is inside.
    users: u32,
}

/// Keeps what is in a room from being deleted for as long as it lives.
pub(crate) struct Use(Option<&'static Occupancy>);

// SAFETY: Rust only hands out raw pointers to the room, and only to the one owner.
unsafe impl<T> Sync for Pinned<T> {}

impl<T> Pinned<T> {
    /// An empty room. All zero, which is what C expects of memory for a control block.
    pub const fn new() -> Self {
        Self {
            room: UnsafeCell::new(MaybeUninit::zeroed()),
            occupancy: Occupancy(Locked::new(Occupants {
                taken: false,
                users: 0,
            })),
        }
    }

    /// Takes the room, zeroed. `what` names it in the error.
    pub fn take(&'static self, what: &'static str) -> Result<*mut T, Error> {
        let taken = self
            .occupancy
            .with(|occupants| mem::replace(&mut occupants.taken, true));
        if taken {
            return Err(Error::StorageInUse { what });
        }
        let room = self.room.get();
        // SAFETY: the room was free, so nobody has a pointer to it; zero bytes are what it was made with. Written in
        // place, because a value of this size may not fit the stack.
        unsafe { room.write_bytes(0, 1) };
        Ok(room.cast())
    }

    /// Gives the room back. C must not know it any more.
    pub fn release(&'static self) {
        self.occupancy.release();
    }

    pub const fn occupancy(&'static self) -> &'static Occupancy {
        &self.occupancy
    }

    /// The room, for who knows what is in it.
    pub fn pointer(&'static self) -> *mut T {
        self.room.get().cast()
    }
}

impl Occupancy {
    fn with<R>(&self, work: impl FnOnce(&mut Occupants) -> R) -> R {
        locked(|section| work(self.0.get(section)))
    }

    pub fn release(&self) {
        self.with(|occupants| occupants.taken = false);
    }

    /// Takes the room, also one that is taken, unless another is about to; returns whether it was taken. For [`settle`](Self::settle) to
    /// end, until which nobody else claims it.
    pub fn claim(&self) -> Option<bool> {
        self.with(|occupants| {
            let alone = occupants.users == 0;
            occupants.users = 1;
            alone.then(|| mem::replace(&mut occupants.taken, true))
        })
    }

    /// Ends a claim: the room is taken, or free.
    pub fn settle(&self, taken: bool) {
        self.with(|occupants| *occupants = Occupants { taken, users: 0 });
    }

    /// Whether C has pointers to what is inside from elsewhere, so that it must stay.
    pub fn in_use(&self) -> bool {
        self.with(|occupants| occupants.users > 0)
    }
}

impl Use {
    /// Of nothing.
    pub const NONE: Self = Self(None);

    /// `None`: C made the object and answers for it.
    pub fn of(occupancy: Option<&'static Occupancy>) -> Self {
        locked(|section| Self::within(section, occupancy))
    }

    /// The same in a section.
    pub fn within(section: &mut Section, occupancy: Option<&'static Occupancy>) -> Self {
        if let Some(occupancy) = occupancy {
            occupancy.0.get(section).users += 1;
        }
        Self(occupancy)
    }

    /// Whose use it is.
    pub fn occupancy(&self) -> Option<&'static Occupancy> {
        self.0
    }
}

impl Drop for Use {
    fn drop(&mut self) {
        if let Some(occupancy) = self.0 {
            occupancy.with(|occupants| occupants.users -= 1);
        }
    }
}
