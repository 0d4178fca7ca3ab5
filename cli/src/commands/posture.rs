//! `defender posture`: an IoT Hub's own settings, identities and activity log.

use std::path::Path;

use defender_detect::{
    Input, Policy, Signal, SignalKind,
    azure::{self, LogSignal},
    hygiene::azure::{Export, Identity, Posture, read},
};

use crate::{
    args::PostureArgs,
    detect::{Found, Shown},
    error::{self, CliError},
    input,
};

/// Reads all files, and shows what they say.
pub fn run(args: &PostureArgs) -> Result<(), CliError> {
    let mut seen = Seen::default();
    for path in &args.files {
        seen.read(path);
    }
    let shown = match args.json {
        true => Shown::Json {
            has_recommendations: true,
        },
        false => Shown::Text,
    };
    let mut found = Found::new(Policy::default(), shown);
    for Identity { device, marks, .. } in &seen.identities {
        found.feed(Input::Signal(Signal {
            device,
            received: 0,
            what: SignalKind::Credentials { marks: *marks },
        }))?;
    }
    seen.signals.sort_by_key(|signal| signal.time);
    for signal in &seen.signals {
        found.feed(Input::Tick { time: signal.time })?;
        found.feed(Input::Signal(signal.as_signal()))?;
    }
    found.summary.devices = found.detector.devices().count() as u64;
    let has_alerts = found.show(seen.posture.recommendations(), args.fail_on.into())?;
    match (seen.is_incomplete, has_alerts) {
        (true, _) => Err(CliError::Inputs),
        (false, true) => Err(CliError::Alerts),
        (false, false) => Ok(()),
    }
}

/// What the files say.
#[derive(Default)]
struct Seen {
    posture: Posture,
    identities: Vec<Identity>,
    signals: Vec<LogSignal>,
    is_incomplete: bool,
}

impl Seen {
    fn read(&mut self, path: &Path) {
        let name = input::name(path);
        let text = match input::text(path) {
            Ok(text) => text,
            Err(error) => return self.complain(format_args!("{name} cannot be read: {error}")),
        };
        match read(&text) {
            Ok(Export::Log) => self.log(&name, &text),
            Ok(Export::Identities(mut identities)) => self.identities.append(&mut identities),
            Ok(export) => self.posture.add(export),
            Err(problems) => {
                for line in problems.to_string().lines() {
                    self.complain(format_args!("{name}, {line}"));
                }
            }
        }
    }

    fn log(&mut self, name: &str, text: &str) {
        let mut log = azure::read(text);
        for problem in &log.problems {
            self.complain(format_args!("{name}, {problem}"));
        }
        let others = log.refused.saturating_sub(log.problems.len());
        if others > 0 {
            self.complain(format_args!("{name}: {others} more like this"));
        }
        self.signals.append(&mut log.signals);
    }

    fn complain(&mut self, problem: std::fmt::Arguments<'_>) {
        self.is_incomplete = true;
        error::complain(problem);
    }
}
