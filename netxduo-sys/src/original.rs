//! The original agent behind its fence, `original-agent/original.h`, which documents all of this.
//!
//! Its public headers are `nx_azure_iot_security_module.h` and those of its core. Calls go through the fence instead, so that what
//! the agent saves and puts back is never part of the program's IP instances.

use core::ffi::c_char;

use threadx_sys::{UINT, ULONG, ULONG64};

use crate::{NX_AZURE_IOT, NX_IP, NX_PACKET};

/// The original agent's numbers. Times are seconds.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct DEFENDER_ORIGINAL_NUMBERS {
    /// The name under which the agent reports, terminated.
    pub defender_original_security_module_id: *const c_char,
    /// From enable to the first collection.
    pub defender_original_first_collection: ULONG,
    /// Of network activity.
    pub defender_original_high_interval: ULONG,
    /// Of no collector.
    pub defender_original_medium_interval: ULONG,
    /// Of system information and heartbeat.
    pub defender_original_low_interval: ULONG,
    /// How long it looks for a connected hub client before it is suspended.
    pub defender_original_pending_time: ULONG,
    /// Between two looks for one, and between two tries to send.
    pub defender_original_retry_time: ULONG,
}

/// The collectors.
pub const DEFENDER_ORIGINAL_NETWORK_ACTIVITY: UINT = 0;
/// The versions that the device runs.
pub const DEFENDER_ORIGINAL_SYSTEM_INFORMATION: UINT = 1;
/// A sign of life.
pub const DEFENDER_ORIGINAL_HEARTBEAT: UINT = 2;

/// Its states: not enabled.
pub const DEFENDER_ORIGINAL_NOT_INITIALIZED: UINT = 0;
/// It collects and sends nothing.
pub const DEFENDER_ORIGINAL_PENDING: UINT = 1;
/// It collects and sends.
pub const DEFENDER_ORIGINAL_ACTIVE: UINT = 2;
/// It waits for a hub.
pub const DEFENDER_ORIGINAL_SUSPENDED: UINT = 3;

/// The transport protocols that it looks at.
pub const DEFENDER_ORIGINAL_TCP: UINT = 0;
/// Likewise.
pub const DEFENDER_ORIGINAL_UDP: UINT = 1;
/// Likewise, of both IP versions.
pub const DEFENDER_ORIGINAL_ICMP: UINT = 2;

unsafe extern "C" {
    /// Only written while no function of the original agent runs.
    pub static mut defender_original_numbers: DEFENDER_ORIGINAL_NUMBERS;

    /// Enables it, with all collectors. Threads, one at a time.
    pub fn defender_original_enable(azure_iot_ptr: *mut NX_AZURE_IOT, seed: ULONG64) -> UINT;

    /// Disables it. Threads, one at a time.
    pub fn defender_original_disable() -> UINT;

    /// A second has passed. Threads, one at a time; it is enabled.
    pub fn defender_original_second() -> UINT;

    /// Turns a collector on or off. Threads, one at a time; it is enabled.
    pub fn defender_original_collector_set(collector: UINT, enabled: UINT) -> UINT;

    /// Changes a collector's interval. Threads, one at a time; it is enabled.
    pub fn defender_original_interval_set(collector: UINT, seconds: ULONG) -> UINT;

    /// What it is doing. From everywhere.
    pub fn defender_original_state() -> UINT;

    /// A packet at the IP packet filter that is about to be sent. Threads, with interrupts off.
    pub fn defender_original_sent(ip_ptr: *mut NX_IP, packet_ptr: *mut NX_PACKET);

    /// A packet at the receive function of its transport protocol. Threads, with interrupts off.
    pub fn defender_original_received(
        protocol: UINT,
        ip_ptr: *mut NX_IP,
        packet_ptr: *mut NX_PACKET,
    );
}
