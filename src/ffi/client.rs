//! IoT Hub clients.

use core::ptr;
use core::sync::atomic::{AtomicU32, Ordering};

use netxduo_sys::{
    NX_AZURE_IOT_CONNECTING, NX_AZURE_IOT_DISCONNECTED, NX_AZURE_IOT_HUB_CLIENT,
    NX_AZURE_IOT_HUB_CLIENT_STATUS_CONNECTED, NX_AZURE_IOT_HUB_CLIENT_STATUS_CONNECTING,
    NX_AZURE_IOT_SAS_TOKEN_EXPIRED, NX_AZURE_IOT_SUCCESS, NX_FALSE, NX_SECURE_X509_CERT, NX_TRUE,
    nx_azure_iot_hub_client_connect, nx_azure_iot_hub_client_connection_status_callback_set,
    nx_azure_iot_hub_client_deinitialize, nx_azure_iot_hub_client_device_cert_set,
    nx_azure_iot_hub_client_disconnect, nx_azure_iot_hub_client_initialize,
    nx_azure_iot_hub_client_symmetric_key_set, nx_azure_iot_hub_client_trusted_cert_add,
};
use threadx_sys::{UINT, ULONG};

use super::arguments::{within, word};
use super::azure::{Azure, is_on_helper};
use super::dns::HostName;
use super::handle::{Handle, Object};
use super::pinned::Pinned;
use super::pool::Memory;
use super::telemetry;
use super::tls::{self, Tables};
use super::user;
use crate::azure::{ConnectionStatus, PrivateKey, StatusListener};
use crate::error::{Api, Error, Status, check};

/// The root certificates that a client can trust.
pub(crate) const MAX_ROOTS: usize = 3;

/// The longest symmetric key, in bytes of Base64: IoT Hub's have 64 bytes at most, before Base64.
const MAX_KEY: usize = 1024;

/// No status was reported yet.
const NOTHING: u32 = u32::MAX;

#[repr(C)]
struct Parts<const METADATA: usize> {
    /// First, so that a pointer to it is one to the whole.
    head: Head,
    host_name: HostName,
    roots: [NX_SECURE_X509_CERT; MAX_ROOTS],
    certificate: NX_SECURE_X509_CERT,
    metadata: Memory<METADATA>,
}

/// What every [`Parts`] begins with.
#[repr(C)]
struct Head {
    /// First, so that a pointer to it is one to the whole.
    client: NX_AZURE_IOT_HUB_CLIENT,
    listener: Option<&'static dyn StatusListener>,
    last_status: AtomicU32,
}

pub(crate) struct ClientRoom<const METADATA: usize>(Pinned<Parts<METADATA>>);

/// An IoT Hub client.
pub(crate) struct Client(Handle<NX_AZURE_IOT_HUB_CLIENT, 1>);

/// Who a hub client is, and how it proves it. C keeps pointers to the texts.
#[derive(Clone, Copy)]
pub(crate) struct Identity {
    pub host_name: &'static str,
    pub device_id: &'static str,
    pub module_id: &'static str,
    pub symmetric_key: Option<&'static str>,
    pub certificate: Option<(&'static [u8], PrivateKey)>,
    pub roots: [Option<&'static [u8]>; MAX_ROOTS],
    pub tables: Tables,
    pub listener: Option<&'static dyn StatusListener>,
}

impl Identity {
    /// Whether it has to do with TLS.
    fn is_secured(&self) -> bool {
        self.certificate.is_some() || self.roots.iter().any(Option::is_some)
    }
}

impl<const METADATA: usize> ClientRoom<METADATA> {
    pub const fn new() -> Self {
        Self(Pinned::new())
    }

    /// Initializes a client. Threads only.
    pub fn initialize(&'static self, azure: &Azure, identity: Identity) -> Result<Client, Error> {
        let host_name = HostName::new(identity.host_name)?;
        if identity.is_secured() && METADATA < identity.tables.metadata {
            return Err(Error::MetadataTooSmall {
                needed: identity.tables.metadata,
                given: METADATA,
            });
        }
        let metadata = word("the metadata", METADATA)?;
        let key = identity.symmetric_key.map_or(0, str::len);
        within("the symmetric key", key, 0, MAX_KEY)?;
        let room = self.0.take("hub client")?;
        // SAFETY: the room is ours, and not in use.
        let client = unsafe { initialize(room, metadata, azure, host_name, &identity) }
            .inspect_err(|_| self.0.release())?;
        // SAFETY: the client exists in the room, which is ours.
        let client = Client(unsafe { Handle::owning(client, self.0.occupancy(), [azure.hold()]) });
        // From here on dropping it removes the client again.
        // SAFETY: the client is initialized in the room, which is ours.
        unsafe { client.set_up(room, &identity)? };
        Ok(client)
    }
}

/// Fills the room, and makes the client in it.
///
/// # Safety
/// The room is not in use, and static.
unsafe fn initialize<const METADATA: usize>(
    room: *mut Parts<METADATA>,
    metadata: ULONG,
    azure: &Azure,
    host_name: HostName,
    identity: &Identity,
) -> Result<*mut NX_AZURE_IOT_HUB_CLIENT, Error> {
    let mut roots = [ptr::null_mut(); MAX_ROOTS];
    // SAFETY: the room is ours; nothing in it needs to be dropped.
    unsafe {
        (&raw mut (*room).head.listener).write(identity.listener);
        (&raw mut (*room).head.last_status).write(AtomicU32::new(NOTHING));
        (&raw mut (*room).host_name).write(host_name);
    }
    for (number, der) in identity.roots.iter().enumerate() {
        if let Some(der) = *der {
            // SAFETY: the room is ours, and there are as many places as certificates.
            unsafe {
                let root = (&raw mut (*room).roots)
                    .cast::<NX_SECURE_X509_CERT>()
                    .add(number);
                tls::set_up_certificate(root, "the root certificate", der, None)?;
                roots[number] = root;
            }
        }
    }
    if let Some((der, key)) = identity.certificate {
        // SAFETY: the room is ours.
        unsafe {
            let certificate = &raw mut (*room).certificate;
            tls::set_up_certificate(certificate, "the certificate", der, Some(key))?;
        }
    }
    let module_pointer = if identity.module_id.is_empty() {
        ptr::null()
    } else {
        identity.module_id.as_ptr()
    };
    let tables = identity.tables;
    // The host name ends with a zero, which the middleware relies on when it resolves it.
    // SAFETY: the room is static and was not in use; the texts are static, or in the room; the tables are static; the instance
    // exists and stays as long as the client.
    let status = unsafe {
        nx_azure_iot_hub_client_initialize(
            &raw mut (*room).head.client,
            azure.pointer(),
            (&raw const (*room).host_name.0).cast(),
            identity.host_name.len() as UINT,
            identity.device_id.as_ptr(),
            identity.device_id.len() as UINT,
            module_pointer,
            identity.module_id.len() as UINT,
            tables.crypto,
            tables.crypto_size,
            tables.ciphers,
            tables.ciphers_size,
            (&raw mut (*room).metadata).cast(),
            metadata as UINT,
            roots[0],
        )
    };
    check(Api::AzureIot, "nx_azure_iot_hub_client_initialize", status)?;
    // SAFETY: the room is ours.
    Ok(unsafe { &raw mut (*room).head.client })
}

impl Client {
    /// # Safety
    /// `pointer` is an initialized client, and stays one and in its place for as long as the result lives.
    pub unsafe fn from_raw(pointer: *mut NX_AZURE_IOT_HUB_CLIENT) -> Self {
        // SAFETY: the caller says so.
        Self(unsafe { Handle::foreign(pointer) })
    }

    /// Gives a client what it did not get when it was initialized.
    ///
    /// # Safety
    /// It was initialized in the room.
    unsafe fn set_up<const METADATA: usize>(
        &self,
        room: *mut Parts<METADATA>,
        identity: &Identity,
    ) -> Result<(), Error> {
        // Without a callback the middleware does not even notice that a connection is lost.
        // SAFETY: the client is the first thing in a room that has a head.
        let status = unsafe {
            nx_azure_iot_hub_client_connection_status_callback_set(
                self.pointer(),
                Some(status_changed),
            )
        };
        check(
            Api::AzureIot,
            "nx_azure_iot_hub_client_connection_status_callback_set",
            status,
        )?;
        for number in 1..MAX_ROOTS {
            if identity.roots[number].is_none() {
                continue;
            }
            // SAFETY: the client is initialized; the certificate was set up, and stays as long as the client.
            let status = unsafe {
                let root = (&raw mut (*room).roots)
                    .cast::<NX_SECURE_X509_CERT>()
                    .add(number);
                nx_azure_iot_hub_client_trusted_cert_add(self.pointer(), root)
            };
            check(
                Api::AzureIot,
                "nx_azure_iot_hub_client_trusted_cert_add",
                status,
            )?;
        }
        if identity.certificate.is_some() {
            // SAFETY: likewise.
            let status = unsafe {
                nx_azure_iot_hub_client_device_cert_set(
                    self.pointer(),
                    &raw mut (*room).certificate,
                )
            };
            check(
                Api::AzureIot,
                "nx_azure_iot_hub_client_device_cert_set",
                status,
            )?;
        }
        if let Some(key) = identity.symmetric_key {
            // SAFETY: the client is initialized, and the key is static.
            let status = unsafe {
                nx_azure_iot_hub_client_symmetric_key_set(
                    self.pointer(),
                    key.as_ptr(),
                    key.len() as UINT,
                )
            };
            check(
                Api::AzureIot,
                "nx_azure_iot_hub_client_symmetric_key_set",
                status,
            )?;
        }
        Ok(())
    }

    pub fn pointer(&self) -> *mut NX_AZURE_IOT_HUB_CLIENT {
        self.0.pointer()
    }

    pub fn connect(&self, clean_session: bool, wait_ticks: ULONG) -> Result<(), Error> {
        let clean = if clean_session { NX_TRUE } else { NX_FALSE };
        // SAFETY: the client is initialized.
        let status =
            unsafe { nx_azure_iot_hub_client_connect(self.pointer(), clean, wait_ticks as UINT) };
        check(Api::AzureIot, "nx_azure_iot_hub_client_connect", status)
    }

    pub fn disconnect(&self) -> Result<(), Error> {
        // SAFETY: the client is initialized.
        let status = unsafe { nx_azure_iot_hub_client_disconnect(self.pointer()) };
        check(Api::AzureIot, "nx_azure_iot_hub_client_disconnect", status)
    }

    pub fn is_connected(&self) -> bool {
        // SAFETY: the client is initialized.
        unsafe { is_connected(self.pointer()) }
    }

    pub fn status(&self) -> ConnectionStatus {
        // SAFETY: the client is initialized.
        match unsafe { state(self.pointer()) } {
            NX_AZURE_IOT_HUB_CLIENT_STATUS_CONNECTED => return ConnectionStatus::Connected,
            NX_AZURE_IOT_HUB_CLIENT_STATUS_CONNECTING => return ConnectionStatus::Connecting,
            _ if self.0.is_foreign() => return ConnectionStatus::NotConnected,
            _ => {}
        }
        let head: *const Head = self.pointer().cast();
        // SAFETY: a client that is not C's begins a head.
        match unsafe { &(*head).last_status }.load(Ordering::Relaxed) {
            // It was connected, and nobody has said yet that it is not any more.
            NOTHING | NX_AZURE_IOT_SUCCESS => ConnectionStatus::NotConnected,
            code => connection_status(code),
        }
    }

    /// Threads only.
    pub fn send<'a>(
        &self,
        properties: impl Iterator<Item = (&'a [u8], &'a [u8])>,
        payload: &[u8],
        wait_ticks: u32,
    ) -> Result<(), Error> {
        // SAFETY: the client is initialized.
        unsafe { telemetry::send(self.pointer(), properties, payload, wait_ticks) }
    }
}

/// Whether a client is connected, from any thread.
///
/// # Safety
/// `client` is initialized.
pub(super) unsafe fn is_connected(client: *mut NX_AZURE_IOT_HUB_CLIENT) -> bool {
    // SAFETY: as for this function.
    unsafe { state(client) == NX_AZURE_IOT_HUB_CLIENT_STATUS_CONNECTED }
}

/// # Safety
/// `client` is initialized.
unsafe fn state(client: *mut NX_AZURE_IOT_HUB_CLIENT) -> u32 {
    // SAFETY: the client is initialized; the state is an aligned word, which the middleware may change meanwhile.
    unsafe {
        AtomicU32::from_ptr(&raw mut (*client).nx_azure_iot_hub_client_state)
            .load(Ordering::Relaxed)
    }
}

/// What a status says that the middleware reports.
fn connection_status(code: UINT) -> ConnectionStatus {
    match code {
        NX_AZURE_IOT_SUCCESS => ConnectionStatus::Connected,
        NX_AZURE_IOT_CONNECTING => ConnectionStatus::Connecting,
        NX_AZURE_IOT_DISCONNECTED => ConnectionStatus::Disconnected,
        NX_AZURE_IOT_SAS_TOKEN_EXPIRED => ConnectionStatus::TokenExpired,
        code => ConnectionStatus::Failed(Status {
            code,
            of: Api::AzureIot,
        }),
    }
}

/// The middleware reports a client's status.
unsafe extern "C" fn status_changed(client: *mut NX_AZURE_IOT_HUB_CLIENT, code: UINT) {
    let head: *const Head = client.cast();
    // SAFETY: only clients that begin a head have this callback; the head was written before, and stays as long as the client.
    let (listener, last_status) = unsafe { ((*head).listener, &(*head).last_status) };
    last_status.store(code, Ordering::Relaxed);
    if let Some(listener) = listener {
        let _: Option<()> = user::call(|| listener.status_changed(connection_status(code)));
    }
}

impl Object for NX_AZURE_IOT_HUB_CLIENT {
    unsafe fn delete(this: *mut Self) -> bool {
        // On the cloud helper's own thread the middleware would wait for that very thread for ever.
        // SAFETY: the caller says so; its instance exists as long as the client.
        unsafe {
            if is_on_helper((*this).nx_azure_iot_ptr) {
                return false;
            }
            // C's function would do it, too, and leave the hub's last record behind.
            nx_azure_iot_hub_client_disconnect(this);
            nx_azure_iot_hub_client_deinitialize(this) == 0
        }
    }
}
