//! What both agents do alike: this library's own and, with the feature `original-agent`, the original.
#![cfg(any(simulation, target_os = "linux"))]

// Where there is no simulation there is nothing to test, which must not look as if it had passed.
#[cfg(not(simulation))]
compile_error!("these tests need the host port, or ThreadX' port to Linux with the simulation");

#[path = "../support/device.rs"]
mod device;
#[path = "../support/kernel.rs"]
mod kernel;
#[allow(dead_code, reason = "part of it is for other tests")]
#[path = "../defender/raw.rs"]
mod raw;

#[macro_use]
mod both;
mod changes;
mod disable;
mod enable;
mod hooks;
mod hubs;
#[cfg(feature = "original-agent")]
mod original;
mod vectors;
