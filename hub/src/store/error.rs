//! Why the store does not do what it is asked to.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

/// Why the store does not do what it is asked to, and what helps.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The file cannot be opened, or not be used.
    #[error("{path} cannot be used: {reason}", path = .path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// Another hub uses the folder.
    #[error("another hub uses {folder}: stop it, or name another folder with --data", folder = .folder.display())]
    InUse {
        /// The folder.
        folder: PathBuf,
    },
    /// The file is damaged.
    #[error(
        "{path} is damaged: {reason}. Nothing of it was changed. Move it and its -wal and -shm files aside, put a backup (defender hub backup) in its place, \
         or start without one: then devices, alerts and exceptions begin anew", path = .path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        reason: String,
    },
    /// A newer version of this program has written the file.
    #[error("{path} was written by a newer version of this program (schema {found}, this one knows {known}): use that one, or a backup", path = .path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u32,
        /// The latest that is known here.
        known: u32,
    },
    /// The disk is full.
    #[error("the disk that {path} is on is full: make room; nothing is acknowledged until then", path = .path.display())]
    Full {
        /// The file.
        path: PathBuf,
    },
    /// The file of a backup is there already.
    #[error("{path} is there already, and a backup overwrites nothing", path = .path.display())]
    Occupied {
        /// The file.
        path: PathBuf,
    },
    /// The hub is stopping.
    #[error("the store is closed: the hub is stopping")]
    Gone,
}

impl StoreError {
    pub(super) fn unusable(path: &Path, reason: impl ToString) -> Self {
        Self::Unusable {
            path: path.into(),
            reason: reason.to_string(),
        }
    }

    pub(super) fn of(path: &Path, error: rusqlite::Error) -> Self {
        let path = path.to_owned();
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged {
                path,
                reason: error.to_string(),
            },
            Some(ErrorCode::DiskFull) => Self::Full { path },
            _ => Self::unusable(&path, error),
        }
    }

    /// Whether it goes away by itself, or by what a person does beside the hub.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        !matches!(self, Self::Damaged { .. } | Self::Gone)
    }
}
