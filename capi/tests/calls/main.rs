//! The calls as C makes them: what they do, and what they say to what is wrong.
#![cfg(all(simulation, not(original_agent)))]

#[path = "../../../tests/support/device.rs"]
mod device;
#[path = "../../../tests/support/kernel.rs"]
mod kernel;

mod contexts;
mod contract;
mod hooks;
mod query;
mod settings;

use defender_capi::{SettingsOfC, threadx_defender_settings_get, threadx_defender_settings_set};
use netxduo_sys::NX_AZURE_IOT_SUCCESS;

/// What is set.
fn get() -> SettingsOfC {
    // SAFETY: zero is a value of each field.
    let mut settings: SettingsOfC = unsafe { std::mem::zeroed() };
    settings.size = size_of::<SettingsOfC>() as u32;
    // SAFETY: a structure of its size.
    let status = unsafe { threadx_defender_settings_get(&raw mut settings) };
    assert_eq!(status, NX_AZURE_IOT_SUCCESS);
    settings
}

/// Sets everything, and returns the status.
fn set(settings: &SettingsOfC) -> u32 {
    // SAFETY: a structure of its size, with an id that stays.
    unsafe { threadx_defender_settings_set(settings) }
}

/// The first collection is 30 s after enabling.
fn no_jitter() {
    let mut settings = get();
    settings.first_collection_jitter = 0;
    assert_eq!(set(&settings), NX_AZURE_IOT_SUCCESS);
}
