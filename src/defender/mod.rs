//! The agent on a device: hooked into NetX Duo, run by the cloud helper, sending with the IoT Hub clients.
//!
//! It is enabled with every [`AzureIot`](crate::azure::AzureIot) by default, or built explicitly with
//! [`Defender::builder`]. All of it can be changed while it runs.
//!
//! ```no_run
//! use std::time::Duration;
//! use threadx_defender::agent::{Collector, Priority};
//! use threadx_defender::azure::AzureIot;
//! use threadx_defender::defender::{Defender, DefenderStorage};
//!
//! // More flows than by default, in messages of up to 16,000 bytes.
//! static DEFENDER: DefenderStorage<256, 64, 16_000> = DefenderStorage::new();
//!
//! fn watch(azure: &AzureIot) -> Result<(), threadx_defender::Error> {
//!     let defender = Defender::builder()
//!         .interval(Priority::High, Duration::from_secs(30))?
//!         .collector(Collector::SystemInformation, false)
//!         .enable(&DEFENDER, azure)?;
//!     // … later:
//!     defender.set_interval(Priority::High, Duration::from_secs(10))?;
//!     assert_eq!(defender.statistics()?.packets.packets_malformed, 0);
//!     drop(defender); // every hook is as it was
//!     Ok(())
//! }
//! ```
//!
//! # What is counted
//!
//! A packet is *sent* when NetX Duo hands it to its packet filter, on its way to the driver: whether a link takes it is not known
//! then. What TCP sends again is sent again, also while the link is down, and counts each time; a packet that waits for an address
//! to be found counts once, also if it is dropped there in the end. [`Ip::link_statistics`](crate::net::Ip::link_statistics)
//! counts what a driver has taken. A packet is *received* when the transport protocol gets it, or, with
//! [`set_unicast_only(false)`](Defender::set_unicast_only), when the filter does: after the driver, and before anybody else refuses it.
//!
//! What does not become an IP packet in NetX Duo is not seen: TCP and UDP over an interface with TCP/IP offload
//! (`NX_ENABLE_TCPIP_OFFLOAD`) go to the interface's own handler.

mod builder;
mod guard;
mod implementation;
mod lifecycle;
#[cfg(feature = "original-agent")]
mod original;
mod session;
mod statistics;
mod storage;
mod versions;

pub use self::builder::DefenderBuilder;
pub use self::guard::Defender;
pub use self::implementation::Implementation;
pub use self::statistics::Statistics;
pub use self::storage::DefenderStorage;

pub use crate::agent::EntropyUnavailable;
pub use crate::ffi::entropy::default_entropy;
pub use crate::ffi::hooks::MAX_IP_INSTANCES;

/// Where random bytes come from: fills the slice, or says that there are none (yet). May be called from any thread. One that panics
/// has none: with the feature `std` the panic ends there, and without it is for the program's panic handler.
pub type EntropyHook = fn(&mut [u8]) -> Result<(), EntropyUnavailable>;

/// The memory of the agent that comes with an `AzureIot`.
pub(crate) static DEFAULT_STORAGE: DefenderStorage = DefenderStorage::new();
