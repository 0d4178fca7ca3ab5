//! Files of what is normal.

use std::{fs, path::Path};

use defender_detect::baseline::Baselines;

use super::refuse;
use crate::error::CliError;

/// Reads a file.
pub fn read_baselines(path: &Path) -> Result<Baselines, CliError> {
    let text = fs::read_to_string(path)
        .map_err(|error| refuse(path.display(), format_args!("cannot be read: {error}")))?;
    Baselines::parse(&text).map_err(|problems| refuse(path.display(), problems))
}

/// Reads several. A group of a later one takes the place of that of an earlier one.
pub fn baselines(paths: &[impl AsRef<Path>]) -> Result<Baselines, CliError> {
    let mut all = Baselines::default();
    for path in paths {
        for group in read_baselines(path.as_ref())?.groups {
            *all.group_mut(&group.name) = group.clone();
        }
    }
    Ok(all)
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
