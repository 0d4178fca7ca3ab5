//! `defender rules check`: a rules file in sentences.

use defender_detect::rules::RulesFile;

use crate::{
    args::{RulesArgs, RulesCommand},
    detect::refuse,
    error::CliError,
    input,
    output::{Escaped, Format, Output},
};

/// Looks after a rules file.
pub fn run(args: &RulesArgs) -> Result<(), CliError> {
    let RulesCommand::Check { file } = &args.command;
    let name = input::name(file);
    let text = input::text(file)
        .map_err(|error| refuse(&name, format_args!("cannot be read: {error}")))?;
    let rules = RulesFile::parse(&text).map_err(|problems| refuse(&name, problems))?;
    // Names of groups are somebody else's.
    let mut output = Output::stdout(Format::Text);
    for line in rules.explain().to_string().lines() {
        output.write_text(Escaped(line))?;
    }
    Ok(output.flush()?)
}
