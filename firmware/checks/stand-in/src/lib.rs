//! What ThreadX, NetX Duo and the Azure IoT middleware are to the agent: as much as it takes to enable it, to drive its hooks
//! and its second, and to take its messages. No kernel, no network stack.
//!
//! Linking with the libraries' *declarations*, without upstream's sources, is refused on purpose: the control blocks have the
//! layouts of the host port. Here nothing else knows these blocks, so that layouts cannot disagree, and this crate defines the
//! two names that keep a program from being linked. Firmware must not.
//!
//! The functions are assembly, or reached through a jump in assembly, and so are the variables: link-time optimisation cannot
//! look through them, as it could not through C.

#![no_std]

mod azure;
mod cell;
mod interrupts;
mod kernel;
mod netxduo;
mod opaque;

pub use azure::{azure, next_second, pass_second, sent, tick};
pub use interrupts::{Sections, measure, start_timer};
pub use kernel::{random, set_ticks, ticks, unix_time};
pub use netxduo::{create, packet};
