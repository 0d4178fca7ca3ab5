//! A team's own rules: Azure's resource `Microsoft.Security/deviceSecurityGroups` (API 2019-08-01) as JSON, unchanged.
//!
//! A file has one resource, a list of them, or what the service answers to a listing (`{"value": […]}`). A resource's `name` is that
//! of the security group; without one, the rules are those of the group `default`.
//!
//! ```
//! use defender_detect::rules::{Rules, RulesFile};
//!
//! let file = RulesFile::parse(
//!     r#"{ "name": "cameras", "properties": { "timeWindowRules": [
//!         { "ruleType": "ActiveConnectionsNotInAllowedRange", "isEnabled": true,
//!           "minThreshold": 0, "maxThreshold": 20, "timeWindowSize": "PT5M" } ] } }"#,
//! )?;
//! println!("{}", file.explain());
//!
//! let rules = Rules::new([file])?;
//! assert_eq!(rules.of("cameras").ranges().count(), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A file is taken as a whole or not at all: rules of which some were left out would not be those that somebody wrote. Members that are
//! not known are passed over. Rules that are off, or about what these devices do not have, are accepted and said to be without effect.

mod explain;
mod fault;
mod networks;
mod parse;
mod rule;
mod set;

use crate::groups::Groups;

pub use self::{
    explain::Explanation,
    fault::{Fault, Problem, RulesError},
    rule::{Condition, Effect, Group, NoEffect, Rule, RuleType},
    set::{RangeRule, RuleSet, Rules},
};

/// A rules file: what it says, group by group, with what is without effect.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RulesFile {
    /// The groups, in the file's order.
    pub groups: Vec<Group>,
    /// What the file has beside rules that a person should know of.
    pub warnings: Vec<Problem>,
}

impl RulesFile {
    /// Reads a file.
    ///
    /// # Errors
    /// [`RulesError`] says everything that is wrong with the file, with line, column and path.
    pub fn parse(text: &str) -> Result<Self, RulesError> {
        parse::file(text)
    }

    /// Rules that are on and have no effect, and whatever else of the file has none: a sentence about each.
    pub fn without_effect<'a>(&'a self, groups: &'a Groups) -> impl Iterator<Item = String> + 'a {
        let nowhere = self.groups.iter().filter(|group| !groups.has(&group.name));
        let nowhere = nowhere.map(|group| {
            let (place, name) = (group.place, &group.name);
            format!(
                "{place}: group {name}: without effect, the table of groups puts no device into it"
            )
        });
        let rules = self.groups.iter().flat_map(|group| {
            let idle = group.rules.iter().filter(|rule| rule.is_idle());
            idle.map(|rule| explain::idle(group, rule))
        });
        let warnings = self.warnings.iter().map(ToString::to_string);
        nowhere.chain(rules).chain(warnings)
    }

    /// The file in sentences, for the person who wrote it.
    #[must_use]
    pub fn explain(&self) -> Explanation<'_> {
        Explanation::new(self)
    }
}
