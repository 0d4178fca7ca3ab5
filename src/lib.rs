//! The Defender-IoT micro agent for Eclipse ThreadX and NetX Duo.
//!
//! The agent watches a device from inside: which hosts it talks to, what it runs, that it is alive. It sends this as
//! security messages over the device's own IoT Hub connection.
//!
//! | module | what it is for |
//! | --- | --- |
//! | [`agent`] | the agent itself: pure logic, without FFI, heap or clock, for any stack |
//! | [`kernel`], [`net`], [`azure`] | the C side, safely: ThreadX, NetX Duo, the Azure IoT middleware |
//! | [`defender`] | the agent on a device: enabled, changed while it runs, disabled |
#![cfg_attr(
    host_port,
    doc = "| [`host`] | only on the host port: a clock moved by hand, packets without a network, hubs without a hub |"
)]
//!
//! # Targets
//!
//! On Linux and other Unix systems the C side is the host port of the `-sys` crates. On a target without operating system this
//! crate builds without `std`, heap and C, but what it makes must not be linked with a real ThreadX: the layouts of its control
//! blocks are still those of the host port. See `threadx-sys`.
//!
//! # Features
//!
//! - `application-define` (default): this library answers ThreadX' call of `tx_application_define`, which
//!   `kernel::Kernel::enter` needs. Programs that define it in C turn the default features off.
//! - `std`: `kernel::run`, for programs on an operating system.

#![no_std]

pub mod agent;
pub mod azure;
pub mod defender;
mod error;
mod ffi;
#[cfg(host_port)]
pub mod host;
pub mod kernel;
pub mod net;

pub use self::error::{Api, Error, Status};

/// Compiles the code in the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
