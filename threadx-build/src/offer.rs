//! What both packages tell dependents, and their own code, about the C side.

use std::path::PathBuf;

use crate::Error;
use crate::cargo;
use crate::compiler::{self, Define};
use crate::version::Version;

/// What must be known of a library, wherever it comes from.
#[derive(Clone, Copy, Debug)]
pub struct Offer<'a> {
    /// The folders of its headers.
    pub include: &'a [PathBuf],
    /// What the headers are compiled with.
    pub defines: &'a [Define],
    /// The version whose interface they declare.
    pub version: Version,
    /// Whether services check their arguments.
    pub error_checking: bool,
    /// The keys of what tests have in a simulation.
    pub simulation_keys: &'a [&'a str],
    /// Whether it is one.
    pub simulation: bool,
}

impl Offer<'_> {
    /// Tells cargo.
    ///
    /// # Errors
    /// When a folder cannot be told.
    pub fn tell(&self) -> Result<(), Error> {
        cargo::metadata("include", cargo::join_paths(self.include)?);
        cargo::metadata("defines", compiler::join_defines(self.defines));
        cargo::metadata("version", self.version);
        for key in self.simulation_keys {
            cargo::metadata(key, u8::from(self.simulation));
        }
        cargo::cfg("error_checking", self.error_checking);
        cargo::cfg("simulation", self.simulation);
        Ok(())
    }
}
