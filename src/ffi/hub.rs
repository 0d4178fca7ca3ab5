//! The hub clients of an `NX_AZURE_IOT`, which the agent sends with.

use core::slice;

use defender_message::flow::PROPERTIES;
use netxduo_sys::{
    NX_AZURE_IOT, NX_AZURE_IOT_HUB_CLIENT, NX_AZURE_IOT_RESOURCE, NX_AZURE_IOT_RESOURCE_IOT_HUB,
    NX_NO_WAIT, NX_WAIT_FOREVER, az_span,
};
use threadx_sys::{TX_MUTEX, TX_SUCCESS, UINT, tx_mutex_get, tx_mutex_put};

use super::client::is_connected;
use super::telemetry;
use crate::agent::hub::{self, HubClient};
use crate::error::Error;

/// The clients that exist, while no other thread can add or remove one. This thread can, from within a callback: the
/// middleware's mutex lets its owner in again.
pub(crate) struct HubClients {
    azure: *mut NX_AZURE_IOT,
    mutex: *mut TX_MUTEX,
}

impl HubClients {
    /// Locks the instance and its list of clients; what the mutex said if that takes a wait and `wait` says no. Threads only.
    ///
    /// # Safety
    /// `azure` is a created instance and stays one for as long as the result lives.
    pub unsafe fn lock(azure: *mut NX_AZURE_IOT, wait: bool) -> Result<Self, UINT> {
        // SAFETY: the instance is created, so its mutex is.
        let mutex = unsafe { (*azure).nx_azure_iot_mutex_ptr };
        let wait = if wait { NX_WAIT_FOREVER } else { NX_NO_WAIT };
        // SAFETY: likewise.
        match unsafe { tx_mutex_get(mutex, wait) } {
            TX_SUCCESS => Ok(Self { azure, mutex }),
            status => Err(status),
        }
    }

    pub fn any_connected(&self) -> bool {
        hub::any_connected(self.iter())
    }

    /// Gives a security message to every connected client, once per device. Returns how many took it.
    #[inline(never)]
    pub fn deliver(&self, message: &[u8], max_devices: u8) -> usize {
        hub::deliver(self.iter(), max_devices, |client| {
            client.send(message).is_ok()
        })
    }

    fn iter(&self) -> Iter<'_> {
        Iter {
            // SAFETY: the instance is created, and the mutex guards the list.
            next: unsafe { (*self.azure).nx_azure_iot_resource_list_header },
            clients: self,
        }
    }
}

impl Drop for HubClients {
    fn drop(&mut self) {
        // SAFETY: this thread got the mutex; the status says only whether it holds it, and it does.
        unsafe { tx_mutex_put(self.mutex) };
    }
}

/// Goes through the list of resources and leaves out what is no hub client.
#[derive(Clone)]
struct Iter<'a> {
    next: *mut NX_AZURE_IOT_RESOURCE,
    clients: &'a HubClients,
}

/// A hub client in the list.
struct Client<'a> {
    pointer: *mut NX_AZURE_IOT_HUB_CLIENT,
    _clients: &'a HubClients,
}

impl<'a> Iterator for Iter<'a> {
    type Item = Client<'a>;

    fn next(&mut self) -> Option<Client<'a>> {
        loop {
            if self.next.is_null() {
                return None;
            }
            // SAFETY: a resource of the list, which does not change while it is locked.
            let (kind, data) = unsafe {
                let resource = self.next;
                self.next = (*resource).resource_next;
                ((*resource).resource_type, (*resource).resource_data_ptr)
            };
            if kind == NX_AZURE_IOT_RESOURCE_IOT_HUB {
                return Some(Client {
                    pointer: data.cast(),
                    _clients: self.clients,
                });
            }
        }
    }
}

impl Client<'_> {
    /// Sends a security message as telemetry, without waiting.
    fn send(&self, message: &[u8]) -> Result<(), Error> {
        let properties = PROPERTIES
            .iter()
            .map(|(name, value)| (name.as_bytes(), value.as_bytes()));
        // SAFETY: the client is in the list, so it is initialized.
        unsafe { telemetry::send(self.pointer, properties, message, NX_NO_WAIT) }
    }

    /// Host name and device id.
    fn identity(&self) -> [&az_span; 2] {
        // SAFETY: the client is in the list, so it is initialized; while the list is locked it stays as it is.
        unsafe {
            let identity = &raw const (*self.pointer).iot_hub_client_core._internal;
            [&(*identity).iot_hub_hostname, &(*identity).device_id]
        }
    }
}

impl HubClient for Client<'_> {
    fn is_connected(&self) -> bool {
        // SAFETY: the client is in the list, so it is initialized.
        unsafe { is_connected(self.pointer) }
    }

    fn same_device(&self, other: &Self) -> bool {
        let [host, device] = self.identity();
        let [other_host, other_device] = other.identity();
        // SAFETY: both clients are in the list, and their spans point to what they were initialized with.
        unsafe { is_equal(device, other_device) && is_equal(host, other_host) }
    }
}

/// # Safety
/// As for [`bytes`].
#[inline(never)]
unsafe fn is_equal(a: &az_span, b: &az_span) -> bool {
    // SAFETY: as the caller says.
    unsafe { bytes(a) == bytes(b) }
}

/// # Safety
/// The span is empty, or points to that many bytes, which stay as they are while the result is used.
unsafe fn bytes(span: &az_span) -> &[u8] {
    let pointer = span._internal.ptr;
    if pointer.is_null() {
        return &[];
    }
    // SAFETY: the span says so.
    unsafe { slice::from_raw_parts(pointer, usize::try_from(span._internal.size).unwrap_or(0)) }
}
