//! What simulations have beyond ThreadX: time under the caller's control. On the host port, and on upstream's port to Linux.

#[doc(inline)]
pub use crate::bindings::{
    tx_host_clock_advance, tx_host_clock_manual, tx_host_context, tx_host_settle,
    tx_host_timer_expiring,
};
