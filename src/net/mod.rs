//! NetX Duo's objects that the agent's surroundings need: packet pools and IP instances.

mod ip;
mod pool;

pub use self::ip::{Ip, IpBuilder, IpStorage};
pub use self::pool::{PacketPool, PacketPoolStorage};
