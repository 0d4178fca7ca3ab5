//! `defender mud`: what a device is meant to do, as its maker says it.

use std::{
    path::{Path, PathBuf},
    time::SystemTime,
};

use defender_detect::mud::{Break, Check, export};
use defender_hub::source::file::{Problems, Said, Stream, What, open};
use defender_replay::local::LocalAddress;
use serde_json::Value;

use crate::{
    args::{MudArgs, MudCommand},
    detect::{read_group, read_mud},
    error::{self, CliError},
    input::name,
    output::{Count, Escaped, Format, Output, UnixTime, fill},
};

/// Does it.
pub fn run(args: &MudArgs) -> Result<(), CliError> {
    match &args.command {
        MudCommand::Check {
            file,
            inputs,
            local,
            json,
        } => check(file, inputs, local, *json),
        MudCommand::Export {
            file,
            url,
            group,
            device,
        } => {
            if !url.starts_with("https://") {
                return Err(CliError::Usage(format!(
                    "a MUD file is at a URL that begins with https://, not at `{url}`"
                )));
            }
            let baseline = read_group(file, group)?;
            let now = humantime::format_rfc3339_seconds(SystemTime::now());
            let mud = export(&baseline, device.as_deref(), url, &now.to_string());
            let lists = mud["ietf-access-control-list:acls"]["acl"].as_array();
            let has_entries = |list: &Value| list["aces"]["ace"][0].is_object();
            if !lists.is_some_and(|lists| lists.iter().any(has_entries)) {
                let whose = device.as_deref().unwrap_or(group);
                return Err(CliError::Usage(format!(
                    "nothing in {} is known to be normal for `{whose}`",
                    name(file)
                )));
            }
            let mut output = Output::stdout(Format::Text);
            output.write_text(format_args!("{mud:#}"))?;
            Ok(output.flush()?)
        }
    }
}

fn check(
    path: &Path,
    inputs: &[PathBuf],
    local: &[LocalAddress],
    json: bool,
) -> Result<(), CliError> {
    let file = read_mud(path)?;
    let mut output = Output::stdout(Format::from_json_flag(json));
    if !json {
        for line in file.to_string().lines() {
            output.write_text(fill(&Escaped(line).to_string()))?;
        }
    }
    let mut problems = Problems::new(|problem| error::complain(problem), |text| error::note(text));
    let said = Said {
        local,
        ..Said::default()
    };
    let mut sources = Vec::new();
    for path in inputs {
        sources.extend(open(path, said, &mut problems));
    }
    let mut stream = Stream::new(sources, &mut problems);
    let mut check = Check::new(&file);
    while let Some(piece) = stream.next(&mut problems) {
        if let What::Report(_, message) = &piece.what {
            for event in &message.events {
                check.look(&piece.device, event);
            }
        }
    }
    let (breaks, more) = check.finish();
    for it in &breaks {
        match json {
            true => output.write_json(it)?,
            false => output.write_text(fill(&Escaped(sentence(it)).to_string()))?,
        }
    }
    if more > 0 {
        error::note(format_args!("{} more", Count(more, "flow")));
    }
    if !json && !inputs.is_empty() && breaks.is_empty() && problems.count() == 0 {
        output.write_text("Nothing breaks it.")?;
    }
    output.flush()?;
    match (problems.count(), breaks.is_empty()) {
        (1.., _) => Err(CliError::Inputs),
        (_, false) => Err(CliError::Alerts),
        (_, true) => Ok(()),
    }
}

fn sentence(it: &Break) -> String {
    format!(
        "BROKEN by {}: {it}: {}, {} in and {} out, first at {}",
        it.device,
        Count(it.flows, "flow"),
        Count(it.bytes_in, "byte"),
        Count(it.bytes_out, "byte"),
        UnixTime(it.first.into()),
    )
}
