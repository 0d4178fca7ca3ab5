#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]
// Only the generated reader, which comes with `std`, has unsafe code.
#![cfg_attr(feature = "std", deny(unsafe_code))]
#![cfg_attr(not(feature = "std"), forbid(unsafe_code))]

#[cfg(feature = "std")]
pub mod decode;
pub mod encode;
pub mod flow;
#[cfg(all(feature = "std", feature = "serde"))]
pub mod record;

#[cfg(feature = "std")]
pub use decode::SecurityMessage;
pub use encode::{Encoder, NetworkActivityEncoder};
#[cfg(all(feature = "std", feature = "serde"))]
pub use record::Record;
