//! What the host port has beyond ThreadX: time under the caller's control. Only on targets with the host port.

#[doc(inline)]
pub use crate::bindings_host::{
    tx_host_clock_advance, tx_host_clock_manual, tx_host_context, tx_host_settle,
    tx_host_timer_expiring,
};
