//! The agent on a device: hooked into NetX Duo, run by the cloud helper, sending with the IoT Hub clients.
//!
//! It is enabled with every [`AzureIot`](crate::azure::AzureIot) by default, or built explicitly with
//! [`Defender::builder`]. All of it can be changed while it runs.

mod builder;
mod guard;
mod storage;
mod versions;

pub use self::builder::DefenderBuilder;
pub use self::guard::Defender;
pub use self::storage::DefenderStorage;

pub use crate::agent::EntropyUnavailable;

/// Where random bytes come from: fills the slice, or says that there are none (yet). May be called from any thread.
pub type EntropyHook = fn(&mut [u8]) -> Result<(), EntropyUnavailable>;

/// The memory of the agent that comes with an `AzureIot`.
pub(crate) static DEFAULT_STORAGE: DefenderStorage = DefenderStorage::new();
