//! Which status a call returns.

use netxduo_sys::{
    NX_AZURE_IOT_FAILURE, NX_AZURE_IOT_INVALID_PARAMETER, NX_AZURE_IOT_NOT_SUPPORTED,
    NX_AZURE_IOT_PENDING, NX_AZURE_IOT_SUCCESS, NX_AZURE_IOT_WRONG_STATE,
};
use threadx_defender::Error;
use threadx_sys::UINT;

/// Does what a call is for. Nothing unwinds into C: with `std` a panic is a failure, and without it the panic handler's.
pub fn call(work: impl FnOnce() -> Result<(), UINT>) -> UINT {
    #[cfg(feature = "std")]
    // What a panic leaves behind is whole: cells are changed in one step.
    let result = std::panic::catch_unwind(core::panic::AssertUnwindSafe(work))
        .unwrap_or(Err(NX_AZURE_IOT_FAILURE));
    #[cfg(not(feature = "std"))]
    let result = work();
    match result {
        Ok(()) => NX_AZURE_IOT_SUCCESS,
        Err(status) => status,
    }
}

/// The status that stands for an error; the header has the same table.
pub fn of(error: &Error) -> UINT {
    match error {
        Error::Settings(_) => NX_AZURE_IOT_INVALID_PARAMETER,
        Error::NotAThread => NX_AZURE_IOT_WRONG_STATE,
        Error::AlreadyEnabled => NX_AZURE_IOT_PENDING,
        Error::Unsupported { .. } => NX_AZURE_IOT_NOT_SUPPORTED,
        _ => NX_AZURE_IOT_FAILURE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_a_failure() {
        assert_eq!(call(|| Ok(())), NX_AZURE_IOT_SUCCESS);
        assert_eq!(call(|| Err(7)), 7);
        #[cfg(feature = "std")]
        assert_eq!(call(|| panic!("on purpose")), NX_AZURE_IOT_FAILURE);
    }
}
