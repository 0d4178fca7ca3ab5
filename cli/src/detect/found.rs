//! What a detector has found in files, and how it is shown.

use std::{cmp::Reverse, collections::BTreeMap};

use defender_detect::{Alert, Detector, Input, Policy, Severity, hygiene::Recommendation, ocsf};

use super::{Block, Recommendations, Summary};
use crate::{
    error::{self, CliError},
    output::{Format, Output},
};

/// How it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Alerts and recommendations, for a person.
    Text,
    /// Alerts as they stand at the end, and recommendations if they are asked for: an object a line.
    Json { has_recommendations: bool },
    /// Changes of alerts as OCSF, when they come.
    Changes,
}

/// What has been found so far.
pub struct Found {
    pub detector: Detector,
    pub summary: Summary,
    /// Each alert as it stands, by its id.
    alerts: BTreeMap<String, Alert>,
    output: Output,
    shown: Shown,
}

impl Found {
    /// Nothing yet.
    pub fn new(policy: Policy, shown: Shown) -> Self {
        Self {
            detector: Detector::new(policy),
            summary: Summary::default(),
            alerts: BTreeMap::new(),
            output: Output::stdout(Format::from_json_flag(shown != Shown::Text)),
            shown,
        }
    }

    /// Takes the next piece of input.
    pub fn feed(&mut self, input: Input<'_>) -> Result<(), CliError> {
        for change in self.detector.feed(input) {
            if self.shown == Shown::Changes {
                self.output.write_json(&ocsf::finding(&change))?;
            }
            self.alerts.insert(change.alert.id.clone(), change.alert);
        }
        Ok(())
    }

    /// Shows what was found, with recommendations of who calls before the detector's; says whether there is an alert of at least this
    /// severity.
    pub fn show(
        mut self,
        mut recommendations: Vec<Recommendation>,
        threshold: Severity,
    ) -> Result<bool, CliError> {
        let alerts = self.most_severe_first();
        for (index, alert) in alerts.iter().enumerate() {
            self.summary.add(alert);
            match self.shown {
                Shown::Changes => {}
                Shown::Json { .. } => self.output.write_json(alert)?,
                Shown::Text => {
                    let separator = if index == 0 { "" } else { "\n" };
                    let block = format_args!("{separator}{}", Block(alert));
                    self.output.write_text(block)?;
                }
            }
        }
        recommendations.append(&mut self.detector.recommendations());
        self.summary.recommendations = recommendations.len() as u64;
        match self.shown {
            Shown::Text if !recommendations.is_empty() => {
                let separator = if alerts.is_empty() { "" } else { "\n" };
                let text = format_args!("{separator}{}", Recommendations(&recommendations));
                self.output.write_text(text)?;
            }
            Shown::Json {
                has_recommendations: true,
            } => {
                for recommendation in &recommendations {
                    self.output.write_json(recommendation)?;
                }
            }
            _ => {}
        }
        self.output.flush()?;
        error::note(self.summary);
        Ok(alerts.iter().any(|alert| alert.severity >= threshold))
    }

    /// Alerts and recommendations as they stand now.
    pub fn into_alerts(mut self) -> (Vec<Alert>, Vec<Recommendation>) {
        (self.most_severe_first(), self.detector.recommendations())
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
