//! Structures that C passes. Each begins with its size, so that a header and a library of different versions understand each other:
//! new fields are added at the end, and none is changed or taken out.

use core::ptr;

use netxduo_sys::{NX_AZURE_IOT_INVALID_PARAMETER, NX_AZURE_IOT_NOT_SUPPORTED};
use threadx_sys::UINT;

/// A structure that begins with its size in bytes, as the caller's header has it.
///
/// # Safety
/// It is `repr(C)`, begins with a `u32`, its size, and any bytes are a value of it.
pub unsafe trait Sized32: Copy {
    /// Its size in the first version of this library.
    const FIRST: usize;
}

/// The largest size that is believed: beyond it the field was never set.
const LARGEST: usize = 4096;

/// The size that the caller says.
///
/// # Safety
/// Null, or to at least four bytes that can be read.
unsafe fn size<T: Sized32>(structure: *const T) -> Result<usize, UINT> {
    if structure.is_null() || !structure.is_aligned() {
        return Err(NX_AZURE_IOT_INVALID_PARAMETER);
    }
    // SAFETY: it is not null, and begins with its size.
    let size = unsafe { structure.cast::<u32>().read() } as usize;
    if (T::FIRST..=LARGEST).contains(&size) {
        Ok(size)
    } else {
        Err(NX_AZURE_IOT_INVALID_PARAMETER)
    }
}

/// Gives a value to the caller, as much of it as its structure has room for; its size becomes that of what is in it.
///
/// # Safety
/// Null, or to as many bytes that can be written as the structure there says, four at least.
pub unsafe fn give<T: Sized32>(to: *mut T, value: &T) -> Result<(), UINT> {
    // SAFETY: the caller says so.
    let room = unsafe { size(to)? };
    let length = room.min(size_of::<T>());
    // SAFETY: there is so much room, and so much of the value; the size is the first field.
    unsafe {
        ptr::copy_nonoverlapping(ptr::from_ref(value).cast::<u8>(), to.cast(), length);
        to.cast::<u32>().write(length as u32);
    }
    Ok(())
}

/// Takes a value from the caller. Fields that its header does not have keep what `value` has. What this library does not have must be
/// zero.
///
/// # Safety
/// Null, or to as many bytes that can be read as the structure there says, four at least.
pub unsafe fn take<T: Sized32>(from: *const T, mut value: T) -> Result<T, UINT> {
    // SAFETY: the caller says so.
    let size = unsafe { size(from)? };
    let known = size.min(size_of::<T>());
    let from: *const u8 = from.cast();
    for at in known..size {
        // SAFETY: the structure is as long as it says.
        if unsafe { from.add(at).read() } != 0 {
            return Err(NX_AZURE_IOT_NOT_SUPPORTED);
        }
    }
    // SAFETY: so much can be read, and so much of the value is there; any bytes are one.
    unsafe { ptr::copy_nonoverlapping(from, (&raw mut value).cast(), known) };
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Copy, Debug, PartialEq)]
    #[repr(C)]
    struct Today {
        size: u32,
        old: u32,
        new: u32,
    }

    // SAFETY: it is `repr(C)` and begins with its size; all fields are numbers.
    unsafe impl Sized32 for Today {
        const FIRST: usize = 8;
    }

    #[derive(Clone, Copy, Debug, PartialEq)]
    #[repr(C)]
    struct Tomorrow {
        today: Today,
        newest: u32,
    }

    const VALUE: Today = Today {
        size: 12,
        old: 1,
        new: 2,
    };

    fn today(size: u32) -> Today {
        Today {
            size,
            old: 7,
            new: 8,
        }
    }

    #[test]
    fn an_older_structure_keeps_what_it_does_not_know() {
        let older = today(8);
        // SAFETY: it is as long as it says, and longer.
        let taken = unsafe { take(&raw const older, VALUE) }.unwrap();
        assert_eq!((taken.old, taken.new), (7, 2));
        let mut older = today(8);
        // SAFETY: likewise.
        unsafe { give(&raw mut older, &VALUE) }.unwrap();
        assert_eq!((older.size, older.old, older.new), (8, 1, 8));
    }

    #[test]
    fn a_newer_structure_asks_for_what_is_there() {
        let mut newer = Tomorrow {
            today: today(16),
            newest: 0,
        };
        // SAFETY: it is as long as it says.
        let taken = unsafe { take((&raw const newer).cast::<Today>(), VALUE) }.unwrap();
        assert_eq!((taken.old, taken.new), (7, 8));
        newer.newest = 1;
        // SAFETY: likewise.
        let refused = unsafe { take((&raw const newer).cast::<Today>(), VALUE) };
        assert_eq!(refused, Err(NX_AZURE_IOT_NOT_SUPPORTED));
        // SAFETY: likewise.
        unsafe { give((&raw mut newer).cast::<Today>(), &VALUE) }.unwrap();
        // The size says what was filled in.
        assert_eq!((newer.today, newer.newest), (VALUE, 1));
    }

    #[test]
    fn a_size_that_was_not_set_is_refused() {
        for size in [0, 4, 7, 4097, u32::MAX] {
            let structure = today(size);
            // SAFETY: nothing is read behind the size.
            let taken = unsafe { take(&raw const structure, VALUE) };
            assert_eq!(taken, Err(NX_AZURE_IOT_INVALID_PARAMETER), "{size}");
        }
        // SAFETY: null is allowed.
        let taken = unsafe { take(core::ptr::null(), VALUE) };
        assert_eq!(taken, Err(NX_AZURE_IOT_INVALID_PARAMETER));
        // SAFETY: likewise.
        let given = unsafe { give(core::ptr::null_mut(), &VALUE) };
        assert_eq!(given, Err(NX_AZURE_IOT_INVALID_PARAMETER));
    }
}
