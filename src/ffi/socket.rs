//! What UDP and TCP sockets have in common.

use threadx_sys::{UINT, ULONG};

use super::kernel;

pub(super) const NO_WAIT: ULONG = 0;
/// `NX_IP_NORMAL`, which bindings do not have: a macro with a cast.
pub(super) const NORMAL_SERVICE: ULONG = 0;
/// `NX_FRAGMENT_OKAY`, likewise.
pub(super) const UNFRAGMENTED_OR_NOT: ULONG = 0;
/// `NX_IP_TIME_TO_LIVE`, likewise: routers that a packet may pass.
pub(super) const TIME_TO_LIVE: UINT = 0x80;

/// The end of a wait that takes several calls.
#[derive(Clone, Copy)]
pub(crate) struct Deadline {
    start: u32,
    ticks: u32,
}

impl Deadline {
    /// So many ticks from now.
    pub fn after(ticks: u32) -> Self {
        Self {
            start: kernel::ticks(),
            ticks,
        }
    }

    /// The ticks that are left, 0 when it is over.
    pub fn remaining(self) -> ULONG {
        let passed = kernel::ticks().wrapping_sub(self.start);
        self.ticks.saturating_sub(passed) as ULONG
    }
}
