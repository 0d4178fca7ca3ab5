//! The Azure IoT middleware: its instance, and IoT Hub clients.
//!
//! A hub client connects over TLS to a hub whose name it resolves by DNS: give the instance a
//! [DNS server](AzureIotBuilder::dns_server), and the client a [root certificate](HubClientBuilder::trusted_root) and either a
//! [symmetric key](HubClientBuilder::symmetric_key) or a [certificate](HubClientBuilder::certificate) of its own. On the host
//! port a transport stands in for all that: keys and certificates are checked and stored, and have no effect.
//!
//! Firmware that creates its objects in C adopts them with [`AzureIot::from_raw`] and [`HubClient::from_raw`].

mod credentials;
mod hub_client;
mod iot;
mod status;

pub use self::credentials::{CipherSuites, PrivateKey};
pub use self::hub_client::{HubClient, HubClientBuilder, HubClientStorage};
pub use self::iot::{AzureIot, AzureIotBuilder, AzureIotStorage};
pub use self::status::{ConnectionStatus, StatusListener};
