//! MUD files (RFC 8520): what the maker of a device says that it is meant to do.
//!
//! Such a file is read, explained, compared with flows, and taken for a baseline that needs no learning; and what was learned is written as
//! one. Flows carry no names: a name in a file stands for any host of the Internet, a controller or a maker's other devices for any host of
//! either side.
//!
//! ```
//! use defender_detect::mud::MudFile;
//!
//! let file = MudFile::parse(r#"{
//!     "ietf-mud:mud": { "mud-version": 1, "mud-url": "https://lamp.example/mud.json", "last-update": "2026-01-31T12:00:00+00:00",
//!         "from-device-policy": { "access-lists": { "access-list": [{ "name": "out" }] } } },
//!     "ietf-access-control-list:acls": { "acl": [{ "name": "out", "type": "ipv4-acl-type", "aces": { "ace": [{ "name": "cloud",
//!         "matches": { "ipv4": { "protocol": 6, "ietf-acldns:dst-dnsname": "lamp.example" },
//!                      "tcp": { "destination-port": { "operator": "eq", "port": 8883 } } },
//!         "actions": { "forwarding": "accept" } }] } }] }
//! }"#)?;
//! assert_eq!(file.classes()[0].to_string(), "TCP 8883 out to the Internet");
//! # Ok::<(), defender_detect::mud::MudError>(())
//! ```

mod check;
mod entry;
mod export;
mod read;

use core::fmt;
use core::net::IpAddr;
use std::collections::BTreeSet;

use defender_message::flow::Flow;

pub use self::check::{Break, Check};
pub use self::entry::{Entry, Ports, Remote, Way};
pub use self::export::export;
pub use self::read::{Fault, MudError};
use crate::alert::Side;
use crate::baseline::{Class, GroupBaseline, KnownClass};

/// A MUD file.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct MudFile {
    /// Where the maker has it.
    pub url: String,
    /// What the device is, in the maker's words.
    pub system: Option<String>,
    /// What may pass, in the file's order: what comes from the device, then what goes to it.
    pub entries: Vec<Entry>,
    /// Entries that say nothing of flows.
    pub left_out: Vec<LeftOut>,
}

/// An entry of a file that says nothing of flows.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LeftOut {
    /// Its name in the file.
    pub name: String,
    /// Why it is left out.
    pub reason: &'static str,
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: left out, {}", self.name, self.reason)
    }
}

impl MudFile {
    /// Reads a file.
    ///
    /// # Errors
    /// [`MudError`] says everything that is wrong with it, with line and column.
    pub fn parse(text: &str) -> Result<Self, MudError> {
        read::file(text)
    }

    /// The classes of traffic that the file lets pass, sorted.
    #[must_use]
    pub fn classes(&self) -> Vec<Class> {
        let classes: BTreeSet<_> = self.entries.iter().flat_map(Entry::classes).collect();
        classes.into_iter().collect()
    }

    /// The file as what is normal for a group: it needs no learning.
    #[must_use]
    pub fn baseline(&self, group: &str) -> GroupBaseline {
        let mut baseline = GroupBaseline::new(group);
        baseline.classes = self
            .classes()
            .into_iter()
            .map(KnownClass::accepted)
            .collect();
        baseline
    }

    /// Whether the file lets a flow pass. Who opened the flow decides nothing where it is not known.
    #[must_use]
    pub fn allows(&self, flow: &Flow<IpAddr>, opened_by: Option<Side>) -> bool {
        let mut entries = self.entries.iter();
        entries.any(|entry| entry.allows(flow, opened_by))
    }
}

/// The file in sentences, each once: most is said of IPv4 and IPv6 alike.
impl fmt::Display for MudFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.system {
            Some(system) => write!(f, "{system} ({})", self.url)?,
            None => f.write_str(&self.url)?,
        }
        let entries = self.entries.iter().map(Entry::to_string);
        let left_out = self.left_out.iter().map(LeftOut::to_string);
        let mut said = BTreeSet::new();
        for sentence in entries.chain(left_out) {
            if !said.contains(&sentence) {
                write!(f, "\n{sentence}")?;
                said.insert(sentence);
            }
        }
        Ok(())
    }
}
