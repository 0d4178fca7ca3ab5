//! A copy of the database while the hub runs.

use std::{path::Path, time::Duration};

use rusqlite::{Connection, backup::Backup};

use super::{FILE, StoreError, open};

/// Copies the database of a data folder to a file that is not there yet, and checks the copy. The hub may be running: the copy has what
/// was committed when it began.
///
/// # Errors
/// [`StoreError`] when the database cannot be read, the file is there, cannot be written, or is damaged afterwards.
pub fn backup(folder: &Path, to: &Path) -> Result<(), StoreError> {
    let path = folder.join(FILE);
    let from = open::reader(&path)?;
    // Made here, so that nobody's file is overwritten, and nobody else reads it.
    open::make_private_file(to, true).map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => StoreError::Occupied { path: to.into() },
        _ => StoreError::unusable(to, error),
    })?;
    let of = |error| StoreError::of(to, error);
    let mut copy = Connection::open(to).map_err(of)?;
    // All at once: a copy in steps begins anew whenever the hub commits. Nobody waits for a reader.
    Backup::new(&from, &mut copy)
        .and_then(|backup| backup.run_to_completion(i32::MAX, Duration::ZERO, None))
        .map_err(of)?;
    let found: String = copy
        .query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))
        .map_err(of)?;
    match found.as_str() {
        "ok" => Ok(()),
        _ => Err(StoreError::Damaged {
            path: to.into(),
            reason: found,
        }),
    }
}
