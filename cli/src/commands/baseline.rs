//! `defender baseline`: looks after a file of what is normal.

use std::path::Path;

use defender_detect::baseline::{Baselines, Class, GroupBaseline, Origin};

use crate::{
    args::{BaselineArgs, BaselineCommand},
    detect::{group_of, read_baselines, write_baselines},
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
    act(group_of(&mut baselines, file, group)?);
    write_baselines(file, &baselines)
}

/// Shows what is normal, group by group.
pub fn show(baselines: &Baselines, json: bool) -> Result<(), CliError> {
    let mut output = Output::stdout(Format::from_json_flag(json));
    for (index, group) in baselines.groups.iter().enumerate() {
        if json {
            output.write_json(group)?;
            continue;
        }
        let newline = if index == 0 { "" } else { "\n" };
        let mut head = match group.devices {
            0 => "taught by no device".to_owned(),
            1 => "taught by one device".to_owned(),
            _ => "taught by several devices".to_owned(),
        };
        if !group.learned.is_zero() {
            let learned = humantime::format_duration(group.learned);
            head.push_str(&format!(", for {learned}"));
        }
        if group.busiest_day > 0 {
            let bytes = Count(group.busiest_day, "byte");
            head.push_str(&format!(", busiest day {bytes}"));
        }
        output.write_text(format_args!("{newline}{}: {head}", Escaped(&group.name)))?;
        for known in &group.classes {
            let of = match &known.device {
                Some(device) => format!(" ({})", Escaped(device)),
                None => String::new(),
            };
            let class = known.class.to_string();
            output.write_text(format_args!("  {class:39}  {}{of}", word(known.origin)))?;
        }
        let peers = Count(group.peers.len() as u64, "network");
        output.write_text(format_args!("  {peers} of peers"))?;
    }
    Ok(output.flush()?)
}

fn word(origin: Origin) -> &'static str {
    match origin {
        Origin::Alerted => "alerted, not accepted",
        Origin::Candidate => "of one device alone",
        Origin::Learned => "learned",
        Origin::Accepted => "accepted",
    }
}
