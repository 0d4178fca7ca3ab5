//! IP instances, network drivers in Rust, sockets, and what a hub client proves itself with.
//!
//! What needs a TCP/IP stack runs on upstream's ThreadX and NetX Duo (`--target i686-unknown-linux-gnu`, with their trees); the
//! host port has none, and is tested for saying so.
#![cfg(any(simulation, target_os = "linux"))]

// Where there is no simulation there is nothing to test, which must not look as if it had passed.
#[cfg(not(simulation))]
compile_error!("these tests need the host port, or ThreadX' port to Linux with the simulation");

#[path = "../support/device.rs"]
mod device;
#[path = "../support/kernel.rs"]
mod kernel;

mod credentials;
mod drivers;
mod status;

#[cfg(host_port)]
mod unsupported;

#[cfg(not(host_port))]
mod address;
#[cfg(not(host_port))]
mod flows;
#[cfg(not(host_port))]
mod link;
#[cfg(not(host_port))]
mod sockets;
#[cfg(not(host_port))]
mod tap;
#[cfg(not(host_port))]
mod time;
#[cfg(not(host_port))]
mod two;
