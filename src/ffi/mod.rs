//! The only place where this library meets C: thin, and the only one with `unsafe`.
//!
//! | file | what it wraps |
//! | --- | --- |
//! | `lock` | the kernel's interrupt lockout, and data behind it |
//! | `mutex`, `guarded` | a ThreadX mutex, and data behind it |
//! | `pinned` | memory for control blocks that C keeps pointers to |
//! | `entry`, `kernel`, `thread` | kernel entry, the caller's context, threads |
//! | `net`, `azure` | creation and deletion of NetX Duo's and the middleware's objects |
//! | `hooks`, `packet` | packets on their way through NetX Duo |
//! | `cloud`, `hub`, `instance` | the cloud helper's events, the hub clients, the instance that has both |
//! | `host` | what only the host port has |
//!
//! C enters Rust in `hooks`, `cloud`, `thread`, `entry`, `azure` and `host`, each time in an `extern "C"` function
//! that ends the program rather than unwind into C.

pub(crate) mod azure;
pub(crate) mod cloud;
pub(crate) mod entropy;
#[cfg(feature = "application-define")]
pub(crate) mod entry;
pub(crate) mod guarded;
pub(crate) mod hooks;
#[cfg(host_port)]
pub(crate) mod host;
pub(crate) mod hub;
pub(crate) mod instance;
pub(crate) mod kernel;
pub(crate) mod lock;
pub(crate) mod mutex;
pub(crate) mod net;
mod packet;
pub(crate) mod pinned;
pub(crate) mod thread;
pub(crate) mod versions;
