//! Functions of the user's, called from C or while C waits. No panic of theirs gets further: with `std` it ends here, after the
//! panic hook has told of it, and stands for the failure that the function could have returned. Without `std` a panic is for the
//! program's panic handler, which does not return.

use crate::agent::EntropyUnavailable;
use crate::defender::EntropyHook;
use crate::ffi::azure::UnixTime;

/// Calls the user's function; `None` when it panicked.
#[inline(always)]
pub(crate) fn call<R>(function: impl FnOnce() -> R) -> Option<R> {
    #[cfg(feature = "std")]
    {
        extern crate std;
        // What the function left behind is the user's: it is not looked at here.
        std::panic::catch_unwind(core::panic::AssertUnwindSafe(function)).ok()
    }
    #[cfg(not(feature = "std"))]
    Some(function())
}

/// Unix time in seconds. A hook that panics does not know it.
pub(crate) fn unix_time(hook: UnixTime) -> Option<u32> {
    call(hook).flatten()
}

/// Random bytes. A hook that panics has none.
pub(crate) fn entropy(hook: EntropyHook, bytes: &mut [u8]) -> Result<(), EntropyUnavailable> {
    call(|| hook(bytes)).unwrap_or(Err(EntropyUnavailable))
}
