//! The simulation kit of a package: C of our own that gives upstream's Linux port what the host port has for tests.

use std::fs;
use std::path::{Path, PathBuf};

use crate::Error;
use crate::cargo::{self, Call};
use crate::seams::{self, Seams};
use crate::sources::Sources;

/// The files of a kit.
#[derive(Clone, Debug, Default)]
pub struct Kit {
    /// Its C files.
    pub files: Vec<PathBuf>,
    /// What it asks for.
    pub seams: Seams,
}

impl Kit {
    /// The kit in the folder `simulation` of the package, where upstream's Linux port runs.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn of(call: &Call) -> Result<Option<Self>, Error> {
        let folder = call.package.join("simulation");
        if !call.is_linux_of_upstream() || !folder.join(seams::FILE).is_file() {
            return Ok(None);
        }
        cargo::rerun_if_changed([&folder]);
        Self::read(&call.package, folder).map(Some)
    }

    fn read(package: &Path, folder: PathBuf) -> Result<Self, Error> {
        let list = folder.join(seams::FILE);
        let text = fs::read_to_string(&list).map_err(Error::file(&list))?;
        let mut sources = Sources::default();
        sources.add_folder(folder, |_| true)?;
        Ok(Self {
            files: sources.files,
            seams: seams::parse(&list, package, &text)?,
        })
    }
}
