//! IoT Hub clients.

use core::fmt;
use core::time::Duration;

use netxduo_sys::NX_AZURE_IOT_HUB_CLIENT;

use super::AzureIot;
use crate::error::Error;
use crate::ffi::azure::{Client, ClientRoom, Identity};
use crate::ffi::kernel::require_thread;
use crate::kernel::to_ticks;

/// The longest device id or module id of IoT Hub, in bytes.
const MAX_ID: usize = 128;
/// The longest host name, in bytes.
const MAX_HOST_NAME: usize = 253;

/// Memory for a hub client with `METADATA` bytes for TLS (none on the host port); declare it as a `static`.
pub struct HubClientStorage<const METADATA: usize> {
    room: ClientRoom<METADATA>,
    #[cfg(host_port)]
    transport: crate::ffi::host::TransportRoom,
}

impl<const METADATA: usize> HubClientStorage<METADATA> {
    /// Memory that is not in use.
    pub const fn new() -> Self {
        Self {
            room: ClientRoom::new(),
            #[cfg(host_port)]
            transport: crate::ffi::host::TransportRoom::new(),
        }
    }
}

impl<const METADATA: usize> Default for HubClientStorage<METADATA> {
    fn default() -> Self {
        Self::new()
    }
}

/// A client of an IoT Hub. Dropping it on a thread disconnects and removes it; elsewhere it stays.
pub struct HubClient {
    client: Client,
}

impl HubClient {
    /// A client for a device of a hub: a host name of 1 to 253 bytes, a device id of 1 to 128.
    pub fn builder(host_name: &'static str, device_id: &'static str) -> HubClientBuilder {
        HubClientBuilder {
            identity: Identity {
                host_name,
                device_id,
                module_id: "",
            },
            #[cfg(host_port)]
            transport: None,
        }
    }

    /// Adopts a client that C initialized. Dropping the result changes nothing.
    ///
    /// # Safety
    /// `client` points to a client that `nx_azure_iot_hub_client_initialize` made. It stays initialized and in its place
    /// for as long as the result lives.
    pub unsafe fn from_raw(client: *mut NX_AZURE_IOT_HUB_CLIENT) -> Self {
        Self {
            // SAFETY: the caller says so.
            client: unsafe { Client::from_raw(client) },
        }
    }

    /// Connects, and waits up to `wait` for that. Threads only.
    ///
    /// # Errors
    /// [`Error::NotAThread`], or [`Error::C`] when there is no connection.
    pub fn connect(&self, clean_session: bool, wait: Duration) -> Result<(), Error> {
        require_thread()?;
        self.client.connect(clean_session, to_ticks(wait))
    }

    /// Disconnects. Threads only.
    ///
    /// # Errors
    /// [`Error::NotAThread`], or [`Error::C`].
    pub fn disconnect(&self) -> Result<(), Error> {
        require_thread()?;
        self.client.disconnect()
    }

    /// Whether it is connected. From everywhere.
    pub fn is_connected(&self) -> bool {
        self.client.is_connected()
    }

    #[cfg(host_port)]
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }
}

/// What a [`HubClient`] is to be.
pub struct HubClientBuilder {
    identity: Identity,
    #[cfg(host_port)]
    transport: Option<&'static dyn crate::host::HubTransport>,
}

impl HubClientBuilder {
    /// Makes it the client of a module of the device, with an id of up to 128 bytes.
    #[must_use]
    pub fn module_id(mut self, module_id: &'static str) -> Self {
        self.identity.module_id = module_id;
        self
    }

    /// What carries the connection, on the host port: there is no network. Without it connecting fails.
    #[cfg(host_port)]
    #[must_use]
    pub fn transport(mut self, transport: &'static dyn crate::host::HubTransport) -> Self {
        self.transport = Some(transport);
        self
    }

    /// Initializes the client, not connected yet. Threads only.
    ///
    /// # Errors
    /// [`Error::NotAThread`], [`Error::StorageInUse`], [`Error::TextLength`], or [`Error::C`] when the middleware refuses
    /// a parameter.
    pub fn create<const METADATA: usize>(
        self,
        storage: &'static HubClientStorage<METADATA>,
        azure: &AzureIot,
    ) -> Result<HubClient, Error> {
        require_thread()?;
        let Identity {
            host_name,
            device_id,
            module_id,
        } = self.identity;
        let limits = [
            ("the host name", host_name, 1, MAX_HOST_NAME),
            ("the device id", device_id, 1, MAX_ID),
            ("the module id", module_id, 0, MAX_ID),
        ];
        for (what, text, min, max) in limits {
            let length = text.len();
            if length < min || length > max {
                return Err(Error::TextLength {
                    what,
                    length,
                    min,
                    max,
                });
            }
        }
        let client = storage.room.initialize(azure.azure(), self.identity)?;
        #[cfg(host_port)]
        if let Some(transport) = self.transport {
            storage.transport.attach(&client, transport)?;
        }
        Ok(HubClient { client })
    }
}

impl fmt::Debug for HubClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HubClient")
            .field("connected", &self.is_connected())
            .finish()
    }
}
