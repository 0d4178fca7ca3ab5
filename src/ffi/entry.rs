//! Kernel entry, for programs that do not enter it in C.

use core::convert::Infallible;
use core::ffi::c_void;

use threadx_sys::{tx_kernel_enter, tx_thread_identify};

use super::lock::Locked;
use super::user;
use crate::error::Error;
use crate::kernel::Kernel;

/// What to do in `tx_application_define`.
static DEFINE: Locked<Option<fn(Kernel)>> = Locked::new(None);

static ENTERED: Locked<bool> = Locked::new(false);

/// Enters the kernel, which calls `define` before the first thread runs.
pub(crate) fn enter(define: fn(Kernel)) -> Result<Infallible, Error> {
    // SAFETY: may be called everywhere.
    let in_kernel = unsafe { !tx_thread_identify().is_null() };
    if in_kernel || ENTERED.replace(true) {
        return Err(Error::KernelEntered);
    }
    DEFINE.store(Some(define));
    // SAFETY: this is the first call, and what the kernel needs of the application is below.
    unsafe { tx_kernel_enter() };
    // The kernel never returns, unless C entered it before.
    Err(Error::KernelEntered)
}

/// ThreadX asks the application for its first objects.
#[unsafe(no_mangle)]
extern "C" fn tx_application_define(_first_unused_memory: *mut c_void) {
    if let Some(define) = DEFINE.load() {
        let _: Option<()> = user::call(|| define(Kernel::running()));
    }
}
