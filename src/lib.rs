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
    simulation,
    doc = "| [`host`] | only in simulations, on Linux: a clock moved by hand, packets without a network, hubs without a hub |"
)]
//!
//! # Targets
//!
//! The C side is upstream's where its trees are named or in `vendor/`: on Cortex-M, and on 32-bit Linux
//! (`i686-unknown-linux-gnu`). Firmware whose own build compiles the C names its headers instead. Elsewhere it is the host port of
//! the `-sys` crates, on Unix systems. On a target without operating system this crate uses neither `std` nor heap; without
//! upstream's headers it only type-checks there, and a link fails with a name that says so. See `threadx-sys`.
//!
//! # Features
//!
//! - `application-define` (default): this library answers ThreadX' call of `tx_application_define`, which
//!   `kernel::Kernel::enter` needs. Programs that define it in C turn the default features off.
//! - `defmt`: `defmt::Format` for errors, states and statistics, for firmware that has no room for `core::fmt` (18 KB) and logs with
//!   [defmt](https://defmt.ferrous-systems.com).
//! - `original-agent`: the original agent as a [`defender::Implementation`]; it is compiled from NetX Duo trees that have it.
//! - `std`: `kernel::run`, for programs on an operating system.

#![no_std]

pub mod azure;
pub mod defender;
mod error;
mod ffi;
#[cfg(simulation)]
pub mod host;
pub mod kernel;
pub mod net;

pub use defender_agent as agent;

pub use self::error::{Api, Error, Status};

/// Compiles the code in the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
