//! IoT Hub clients.

use core::fmt;
use core::time::Duration;

use netxduo_sys::NX_AZURE_IOT_HUB_CLIENT;

use super::credentials::check_symmetric_key;
use super::{AzureIot, CipherSuites, ConnectionStatus, PrivateKey, StatusListener};
use crate::error::Error;
use crate::ffi::client::{Client, ClientRoom, Identity, MAX_ROOTS};
use crate::ffi::kernel::require_thread;
use crate::kernel::to_ticks;

/// The longest device id or module id of IoT Hub, in bytes.
const MAX_ID: usize = 128;

/// Memory for a hub client with `METADATA` bytes for TLS; declare it as a `static`.
///
/// A client that does not use TLS, because a transport stands in for it, needs none. Otherwise
/// [`CipherSuites::metadata_bytes`] are the least; 64 KB are plenty.
pub struct HubClientStorage<const METADATA: usize> {
    room: ClientRoom<METADATA>,
    #[cfg(simulation)]
    transport: crate::ffi::host::TransportRoom,
}

impl<const METADATA: usize> HubClientStorage<METADATA> {
    /// Memory that is not in use.
    pub const fn new() -> Self {
        Self {
            room: ClientRoom::new(),
            #[cfg(simulation)]
            transport: crate::ffi::host::TransportRoom::new(),
        }
    }
}

impl<const METADATA: usize> Default for HubClientStorage<METADATA> {
    fn default() -> Self {
        Self::new()
    }
}

/// A client of an IoT Hub. Dropping it on a thread disconnects and removes it; elsewhere it stays, and also on the thread of the
/// cloud helper, which is that of the agent, of the Unix time hook and of [`StatusListener`] when a connection breaks.
pub struct HubClient {
    client: Client,
    /// It can tell whom it talks to, or need not.
    can_connect: bool,
}

impl HubClient {
    /// A client for a device of a hub: a host name of 1 to 253 bytes, a device id of 1 to 128.
    pub fn builder(host_name: &'static str, device_id: &'static str) -> HubClientBuilder {
        HubClientBuilder {
            identity: Identity {
                host_name,
                device_id,
                module_id: "",
                symmetric_key: None,
                certificate: None,
                roots: [None; MAX_ROOTS],
                tables: CipherSuites::azure_iot().0,
                listener: None,
            },
            root_count: 0,
            #[cfg(simulation)]
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
            can_connect: true,
        }
    }

    /// The client for C, for as long as this lives. C must not remove it.
    pub fn as_ptr(&self) -> *mut NX_AZURE_IOT_HUB_CLIENT {
        self.client.pointer()
    }

    /// Resolves the host name, connects, and waits up to `wait` for that. Without waiting it only begins to connect, and fails with
    /// `NX_AZURE_IOT_CONNECTING` (0x2000B); the listener is told the outcome. Threads only.
    ///
    /// # Errors
    /// [`Error::NotAThread`], [`Error::NoTrustedRoot`], or [`Error::C`] when there is no connection.
    pub fn connect(&self, clean_session: bool, wait: Duration) -> Result<(), Error> {
        require_thread()?;
        if !self.can_connect {
            return Err(Error::NoTrustedRoot);
        }
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

    /// What its connection is like. From everywhere.
    pub fn status(&self) -> ConnectionStatus {
        self.client.status()
    }

    /// Sends a message of the application, with properties: names and values of 1 to 65,535 bytes, percent-encoded where they have
    /// other characters than letters, digits and `-._~`. Waits up to `wait` for each packet that it takes, and until the
    /// connection takes it; the hub's confirmation is not waited for. Threads only.
    ///
    /// # Errors
    /// [`Error::NotAThread`], [`Error::TextLength`], or [`Error::C`]: `NX_AZURE_IOT_DISCONNECTED` (0x2000C) without a connection,
    /// `NX_NO_PACKET` (0x01) when the pool is empty.
    pub fn telemetry(
        &self,
        properties: &[(&str, &str)],
        payload: &[u8],
        wait: Duration,
    ) -> Result<(), Error> {
        require_thread()?;
        let properties = properties
            .iter()
            .map(|(name, value)| (name.as_bytes(), value.as_bytes()));
        self.client.send(properties, payload, to_ticks(wait))
    }

    #[cfg(simulation)]
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }
}

/// What a [`HubClient`] is to be.
pub struct HubClientBuilder {
    identity: Identity,
    root_count: usize,
    #[cfg(simulation)]
    transport: Option<&'static dyn crate::host::HubTransport>,
}

impl HubClientBuilder {
    /// Makes it the client of a module of the device, with an id of up to 128 bytes.
    #[must_use]
    pub fn module_id(mut self, module_id: &'static str) -> Self {
        self.identity.module_id = module_id;
        self
    }

    /// Logs in with the device's symmetric key, in Base64. C uses it where it is.
    #[must_use]
    pub fn symmetric_key(mut self, base64: &'static str) -> Self {
        self.identity.symmetric_key = Some(base64);
        self
    }

    /// Logs in with an X.509 certificate in DER, of up to 65,535 bytes, and the private key that belongs to it. C uses both where
    /// they are.
    #[must_use]
    pub fn certificate(mut self, der: &'static [u8], key: PrivateKey) -> Self {
        self.identity.certificate = Some((der, key));
        self
    }

    /// Trusts hubs whose certificates go back to this one, in DER and of up to 65,535 bytes; up to three. C uses it where it is.
    #[must_use]
    pub fn trusted_root(mut self, der: &'static [u8]) -> Self {
        if let Some(place) = self.identity.roots.get_mut(self.root_count) {
            *place = Some(der);
        }
        self.root_count += 1;
        self
    }

    /// The cryptography that TLS may use, [`CipherSuites::azure_iot`] by default.
    #[must_use]
    pub fn cipher_suites(mut self, suites: CipherSuites) -> Self {
        self.identity.tables = suites.0;
        self
    }

    /// Who is told what becomes of the connection.
    #[must_use]
    pub fn on_status(mut self, listener: &'static dyn StatusListener) -> Self {
        self.identity.listener = Some(listener);
        self
    }

    /// What carries the connection in a simulation, in place of TLS and MQTT. Without it the client connects over the network, of which the
    /// host port has none: connecting fails there.
    #[cfg(simulation)]
    #[must_use]
    pub fn transport(mut self, transport: &'static dyn crate::host::HubTransport) -> Self {
        self.transport = Some(transport);
        self
    }

    /// Initializes the client, not connected yet. Threads only.
    ///
    /// # Errors
    /// [`Error::NotAThread`], [`Error::StorageInUse`], [`Error::TextLength`], [`Error::TooMany`] root certificates,
    /// [`Error::SymmetricKey`], [`Error::MetadataTooSmall`], or [`Error::C`] when a certificate or a key is none
    /// (`NX_SECURE_X509_INVALID_CERTIFICATE` 0x1A2, `NX_SECURE_PKCS1_INVALID_PRIVATE_KEY` 0x18A and others), or when the
    /// middleware refuses a parameter.
    pub fn create<const METADATA: usize>(
        self,
        storage: &'static HubClientStorage<METADATA>,
        azure: &AzureIot,
    ) -> Result<HubClient, Error> {
        require_thread()?;
        let Identity {
            device_id,
            module_id,
            symmetric_key,
            ..
        } = self.identity;
        let limits = [
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
        if self.root_count > MAX_ROOTS {
            return Err(Error::TooMany {
                what: "root certificates",
                count: self.root_count,
                max: MAX_ROOTS,
            });
        }
        symmetric_key.map_or(Ok(()), check_symmetric_key)?;
        let can_connect = self.has_transport() || self.root_count > 0;
        let client = storage.room.initialize(azure.azure(), self.identity)?;
        #[cfg(simulation)]
        if let Some(transport) = self.transport {
            storage.transport.attach(&client, transport)?;
        }
        Ok(HubClient {
            client,
            can_connect,
        })
    }

    /// Whether it needs no TLS. On the host port, which has none, a client without a transport learns that from C.
    fn has_transport(&self) -> bool {
        #[cfg(simulation)]
        return self.transport.is_some() || cfg!(host_port);
        #[cfg(not(simulation))]
        false
    }
}

impl fmt::Debug for HubClientBuilder {
    /// Without keys.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HubClientBuilder")
            .field("host_name", &self.identity.host_name)
            .field("device_id", &self.identity.device_id)
            .field("module_id", &self.identity.module_id)
            .field("trusted_roots", &self.root_count)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for HubClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HubClient")
            .field("status", &self.status())
            .finish()
    }
}
