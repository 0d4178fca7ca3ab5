//! Bindings to [Eclipse ThreadX](https://github.com/eclipse-threadx/threadx), and a port of its interface to the host.
//!
//! # Where the kernel comes from
//!
//! | source | when | what is compiled |
//! | --- | --- | --- |
//! | `host` | Unix, no tree | this crate's own implementation on POSIX threads (`host-port/`) |
//! | `upstream` | a tree is there, and the target has [a port](#ports) | ThreadX with that port, and bindings to it |
//! | `prebuilt` | `THREADX_PREBUILT_INCLUDE` | bindings to a ThreadX that the firmware's own build compiles, and a few lines of C |
//! | `declarations` | bare metal, nothing given | nothing: code type-checks, but is [not to be linked](#declarations) |
//!
//! Code that uses this crate does not notice the difference; the names, types and statuses are those of ThreadX 6.1.12 to 6.5.
//!
//! The host port exists for development and tests: its semantics are those of ThreadX 6.4.2, but threads run in parallel as the
//! system likes, not by priority. It is no real-time system. There is one kernel in a process, and [`tx_kernel_enter`] does not
//! return.
//!
//! On the host port, and on upstream's port for Linux, there is the module `host`, with which tests control time; for upstream's
//! port that is the simulation kit (`simulation/`), which gets between the port's files without changing them.
//!
//! # Environment variables of a build
//!
//! | variable | what it says |
//! | --- | --- |
//! | `THREADX_DIR` | the folder of a checkout of ThreadX; unset: `vendor/threadx` next to this crate's folder, if there is one |
//! | `THREADX_USER_DIR` | the folder of the application's `tx_user.h`; unset: this crate's `config/` |
//! | `THREADX_PORT` | the port, where a target has several: `cortex_m7`, `cortex_m55`, `cortex_m85` |
//! | `THREADX_PREBUILT_INCLUDE` | folders with `tx_api.h`, `tx_port.h` and, if it is used, `tx_user.h`, in the form of `PATH` |
//! | `THREADX_PREBUILT_DEFINES` | what the kernel is compiled with: `NAME` or `NAME=VALUE`, separated by `;` |
//! | `THREADX_PREBUILT_LINK` | what to link, separated by `;`: `search=FOLDER`, `static=NAME`, `dylib=NAME`; unset: the firmware's build links by itself |
//! | `LIBCLANG_PATH`, `BINDGEN_EXTRA_CLANG_ARGS` | as [bindgen](https://rust-lang.github.io/rust-bindgen/) has them, for `upstream` and `prebuilt` |
//! | `CC_<target>`, `CFLAGS_<target>` and so on | as the [cc](https://docs.rs/cc) crate has them |
//!
//! Relative paths begin at the folder above this crate's, in a checkout the workspace's. What cannot work stops the build with a
//! sentence: a path without a tree, an unsupported version, a target without a port, a `tx_user.h` that the crates cannot work
//! with (`TX_TIMER_PROCESS_IN_ISR` and `TX_NO_TIMER` must not be defined), a missing compiler or libclang, a compiler that lays
//! out structures differently from libclang.
//!
//! Both `TX_DISABLE_ERROR_CHECKING` and its absence are fine: the names at the root of this crate are then those of the plain
//! services.
//!
//! # Ports
//!
//! | target | port |
//! | --- | --- |
//! | `i686-unknown-linux-gnu` | `linux` |
//! | `thumbv6m-none-eabi` | `cortex_m0` |
//! | `thumbv7m-none-eabi` | `cortex_m3` |
//! | `thumbv7em-none-eabi`, `thumbv7em-none-eabihf` | `cortex_m4`, or `cortex_m7` by `THREADX_PORT` |
//! | `thumbv8m.base-none-eabi` | `cortex_m23` |
//! | `thumbv8m.main-none-eabi`, `thumbv8m.main-none-eabihf` | `cortex_m33`, or `cortex_m55`, `cortex_m85` by `THREADX_PORT` |
//!
//! There is none for 64-bit RISC-V: `ULONG` of its port of ThreadX has 64 bits, and NetX Duo lays words of 32 bits over packets with it.
//! The agent alone, `defender-agent`, runs there.
//!
//! On 64-bit Linux, and on other Unix systems, the host port serves even if a tree is there: the Azure IoT middleware keeps
//! pointers in 32-bit words. A warning of the build then names the command that uses the tree.
//!
//! On a microcontroller the application provides what belongs to the board: `_tx_initialize_low_level`, which sets up the vector
//! table, the stack and the tick, and whose tick handler calls `_tx_timer_interrupt`. Upstream has samples of it in
//! `ports/<cpu>/gnu/example_build`, or among the port's sources; this crate compiles neither.
//!
//! Upstream files are compiled optimised in debug builds, too, and only those again that a change concerns.
//!
//! # Declarations
//!
//! On bare metal without tree and prebuilt kernel the declarations only type-check code. **Do not link them with a real ThreadX**:
//! the layouts of the control blocks are those of the host port's headers and configuration, whatever the port and the
//! `tx_user.h` of the firmware say. So that a mistake ends in the linker rather than in overwritten memory, the functions that
//! create control blocks refer to `threadx_sys_only_type_checks_on_this_target_do_not_link`, which nobody defines. Libraries
//! build all the same.
//!
//! # Names
//!
//! In ThreadX the names that applications use are macros, which bindings cannot see. The functions at the root of this
//! crate carry those names; they are the checked forms, or the plain ones with `TX_DISABLE_ERROR_CHECKING`, as in a C program.
//! [`tx_interrupt_disable`] and [`tx_interrupt_restore`] are what `TX_DISABLE` and `TX_RESTORE` do, and
//! [`_tx_thread_system_state_get`] is `TX_THREAD_GET_SYSTEM_STATE`.
//!
//! # For build scripts
//!
//! Direct dependents with a `links` key get, as `DEP_THREADX_…`:
//!
//! | key | value |
//! | --- | --- |
//! | `SOURCE` | `host`, `upstream`, `prebuilt` or `declarations` |
//! | `INCLUDE` | the folders with its headers, in the form of `PATH` |
//! | `DEFINES` | what its headers are compiled with: `NAME=VALUE` separated by `;`, the value may be empty |
//! | `VERSION` | the version whose interface the headers declare, such as `6.4.2` |
//! | `MANUAL_CLOCK` | `1` where the `host` module exists, else `0` |
//! | `SIMULATION_INCLUDE` | headers that belong in front of every C file on upstream's port for Linux, in the form of `PATH` |

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

pub use api::*;
pub use bindings::*;
