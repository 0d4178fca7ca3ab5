//! Bindings to [Eclipse NetX Duo](https://github.com/eclipse-threadx/netxduo), its cloud helper and its Azure IoT
//! middleware, and a port of their interface to the host.
//!
//! # Where the stack comes from
//!
//! The source is that of [`threadx_sys`]: on Unix this crate's own implementation (`host-port/`), on bare metal the
//! declarations only, and the firmware's build links NetX Duo.
//!
//! The host port exists for development and tests. It is no network stack: it has IP instances, packets, the places where
//! packets can be looked at, the cloud helper, and IoT Hub clients as far as telemetry goes, with the names, types,
//! statuses and semantics of NetX Duo 6.4.2. In place of a network it has the `host` module, with which packets are
//! put in and messages come out.
//!
//! # Names
//!
//! In NetX Duo most names that applications use are macros, which bindings cannot see. The functions at the root of
//! this crate carry those names; they are the checked forms, as in a C program without `NX_DISABLE_ERROR_CHECKING`.
//!
//! # For build scripts
//!
//! Direct dependents with a `links` key get, as `DEP_NETXDUO_…`:
//!
//! | key | value |
//! | --- | --- |
//! | `SOURCE` | `host` or `declarations` |
//! | `INCLUDE` | the folder with `nx_api.h` |
//! | `VERSION` | `6.4.2`, the version whose interface the headers declare |
//! | `MANUAL_CLOCK` | as in `threadx-sys` |
//! | `PACKET_INJECTION` | `1` where the `host` module can inject packets, else `0` |
//! | `HUB_TRANSPORT` | `1` where the `host` module can replace the hub, else `0` |
//! | `IPV6`, `PACKET_FILTER` | `1`: the control blocks have the fields for it |

#![no_std]
#![allow(non_camel_case_types, non_snake_case, non_upper_case_globals)]

mod api;
#[allow(missing_docs)]
#[rustfmt::skip] // As the generator writes it.
mod bindings_host;
#[cfg(host_port)]
pub mod host;

pub use api::*;
pub use bindings_host::*;
pub use threadx_sys;
