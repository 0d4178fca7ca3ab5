//! Captures through the Defender-IoT micro agent: all formats, jumps of time, many devices in one process.

mod packet;
pub mod scenario;

pub use self::packet::{Link, Packet, PacketSource};
