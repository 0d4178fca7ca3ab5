//! Messages as files in a directory.

use std::{
    fs, io,
    io::Write,
    path::{Path, PathBuf},
};

use tempfile::Builder;

/// Why messages cannot be written to files.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    /// There is something in the directory.
    #[error("{} has files in it; name an empty directory, or replace those of the same names with --force", .0.display())]
    Occupied(PathBuf),
    /// It is none.
    #[error("{} is a file; name a directory", .0.display())]
    File(PathBuf),
    /// It is elsewhere.
    #[error("{} is a symbolic link; name the directory itself", .0.display())]
    Link(PathBuf),
    /// A file, or the directory, cannot be written.
    #[error("cannot write {}: {error}", path.display())]
    Write {
        /// Where to.
        path: PathBuf,
        /// Why not.
        error: io::Error,
    },
}

/// A directory that messages are written to, each to a file `NNN-TIME.bin`.
pub struct MessageFiles {
    directory: PathBuf,
    replaces: bool,
    written: u64,
}

impl MessageFiles {
    /// Makes `directory`, or takes it as it is when it is empty or files may be replaced.
    pub fn create(directory: PathBuf, replaces: bool) -> Result<Self, FilesError> {
        // Without a separator at its end, behind which a link would be followed.
        let directory: PathBuf = directory.components().collect();
        let failed = |error| FilesError::Write {
            path: directory.clone(),
            error,
        };
        if fs::symlink_metadata(&directory).is_ok_and(|metadata| metadata.is_symlink()) {
            return Err(FilesError::Link(directory));
        }
        if directory.exists() && !directory.is_dir() {
            return Err(FilesError::File(directory));
        }
        fs::create_dir_all(&directory).map_err(failed)?;
        let is_empty = fs::read_dir(&directory).map_err(failed)?.next().is_none();
        if !(is_empty || replaces) {
            return Err(FilesError::Occupied(directory));
        }
        Ok(Self {
            directory,
            replaces,
            written: 0,
        })
    }

    /// Writes a message that was sent at the Unix second `time`. The file is there as a whole or not at all, and what has its
    /// name is replaced or left as it is, wherever it may point to.
    pub fn write(&mut self, time: u64, message: &[u8]) -> Result<(), FilesError> {
        let path = self
            .directory
            .join(format!("{:03}-{time}.bin", self.written));
        self.write_to(&path, message)
            .map_err(|error| FilesError::Write { path, error })?;
        self.written += 1;
        Ok(())
    }

    fn write_to(&self, path: &Path, message: &[u8]) -> io::Result<()> {
        let mut builder = Builder::new();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // What the umask leaves of it, as with any other file.
            builder.permissions(fs::Permissions::from_mode(0o666));
        }
        let mut file = builder.prefix(".message-").tempfile_in(&self.directory)?;
        // Its own errors would name a file that nobody knows.
        file.as_file_mut().write_all(message)?;
        if self.replaces {
            file.persist(path)?;
        } else {
            file.persist_noclobber(path)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(directory: &Path) -> Vec<String> {
        let entries = fs::read_dir(directory).unwrap();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_directory_is_made_and_filled() {
        let directory = tempfile::tempdir().unwrap();
        let within = directory.path().join("a/b");
        let mut files = MessageFiles::create(within.clone(), false).unwrap();
        files.write(1000, b"one").unwrap();
        files.write(1010, b"two").unwrap();
        assert_eq!(names(&within), ["000-1000.bin", "001-1010.bin"]);
        assert_eq!(fs::read(within.join("001-1010.bin")).unwrap(), b"two");
    }

    #[test]
    fn what_is_there_is_replaced_only_when_asked_to() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("000-7.bin"), b"old").unwrap();
        let path = directory.path().to_owned();
        let refused = MessageFiles::create(path.clone(), false);
        assert!(matches!(refused, Err(FilesError::Occupied(_))));
        let mut files = MessageFiles::create(path, true).unwrap();
        files.write(7, b"new").unwrap();
        assert_eq!(names(directory.path()), ["000-7.bin"]);
        let content = fs::read(directory.path().join("000-7.bin")).unwrap();
        assert_eq!(content, b"new");
    }

    #[test]
    fn a_file_is_no_directory() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let refused = MessageFiles::create(file.path().to_owned(), true);
        assert!(matches!(refused, Err(FilesError::File(_))));
    }

    #[test]
    fn what_appears_meanwhile_stays() {
        let directory = tempfile::tempdir().unwrap();
        let mut files = MessageFiles::create(directory.path().to_owned(), false).unwrap();
        fs::write(directory.path().join("000-7.bin"), b"theirs").unwrap();
        let refused = files.write(7, b"ours").unwrap_err();
        assert!(refused.to_string().contains("000-7.bin"), "{refused}");
        let content = fs::read(directory.path().join("000-7.bin")).unwrap();
        assert_eq!(content, b"theirs");
        assert_eq!(names(directory.path()).len(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_not_followed() {
        use std::os::unix::fs::symlink;

        let directory = tempfile::tempdir().unwrap();
        let (target, link) = (
            directory.path().join("target"),
            directory.path().join("link"),
        );
        fs::create_dir(&target).unwrap();
        symlink(&target, &link).unwrap();
        for link in [link.clone(), link.join(""), link.join(".")] {
            let refused = MessageFiles::create(link, false);
            assert!(matches!(refused, Err(FilesError::Link(_))));
        }

        let victim = directory.path().join("victim");
        fs::write(&victim, b"precious").unwrap();
        symlink(&victim, target.join("000-7.bin")).unwrap();
        let mut files = MessageFiles::create(target.clone(), true).unwrap();
        files.write(7, b"message").unwrap();
        assert_eq!(fs::read(&victim).unwrap(), b"precious");
        assert_eq!(fs::read(target.join("000-7.bin")).unwrap(), b"message");
    }
}
