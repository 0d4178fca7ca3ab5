//! What only simulations have: time under control, packets without a network, hubs without a hub.

use core::cell::UnsafeCell;
use core::ffi::c_void;
use core::slice;

use netxduo_sys::host::{
    NX_HOST_HUB_TRANSPORT, nx_host_hub_client_connection_set, nx_host_hub_client_transport_set,
    nx_host_packet_inject,
};
use netxduo_sys::{
    NX_AZURE_IOT_FAILURE, NX_AZURE_IOT_HUB_CLIENT, NX_AZURE_IOT_SUCCESS, NX_IP_PACKET_IN,
    NX_IP_PACKET_OUT,
};
use threadx_sys::host::{tx_host_clock_advance, tx_host_clock_manual, tx_host_settle};
use threadx_sys::{UCHAR, UINT, tx_time_get, tx_time_set};

use super::arguments::word;
use super::client::Client;
use super::net::Instance;
use super::user;
use crate::error::{Api, Error, check};
use crate::host::{HubTransport, Refused};

pub(crate) fn clock_manual() {
    // SAFETY: allowed everywhere.
    unsafe { tx_host_clock_manual() };
}

pub(crate) fn clock_advance(ticks: u32) -> Result<(), Error> {
    // SAFETY: allowed everywhere: this service of the simulation itself refuses callers that may not, however ThreadX is
    // configured.
    let status = unsafe { tx_host_clock_advance(ticks) };
    check(Api::ThreadX, "tx_host_clock_advance", status)
}

/// Lets ticks pass without anything that would fall due.
pub(crate) fn clock_skip(ticks: u32) {
    // SAFETY: both are allowed everywhere. Timers and timeouts do not go by this counter.
    unsafe { tx_time_set(tx_time_get().wrapping_add(ticks)) };
}

pub(crate) fn settle() {
    // SAFETY: allowed everywhere.
    unsafe { tx_host_settle() };
}

pub(crate) fn inject(ip: &Instance, outgoing: bool, packet: &[u8]) -> Result<(), Error> {
    let direction = if outgoing {
        NX_IP_PACKET_OUT
    } else {
        NX_IP_PACKET_IN
    };
    // SAFETY: the instance exists; the bytes are copied.
    let status = unsafe {
        nx_host_packet_inject(
            ip.pointer(),
            direction,
            packet.as_ptr(),
            word("the packet", packet.len())?,
        )
    };
    check(Api::NetXDuo, "nx_host_packet_inject", status)
}

/// Where a hub client's transport stands while C has a pointer to it.
pub(crate) struct TransportRoom(UnsafeCell<Option<&'static dyn HubTransport>>);

// SAFETY: written only before C gets the pointer, see `attach`.
unsafe impl Sync for TransportRoom {}

static TRANSPORT: NX_HOST_HUB_TRANSPORT = NX_HOST_HUB_TRANSPORT {
    connect: Some(connect),
    disconnect: Some(disconnect),
    publish: Some(publish),
};

impl TransportRoom {
    pub const fn new() -> Self {
        Self(UnsafeCell::new(None))
    }

    /// Makes `transport` the one of `client`, which was created just now in the storage that this room is part of: so
    /// no other client has the room, and nobody uses the client yet.
    pub fn attach(
        &'static self,
        client: &Client,
        transport: &'static dyn HubTransport,
    ) -> Result<(), Error> {
        // SAFETY: the client is the only one that reads this, and it is not in use.
        unsafe { *self.0.get() = Some(transport) };
        // SAFETY: the client is initialized; room and functions are static.
        let status = unsafe {
            nx_host_hub_client_transport_set(
                client.pointer(),
                &raw const TRANSPORT,
                self.0.get().cast(),
            )
        };
        check(Api::AzureIot, "nx_host_hub_client_transport_set", status)
    }
}

/// What the network does to a client's connection.
pub(crate) fn set_connection(client: &Client, connected: bool) -> Result<(), Error> {
    // SAFETY: the client is initialized.
    let status =
        unsafe { nx_host_hub_client_connection_set(client.pointer(), UINT::from(connected)) };
    check(Api::AzureIot, "nx_host_hub_client_connection_set", status)
}

/// # Safety
/// `context` is that of a client that [`TransportRoom::attach`] was called for.
unsafe fn transport(context: *mut c_void) -> Option<&'static dyn HubTransport> {
    // SAFETY: it points to a room, which is static and not written any more.
    unsafe { *context.cast::<Option<&'static dyn HubTransport>>() }
}

/// What a transport says. One that panics refuses.
fn status(
    transport: Option<&'static dyn HubTransport>,
    work: impl FnOnce(&'static dyn HubTransport) -> Result<(), Refused>,
) -> UINT {
    match transport.and_then(|transport| user::call(|| work(transport))) {
        Some(Ok(())) => NX_AZURE_IOT_SUCCESS,
        _ => NX_AZURE_IOT_FAILURE,
    }
}

unsafe extern "C" fn connect(context: *mut c_void, _: *mut NX_AZURE_IOT_HUB_CLIENT) -> UINT {
    // SAFETY: the simulation passes on the context that was set.
    status(unsafe { transport(context) }, |transport| {
        transport.connect()
    })
}

unsafe extern "C" fn disconnect(context: *mut c_void, _: *mut NX_AZURE_IOT_HUB_CLIENT) {
    // SAFETY: the simulation passes on the context that was set.
    if let Some(transport) = unsafe { transport(context) } {
        let _: Option<()> = user::call(|| transport.disconnect());
    }
}

unsafe extern "C" fn publish(
    context: *mut c_void,
    _: *mut NX_AZURE_IOT_HUB_CLIENT,
    topic: *const UCHAR,
    topic_length: UINT,
    payload: *const UCHAR,
    payload_length: UINT,
) -> UINT {
    // SAFETY: the simulation passes on the context that was set, and texts of the lengths that it states.
    let (transport, topic, payload) = unsafe {
        (
            transport(context),
            slice::from_raw_parts(topic, topic_length as usize),
            slice::from_raw_parts(payload, payload_length as usize),
        )
    };
    status(transport, |transport| transport.publish(topic, payload))
}
