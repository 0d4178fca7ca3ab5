//! The Azure IoT middleware: its instance, and IoT Hub clients.

mod hub_client;
mod iot;

pub use self::hub_client::{HubClient, HubClientBuilder, HubClientStorage};
pub use self::iot::{AzureIot, AzureIotBuilder, AzureIotStorage};
