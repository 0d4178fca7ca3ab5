//! Exceptions in sentences.

use core::fmt;

use super::Exception;
use crate::place::lines;

/// Exceptions in sentences, a line each.
#[derive(Debug, Clone, Copy)]
pub struct Explanation<'a> {
    pub(super) exceptions: &'a [Exception],
    pub(super) now: Option<u32>,
}

impl fmt::Display for Explanation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.exceptions.is_empty() {
            return f.write_str("There are no exceptions in it.");
        }
        let sentences = self.exceptions.iter().map(|exception| {
            let over = match exception.is_over(self.now) {
                true => "Over, without effect: ",
                false => "",
            };
            format!("{over}{exception}")
        });
        lines(f, sentences)
    }
}

impl fmt::Display for Exception {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            Some(kind) => write!(f, "No alerts of {kind}")?,
            None => f.write_str("No alerts of any rule")?,
        }
        if let Some(device) = &self.device {
            write!(f, " about device {device}")?;
        }
        if let Some(group) = &self.group {
            write!(f, " about devices of group {group}")?;
        }
        if self.device.is_none() && self.group.is_none() {
            f.write_str(" about any device")?;
        }
        if let Some(peer) = self.peer {
            write!(f, ", with peers in {peer}")?;
        }
        if let Some(port) = self.port {
            write!(f, ", on port {port}")?;
        }
        if let Some(until) = self.until {
            let until = jiff::Timestamp::from_second(until.into()).unwrap_or_default();
            write!(f, ", until {until}")?;
        }
        write!(f, ": {}", self.reason)
    }
}
