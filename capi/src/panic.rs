//! What a panic becomes without an operating system.

use core::panic::PanicInfo;

unsafe extern "C" {
    /// The firmware's: it restarts the board, or stops it. Returning is allowed, and stops the caller.
    fn threadx_defender_panic();
}

#[panic_handler]
fn panic(_: &PanicInfo) -> ! {
    // SAFETY: a function of the firmware without arguments.
    unsafe { threadx_defender_panic() };
    loop {
        core::hint::spin_loop();
    }
}
