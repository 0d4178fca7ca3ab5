//! `defender baseline`: looks after a file of what is normal.

use std::path::Path;

use defender_detect::baseline::{Baselines, Class, GroupBaseline, Origin};

use crate::{
    args::{BaselineArgs, BaselineCommand},
    detect::{read_baselines, write_baselines},
    error::{self, CliError},
    output::{Count, Escaped, Format, Output},
};

/// Does it.
pub fn run(args: BaselineArgs) -> Result<(), CliError> {
    match args.command {
        BaselineCommand::Show { file, json } => show(&read_baselines(&file)?, json),
        BaselineCommand::Accept {
            file,
            mut classes,
            alerted,
            group,
        } => change(&file, &group, |group| {
            if alerted {
                classes.extend(group.alerted().collect::<Vec<_>>());
            }
            each(&classes, "accepted", "is accepted already", |class| {
                group.accept(class)
            });
        }),
        BaselineCommand::Forget {
            file,
            classes,
            group,
        } => change(&file, &group, |group| {
            each(&classes, "forgotten", "is not there", |class| {
                group.forget(class)
            });
        }),
    }
}

/// Does something with each class, and says what has come of it.
fn each(classes: &[Class], done: &str, not: &str, mut act: impl FnMut(Class) -> bool) {
    for class in classes {
        match act(*class) {
            true => error::note(format_args!("{class}: {done}")),
            false => error::note(format_args!("{class} {not}")),
        }
    }
}

fn change(file: &Path, group: &str, act: impl FnOnce(&mut GroupBaseline)) -> Result<(), CliError> {
    let mut baselines = read_baselines(file)?;
    if !baselines.groups.iter().any(|known| known.name == group) {
        let names: Vec<_> = baselines
            .groups
            .iter()
            .map(|known| known.name.as_str())
            .collect();
        return Err(CliError::Usage(format!(
            "{} has no group `{group}`, but: {}",
            file.display(),
            names.join(", ")
        )));
    }
    act(baselines.group_mut(group));
    write_baselines(file, &baselines)
}

fn show(baselines: &Baselines, json: bool) -> Result<(), CliError> {
    let mut output = Output::stdout(Format::from_json_flag(json));
    for (index, group) in baselines.groups.iter().enumerate() {
        if json {
            output.write_json(group)?;
            continue;
        }
        let newline = if index == 0 { "" } else { "\n" };
        let devices = match group.devices {
            0 => "no device".to_owned(),
            1 => "one device".to_owned(),
            _ => "several devices".to_owned(),
        };
        output.write_text(format_args!(
            "{newline}{}: learned for {} from {devices}; busiest day {} bytes",
            Escaped(&group.name),
            humantime::format_duration(group.learned),
            group.busiest_day,
        ))?;
        for known in &group.classes {
            let of = match &known.device {
                Some(device) => format!(" ({})", Escaped(device)),
                None => String::new(),
            };
            let class = known.class.to_string();
            output.write_text(format_args!("  {class:44}  {}{of}", word(known.origin)))?;
        }
        let peers = Count(group.peers.len() as u64, "network");
        output.write_text(format_args!("  {peers} of peers"))?;
    }
    Ok(output.flush()?)
}

fn word(origin: Origin) -> &'static str {
    match origin {
        Origin::Alerted => "alerted: accept it, or look into it",
        Origin::Candidate => "candidate: one device alone",
        Origin::Learned => "learned",
        Origin::Accepted => "accepted",
    }
}
