//! Telemetry: the agent's security messages and what the application sends.

use core::ptr;

use netxduo_sys::{
    NX_AZURE_IOT_HUB_CLIENT, NX_PACKET, nx_azure_iot_hub_client_telemetry_message_create,
    nx_azure_iot_hub_client_telemetry_message_delete,
    nx_azure_iot_hub_client_telemetry_property_add, nx_azure_iot_hub_client_telemetry_send,
};
use threadx_sys::{TX_MUTEX, UINT, ULONG, tx_mutex_put, tx_thread_identify};

use super::arguments::{length, word};
use crate::error::{Api, Error, check};

/// What a property's parts are in an error.
const PROPERTY: &str = "a property's name or value";

/// A message that was begun. It is deleted when it is dropped, unless it was sent.
struct Message(*mut NX_PACKET);

impl Drop for Message {
    fn drop(&mut self) {
        // SAFETY: the message was created and not sent, so it is still ours.
        unsafe { nx_azure_iot_hub_client_telemetry_message_delete(self.0) };
    }
}

/// Sends a message with properties, waiting up to `wait_ticks` for each packet that it takes. From threads, without waiting from
/// everywhere.
///
/// # Safety
/// `client` is initialized.
pub(super) unsafe fn send<'a>(
    client: *mut NX_AZURE_IOT_HUB_CLIENT,
    properties: impl Iterator<Item = (&'a [u8], &'a [u8])>,
    payload: &[u8],
    wait_ticks: UINT,
) -> Result<(), Error> {
    let payload_length = word("the payload", payload.len())?;
    let mut packet = ptr::null_mut();
    // SAFETY: the client is initialized.
    let status = unsafe {
        nx_azure_iot_hub_client_telemetry_message_create(client, &raw mut packet, wait_ticks)
    };
    check(
        Api::AzureIot,
        "nx_azure_iot_hub_client_telemetry_message_create",
        status,
    )?;
    let message = Message(packet);
    for (name, value) in properties {
        let (name_length, value_length) = (length(PROPERTY, name)?, length(PROPERTY, value)?);
        // SAFETY: the message is ours; names and values are copied.
        let status = unsafe {
            nx_azure_iot_hub_client_telemetry_property_add(
                message.0,
                name.as_ptr(),
                name_length,
                value.as_ptr(),
                value_length,
                wait_ticks,
            )
        };
        check(
            Api::AzureIot,
            "nx_azure_iot_hub_client_telemetry_property_add",
            status,
        )?;
    }
    // SAFETY: the client is initialized.
    let locked = unsafe { Locked::now(client) };
    // SAFETY: the client is initialized; the message is ours, and the payload is copied.
    let status = unsafe {
        nx_azure_iot_hub_client_telemetry_send(
            client,
            message.0,
            payload.as_ptr(),
            payload_length as UINT,
            wait_ticks,
        )
    };
    locked.restore();
    check(
        Api::AzureIot,
        "nx_azure_iot_hub_client_telemetry_send",
        status,
    )?;
    // It is the middleware's now.
    core::mem::forget(message);
    Ok(())
}

/// How often this thread has locked the middleware.
///
/// Up to 6.3.0 sending without a connection leaves the middleware locked, and everything that needs it would wait for ever.
struct Locked {
    mutex: *mut TX_MUTEX,
    count: ULONG,
}

impl Locked {
    /// # Safety
    /// `client` is initialized, and stays so as long as the result lives.
    unsafe fn now(client: *mut NX_AZURE_IOT_HUB_CLIENT) -> Self {
        // SAFETY: the client is initialized, so its instance and that one's mutex exist.
        let mutex = unsafe { (*(*client).nx_azure_iot_ptr).nx_azure_iot_mutex_ptr };
        let mut locked = Self { mutex, count: 0 };
        locked.count = locked.current();
        locked
    }

    fn current(&self) -> ULONG {
        // SAFETY: the mutex exists. Only the thread that owns it makes it its own, or not its own: so what is read is right if it
        // is this thread, and otherwise not looked at.
        unsafe {
            let owner = (&raw const (*self.mutex).tx_mutex_owner).read_volatile();
            let count = (&raw const (*self.mutex).tx_mutex_ownership_count).read_volatile();
            let thread = tx_thread_identify();
            if !thread.is_null() && owner == thread {
                count
            } else {
                0
            }
        }
    }

    /// Unlocks it as often as it was locked since.
    fn restore(self) {
        for _ in self.count..self.current() {
            // SAFETY: this thread owns the mutex.
            unsafe { tx_mutex_put(self.mutex) };
        }
    }
}
