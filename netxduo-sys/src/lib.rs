//! Bindings to [Eclipse NetX Duo](https://github.com/eclipse-threadx/netxduo), its cloud helper and its Azure IoT
//! middleware, and a port of their interface to the host.
//!
//! # Where the stack comes from
//!
//! It follows [`threadx_sys`]:
//!
//! | source | when | what is compiled |
//! | --- | --- | --- |
//! | `host` | ThreadX is the host port | this crate's own implementation (`host-port/`) |
//! | `upstream` | ThreadX is upstream's | NetX Duo with NetX Secure, its cryptography, DNS, DHCP, SNTP, MQTT, the cloud helper and the Azure IoT middleware, the Azure SDK, and bindings to all that |
//! | `prebuilt` | `NETXDUO_PREBUILT_INCLUDE` | bindings to a NetX Duo that the firmware's own build compiles |
//! | `declarations` | bare metal, nothing given | nothing: code type-checks, but is [not to be linked](#declarations) |
//!
//! Code that uses this crate does not notice the difference; the names, types and statuses are those of NetX Duo 6.1.12 to 6.5.
//!
//! The host port exists for development and tests. It is no network stack: it has IP instances, packets, the places where
//! packets can be looked at, the cloud helper, and IoT Hub clients as far as telemetry goes, with the semantics of NetX Duo
//! 6.4.2. In place of a network it has the module `host`, with which packets are put in and messages come out. Upstream's stack
//! on Linux has that module, too, by the simulation kit (`simulation/`), besides real networks.
//!
//! # Environment variables of a build
//!
//! | variable | what it says |
//! | --- | --- |
//! | `NETXDUO_DIR` | the folder of a checkout of NetX Duo; unset: `vendor/netxduo` next to this crate's folder, if there is one |
//! | `AZURE_SDK_FOR_C_DIR` | the folder of a checkout of the Azure SDK for C; unset: `vendor/azure-sdk-for-c`, else NetX Duo's submodule `addons/azure_iot/azure-sdk-for-c` |
//! | `NETXDUO_USER_DIR` | the folder of the application's `nx_user.h`; unset: this crate's `config/` |
//! | `NETXDUO_PREBUILT_INCLUDE` | folders with `nx_api.h`, `nx_port.h`, `nx_azure_iot.h`, `nx_azure_iot_ciphersuites.h` (upstream has it in `addons/azure_iot/samples/cert`) and all that these include, in the form of `PATH` |
//! | `NETXDUO_PREBUILT_DEFINES` | what the stack is compiled with: `NAME` or `NAME=VALUE`, separated by `;` |
//! | `NETXDUO_PREBUILT_LINK` | what to link, as for `THREADX_PREBUILT_LINK` |
//!
//! What cannot work stops the build with a sentence, as in [`threadx_sys`], which also says which targets there are, and how
//! relative paths are read. ThreadX and NetX Duo may have different versions and sources, as long as both are there.
//!
//! # What `nx_user.h` must say
//!
//! | macro | why |
//! | --- | --- |
//! | `NX_SECURE_ENABLE` | the Azure IoT middleware connects with TLS only |
//! | `NXD_MQTT_CLOUD_ENABLE` | MQTT runs on the cloud helper, on which the agent lives |
//! | `NX_ENABLE_EXTENDED_NOTIFY_SUPPORT` | the Azure IoT middleware needs it |
//! | `NX_ENABLE_IP_PACKET_FILTER` | it is how the agent sees outgoing packets |
//! | not `NX_DISABLE_IPV4`, not `NX_DISABLE_IPV6` | the agent watches both |
//!
//! The default in `config/nx_user.h` says so, and has clients of DNS and DHCP that send from a pool of the application's
//! (`NX_DNS_CLIENT_USER_CREATE_PACKET_POOL`, `NX_DHCP_CLIENT_USER_CREATE_PACKET_POOL`), SNTP that believes servers of any stratum, deferred processing in drivers (`NX_DRIVER_DEFERRED_PROCESSING`), and random numbers
//! (`NX_RAND`) from `int netxduo_sys_random(void)`, which is there on Linux and the firmware's to define elsewhere. A header that
//! lacks one of the first stops the build with its name. Both `NX_DISABLE_ERROR_CHECKING` and its absence are fine.
//!
//! # Declarations
//!
//! On bare metal without tree and prebuilt stack the declarations only type-check code. **Do not link them with a real NetX
//! Duo**: the layouts of the control blocks (`NX_IP`, `NX_PACKET`, `NX_AZURE_IOT` and all others) are those of the host port's
//! headers and configuration, whatever the `nx_user.h` of the firmware says; a field would be read and written at another one's
//! place. So that a mistake ends in the linker rather than in overwritten memory, [`nx_packet_pool_create`], [`nx_ip_create`]
//! and the functions that create sockets refer to `netxduo_sys_only_type_checks_on_this_target_do_not_link`, which nobody
//! defines, as the functions of [`threadx_sys`] that create something do to a symbol of its own. Libraries build all the same.
//!
//! # Names
//!
//! In NetX Duo most names that applications use are macros, which bindings cannot see. The functions at the root of
//! this crate carry those names; they are the checked forms, or the plain ones with `NX_DISABLE_ERROR_CHECKING`, as in a C
//! program.
//!
//! # The original agent
//!
//! With the feature `original-agent` the micro agent that ships with NetX Duo 6.1.2 to 6.3.0 is compiled, too, from
//! `addons/azure_iot/azure_iot_security_module` of the tree in `NETXDUO_DIR`; without that folder the build stops. It is under
//! licence terms of its own, which are the user's to keep. `original-agent/` has a configuration header of this crate in place of
//! its `asc_config.h`, and a fence around it, which keeps it off the IP instances and the cloud helper of the program: module
//! `original`.
//!
//! # For build scripts
//!
//! Direct dependents with a `links` key get, as `DEP_NETXDUO_…`:
//!
//! | key | value |
//! | --- | --- |
//! | `SOURCE` | `host`, `upstream`, `prebuilt` or `declarations` |
//! | `INCLUDE` | the folders with its headers, in the form of `PATH`; those of ThreadX belong to them |
//! | `DEFINES` | what its headers are compiled with: `NAME=VALUE` separated by `;`, besides those of ThreadX |
//! | `VERSION` | the version whose interface the headers declare, such as `6.4.2` |
//! | `MANUAL_CLOCK` | as in `threadx-sys` |
//! | `PACKET_INJECTION` | `1` where the `host` module can inject packets, else `0` |
//! | `HUB_TRANSPORT` | `1` where the `host` module can replace the hub, else `0` |
//! | `IPV6`, `PACKET_FILTER` | `1`: the control blocks have the fields for it |
//! | `DHCP`, `SNTP` | `1` where the tree, or the headers, have the client, else `0` |
//! | `ORIGINAL_AGENT` | the archive with the original agent, with the feature for it |

#![no_std]
#![allow(non_camel_case_types, non_snake_case, non_upper_case_globals)]

mod api;
#[allow(missing_docs)]
#[cfg(not(generated_bindings))]
#[path = "bindings_host.rs"]
#[rustfmt::skip] // As the generator writes it.
mod bindings;
// With upstream's comments, which are not written for rustdoc.
#[allow(
    missing_docs,
    clippy::all,
    clippy::undocumented_unsafe_blocks,
    rustdoc::all
)]
#[cfg(generated_bindings)]
mod bindings {
    include!(concat!(env!("OUT_DIR"), "/bindings.rs"));
}
#[cfg(not(any(host_port, generated_bindings)))]
mod declarations;
#[cfg(simulation)]
pub mod host;
#[cfg(feature = "original-agent")]
pub mod original;
#[cfg(generated_bindings)]
mod teardown;

pub use api::*;
pub use bindings::*;
// In place of C's.
#[cfg(generated_bindings)]
pub use teardown::nx_azure_iot_hub_client_disconnect;
pub use threadx_sys;
