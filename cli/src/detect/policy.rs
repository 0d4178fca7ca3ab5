//! What decides, from the files that the user names.

use std::{
    fmt::Display,
    fs,
    path::{Path, PathBuf},
};

use defender_detect::{
    Config, Policy,
    exceptions::Exceptions,
    groups::Groups,
    rules::{Rules, RulesFile},
    threats::ThreatLists,
};

use crate::{
    args::DetectArgs,
    error::{self, CliError},
};

/// Tells what is wrong with a file, a line for each problem.
pub fn refuse(name: impl Display, problems: impl Display) -> CliError {
    for line in problems.to_string().lines() {
        error::complain(format_args!("{name}: {line}"));
    }
    CliError::Inputs
}

/// Reads everything that was named.
pub fn read(args: &DetectArgs) -> Result<Policy, CliError> {
    let mut policy = Policy::new(match &args.config {
        Some(path) => parse(path, Config::parse)?,
        None => Config::default(),
    });
    if let Some(path) = &args.groups {
        policy.groups = parse(path, Groups::parse)?;
    }
    if let Some(path) = &args.exceptions {
        policy.exceptions = parse(path, Exceptions::parse)?;
    }
    policy.rules = rules(&args.rules)?;
    policy.threats = threats(&args.threats)?;
    Ok(policy)
}

fn rules(paths: &[PathBuf]) -> Result<Rules, CliError> {
    let mut files = Vec::new();
    for path in paths {
        files.push(parse(path, RulesFile::parse)?);
    }
    let names = || {
        let names: Vec<_> = paths
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        names.join(", ")
    };
    Rules::new(files).map_err(|problems| refuse(names(), problems))
}

fn threats(paths: &[PathBuf]) -> Result<ThreatLists, CliError> {
    let mut lists = ThreatLists::builder();
    for path in paths {
        let text = fs::read(path).map_err(|error| unreadable(path, error))?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let reading = lists.read(&name, &text);
        if reading.acting == 0 && reading.refused > 0 {
            return Err(refuse(path.display(), reading));
        }
        if !reading.is_clean() {
            for line in reading.to_string().lines() {
                error::note(line);
            }
        }
    }
    Ok(lists.build())
}

fn parse<T, E: Display>(
    path: &Path,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Result<T, CliError> {
    let text = fs::read_to_string(path).map_err(|error| unreadable(path, error))?;
    parse(&text).map_err(|problems| refuse(path.display(), problems))
}

fn unreadable(path: &Path, error: std::io::Error) -> CliError {
    refuse(path.display(), format_args!("cannot be read: {error}"))
}
