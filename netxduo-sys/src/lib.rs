//! Bindings to [Eclipse NetX Duo](https://github.com/eclipse-threadx/netxduo), its cloud helper and its Azure IoT
//! middleware, and a port of their interface to the host.
//!
//! # Where the stack comes from
//!
//! The source is that of [`threadx_sys`]: on Unix this crate's own implementation (`host-port/`), on bare metal
//! declarations only, which are [not to be linked](#bare-metal).
//!
//! The host port exists for development and tests. It is no network stack: it has IP instances, packets, the places where
//! packets can be looked at, the cloud helper, and IoT Hub clients as far as telemetry goes, with the names, types,
//! statuses and semantics of NetX Duo 6.4.2. In place of a network it has the `host` module, with which packets are
//! put in and messages come out.
//!
//! # Bare metal
//!
//! There the declarations only type-check code. **Do not link them with a real NetX Duo**: the layouts of the control
//! blocks (`NX_IP`, `NX_PACKET`, `NX_AZURE_IOT` and all others) are those of the host port's headers and configuration,
//! whatever the `nx_user.h` of the firmware says; a field would be read and written at another one's place. Bindings that
//! may be linked are those that are made from the upstream headers, with the configuration that the stack is compiled
//! with; this crate does not make them yet.
//!
//! So that a mistake ends in the linker rather than in overwritten memory, [`nx_packet_pool_create`] and [`nx_ip_create`]
//! refer on bare metal to `netxduo_sys_only_type_checks_on_this_target_do_not_link`, which nobody defines, as the functions
//! of [`threadx_sys`] that create something do to a symbol of its own. Libraries build all the same.
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
#[cfg(not(host_port))]
mod declarations;
#[cfg(host_port)]
pub mod host;

pub use api::*;
pub use bindings_host::*;
pub use threadx_sys;
