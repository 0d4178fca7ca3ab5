//! Recommendations for a person, below the alerts.

use std::{cmp::Reverse, fmt};

use defender_detect::hygiene::Recommendation;

use super::text::{head, paragraph};
use crate::output::Escaped;

/// All of them, the worst first. What is recommended to several devices for the same reason is said once.
pub struct Recommendations<'a>(pub &'a [Recommendation]);

impl fmt::Display for Recommendations<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut all: Vec<_> = self.0.iter().collect();
        all.sort_by_key(|it| (Reverse(it.severity), it.kind));
        f.write_str("Recommendations")?;
        while let Some(first) = all.first().copied() {
            let is_same = |it: &Recommendation| it.kind == first.kind && it.reason == first.reason;
            let others = all.iter().filter(|it| is_same(it)).count() - 1;
            let device = match (first.device.as_str(), others) {
                ("", _) => "the hub".to_owned(),
                (device, 0) => Escaped(device).to_string(),
                (device, 1) => format!("{} and 1 other", Escaped(device)),
                (device, others) => format!("{} and {others} others", Escaped(device)),
            };
            f.write_str("\n\n")?;
            head(f, first.severity, first.kind.title(), &device)?;
            // Names of devices and rules in it are hostile.
            paragraph(f, &format!("{}.", Escaped(&first.reason)))?;
            paragraph(f, &format!("Do: {}", first.kind.remedy()))?;
            all.retain(|it| !is_same(it));
        }
        Ok(())
    }
}
