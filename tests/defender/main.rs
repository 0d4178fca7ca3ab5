//! The agent on the host port: the whole way from a packet at NetX Duo's hooks to a message at a hub.
#![cfg(host_port)]

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
