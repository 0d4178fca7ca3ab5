//! What decides, from the files that the user names.

use std::fmt::Display;

use defender_detect::Policy;
use defender_hub::config::PolicyFiles;

use crate::{
    args::DetectArgs,
    error::{self, CliError},
};

/// Tells what is wrong with a file, a line for each problem.
pub fn refuse(name: impl Display, problems: impl Display) -> CliError {
    for line in problems.to_string().lines() {
        error::complain(format_args!("{name}: {line}"));
    }
    CliError::Inputs
}

/// Reads everything that was named.
pub fn read(args: &DetectArgs) -> Result<Policy, CliError> {
    let mut files = PolicyFiles::default();
    files.config.clone_from(&args.config);
    files.groups.clone_from(&args.groups);
    files.rules.clone_from(&args.rules);
    files.exceptions.clone_from(&args.exceptions);
    files.threats.clone_from(&args.threats);
    files.advisories.clone_from(&args.advisories);
    read_files(&files)
}

/// Reads these files.
pub fn read_files(files: &PolicyFiles) -> Result<Policy, CliError> {
    files
        .read(None, &mut |line| error::note(line))
        .map_err(|error| refuse(error.file, error.problems))
}
