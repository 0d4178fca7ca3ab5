//! Programs in safe Rust that try to break the safe layer: wrong arguments, callbacks that do what they had better not, threads that
//! get in each other's way.
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
