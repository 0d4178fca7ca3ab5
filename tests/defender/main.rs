//! The agent in simulations: the whole way from a packet at NetX Duo's hooks to a message at a hub.
#![cfg(any(simulation, target_os = "linux"))]

// Where there is no simulation there is nothing to test, which must not look as if it had passed.
#[cfg(not(simulation))]
compile_error!("these tests need the host port, or ThreadX' port to Linux with the simulation");

#[path = "../support/device.rs"]
mod device;
#[path = "../support/kernel.rs"]
mod kernel;

mod adopted;
mod changes;
mod default;
mod disable;
mod enable;
mod errors;
mod hooks;
mod hubs;
mod instances;
mod lifetimes;
mod packets;
mod raw;
