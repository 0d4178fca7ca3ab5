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

use super::in_force::{Loaded, Part, PartKind, differences};

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
        let loaded = self.load("", now)?;
        loaded.notes().for_each(|line| note(&line));
        Ok(loaded.policy)
    }

    /// Reads all files, with exceptions in TOML beside those of the file, and says what they are.
    pub(crate) fn load(&self, exceptions: &str, now: Option<u32>) -> Result<Loaded, PolicyError> {
        let mut policy = Policy::new(match &self.config {
            Some(path) => parse(path, Config::parse)?,
            None => Config::default(),
        });
        if let Some(path) = &self.groups {
            policy.groups = parse(path, Groups::parse)?;
        }
        if let Some(path) = &self.advisories {
            policy.advisories = parse(path, Advisories::parse)?;
        }
        let differences = differences(&policy.config);
        let names = policy.groups.names().into_iter();
        let names: Vec<_> = names.map(|name| format!("Group {name}")).collect();
        let mut parts = vec![
            Part::new(
                PartKind::Settings,
                self.config.as_deref(),
                differences.len(),
            )
            .saying(differences),
            Part::new(PartKind::Groups, self.groups.as_deref(), names.len()).saying(names),
        ];
        policy.rules = self.rules(&policy.groups, &mut parts)?;
        policy.exceptions = self.exceptions(exceptions, &policy.groups, now, &mut parts)?;
        policy.threats = self.threats(&mut parts)?;
        let (advisories, file) = (&policy.advisories, self.advisories.as_deref());
        let checked = advisories.checked();
        let checked = checked.map(|day| format!("Their sources were read on {day}"));
        let advisories = Part::new(PartKind::Advisories, file, advisories.all().len());
        parts.push(advisories.saying(checked));
        Ok(Loaded { policy, parts })
    }

    fn rules(&self, groups: &Groups, parts: &mut Vec<Part>) -> Result<Rules, PolicyError> {
        let mut files = Vec::new();
        for path in &self.rules {
            let file = parse(path, RulesFile::parse)?;
            let entries = file.groups.iter().map(|group| group.rules.len()).sum();
            let part = Part::new(PartKind::Rules, Some(path), entries)
                .saying(lines(&file.explain()))
                .warning(file.without_effect(groups));
            parts.push(part);
            files.push(file);
        }
        let names = || {
            let names = self.rules.iter().map(|path| path.display().to_string());
            names.collect::<Vec<_>>().join(", ")
        };
        Rules::new(files).map_err(|problems| PolicyError::new(names(), problems))
    }

    fn exceptions(
        &self,
        of_api: &str,
        groups: &Groups,
        now: Option<u32>,
        parts: &mut Vec<Part>,
    ) -> Result<Exceptions, PolicyError> {
        let mut add = |path, exceptions: &Exceptions| {
            let part = Part::new(PartKind::Exceptions, path, exceptions.iter().count())
                .saying(exceptions.iter().map(ToString::to_string))
                .warning(exceptions.without_effect(groups, now));
            parts.push(part);
        };
        let made = Exceptions::parse(of_api)
            .map_err(|problems| PolicyError::new("exceptions of the API", problems))?;
        let all = match &self.exceptions {
            Some(path) => parse(path, |text| {
                add(Some(path.as_path()), &Exceptions::parse(text)?);
                Exceptions::parse(&format!("{text}\n{of_api}"))
            })?,
            None => made.clone(),
        };
        add(None, &made);
        Ok(all)
    }

    fn threats(&self, parts: &mut Vec<Part>) -> Result<ThreatLists, PolicyError> {
        let mut lists = ThreatLists::builder();
        for path in &self.threats {
            let text = fs::read(path).map_err(|error| unreadable(path, &error))?;
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            let reading = lists.read(&name, &text);
            if reading.acting == 0 && reading.refused > 0 {
                return Err(PolicyError::new(path.display(), reading));
            }
            let mut said = lines(&reading);
            let mut part = Part::new(PartKind::Threats, Some(path), reading.acting)
                .saying(said.by_ref().take(1));
            if !reading.is_clean() {
                let first = part.says.clone();
                part = part.warning(first.into_iter().chain(said));
            }
            parts.push(part);
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

fn lines(text: &impl Display) -> std::vec::IntoIter<String> {
    let text = text.to_string();
    let lines: Vec<_> = text.lines().map(str::to_owned).collect();
    lines.into_iter()
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
