//! What a rule says, and whether that has an effect.

use core::{fmt, time::Duration};

use ipnet::IpNet;

use crate::{alert::Kind, place::Place};

/// The rules of a security group.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Group {
    /// Its name: a device is in it by the twin tag `SecurityGroup`, or by a table of groups.
    pub name: String,
    /// Where the file has it.
    pub place: Place,
    /// Its rules, in the file's order.
    pub rules: Vec<Rule>,
}

/// A rule as a file has it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rule {
    /// Where the file has it.
    pub place: Place,
    /// Its type.
    pub rule_type: RuleType,
    /// Whether it is on.
    pub enabled: bool,
    /// What it asks for.
    pub condition: Condition,
}

/// The type of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RuleType {
    /// One that raises an alert of a kind.
    Alert(Kind),
    /// Logins that fail on the device itself.
    FailedLocalLoginsNotInAllowedRange,
    /// Files that the device uploads through the hub.
    FileUploadsNotInAllowedRange,
    /// Logins of users of the device itself.
    LocalUserNotAllowed,
    /// Processes.
    ProcessNotAllowed,
}

/// The list of rules that a rule stands in, by which its members differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum List {
    Allow,
    Deny,
    Threshold,
    TimeWindow,
}

/// What a rule asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Condition {
    /// Peers in none of these networks raise an alert.
    AllowedPeers(Vec<IpNet>),
    /// Peers in one of these networks raise an alert.
    DeniedPeers(Vec<IpNet>),
    /// Names of users or processes, which these devices do not have.
    Names,
    /// A count that is not from `min` to `max` raises an alert.
    Range {
        /// The least that is allowed.
        min: u32,
        /// The most that is allowed.
        max: u32,
        /// The time in which it is counted.
        window: Option<Duration>,
    },
}

/// Whether a rule has an effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Effect {
    /// It acts.
    Acts,
    /// It does not.
    None(NoEffect),
}

/// Why a rule has no effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NoEffect {
    /// It is off.
    Off,
    /// These devices do not have what it is about.
    NotOnTheseDevices(&'static str),
    /// It counts, and does not say within which time.
    NoWindow,
    /// No count is outside its range.
    EverythingAllowed,
    /// It denies nothing.
    NothingDenied,
}

impl Rule {
    /// Whether it is on, and has no effect nevertheless.
    pub(super) fn is_idle(&self) -> bool {
        !matches!(self.effect(), Effect::Acts | Effect::None(NoEffect::Off))
    }

    /// Whether it has an effect.
    #[must_use]
    pub fn effect(&self) -> Effect {
        let none = if !self.enabled {
            NoEffect::Off
        } else if let Some(absent) = self.rule_type.absent() {
            NoEffect::NotOnTheseDevices(absent)
        } else {
            match &self.condition {
                Condition::Range { window: None, .. } => NoEffect::NoWindow,
                Condition::Range {
                    min: 0,
                    max: u32::MAX,
                    ..
                } => NoEffect::EverythingAllowed,
                Condition::DeniedPeers(peers) if peers.is_empty() => NoEffect::NothingDenied,
                Condition::AllowedPeers(peers) if peers.iter().all_addresses() => {
                    NoEffect::EverythingAllowed
                }
                _ => return Effect::Acts,
            }
        };
        Effect::None(none)
    }
}

trait AllAddresses {
    /// Whether every address of both versions is in one of the networks.
    fn all_addresses(self) -> bool;
}

impl<'a, I: Iterator<Item = &'a IpNet>> AllAddresses for I {
    fn all_addresses(self) -> bool {
        let mut all = (false, false);
        for net in self.filter(|net| net.prefix_len() == 0) {
            match net {
                IpNet::V4(_) => all.0 = true,
                IpNet::V6(_) => all.1 = true,
            }
        }
        all == (true, true)
    }
}

impl RuleType {
    /// Types that devices with ThreadX give no cause for.
    const ABSENT: [Self; 4] = [
        Self::FailedLocalLoginsNotInAllowedRange,
        Self::FileUploadsNotInAllowedRange,
        Self::LocalUserNotAllowed,
        Self::ProcessNotAllowed,
    ];

    /// The type of a name.
    pub(super) fn from_name(name: &str) -> Option<Self> {
        let absent = Self::ABSENT.into_iter();
        let kind = || Kind::from_rule(name).filter(|kind| is_custom(*kind));
        absent
            .clone()
            .find(|absent| absent.name() == name)
            .or_else(|| kind().map(Self::Alert))
    }

    /// Every name.
    pub(super) fn names() -> impl Iterator<Item = &'static str> {
        let kinds = Kind::ALL.iter().copied().filter(|kind| is_custom(*kind));
        kinds
            .map(Self::Alert)
            .chain(Self::ABSENT)
            .map(|rule_type| rule_type.name())
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Alert(kind) => kind.rule(),
            Self::FailedLocalLoginsNotInAllowedRange => "FailedLocalLoginsNotInAllowedRange",
            Self::FileUploadsNotInAllowedRange => "FileUploadsNotInAllowedRange",
            Self::LocalUserNotAllowed => "LocalUserNotAllowed",
            Self::ProcessNotAllowed => "ProcessNotAllowed",
        }
    }

    /// Whether it is about peers' addresses.
    pub(super) fn is_about_peers(self) -> bool {
        matches!(
            self,
            Self::Alert(Kind::ConnectionToIpNotAllowed | Kind::ConnectionFromIpNotAllowed)
        )
    }

    /// Whether a rule of the type belongs into a list.
    pub(super) fn belongs_into(self, list: List) -> bool {
        let is_list = self.is_about_peers()
            || matches!(self, Self::LocalUserNotAllowed | Self::ProcessNotAllowed);
        is_list == matches!(list, List::Allow | List::Deny)
    }

    /// What these devices do not have, if the type is about that.
    fn absent(self) -> Option<&'static str> {
        match self {
            Self::Alert(_) => None,
            Self::FailedLocalLoginsNotInAllowedRange => Some("logins"),
            Self::FileUploadsNotInAllowedRange => Some("uploads of files through the hub"),
            Self::LocalUserNotAllowed => Some("users"),
            Self::ProcessNotAllowed => Some("processes"),
        }
    }
}

/// Whether alerts of a kind are raised by such rules.
fn is_custom(kind: Kind) -> bool {
    kind.alert_type().starts_with("IoT_CA_")
}

impl fmt::Display for RuleType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl List {
    pub const ALL: [Self; 4] = [Self::Allow, Self::Deny, Self::Threshold, Self::TimeWindow];

    /// The member of a resource's properties.
    pub fn name(self) -> &'static str {
        match self {
            Self::Allow => "allowlistRules",
            Self::Deny => "denylistRules",
            Self::Threshold => "thresholdRules",
            Self::TimeWindow => "timeWindowRules",
        }
    }
}
