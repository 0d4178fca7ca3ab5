//! What the agent does and has done.

use netxduo_sys::{NX_AZURE_IOT_INVALID_PARAMETER, NX_AZURE_IOT_NOT_ENABLED};
use threadx_defender::agent::State;
use threadx_sys::UINT;

use crate::agent;
use crate::status::{self, call};
use crate::storage::{self, STORAGE};
use crate::structure::{self, Sized32};

/// The version of this header: 0x00MMmmpp.
pub const THREADX_DEFENDER_VERSION: u32 = 0x0000_0100;

/// No agent is enabled.
pub const THREADX_DEFENDER_STATE_NOT_INITIALIZED: u32 = 0;
/// It counts flows, and begins when the device knows the Unix time.
pub const THREADX_DEFENDER_STATE_WAITING_FOR_TIME: u32 = 1;
/// It counts flows, and begins when the platform has random bytes.
pub const THREADX_DEFENDER_STATE_WAITING_FOR_ENTROPY: u32 = 2;
/// It counts flows, and looks for a connected hub client.
pub const THREADX_DEFENDER_STATE_PENDING: u32 = 3;
/// It counts flows, and sends.
pub const THREADX_DEFENDER_STATE_ACTIVE: u32 = 4;
/// It has looked for a connected hub client for longer than the pending time. It goes on counting flows and looking.
pub const THREADX_DEFENDER_STATE_SUSPENDED: u32 = 5;

/// What the agent has counted since it was enabled.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct StatisticsOfC {
    /// The size of this structure in bytes, to be set before each call: `sizeof(THREADX_DEFENDER_STATISTICS)`.
    pub size: u32,
    /// `NX_IP` instances whose packets are not seen, because there are more than can be watched: four.
    pub ip_instances_left_alone: u32,
    /// Packets whose bytes are reported.
    pub packets_counted: u64,
    /// Packets left out: neither TCP, UDP nor ICMP, or by the settings.
    pub packets_ignored: u64,
    /// Packets that are shorter than their headers claim, or no IP packets.
    pub packets_malformed: u64,
    /// Packets of a new flow that found the table full, so that another flow gave way.
    pub packets_without_room: u64,
    /// Flows that gave way, and are reported in an aggregate.
    pub flows_aggregated: u64,
    /// The bytes of those.
    pub bytes_aggregated: u64,
    /// Messages that a hub took.
    pub messages_sent: u64,
    /// The bytes of those.
    pub bytes_sent: u64,
    /// Tries to send a message that no hub took; it was kept and tried again.
    pub retries: u64,
    /// Flows in the messages that were built.
    pub flows_reported: u64,
    /// Times that a message was put off because the platform had no random bytes.
    pub entropy_failures: u64,
    /// Times that the Unix time jumped, back or ahead.
    pub unix_time_steps: u64,
    /// Seconds for which the Unix time stood.
    pub unix_time_stood: u64,
}

// SAFETY: it is `repr(C)` and begins with its size; all fields are numbers.
unsafe impl Sized32 for StatisticsOfC {
    const FIRST: usize = size_of::<Self>();
}

/// The sizes with which the library was built.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct StorageOfC {
    /// The size of this structure in bytes, to be set before each call: `sizeof(THREADX_DEFENDER_STORAGE)`.
    pub size: u32,
    /// The agent's memory, in bytes; it needs no other, but for the stack of the cloud helper.
    pub bytes: u32,
    /// IPv4 flows that are kept apart between two collections.
    pub ipv4_flows: u32,
    /// IPv6 flows that are kept apart between two collections.
    pub ipv6_flows: u32,
    /// The longest message, in bytes.
    pub message_bytes: u32,
}

// SAFETY: it is `repr(C)` and begins with its size; all fields are numbers.
unsafe impl Sized32 for StorageOfC {
    const FIRST: usize = size_of::<Self>();
}

/// Get the version of the library, to be compared with that of the header. From everywhere.
///
/// @return As THREADX_DEFENDER_VERSION.
#[unsafe(no_mangle)]
pub extern "C" fn threadx_defender_version() -> UINT {
    THREADX_DEFENDER_VERSION
}

/// Get what the agent is doing. From everywhere.
///
/// @param state Where to: one of THREADX_DEFENDER_STATE_*. Later versions may have more.
/// @return NX_AZURE_IOT_SUCCESS; NX_AZURE_IOT_INVALID_PARAMETER for null.
///
/// # Safety
/// See the parameter.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn threadx_defender_state_get(state: *mut UINT) -> UINT {
    call(|| {
        if state.is_null() {
            return Err(NX_AZURE_IOT_INVALID_PARAMETER);
        }
        let now = agent::enabled().map_or(State::NotInitialized, |agent| agent.state());
        // SAFETY: the caller gives a place for it.
        unsafe { state.write(number(now)) };
        Ok(())
    })
}

fn number(state: State) -> UINT {
    match state {
        State::NotInitialized => THREADX_DEFENDER_STATE_NOT_INITIALIZED,
        State::WaitingForTime => THREADX_DEFENDER_STATE_WAITING_FOR_TIME,
        State::WaitingForEntropy => THREADX_DEFENDER_STATE_WAITING_FOR_ENTROPY,
        State::Active => THREADX_DEFENDER_STATE_ACTIVE,
        State::Suspended => THREADX_DEFENDER_STATE_SUSPENDED,
        _ => THREADX_DEFENDER_STATE_PENDING,
    }
}

/// Get what the agent has counted since it was enabled. From everywhere.
///
/// @param statistics Where to; its size says how much.
/// @return NX_AZURE_IOT_SUCCESS; NX_AZURE_IOT_INVALID_PARAMETER for null, or a size that no version has; NX_AZURE_IOT_NOT_ENABLED when no
///         agent is enabled.
///
/// # Safety
/// See the parameter.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn threadx_defender_statistics_get(statistics: *mut StatisticsOfC) -> UINT {
    call(|| {
        let agent = agent::enabled().ok_or(NX_AZURE_IOT_NOT_ENABLED)?;
        let counted = agent.statistics().map_err(|error| status::of(&error))?;
        let (packets, messages) = (counted.packets, counted.messages);
        let value = StatisticsOfC {
            size: size_of::<StatisticsOfC>() as u32,
            ip_instances_left_alone: saturated(counted.ip_instances_left_alone),
            packets_counted: packets.packets_counted,
            packets_ignored: packets.packets_ignored,
            packets_malformed: packets.packets_malformed,
            packets_without_room: packets.packets_without_room,
            flows_aggregated: packets.flows_aggregated,
            bytes_aggregated: packets.bytes_aggregated,
            messages_sent: messages.messages_sent,
            bytes_sent: messages.bytes_sent,
            retries: messages.retries,
            flows_reported: messages.flows_reported,
            entropy_failures: messages.entropy_failures,
            unix_time_steps: messages.unix_time_steps,
            unix_time_stood: messages.unix_time_stood,
        };
        // SAFETY: the caller says so.
        unsafe { structure::give(statistics, &value) }
    })
}

/// Get the sizes with which the library was built. From everywhere.
///
/// @param storage Where to; its size says how much.
/// @return NX_AZURE_IOT_SUCCESS; NX_AZURE_IOT_INVALID_PARAMETER for null, or a size that no version has.
///
/// # Safety
/// See the parameter.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn threadx_defender_storage_get(storage: *mut StorageOfC) -> UINT {
    call(|| {
        let value = StorageOfC {
            size: size_of::<StorageOfC>() as u32,
            bytes: saturated(size_of_val(&STORAGE)),
            ipv4_flows: saturated(storage::IPV4_FLOWS),
            ipv6_flows: saturated(storage::IPV6_FLOWS),
            message_bytes: saturated(storage::MESSAGE),
        };
        // SAFETY: the caller says so.
        unsafe { structure::give(storage, &value) }
    })
}

fn saturated(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
