//! What decides, apart from what is remembered: settings, rules, lists, exceptions, groups. Exchanged as a whole while detection runs.

use core::net::IpAddr;

use crate::alert::Kind;
use crate::config::Config;
use crate::exceptions::Exceptions;
use crate::groups::Groups;
use crate::hygiene::Advisories;
use crate::rules::Rules;
use crate::threats::ThreatLists;

/// The group of a device that is in no other.
pub const DEFAULT_GROUP: &str = "default";

/// What decides.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Policy {
    /// The settings.
    pub config: Config,
    /// Which group a device is in.
    pub groups: Groups,
    /// The groups' own rules.
    pub rules: Rules,
    /// Addresses that others know to be hostile.
    pub threats: ThreatLists,
    /// Alerts that nobody wants.
    pub exceptions: Exceptions,
    /// Known vulnerabilities of what devices run; those that come with this program unless others are given.
    pub advisories: Advisories,
}

/// What an exception is asked about.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The kind of alert.
    pub kind: Kind,
    /// The device.
    pub device: &'a str,
    /// Its group.
    pub group: &'a str,
    /// The peer, if it is about one. An exception that names peers does not cover what is about none, or about all.
    pub peer: Option<IpAddr>,
    /// The port of the service, if it is about one. The same holds.
    pub port: Option<u16>,
    /// The time, for exceptions that end.
    pub time: u32,
}

impl Policy {
    /// A policy with settings, and without rules, lists and exceptions.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self {
            config,
            ..Self::default()
        }
    }

    /// The security group of a device.
    #[must_use]
    pub fn group_of(&self, device: &str) -> &str {
        self.groups.of(device)
    }

    /// Whether an exception covers this.
    #[must_use]
    pub fn excepts(&self, subject: &Subject<'_>) -> bool {
        self.exceptions.covering(subject).is_some()
    }
}
