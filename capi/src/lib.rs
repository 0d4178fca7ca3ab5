//! The calls of `threadx-defender` for C: a header, `include/threadx_defender.h`, and a static library.
//!
//! The header is made of this crate, and says what C needs to know; `README.md` says how a project builds and links it. Rust code has
//! nothing to do here, but for programs that C is linked with and that are written in Rust, too: two static libraries of Rust clash, so
//! such a program depends on this crate as on any other, and its own static library has these calls, too.
//!
//! # Sizes
//!
//! How many flows are kept apart, and how long a message may be, are sizes of static memory. They are said when this crate is compiled,
//! in the environment: `THREADX_DEFENDER_IPV4_FLOWS` and `THREADX_DEFENDER_IPV6_FLOWS` (64 by default, 1 to 65,534), and
//! `THREADX_DEFENDER_MESSAGE_BYTES` (4,000 by default, 1,000 at least).
//!
//! # Features
//!
//! - `std` (default): for programs on an operating system. A panic becomes the status `NX_AZURE_IOT_FAILURE`.
//! - `panic-handler`: without `std`, a panic handler that calls `void threadx_defender_panic(void)` of the firmware.

#![no_std]
#![warn(missing_docs)]

#[cfg(feature = "std")]
extern crate std;

mod agent;
mod cell;
mod hooks;
#[cfg(not(original_agent))]
mod original;
#[cfg(all(feature = "panic-handler", not(feature = "std")))]
mod panic;
mod query;
mod settings;
mod status;
mod storage;
mod structure;

pub use self::hooks::{threadx_defender_entropy_set, threadx_defender_unix_time_set};
#[cfg(not(original_agent))]
pub use self::original::{
    nx_azure_iot_security_module_disable, nx_azure_iot_security_module_enable,
};
pub use self::query::*;
pub use self::settings::*;
