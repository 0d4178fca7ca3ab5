//! What decides, from the files that a person names.

use std::{
    fmt::Display,
    fs,
    path::{Path, PathBuf},
};

use defender_detect::{
    Config, Policy,
    exceptions::Exceptions,
    groups::Groups,
    hygiene::Advisories,
    rules::{Rules, RulesFile},
    threats::ThreatLists,
};
use serde::Deserialize;

/// Files with settings, groups, rules, exceptions, threat lists.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
#[non_exhaustive]
pub struct PolicyFiles {
    /// Thresholds and other settings of detection, in TOML.
    pub config: Option<PathBuf>,
    /// Which devices are in which security group, in TOML.
    pub groups: Option<PathBuf>,
    /// Rules: Azure's device security groups, as JSON.
    pub rules: Vec<PathBuf>,
    /// What is not to be told, in TOML.
    pub exceptions: Option<PathBuf>,
    /// Hostile addresses: plain or CIDR, Suricata, Zeek, CSV, STIX.
    pub threats: Vec<PathBuf>,
    /// Known vulnerabilities, in place of those that come with this program, in TOML.
    pub advisories: Option<PathBuf>,
}

/// Why files are of no use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .problems.lines().map(|line| format!("{file}: {line}")).collect::<Vec<_>>().join("\n"))]
#[non_exhaustive]
pub struct PolicyError {
    /// The file, or several.
    pub file: String,
    /// Everything that is wrong with it, a line each.
    pub problems: String,
}

impl PolicyError {
    fn new(file: impl Display, problems: impl Display) -> Self {
        Self {
            file: file.to_string(),
            problems: problems.to_string(),
        }
    }
}

impl PolicyFiles {
    /// Reads all files. What is worth knowing about threat lists that are of use is noted, a line each.
    ///
    /// # Errors
    /// [`PolicyError`] says everything that is wrong with the first file that is of no use.
    pub fn read(&self, note: &mut dyn FnMut(&str)) -> Result<Policy, PolicyError> {
        self.read_with("", note)
    }

    /// The same, with exceptions in TOML beside those of the file.
    ///
    /// # Errors
    /// [`PolicyError`] says everything that is wrong with the first file that is of no use.
    pub fn read_with(
        &self,
        exceptions: &str,
        note: &mut dyn FnMut(&str),
    ) -> Result<Policy, PolicyError> {
        let mut policy = Policy::new(match &self.config {
            Some(path) => parse(path, Config::parse)?,
            None => Config::default(),
        });
        if let Some(path) = &self.groups {
            policy.groups = parse(path, Groups::parse)?;
        }
        policy.exceptions = match &self.exceptions {
            Some(path) => parse(path, |text| {
                Exceptions::parse(text)?;
                Exceptions::parse(&format!("{text}\n{exceptions}"))
            })?,
            None => Exceptions::parse(exceptions)
                .map_err(|problems| PolicyError::new("exceptions of the API", problems))?,
        };
        policy.rules = self.rules()?;
        policy.threats = self.threats(note)?;
        if let Some(path) = &self.advisories {
            policy.advisories = parse(path, Advisories::parse)?;
        }
        Ok(policy)
    }

    fn rules(&self) -> Result<Rules, PolicyError> {
        let mut files = Vec::new();
        for path in &self.rules {
            files.push(parse(path, RulesFile::parse)?);
        }
        let names = || {
            let names = self.rules.iter().map(|path| path.display().to_string());
            names.collect::<Vec<_>>().join(", ")
        };
        Rules::new(files).map_err(|problems| PolicyError::new(names(), problems))
    }

    fn threats(&self, note: &mut dyn FnMut(&str)) -> Result<ThreatLists, PolicyError> {
        let mut lists = ThreatLists::builder();
        for path in &self.threats {
            let text = fs::read(path).map_err(|error| unreadable(path, &error))?;
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            let reading = lists.read(&name, &text);
            if reading.acting == 0 && reading.refused > 0 {
                return Err(PolicyError::new(path.display(), reading));
            }
            if !reading.is_clean() {
                reading.to_string().lines().for_each(&mut *note);
            }
        }
        Ok(lists.build())
    }

    pub(super) fn paths(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        let single = [
            &mut self.config,
            &mut self.groups,
            &mut self.exceptions,
            &mut self.advisories,
        ];
        single
            .into_iter()
            .flatten()
            .chain(&mut self.rules)
            .chain(&mut self.threats)
    }
}

fn parse<T, E: Display>(
    path: &Path,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Result<T, PolicyError> {
    let text = fs::read_to_string(path).map_err(|error| unreadable(path, &error))?;
    parse(&text).map_err(|problems| PolicyError::new(path.display(), problems))
}

fn unreadable(path: &Path, error: &std::io::Error) -> PolicyError {
    PolicyError::new(path.display(), format_args!("cannot be read: {error}"))
}
