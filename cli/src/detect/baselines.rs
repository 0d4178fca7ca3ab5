//! Files of what is normal.

use std::path::Path;

use defender_detect::{
    baseline::{Baselines, GroupBaseline},
    mud::MudFile,
};

use super::refuse;
use crate::{
    error::CliError,
    input::{name, text},
};

/// The group of MUD files of which nothing else is said.
const DEFAULT: &str = "default";

/// Reads a file.
pub fn read_baselines(path: &Path) -> Result<Baselines, CliError> {
    let text = read(path)?;
    Baselines::parse(&text).map_err(|problems| refuse(name(path), problems))
}

/// Reads a group out of a file.
pub fn read_group(path: &Path, group: &str) -> Result<GroupBaseline, CliError> {
    let mut baselines = read_baselines(path)?;
    Ok(group_of(&mut baselines, path, group)?.clone())
}

/// The group of this name, which a file has.
pub fn group_of<'a>(
    baselines: &'a mut Baselines,
    path: &Path,
    group: &str,
) -> Result<&'a mut GroupBaseline, CliError> {
    let groups = &mut baselines.groups;
    match groups.iter().position(|known| known.name == group) {
        Some(at) => Ok(&mut groups[at]),
        None => {
            let names: Vec<_> = groups.iter().map(|known| known.name.as_str()).collect();
            Err(CliError::Usage(format!(
                "{} has no group `{group}`, but: {}",
                name(path),
                names.join(", ")
            )))
        }
    }
}

/// Reads several, MUD files among them. A group of a later one takes the place of that of an earlier one.
pub fn baselines(paths: &[impl AsRef<Path>]) -> Result<Baselines, CliError> {
    let mut all = Baselines::default();
    for path in paths {
        for group in given(path.as_ref())?.groups {
            *all.group_mut(&group.name) = group.clone();
        }
    }
    Ok(all)
}

/// What `[GROUP=]FILE` stands for.
fn given(argument: &Path) -> Result<Baselines, CliError> {
    let parts = argument.to_str().and_then(|text| text.split_once('='));
    let (group, path) = match parts {
        Some((group, path)) if !argument.exists() => (Some(group), Path::new(path)),
        _ => (None, argument),
    };
    let text = read(path)?;
    if !text
        .trim_start_matches('\u{feff}')
        .trim_start()
        .starts_with('{')
    {
        if let Some(group) = group {
            return Err(CliError::Usage(format!(
                "{} names its groups itself, without `{group}=`",
                name(path)
            )));
        }
        return Baselines::parse(&text).map_err(|problems| refuse(name(path), problems));
    }
    let mud = parse_mud(path, &text)?;
    let mut baselines = Baselines::default();
    let group = group.unwrap_or(DEFAULT);
    *baselines.group_mut(group) = mud.baseline(group);
    Ok(baselines)
}

/// Reads a MUD file.
pub fn read_mud(path: &Path) -> Result<MudFile, CliError> {
    parse_mud(path, &read(path)?)
}

fn parse_mud(path: &Path, text: &str) -> Result<MudFile, CliError> {
    MudFile::parse(text).map_err(|problems| refuse(name(path), problems))
}

fn read(path: &Path) -> Result<String, CliError> {
    text(path).map_err(|error| refuse(name(path), format_args!("cannot be read: {error}")))
}

/// Writes a file, whole or not at all.
pub fn write_baselines(path: &Path, baselines: &Baselines) -> Result<(), CliError> {
    let write = || {
        let directory = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let mut file = tempfile::NamedTempFile::new_in(directory)?;
        std::io::Write::write_all(&mut file, baselines.to_string().as_bytes())?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    };
    write().map_err(|error| CliError::Write {
        path: path.to_owned(),
        error,
    })
}
