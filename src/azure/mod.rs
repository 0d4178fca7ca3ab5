//! The Azure IoT middleware: its instance, and IoT Hub clients.
//!
//! What is created here has neither TLS nor credentials yet, which is enough for the host port. Firmware creates its objects in
//! C, as it does today, and adopts them with [`AzureIot::from_raw`] and [`HubClient::from_raw`].

mod hub_client;
mod iot;

pub use self::hub_client::{HubClient, HubClientBuilder, HubClientStorage};
pub use self::iot::{AzureIot, AzureIotBuilder, AzureIotStorage};
