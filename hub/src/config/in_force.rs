//! What decides at present, for a person: file by file, with what each says in sentences.

use std::{path::Path, sync::Arc};

use defender_detect::{Config, Policy};
use serde::Serialize;
use toml::Value;
use utoipa::ToSchema;

/// The most sentences and warnings of a part that are kept; `entries` counts all.
const MOST: usize = 1000;

/// The most groups that are proposed on a page.
const GROUPS: usize = 50;

/// What decides at present.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[non_exhaustive]
pub struct InForce {
    /// When it was read, in seconds of Unix time.
    pub since: u32,
    /// Where it is from: a part a file, and those of which there is none.
    pub parts: Vec<Part>,
    /// The same as detection has it.
    #[serde(skip)]
    pub(crate) policy: Arc<Policy>,
    /// The first names of groups.
    #[serde(skip)]
    pub(crate) groups: Vec<String>,
}

/// A part of what decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[non_exhaustive]
pub struct Part {
    /// What it is.
    pub kind: PartKind,
    /// The file, if there is one; else it is what comes with this program, or was made over the API.
    pub file: Option<String>,
    /// How many entries it has, of which some may have no effect.
    pub entries: usize,
    /// What it says, a sentence a line; the first thousand.
    pub says: Vec<String>,
    /// What somebody should know of it; the first thousand.
    pub warnings: Vec<String>,
}

/// What a part of what decides is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum PartKind {
    /// Settings of detection; those that are not as they come are its entries.
    Settings,
    /// Which device is in which security group; its entries are groups.
    Groups,
    /// Rules of groups.
    Rules,
    /// What is not to be told.
    Exceptions,
    /// Hostile addresses.
    Threats,
    /// Known vulnerabilities.
    Advisories,
}

impl Part {
    pub(super) fn new(kind: PartKind, file: Option<&Path>, entries: usize) -> Self {
        Self {
            kind,
            file: file.map(|path| path.display().to_string()),
            entries,
            says: Vec::new(),
            warnings: Vec::new(),
        }
    }

    pub(super) fn saying(mut self, says: impl IntoIterator<Item = String>) -> Self {
        self.says = says.into_iter().take(MOST).collect();
        self
    }

    pub(super) fn warning(mut self, warnings: impl IntoIterator<Item = String>) -> Self {
        self.warnings = warnings.into_iter().take(MOST).collect();
        self
    }
}

/// What was read, and what a person reads of it.
pub(crate) struct Loaded {
    pub policy: Policy,
    pub parts: Vec<Part>,
}

impl Loaded {
    /// What is worth knowing of files that are of use, a line each.
    pub fn notes(&self) -> impl Iterator<Item = String> {
        self.parts.iter().flat_map(|part| {
            let of = match (&part.file, part.kind) {
                // Lists say their names themselves.
                (_, PartKind::Threats) => String::new(),
                (Some(file), _) => format!("{file}: "),
                (None, _) => "exceptions: ".to_owned(),
            };
            let warnings = part.warnings.iter();
            warnings.map(move |warning| format!("{of}{warning}"))
        })
    }

    /// As it is in force from a time on.
    pub fn since(self, since: u32) -> InForce {
        let groups = self.policy.groups.names().into_iter().take(GROUPS);
        InForce {
            since,
            groups: groups.map(str::to_owned).collect(),
            parts: self.parts,
            policy: Arc::new(self.policy),
        }
    }
}

/// Settings that are not as they come, a sentence each.
pub(super) fn differences(config: &Config) -> Vec<String> {
    let value = |config: &Config| Value::try_from(config).unwrap_or(Value::Boolean(false));
    let mut all = Vec::new();
    compare("", &value(config), &value(&Config::default()), &mut all);
    all
}

fn compare(name: &str, value: &Value, usual: &Value, all: &mut Vec<String>) {
    match (value, usual) {
        (Value::Table(values), Value::Table(usuals)) => {
            for (key, value) in values {
                let usual = usuals.get(key).unwrap_or(&Value::Boolean(false));
                let dot = if name.is_empty() { "" } else { "." };
                compare(&format!("{name}{dot}{key}"), value, usual, all);
            }
        }
        _ if value != usual => all.push(format!("{name} is {value}; as it comes it is {usual}")),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_differ_are_said_with_what_they_are_usually() {
        assert!(differences(&Config::default()).is_empty());
        let config = Config::parse("[port-scan]\nports = 12\n[flood]\nconnections-per-minute = 7");
        assert_eq!(
            differences(&config.unwrap()),
            [
                "flood.connections-per-minute is 7; as it comes it is 300",
                "port-scan.ports is 12; as it comes it is 10"
            ]
        );
    }
}
