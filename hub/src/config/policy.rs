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
    /// Reads all files. What is worth knowing of files that are of use is noted, a line each: what of them has no effect above all, at a time
    /// if one is given.
    ///
    /// # Errors
    /// [`PolicyError`] says everything that is wrong with the first file that is of no use.
    pub fn read(
        &self,
        now: Option<u32>,
        note: &mut dyn FnMut(&str),
    ) -> Result<Policy, PolicyError> {
        self.read_with("", now, note)
    }

    /// The same, with exceptions in TOML beside those of the file.
    ///
    /// # Errors
    /// [`PolicyError`] says everything that is wrong with the first file that is of no use.
    pub fn read_with(
        &self,
        exceptions: &str,
        now: Option<u32>,
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
        let path = self.exceptions.as_deref();
        let name = path.map_or_else(|| "exceptions".into(), Path::to_string_lossy);
        for idle in policy.exceptions.without_effect(&policy.groups, now) {
            note(&format!("{name}: {idle}"));
        }
        policy.rules = self.rules(&policy.groups, note)?;
        policy.threats = self.threats(note)?;
        if let Some(path) = &self.advisories {
            policy.advisories = parse(path, Advisories::parse)?;
        }
        Ok(policy)
    }

    fn rules(&self, groups: &Groups, note: &mut dyn FnMut(&str)) -> Result<Rules, PolicyError> {
        let mut files = Vec::new();
        for path in &self.rules {
            let file = parse(path, RulesFile::parse)?;
            for idle in file.without_effect(groups) {
                note(&format!("{}: {idle}", path.display()));
            }
            files.push(file);
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Whoever believes in what has no effect is told when the files are read.
    #[test]
    fn what_has_no_effect_is_noted() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::write(&path, text).unwrap();
            path
        };
        let files = PolicyFiles {
            exceptions: Some(write(
                "exceptions.toml",
                "[[exception]]\ndevice = 'd'\nuntil = 2027-01-31\nreason = 'an audit'\n",
            )),
            rules: vec![write(
                "rules.json",
                r#"{"name": "default", "properties": {"denylistRules": [
                    {"ruleType": "ConnectionToIpNotAllowed", "isEnabled": true, "denylistValues": []}]}}"#,
            )],
            threats: vec![write("list.txt", "# empty\n")],
            ..PolicyFiles::default()
        };
        let noted = |now| {
            let mut notes = String::new();
            let mut note = |line: &str| notes += &format!("{line}\n");
            files.read(now, &mut note).unwrap();
            notes
        };
        let before = noted(Some(1_801_439_999));
        for expected in ["it is empty", "it denies nothing"] {
            assert!(before.contains(expected), "{before}");
        }
        assert!(!before.contains("it is over") && !noted(None).contains("it is over"));
        let after = noted(Some(1_801_440_000));
        assert!(
            after.contains("exceptions.toml: without effect, it is over: "),
            "{after}"
        );
    }
}
