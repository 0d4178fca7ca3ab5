//! The bindings that are committed: they must be what the headers give.

use std::fs;
use std::path::Path;

use crate::Error;
use crate::bindings::{self, Bindings};

/// How committed bindings compare with their headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// The file is what the headers give.
    Same,
    /// It is not.
    Different,
    /// It was not, and now is.
    Updated,
    /// There is no libclang to tell.
    NoLibclang,
}

/// Compares a file with what its headers give now, and rewrites it with `update`.
///
/// # Errors
/// When the headers do not compile, or the file cannot be read or written.
pub fn compare(bindings: &Bindings<'_>, file: &Path, update: bool) -> Result<Comparison, Error> {
    if !bindings::has_libclang() {
        return Ok(Comparison::NoLibclang);
    }
    let generated = bindings.generate()?;
    let committed = fs::read_to_string(file).map_err(Error::file(file))?;
    if committed == generated {
        return Ok(Comparison::Same);
    }
    if !update {
        return Ok(Comparison::Different);
    }
    fs::write(file, generated).map_err(Error::file(file))?;
    Ok(Comparison::Updated)
}
