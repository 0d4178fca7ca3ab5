//! What the build scripts of `threadx-sys` and `netxduo-sys` share. Users of those crates need not know it; what they can
//! set is documented there.
//!
//! | module | subject |
//! | --- | --- |
//! | [`cargo`] | what cargo tells a build script, and what that tells cargo |
//! | [`settings`] | who sets a variable: which configuration file of cargo, or the environment |
//! | [`trees`] | where the upstream trees are |
//! | [`version`] | which versions they have |
//! | [`port`] | which of their ports serves a target |
//! | [`sources`] | which of their files belong to a build |
//! | [`kit`], [`seams`] | the simulation kit, and how it gets control of upstream's files |
//! | [`original`] | the original agent, where a tree has it |
//! | [`prebuilt`] | C that somebody else compiles |
//! | [`compiler`] | the C compiler, its headers, its habits |
//! | [`configuration`] | what `tx_user.h` and `nx_user.h` make of the C side |
//! | [`objects`] | compiling what changed |
//! | [`offer`] | what the build scripts tell dependents |
//! | [`bindings`] | the configuration of bindgen |
//! | [`committed`] | bindings that are committed |
//! | [`layout`] | the C compiler agrees with the bindings |

pub mod bindings;
pub mod cargo;
pub mod committed;
pub mod compiler;
pub mod configuration;
mod error;
pub mod kit;
pub mod layout;
pub mod objects;
pub mod offer;
pub mod original;
pub mod port;
pub mod prebuilt;
pub mod seams;
pub mod settings;
pub mod sources;
pub mod trees;
pub mod version;

pub use error::Error;
