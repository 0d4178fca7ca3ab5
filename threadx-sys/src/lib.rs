//! Bindings to [Eclipse ThreadX](https://github.com/eclipse-threadx/threadx), and a port of its interface to the host.
//!
//! # Where the kernel comes from
//!
//! | target | source | what is compiled |
//! | --- | --- | --- |
//! | Unix | `host` | this crate's own implementation on POSIX threads (`host-port/`) |
//! | bare metal | `declarations` | nothing: code type-checks, but is [not to be linked](#bare-metal) |
//!
//! The host port exists for development and tests: the names, types, statuses and semantics are those of ThreadX
//! 6.4.2, but threads run in parallel as the system likes, not by priority. It is no real-time system. On it the
//! `host` module gives tests control over time. There is one kernel in a process, and
//! [`tx_kernel_enter`] does not return.
//!
//! # Bare metal
//!
//! There the declarations only type-check code. **Do not link them with a real ThreadX**: the layouts of the control
//! blocks are those of the host port's headers and configuration, whatever the port and the `tx_user.h` of the firmware
//! say, and some functions, such as [`_tx_thread_system_state_get`], exist in the host port alone. Bindings that may be
//! linked are those that are made from the upstream headers, with the configuration that the kernel is compiled with;
//! this crate does not make them yet.
//!
//! So that a mistake ends in the linker rather than in overwritten memory, the functions that create control blocks
//! refer on bare metal to `threadx_sys_only_type_checks_on_this_target_do_not_link`, which nobody defines. Libraries build all
//! the same.
//!
//! # Names
//!
//! In ThreadX the names that applications use are macros, which bindings cannot see. The functions at the root of this
//! crate carry those names; they are the checked forms, as in a C program without `TX_DISABLE_ERROR_CHECKING`.
//!
//! # For build scripts
//!
//! Direct dependents with a `links` key get, as `DEP_THREADX_…`:
//!
//! | key | value |
//! | --- | --- |
//! | `SOURCE` | `host` or `declarations` |
//! | `INCLUDE` | the folder with `tx_api.h` |
//! | `VERSION` | `6.4.2`, the version whose interface the headers declare |
//! | `MANUAL_CLOCK` | `1` where the `host` module exists, else `0` |

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
