//! Programs in safe Rust that try to break the safe layer: wrong arguments, callbacks that do what they had better not, threads that
//! get in each other's way.
//!
//! Each program that once broke something stands for a kind, and has its tests:
//!
//! | program | tests |
//! | --- | --- |
//! | `pool_overflow`, `unchecked`, `mtu`, `telemetry_truncates` | `arguments` |
//! | `deferred_drops_ip`, `deferred_up`, `deadlock_driver` | `callbacks` |
//! | `guard_in_enable_panics` | `panics` |
//! | `race_remove`, `hooks_left` | `races`, and `tests/interleavings.rs` |
//! | `clock_saturates`, `frozen_clock` | of the pure agent: `agent/tests/behaviour/clocks.rs` |
//! | `worst_packet` | `agent/benches/bounds.rs`, and on a processor `.ci/size` |
#![cfg(any(simulation, target_os = "linux"))]

// Where there is no simulation there is nothing to test, which must not look as if it had passed.
#[cfg(not(simulation))]
compile_error!("these tests need the host port, or ThreadX' port to Linux with the simulation");

#[path = "../support/device.rs"]
mod device;
#[path = "../support/kernel.rs"]
mod kernel;

mod arguments;
mod callbacks;
mod panics;
mod races;
mod threads;
