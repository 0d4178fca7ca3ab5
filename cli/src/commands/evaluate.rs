//! `defender evaluate`: how much is found in captures with labels.

use std::{fs, sync::Arc};

use defender_hub::{config::PolicyFiles, source::file::Problems};
use serde_json::json;

use crate::{
    args::EvaluateArgs,
    detect::{self, refuse},
    error::{self, CliError},
    evaluate::{Score, Totals, Verdict, read, score},
    output::{Escaped, Format, Output},
};

/// Plays each capture of the manifest by itself, and shows what has come of it.
pub fn run(args: &EvaluateArgs) -> Result<(), CliError> {
    let manifest = args.directory.join("MANIFEST.tsv");
    let text = fs::read_to_string(&manifest)
        .map_err(|error| refuse(manifest.display(), format_args!("cannot be read: {error}")))?;
    let fetched = args.fetched.as_deref().unwrap_or(&args.directory);
    let rows = read(&text, &args.directory, fetched)
        .map_err(|problems| refuse(manifest.display(), problems))?;
    let mut files = PolicyFiles::default();
    files.config.clone_from(&args.config);
    files.threats.clone_from(&args.threats);
    let policy = Arc::new(detect::policy(&files)?);
    // Whose a capture is, the manifest says; who else it may be is of no interest.
    let mut problems = Problems::new(|problem| error::complain(problem), |_| {});
    let mut output = Output::stdout(Format::from_json_flag(args.json));
    let mut scores = Vec::new();
    for row in &rows {
        let name = row.path.file_name().unwrap_or_default();
        let past = args.learn.as_ref().map(|learn| learn.join(name));
        let past = past.filter(|past| past.exists());
        let score = score(row, past.as_deref(), &policy, &mut problems);
        match args.json {
            true => output.write_json(&score)?,
            false => {
                for line in lines(&score) {
                    output.write_text(Escaped(line))?;
                }
            }
        }
        output.flush()?;
        scores.push(score);
    }
    let totals = Totals::of(&scores);
    match args.json {
        true => output.write_json(&json!({ "totals": totals }))?,
        false => output.write_text(sums(&totals))?,
    }
    output.flush()?;
    match problems.count() {
        0 => Ok(()),
        _ => Err(CliError::Inputs),
    }
}

/// A row of the table. What does not fit beside the name stands below it.
fn lines(score: &Score) -> Vec<String> {
    let verdict = match score.verdict {
        Verdict::Found => "found",
        Verdict::Missed => "missed",
        Verdict::False => "FALSE",
        Verdict::Quiet => "quiet",
        Verdict::Absent => "absent",
    };
    let after = score
        .time_to_alert
        .map_or_else(String::new, |time| format!("{time} s"));
    let rules: Vec<_> = score
        .rules
        .iter()
        .map(|(rule, count)| format!("{rule} {count}"))
        .collect();
    let classes = match score.new_classes {
        0 => String::new(),
        1 => format!("1 new class in {:.1} days", score.days),
        some => format!("{some} new classes in {:.1} days", score.days),
    };
    let mut what = rules;
    what.extend((!classes.is_empty()).then_some(classes));
    let capture: String = score.capture.chars().take(34).collect();
    let head = format!("{verdict:6}  {after:>8}  {capture:34}");
    let line = format!("{head}  {}", what.join(", "));
    if line.chars().count() <= 80 {
        return vec![line.trim_end().to_owned()];
    }
    let below = what.into_iter().map(|what| format!("{:18}{what}", ""));
    [head.trim_end().to_owned()]
        .into_iter()
        .chain(below)
        .collect()
}

fn sums(totals: &Totals) -> String {
    let classes = match totals.new_classes_a_day {
        Some(rate) => format!(
            "\n{rate:.2} new classes a device and day, {} volume alerts, in {:.1} days after learning",
            totals.volume_alerts, totals.days_after_learning
        ),
        None => String::new(),
    };
    format!(
        "\nmalicious: {} found, {} missed; suspicious: {} found, {} missed\nbenign: {} false, {} quiet; {} not there{classes}",
        totals.found,
        totals.missed,
        totals.suspicious_found,
        totals.suspicious_missed,
        totals.false_alarms,
        totals.quiet,
        totals.absent,
    )
}
