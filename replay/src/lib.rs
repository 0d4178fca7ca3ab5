//! Captures through the Defender-IoT micro agent: all formats, jumps of time, many devices in one process.
//!
//! Packets come from a [`capture`] or a [`scenario`], or whatever is a [`PacketSource`]; a [`Replay`] gives the security messages that
//! a device's agent would have sent.
//!
//! ```no_run
//! use std::fs::File;
//! use defender_replay::{PacketSource, Plan, Replay, capture::{Name, Reader, Tolerance}, local::Survey};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let open = || {
//!     let path = "office.pcap";
//!     Ok::<_, Box<dyn std::error::Error>>(Reader::new(Name::Path(path.into()), File::open(path)?, Tolerance::Lenient)?)
//! };
//! // Once to see whose packets these are, and once to replay them.
//! let mut survey = Survey::new();
//! let mut reader = open()?;
//! while let Some(packet) = reader.next_packet()? {
//!     survey.observe(&packet);
//! }
//! let device = survey.guess().ok_or("no unicast packets")?.device;
//! let mut replay = Replay::new(open()?, Plan::new("office", device));
//! while let Some(message) = replay.next_message()? {
//!     println!("{}: {} bytes", message.time, message.bytes.len());
//! }
//! println!("{:?}", replay.summary());
//! # Ok(())
//! # }
//! ```

pub mod capture;
pub mod device;
mod ip;
mod link;
pub mod local;
mod packet;
mod replay;
pub mod scenario;
pub mod schedule;
pub mod timeline;

pub use self::{
    ip::endpoints,
    link::UnknownLinkType,
    packet::{Arp, Link, Packet, PacketSource},
    replay::{Plan, Replay},
};
