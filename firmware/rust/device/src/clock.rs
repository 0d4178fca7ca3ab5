//! The time of day: uptime, and what an SNTP server said once.

use core::sync::atomic::{AtomicU32, Ordering};

use threadx_defender::kernel::Kernel;

/// Unix time when the device started; 0 as long as it is not known.
static STARTED: AtomicU32 = AtomicU32::new(0);

/// Sets the time.
pub fn set(kernel: Kernel, now: u32) {
    let uptime = kernel.uptime().as_secs() as u32;
    STARTED.store(now.saturating_sub(uptime), Ordering::Relaxed);
}

/// The time in seconds since 1970, for the middleware and the agent.
pub fn unix_time() -> Option<u32> {
    let uptime = Kernel::current().ok()?.uptime().as_secs() as u32;
    match STARTED.load(Ordering::Relaxed) {
        0 => None,
        started => started.checked_add(uptime),
    }
}
