//! The caller's context, and time.

use threadx_sys::{
    _tx_thread_system_state_get, _tx_timer_thread, TX_INITIALIZE_IN_PROGRESS,
    TX_TIMER_TICKS_PER_SECOND, ULONG, tx_thread_identify, tx_thread_sleep, tx_time_get,
};

use crate::error::{Api, Error, check};

/// Whether the caller is a ThreadX thread, and neither initialization, timer nor interrupt.
pub(crate) fn in_thread() -> bool {
    // SAFETY: both may be called everywhere and only read; the timer thread's address is all that is taken of it.
    unsafe {
        let thread = tx_thread_identify();
        !thread.is_null()
            && thread != &raw mut _tx_timer_thread
            && _tx_thread_system_state_get() == 0
    }
}

/// Whether the caller is initialization or a thread, and neither timer nor interrupt.
pub(crate) fn in_initialization_or_thread() -> bool {
    // SAFETY: allowed everywhere, and only reads. While initialization ends the number is greater by one.
    in_thread() || unsafe { _tx_thread_system_state_get() >= TX_INITIALIZE_IN_PROGRESS as ULONG }
}

/// Whether the caller, a thread, may wait for others: it holds no mutex that they could wait for. In a callback of NetX Duo or of the
/// middleware it does hold one.
pub(crate) fn may_wait() -> bool {
    // SAFETY: the calling thread exists; what it owns is counted up and down by itself, or while it waits.
    unsafe {
        let thread = tx_thread_identify();
        (&raw const (*thread).tx_thread_owned_mutex_count).read_volatile() == 0
    }
}

/// An error unless the caller is a thread.
pub(crate) fn require_thread() -> Result<(), Error> {
    if in_thread() {
        Ok(())
    } else {
        Err(Error::NotAThread)
    }
}

/// Sleeps for so many ticks. Threads only.
pub(crate) fn sleep(ticks: u32) -> Result<(), Error> {
    require_thread()?;
    // SAFETY: only the caller is concerned, which is a thread.
    check(Api::ThreadX, "tx_thread_sleep", unsafe {
        tx_thread_sleep(ticks)
    })
}

/// Ticks since the kernel started; wraps around.
pub(crate) fn ticks() -> u32 {
    // SAFETY: allowed everywhere.
    unsafe { tx_time_get() }
}

/// Ticks a second.
pub(crate) const TICKS_PER_SECOND: u32 = TX_TIMER_TICKS_PER_SECOND;

/// Seconds that have passed, counted in ticks. Their counter may wrap around between two looks at it, once.
pub(crate) struct Uptime {
    seconds: u64,
    /// What is no whole second yet.
    rest: u32,
    ticks: u32,
}

impl Uptime {
    pub const fn new() -> Self {
        Self {
            seconds: 0,
            rest: 0,
            ticks: 0,
        }
    }

    /// How many there are by now. To be asked at least every 2^32 ticks, which are 49 days at 1,000 a second.
    pub fn seconds(&mut self) -> u64 {
        self.seconds_at(ticks())
    }

    fn seconds_at(&mut self, ticks: u32) -> u64 {
        // In two steps, because the rest on top of all the ticks might not fit.
        let passed = ticks.wrapping_sub(self.ticks);
        self.ticks = ticks;
        self.seconds += u64::from(passed / TICKS_PER_SECOND);
        self.rest += passed % TICKS_PER_SECOND;
        if self.rest >= TICKS_PER_SECOND {
            self.rest -= TICKS_PER_SECOND;
            self.seconds += 1;
        }
        self.seconds
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uptime_goes_on_where_the_ticks_wrap_around() {
        let mut uptime = Uptime::new();
        let mut ticks = 0_u32;
        let mut passed = 0;
        // Four times around, and a bit.
        for step in [TICKS_PER_SECOND * 7 / 4, 0x7FFF_FFFF].repeat(9) {
            ticks = ticks.wrapping_add(step);
            passed += u64::from(step);
            assert_eq!(
                uptime.seconds_at(ticks),
                passed / u64::from(TICKS_PER_SECOND)
            );
        }
    }

    #[test]
    fn a_rest_of_a_second_is_not_lost() {
        let mut uptime = Uptime::new();
        for tick in 0..=3 * TICKS_PER_SECOND {
            assert_eq!(uptime.seconds_at(tick), u64::from(tick / TICKS_PER_SECOND));
        }
        assert_eq!(
            uptime.seconds_at(u32::MAX),
            u64::from(u32::MAX / TICKS_PER_SECOND)
        );
    }
}
