//! `defender detect`: what a detector finds in captures and messages.

use defender_detect::Input;
use defender_hub::source::file::{Piece, Problems, Said, Stream, What, open};

use crate::{
    args::DetectArgs,
    detect::{self, Found, Shown},
    error::{self, CliError},
};

/// So many seconds after a tick the next one comes, with whatever comes then: no time passes that no input states.
const TICK: u32 = 60;

/// Reads all inputs in one order, and shows what was found.
pub fn run(args: &DetectArgs) -> Result<(), CliError> {
    let policy = detect::policy(&args.policy.files())?;
    let baselines = detect::baselines(&args.baseline)?;
    let mut problems = Problems::new(|problem| error::complain(problem), |text| error::note(text));
    let mut sources = Vec::new();
    let said = Said {
        local: &args.local,
        system: args.system.as_deref(),
    };
    for path in &args.inputs {
        sources.extend(open(path, said, &mut problems));
    }
    let stream = Stream::new(sources, &mut problems);
    let shown = match (args.ocsf, args.json) {
        (true, _) => Shown::Changes,
        (false, true) => Shown::Json {
            has_recommendations: args.recommendations,
        },
        (false, false) => Shown::Text,
    };
    let mut found = Found::new(policy, shown);
    found.detector.give(&baselines);
    let began = look(&mut found, stream, &mut problems, |_| ())?;
    if let (Some(path), Some(began)) = (&args.policy.exceptions, began) {
        for unused in found.detector.policy().exceptions.unused(began) {
            error::note(format_args!("{}: {unused}", path.display()));
        }
    }
    if let Some(path) = &args.learn {
        detect::write_baselines(path, &found.detector.baselines())?;
    }
    let has_alerts = found.show(Vec::new(), args.fail_on.into())?;
    if problems.count() > 0 {
        return Err(CliError::Inputs);
    }
    match has_alerts {
        true => Err(CliError::Alerts),
        false => Ok(()),
    }
}

/// Feeds everything, which `seen` sees as well, and says when it began.
pub(super) fn look(
    found: &mut Found,
    mut stream: Stream,
    problems: &mut Problems,
    mut seen: impl FnMut(&Piece),
) -> Result<Option<u32>, CliError> {
    let mut began = None;
    let mut last_tick = None;
    let mut now = 0;
    while let Some(piece) = stream.next(problems) {
        now = piece.time.max(now);
        began.get_or_insert(now);
        if last_tick.is_none_or(|last| now.saturating_sub(last) >= TICK) {
            last_tick = Some(now);
            found.feed(Input::Tick { time: now })?;
        }
        found.summary.reports += u64::from(matches!(piece.what, What::Report(..)));
        seen(&piece);
        found.feed(piece.input())?;
    }
    found.summary.devices = found.detector.devices().count() as u64;
    found.feed(Input::Tick { time: now })?;
    Ok(began)
}
