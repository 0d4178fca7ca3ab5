//! What has come of a capture, and of all of them.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use defender_detect::{ChangeEvent, Detector, Input, Kind, Policy, Severity};
use defender_hub::source::file::{Problems, Said, Source, Stream, What, open};
use defender_message::SecurityMessage;
use serde::Serialize;

use super::manifest::{Label, Row};

/// So many seconds after a tick the next one comes.
const TICK: u32 = 60;

const DAY: f64 = 86_400.0;

/// Whether what was to be found was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It is hostile, and was found.
    Found,
    /// It is hostile, and was not.
    Missed,
    /// It is not, and an alert says so.
    False,
    /// It is not, and nothing says so.
    Quiet,
    /// The capture is not there.
    Absent,
}

/// What has come of a capture.
#[derive(Clone, Debug, Serialize)]
pub struct Score {
    pub capture: String,
    pub label: Label,
    pub content: String,
    pub verdict: Verdict,
    /// Seconds from the first report to the first alert of at least Medium.
    pub time_to_alert: Option<u64>,
    /// How often each rule was raised at Medium and above.
    pub rules: BTreeMap<&'static str, u32>,
    /// Days that reports cover: what they say of times, and what lies between them, is none of it.
    pub days: f64,
    /// Those of them that lie behind the time in which a device learns.
    pub days_after_learning: f64,
    /// Classes of traffic that were told as new.
    pub new_classes: u64,
}

/// Plays a capture, after what its device is to learn from, and scores it.
pub fn score(
    row: &Row,
    past: Option<&std::path::Path>,
    policy: &Arc<Policy>,
    problems: &mut Problems,
) -> Score {
    let mut score = Score {
        capture: row
            .path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned(),
        label: row.label,
        content: row.content.clone(),
        verdict: Verdict::Absent,
        time_to_alert: None,
        rules: BTreeMap::new(),
        days: 0.0,
        days_after_learning: 0.0,
        new_classes: 0,
    };
    if !row.path.exists() {
        return score;
    }
    let said = Said {
        local: &row.local,
        ..Said::default()
    };
    let mut detector = Detector::new(Arc::clone(policy));
    let mut covered = Covered::default();
    if let Some(source) = past.and_then(|past| open(past, said, problems)) {
        play(&mut detector, source, &mut covered, problems, |_, _| {});
    }
    let learned = covered.seconds;
    let Some(source) = open(&row.path, said, problems) else {
        return score;
    };
    let mut first_alert = None;
    let began = play(
        &mut detector,
        source,
        &mut covered,
        problems,
        |time, change| {
            let alert = &change.alert;
            let is_told = change.event != ChangeEvent::Closed;
            if is_told && alert.severity >= Severity::Medium {
                first_alert.get_or_insert(time);
                if change.event == ChangeEvent::Raised {
                    *score.rules.entry(alert.kind.rule()).or_default() += 1;
                }
            }
            if alert.kind == Kind::NewTrafficClass && change.event == ChangeEvent::Closed {
                score.new_classes += u64::from(alert.count);
            }
        },
    );
    let open = detector.alerts();
    let open = open
        .iter()
        .filter(|alert| alert.kind == Kind::NewTrafficClass);
    score.new_classes += open.map(|alert| u64::from(alert.count)).sum::<u64>();
    let days = |seconds: u64| Duration::from_secs(seconds).as_secs_f64() / DAY;
    let learning = policy.config.baseline.learning.as_secs();
    score.days = days(covered.seconds - learned);
    score.days_after_learning = days(covered.seconds.saturating_sub(learned.max(learning)));
    let began = began.unwrap_or_default();
    score.time_to_alert = first_alert.map(|time: u32| time.saturating_sub(began).into());
    score.verdict = match (row.label, first_alert.is_some()) {
        (Label::Benign, true) => Verdict::False,
        (Label::Benign, false) => Verdict::Quiet,
        (_, true) => Verdict::Found,
        (_, false) => Verdict::Missed,
    };
    score
}

/// The time that reports cover.
#[derive(Default)]
struct Covered {
    seconds: u64,
    latest: u32,
}

impl Covered {
    fn add(&mut self, message: &SecurityMessage) {
        for event in &message.events {
            if self.latest > 0 {
                let passed = event.time.saturating_sub(self.latest);
                self.seconds += u64::from(passed.min(event.collection_interval));
            }
            self.latest = self.latest.max(event.time);
        }
    }
}

/// Feeds a source to a detector; returns the time of its first report.
fn play(
    detector: &mut Detector,
    source: Box<dyn Source>,
    covered: &mut Covered,
    problems: &mut Problems,
    mut told: impl FnMut(u32, &defender_detect::Change),
) -> Option<u32> {
    let mut stream = Stream::new([source], problems);
    let mut began = None;
    let (mut now, mut last_tick) = (0, None);
    while let Some(piece) = stream.next(problems) {
        now = piece.time.max(now);
        began.get_or_insert(now);
        let mut changes = Vec::new();
        if last_tick.is_none_or(|last| now.saturating_sub(last) >= TICK) {
            last_tick = Some(now);
            changes.append(&mut detector.feed(Input::Tick { time: now }));
        }
        if let What::Report(_, message) = &piece.what {
            covered.add(message);
        }
        changes.append(&mut detector.feed(piece.input()));
        changes.iter().for_each(|change| told(now, change));
    }
    began
}

/// What has come of all captures.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Totals {
    pub found: u32,
    pub missed: u32,
    /// Of captures that are merely suspicious.
    pub suspicious_found: u32,
    pub suspicious_missed: u32,
    #[serde(rename = "false")]
    pub false_alarms: u32,
    pub quiet: u32,
    pub absent: u32,
    /// Days of benign captures, behind the time in which devices learn.
    pub days_after_learning: f64,
    /// New classes a device and day in these.
    pub new_classes_a_day: Option<f64>,
    /// Days on which a benign device moved too much.
    pub volume_alerts: u32,
}

impl Totals {
    /// Sums up.
    pub fn of(scores: &[Score]) -> Self {
        let mut totals = Self::default();
        let mut classes = 0;
        for score in scores {
            let count = match (score.verdict, score.label) {
                (Verdict::Found, Label::Suspicious) => &mut totals.suspicious_found,
                (Verdict::Missed, Label::Suspicious) => &mut totals.suspicious_missed,
                (Verdict::Found, _) => &mut totals.found,
                (Verdict::Missed, _) => &mut totals.missed,
                (Verdict::False, _) => &mut totals.false_alarms,
                (Verdict::Quiet, _) => &mut totals.quiet,
                (Verdict::Absent, _) => &mut totals.absent,
            };
            *count += 1;
            if score.label == Label::Benign {
                classes += score.new_classes;
                totals.days_after_learning += score.days_after_learning;
                totals.volume_alerts += score.rules.get("VolumeAnomaly").copied().unwrap_or(0);
            }
        }
        if totals.days_after_learning > 0.0 {
            totals.new_classes_a_day = Some(classes as f64 / totals.days_after_learning);
        }
        totals
    }
}
