//! Security groups: which rules are a device's.
//!
//! IoT Hub has a device's group in its twin, as tag `SecurityGroup`. Here it is given by a table of groups with their devices, by
//! name or by pattern, where `*` stands for any characters and `?` for one:
//!
//! ```
//! use defender_detect::groups::Groups;
//!
//! let groups = Groups::parse(r#"
//!     cameras = ["cam-*", "lobby"]
//!     plcs = ["plc-??"]
//! "#)?;
//! assert_eq!(groups.of("cam-7"), "cameras");
//! assert_eq!(groups.of("plc-7"), "default");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A name goes before patterns, and of patterns the first in the file that fits. A device that none fits is in the group `default`.

mod pattern;

use std::collections::HashMap;

use serde::Deserialize;
use toml::Spanned;

use crate::{
    place::{Faulty, Located, quoted},
    policy::DEFAULT_GROUP,
    toml_file,
};

use self::pattern::matches;

/// The groups of devices. An empty table puts every device into the group `default`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Groups {
    devices: HashMap<String, String>,
    patterns: Vec<(String, String)>,
}

/// Why a table of groups cannot be used.
pub type GroupsError = Faulty<Fault>;

/// What is wrong with a table of groups.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// It is no TOML, or no table of lists.
    #[error("{message}; a line is `group = [\"device\", \"pattern-*\"]`")]
    Syntax {
        /// What is wrong.
        message: String,
    },
    /// A device or pattern is in two groups.
    #[error("{} is in group {} already", quoted(.device), quoted(.group))]
    Twice {
        /// The device or pattern.
        device: String,
        /// The group that it is in.
        group: String,
    },
}

#[derive(Deserialize)]
#[serde(transparent)]
struct File {
    groups: HashMap<Spanned<String>, Vec<Spanned<String>>>,
}

impl Groups {
    /// Reads a table in TOML.
    ///
    /// # Errors
    /// [`GroupsError`] says everything that is wrong with it, with line and column.
    pub fn parse(text: &str) -> Result<Self, GroupsError> {
        let reading = toml_file::read::<File>(text);
        let mut entries: Vec<_> = reading
            .value
            .into_iter()
            .flat_map(|file| file.groups)
            .flat_map(|(group, devices)| {
                let group = group.into_inner();
                devices.into_iter().map(move |device| {
                    let offset = device.span().start;
                    (offset, device.into_inner(), group.clone())
                })
            })
            .collect();
        entries.sort_unstable();
        let mut groups = Self::default();
        let syntax = reading.problems.into_iter();
        let syntax = syntax.map(|one| one.map(|message| Fault::Syntax { message }));
        let mut problems: Vec<_> = syntax.collect();
        for (offset, device, group) in entries {
            match groups.listed(&device) {
                Some(other) if other != group => {
                    let group = other.to_owned();
                    let fault = Fault::Twice { device, group };
                    problems.push(Located::new(text, offset, fault));
                }
                Some(_) => {}
                None if device.contains(['*', '?']) => groups.patterns.push((device, group)),
                None => groups.assign(device, group),
            }
        }
        Faulty::unless(Some(groups), problems)
    }

    /// Puts a device into a group, as a twin's tag says.
    pub fn assign(&mut self, device: impl Into<String>, group: impl Into<String>) {
        self.devices.insert(device.into(), group.into());
    }

    /// Whether a device can be in a group.
    #[must_use]
    pub fn has(&self, group: &str) -> bool {
        let patterns = self.patterns.iter().map(|(_, group)| group);
        let mut groups = self.devices.values().chain(patterns);
        group == DEFAULT_GROUP || groups.any(|other| other == group)
    }

    /// The group of a device.
    #[must_use]
    pub fn of(&self, device: &str) -> &str {
        if let Some(group) = self.devices.get(device) {
            return group;
        }
        let pattern = self
            .patterns
            .iter()
            .find(|(pattern, _)| matches(pattern, device));
        pattern.map_or(DEFAULT_GROUP, |(_, group)| group)
    }

    /// The names of the groups, sorted.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        let patterns = self.patterns.iter().map(|(_, group)| group.as_str());
        let mut names: Vec<_> = self
            .devices
            .values()
            .map(String::as_str)
            .chain(patterns)
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The group that a device or pattern is listed in, as it is written.
    fn listed(&self, device: &str) -> Option<&str> {
        let pattern = self.patterns.iter().find(|(pattern, _)| pattern == device);
        let group = self.devices.get(device).or(pattern.map(|(_, group)| group));
        group.map(String::as_str)
    }
}
