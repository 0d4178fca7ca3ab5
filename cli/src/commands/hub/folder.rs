//! Where a hub keeps what it knows when nobody says.

use std::{env, path::PathBuf};

use crate::error::CliError;

/// The folder that was named, or one of our own below the user's data directory.
pub fn of(named: Option<PathBuf>) -> Result<PathBuf, CliError> {
    const OURS: &str = "threadx-defender";
    let set = |name: &str| {
        let path = env::var_os(name).map(PathBuf::from);
        path.filter(|path| path.is_absolute())
    };
    // As the XDG base directories are; systemd says where services keep theirs.
    let found = named
        .or_else(|| set("STATE_DIRECTORY"))
        .or_else(|| Some(set("XDG_DATA_HOME")?.join(OURS)))
        .or_else(|| Some(set("LOCALAPPDATA")?.join(OURS)))
        .or_else(|| Some(env::home_dir()?.join(".local/share").join(OURS)));
    found.ok_or_else(|| {
        CliError::Usage("there is no home directory: name a folder with --data".into())
    })
}
