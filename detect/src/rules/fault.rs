//! What is wrong with a rules file.

use core::fmt;

use super::rule::{List, RuleType};
use crate::place::{Place, lines, quoted};

/// A rules file that cannot be used. Its text says every problem, a line each.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RulesError {
    /// Everything that is wrong; at least one.
    pub problems: Vec<Problem>,
}

impl core::error::Error for RulesError {}

impl fmt::Display for RulesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        lines(f, &self.problems)
    }
}

/// Something about a rules file that a person should know, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}{}: {fault}", Path(path))]
#[non_exhaustive]
pub struct Problem {
    /// Where in the text.
    pub place: Place,
    /// Where in its values, as in `value[0].properties`; empty for the whole.
    pub path: String,
    /// What and why.
    pub fault: Fault,
}

struct Path<'a>(&'a str);

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            "" => Ok(()),
            path => write!(f, ", {path}"),
        }
    }
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The text is no JSON.
    #[error("this is no JSON: {message}")]
    Json {
        /// What the parser says.
        message: String,
    },
    /// A value is of another type.
    #[error("{} stands where {expected} must be", quoted(.found))]
    Type {
        /// What must be there.
        expected: &'static str,
        /// What is there.
        found: String,
    },
    /// A member that must be there is not.
    #[error("`{name}` is missing")]
    Missing {
        /// The member.
        name: &'static str,
    },
    /// A resource has no list of rules.
    #[error(
        "there are no rules: a resource has them in `properties`, as `allowlistRules`, `denylistRules`, `thresholdRules` and `timeWindowRules`"
    )]
    NoRules,
    /// The rule's type is not known.
    #[error("{} is no type of rule; it is one of {}", quoted(.name), Names)]
    UnknownRuleType {
        /// What stands there.
        name: String,
    },
    /// The rule's type does not fit the list that it stands in.
    #[error("{rule_type} does not belong into `{list}`, but into {}", Lists(*.rule_type))]
    WrongList {
        /// The rule's type.
        rule_type: RuleType,
        /// The list.
        list: &'static str,
    },
    /// The text is no prefix.
    #[error("{} is neither an address nor a prefix such as `192.0.2.0/24`", quoted(.text))]
    NotAPrefix {
        /// What stands there.
        text: String,
    },
    /// The number is not one of things that are counted.
    #[error("{} must be a whole number from 0 to 4294967295", quoted(.text))]
    Threshold {
        /// What stands there.
        text: String,
    },
    /// The least is more than the most.
    #[error("no number is allowed: `minThreshold` {min} is more than `maxThreshold` {max}")]
    Range {
        /// The least.
        min: u32,
        /// The most.
        max: u32,
    },
    /// The text is no time window.
    #[error("{} is no time from one second to 31 days as ISO 8601 writes it, such as `PT5M` for five minutes", quoted(.text))]
    Window {
        /// What stands there.
        text: String,
    },
    /// Two resources have the same name.
    #[error("the group {} has rules already, in line {line}", quoted(.name))]
    SameGroup {
        /// The group.
        name: String,
        /// Where it was first.
        line: usize,
    },
    /// There is more of a listing than the file has.
    #[error("the listing goes on elsewhere: the groups on its next pages are missing here")]
    MorePages,
    /// A member that looks like rules is not known.
    #[error(
        "this is not read: rules are in `allowlistRules`, `denylistRules`, `thresholdRules` and `timeWindowRules`"
    )]
    NotRead,
}

struct Names;

impl fmt::Display for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = RuleType::names().collect();
        f.write_str(&names.join(", "))
    }
}

/// The lists that a type belongs into.
struct Lists(RuleType);

impl fmt::Display for Lists {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lists = List::ALL
            .into_iter()
            .filter(|list| self.0.belongs_into(*list));
        let names: Vec<_> = lists.map(|list| format!("`{}`", list.name())).collect();
        f.write_str(&names.join(" or "))
    }
}
