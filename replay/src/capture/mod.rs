//! Captures: IP packets and their times from pcap and pcapng files of many link layers.

#[expect(clippy::module_inception, reason = "it is what the folder is about")]
mod capture;
mod error;
mod faults;
mod format;
mod input;
mod pcap;
mod pcapng;
mod reader;
mod record;
mod window;

pub use self::{
    capture::{Absent, Capture, Opened, Packets},
    error::{CaptureError, Name, Reason},
    faults::{Fault, Faults},
    reader::{Reader, Tolerance},
};

/// Whether what begins like this is a capture of a format that is read here, as far as sixteen bytes tell.
pub fn is_capture(beginning: &[u8]) -> bool {
    format::Format::of(beginning).is_ok()
}
