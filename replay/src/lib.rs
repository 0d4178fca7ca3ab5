//! Captures through the Defender-IoT micro agent: all formats, jumps of time, many devices in one process.

mod packet;

pub use self::packet::{Link, Packet, PacketSource};
