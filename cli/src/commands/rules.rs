//! `defender rules check`: a rules file in sentences.

use std::{
    fs,
    io::{self, Read},
    path::Path,
};

use defender_detect::rules::RulesFile;

use crate::{
    args::{RulesArgs, RulesCommand},
    detect::refuse,
    error::CliError,
    output::{Escaped, Format, Output},
};

/// Looks after a rules file.
pub fn run(args: &RulesArgs) -> Result<(), CliError> {
    let RulesCommand::Check { file } = &args.command;
    let (name, text) = if file == Path::new("-") {
        let mut text = String::new();
        let read = io::stdin().lock().read_to_string(&mut text);
        ("standard input".to_owned(), read.map(|_| text))
    } else {
        (file.display().to_string(), fs::read_to_string(file))
    };
    let text = text.map_err(|error| refuse(&name, format_args!("cannot be read: {error}")))?;
    let rules = RulesFile::parse(&text).map_err(|problems| refuse(&name, problems))?;
    // Names of groups are somebody else's.
    let mut output = Output::stdout(Format::Text);
    for line in rules.explain().to_string().lines() {
        output.write_text(Escaped(line))?;
    }
    Ok(output.flush()?)
}
