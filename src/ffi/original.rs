//! The original agent's functions.

use core::cell::UnsafeCell;
use core::time::Duration;

use netxduo_sys::original::{
    DEFENDER_ORIGINAL_ACTIVE, DEFENDER_ORIGINAL_HEARTBEAT, DEFENDER_ORIGINAL_NETWORK_ACTIVITY,
    DEFENDER_ORIGINAL_NOT_INITIALIZED, DEFENDER_ORIGINAL_PENDING,
    DEFENDER_ORIGINAL_SYSTEM_INFORMATION, defender_original_collector_set,
    defender_original_disable, defender_original_enable, defender_original_interval_set,
    defender_original_numbers, defender_original_second, defender_original_state,
};
use netxduo_sys::{NX_AZURE_IOT, NX_AZURE_IOT_FAILURE, NX_FALSE, NX_TRUE};
use threadx_sys::UINT;

use crate::agent::{Collector, Priority, Settings, State};
use crate::error::{Api, Error, check};

/// The right to call the original agent, of which there is one in a program: whoever has the one `Engine` is alone with it.
pub(crate) struct Engine(());

/// The security module id, terminated, for C.
struct Id(UnsafeCell<[u8; Settings::MAX_SECURITY_MODULE_ID + 1]>);

// SAFETY: only the one `Engine` writes it, and C reads it only in functions that the `Engine` calls.
unsafe impl Sync for Id {}

static ID: Id = Id(UnsafeCell::new([0; Settings::MAX_SECURITY_MODULE_ID + 1]));

impl Engine {
    /// # Safety
    /// It is the only one.
    pub const unsafe fn new() -> Self {
        Self(())
    }

    /// Sets the numbers that are read when the agent is enabled.
    pub fn set_first_collection(&mut self, seconds: u32, settings: &Settings) {
        // SAFETY: no function of the agent runs, because this is the only `Engine`.
        unsafe {
            let numbers = &raw mut defender_original_numbers;
            (*numbers).defender_original_first_collection = seconds;
            (*numbers).defender_original_high_interval =
                whole_seconds(settings.interval(Priority::High));
            (*numbers).defender_original_medium_interval =
                whole_seconds(settings.interval(Priority::Medium));
            (*numbers).defender_original_low_interval =
                whole_seconds(settings.interval(Priority::Low));
        }
    }

    /// Sets what is read whenever it is needed.
    pub fn set_numbers(&mut self, settings: &Settings) {
        let id = settings.security_module_id().as_bytes();
        let mut terminated = [0; Settings::MAX_SECURITY_MODULE_ID + 1];
        let length = id.len().min(Settings::MAX_SECURITY_MODULE_ID);
        terminated[..length].copy_from_slice(&id[..length]);
        // SAFETY: no function of the agent runs, because this is the only `Engine`; the id stays terminated.
        unsafe {
            *ID.0.get() = terminated;
            let numbers = &raw mut defender_original_numbers;
            (*numbers).defender_original_security_module_id = ID.0.get().cast();
            (*numbers).defender_original_pending_time = whole_seconds(settings.pending_time());
            (*numbers).defender_original_retry_time = whole_seconds(settings.retry_time());
        }
    }

    /// Enables it with all collectors. Threads only.
    ///
    /// # Safety
    /// `azure` is a created instance, and stays one until [`disable`](Self::disable).
    pub unsafe fn enable(&mut self, azure: *mut NX_AZURE_IOT, seed: u64) -> Result<(), Error> {
        // SAFETY: the instance is created; nobody else is in the agent.
        let status = unsafe { defender_original_enable(azure, seed) };
        checked("nx_azure_iot_security_module_enable", status)
    }

    /// Disables it, if it is enabled. Threads only.
    pub fn disable(&mut self) -> Result<(), Error> {
        // SAFETY: nobody else is in the agent.
        let status = unsafe { defender_original_disable() };
        checked("nx_azure_iot_security_module_disable", status)
    }

    /// Lets it do what a second asks for. Threads only; it is enabled.
    pub fn second(&mut self) -> Result<(), Error> {
        // SAFETY: nobody else is in the agent.
        let status = unsafe { defender_original_second() };
        checked("the original agent's periodic event", status)
    }

    /// Turns a collector on or off. Threads only; it is enabled.
    pub fn set_collector(&mut self, collector: Collector, enabled: bool) -> Result<(), Error> {
        let enabled = if enabled { NX_TRUE } else { NX_FALSE };
        let collector = number(collector)?;
        // SAFETY: nobody else is in the agent.
        let status = unsafe { defender_original_collector_set(collector, enabled) };
        checked("components_manager_start", status)
    }

    /// Sets a collector's interval. Threads only; it is enabled.
    pub fn set_interval(&mut self, collector: Collector, settings: &Settings) -> Result<(), Error> {
        let seconds = whole_seconds(settings.interval(settings.collector_priority(collector)));
        let collector = number(collector)?;
        // SAFETY: nobody else is in the agent.
        let status = unsafe { defender_original_interval_set(collector, seconds) };
        checked("collector_collection_foreach", status)
    }
}

/// What the original agent is doing.
pub(crate) fn state() -> State {
    // SAFETY: allowed everywhere.
    match unsafe { defender_original_state() } {
        DEFENDER_ORIGINAL_NOT_INITIALIZED => State::NotInitialized,
        DEFENDER_ORIGINAL_PENDING => State::Pending,
        DEFENDER_ORIGINAL_ACTIVE => State::Active,
        _ => State::Suspended,
    }
}

/// `Ok` for success. Before its own functions the shim calls one of ThreadX, whose codes are small.
fn checked(call: &'static str, status: UINT) -> Result<(), Error> {
    if status < NX_AZURE_IOT_FAILURE {
        check(Api::ThreadX, "tx_thread_preemption_change", status)
    } else {
        check(Api::AzureIot, call, status)
    }
}

fn number(collector: Collector) -> Result<UINT, Error> {
    match collector {
        Collector::NetworkActivity => Ok(DEFENDER_ORIGINAL_NETWORK_ACTIVITY),
        Collector::SystemInformation => Ok(DEFENDER_ORIGINAL_SYSTEM_INFORMATION),
        Collector::Heartbeat => Ok(DEFENDER_ORIGINAL_HEARTBEAT),
        _ => Err(Error::Unsupported {
            what: "collect what it has no collector for",
        }),
    }
}

/// As it counts time. Settings have whole seconds.
fn whole_seconds(duration: Duration) -> UINT {
    UINT::try_from(duration.as_secs()).unwrap_or(UINT::MAX)
}
