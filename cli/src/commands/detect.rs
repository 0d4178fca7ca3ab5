//! `defender detect`: what a detector finds in captures and messages.

use std::{cmp::Reverse, collections::BTreeMap};

use defender_detect::{Alert, Detector, Input, Severity, ocsf};
use defender_hub::source::file::{Problems, Stream, What, open};

use crate::{
    args::DetectArgs,
    detect::{self, Block, Summary},
    error::{self, CliError},
    output::{Format, Output},
};

/// So many seconds after a tick the next one comes, with whatever comes then: no time passes that no input states.
const TICK: u32 = 60;

/// Reads all inputs in one order, and shows what was found.
pub fn run(args: &DetectArgs) -> Result<(), CliError> {
    let policy = detect::policy(args)?;
    let mut problems = Problems::new(|problem| error::complain(problem), |text| error::note(text));
    let mut sources = Vec::new();
    for path in &args.inputs {
        sources.extend(open(path, &args.local, &mut problems));
    }
    let stream = Stream::new(sources, &mut problems);
    let mut found = Found {
        detector: Detector::new(policy),
        alerts: BTreeMap::new(),
        summary: Summary::default(),
        output: Output::stdout(Format::from_json_flag(args.json || args.ocsf)),
        are_changes_told: args.ocsf,
    };
    found.look(stream, &mut problems)?;
    let alerts = found.most_severe_first();
    for (index, alert) in alerts.iter().enumerate() {
        found.summary.add(alert);
        match (args.ocsf, args.json) {
            (true, _) => {}
            (_, true) => found.output.write_json(alert)?,
            (false, false) => {
                let separator = if index == 0 { "" } else { "\n" };
                let block = format_args!("{separator}{}", Block(alert));
                found.output.write_text(block)?;
            }
        }
    }
    found.output.flush()?;
    error::note(found.summary);
    if problems.count() > 0 {
        return Err(CliError::Inputs);
    }
    let threshold = Severity::from(args.fail_on);
    match alerts.iter().any(|alert| alert.severity >= threshold) {
        true => Err(CliError::Alerts),
        false => Ok(()),
    }
}

/// What has been found so far.
struct Found {
    detector: Detector,
    /// Each alert as it stands, by its id.
    alerts: BTreeMap<String, Alert>,
    summary: Summary,
    output: Output,
    /// Changes are written as they come.
    are_changes_told: bool,
}

impl Found {
    fn look(&mut self, mut stream: Stream, problems: &mut Problems) -> Result<(), CliError> {
        let mut last_tick = None;
        let mut now = 0;
        while let Some(piece) = stream.next(problems) {
            now = piece.time.max(now);
            if last_tick.is_none_or(|last| now.saturating_sub(last) >= TICK) {
                last_tick = Some(now);
                self.feed(Input::Tick { time: now })?;
            }
            self.summary.reports += u64::from(matches!(piece.what, What::Report(..)));
            self.feed(piece.input())?;
        }
        self.summary.devices = self.detector.devices().count() as u64;
        self.feed(Input::Tick { time: now })
    }

    fn feed(&mut self, input: Input<'_>) -> Result<(), CliError> {
        for change in self.detector.feed(input) {
            if self.are_changes_told {
                self.output.write_json(&ocsf::finding(&change))?;
            }
            self.alerts.insert(change.alert.id.clone(), change.alert);
        }
        Ok(())
    }

    /// All alerts as they stand now: an open one has grown since it was last told of.
    fn most_severe_first(&mut self) -> Vec<Alert> {
        for alert in self.detector.alerts() {
            self.alerts.insert(alert.id.clone(), alert);
        }
        let mut alerts: Vec<_> = std::mem::take(&mut self.alerts).into_values().collect();
        alerts.sort_by(|a, b| {
            let key = |alert: &Alert| (Reverse(alert.severity), alert.first_seen);
            key(a).cmp(&key(b)).then_with(|| a.device.cmp(&b.device))
        });
        alerts
    }
}
