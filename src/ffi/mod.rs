//! The only place where this library meets C: thin, and the only one with `unsafe`.
//!
//! | file | what it wraps |
//! | --- | --- |
//! | `lock` | the kernel's interrupt lockout, and data behind it |
//! | `mutex` | a ThreadX mutex |
//! | `pinned` | memory for control blocks that C keeps pointers to |
//! | `entry`, `kernel`, `thread` | kernel entry, the caller's context, threads |
//! | `pool`, `net`, `driver` | packet pools, IP instances, and network drivers in Rust |
//! | `udp`, `tcp`, `dns`, `socket`, `received`, `address` | what applications do on the network |
//! | `tap` | TAP interfaces of Linux |
//! | `azure`, `client`, `tls` | the middleware's instance, hub clients, and their TLS |
//! | `hooks`, `packet` | packets on their way through NetX Duo |
//! | `original` | the original agent |
//! | `cloud`, `hub`, `instance`, `telemetry` | the cloud helper's events, the hub clients, the instance that has both, messages |
//! | `arguments` | what is checked before C gets it |
//! | `handle` | objects of C's that are deleted when they are dropped |
//! | `user` | functions of the user's, whose panics end there |
//! | `host` | what only simulations have |
//!
//! C enters Rust in `hooks`, `cloud`, `thread`, `entry`, `driver`, `azure`, `client` and `host`, each time in an `extern "C"` function
//! that ends the program rather than unwind into C.

mod address;
mod arguments;
pub(crate) mod azure;
pub(crate) mod client;
pub(crate) mod cloud;
pub(crate) mod dns;
pub(crate) mod driver;
pub(crate) mod entropy;
#[cfg(feature = "application-define")]
pub(crate) mod entry;
mod handle;
pub(crate) mod hooks;
#[cfg(simulation)]
pub(crate) mod host;
pub(crate) mod hub;
pub(crate) mod instance;
pub(crate) mod kernel;
pub(crate) mod lock;
mod mutex;
pub(crate) mod net;
#[cfg(feature = "original-agent")]
pub(crate) mod original;
mod packet;
pub(crate) mod pinned;
pub(crate) mod pool;
pub(crate) mod received;
pub(crate) mod socket;
#[cfg(all(feature = "std", target_os = "linux"))]
pub(crate) mod tap;
pub(crate) mod tcp;
mod telemetry;
pub(crate) mod thread;
pub(crate) mod tls;
pub(crate) mod udp;
pub(crate) mod user;
pub(crate) mod versions;
