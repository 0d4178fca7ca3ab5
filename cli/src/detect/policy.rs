//! What decides, from the files that the user names.

use std::fmt::Display;

use defender_detect::Policy;
use defender_hub::config::PolicyFiles;

use crate::error::{self, CliError};

/// Tells what is wrong with a file, a line for each problem.
pub fn refuse(name: impl Display, problems: impl Display) -> CliError {
    for line in problems.to_string().lines() {
        error::complain(format_args!("{name}: {line}"));
    }
    CliError::Inputs
}

/// Reads these files.
pub fn read(files: &PolicyFiles) -> Result<Policy, CliError> {
    files
        .read(None, &mut |line| error::note(line))
        .map_err(|error| refuse(error.file, error.problems))
}
