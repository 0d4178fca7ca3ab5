//! What has come of a replay.

use std::{fmt, time::Duration};

use defender_replay::{
    capture::Packets,
    device::{Summary, Traffic},
    timeline::LeftOut,
};
use indicatif::{DecimalBytes, HumanCount};

use crate::output::Count;

/// What has come of a replay. Displayed, it is its numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// What the device has seen and sent.
    pub summary: Summary,
    /// What no hub has taken.
    pub unreported: Traffic,
    /// Time without packets that was left out.
    pub left_out: LeftOut,
    /// Packets that could not be read.
    pub skipped: u64,
    /// What there is to know about the capture, a sentence each.
    pub warnings: Vec<String>,
}

impl Outcome {
    /// What has come of replaying `packets`.
    pub fn of(packets: &Packets, summary: Summary, unreported: Traffic, left_out: LeftOut) -> Self {
        let reader = packets.reader();
        Self {
            summary,
            unreported,
            left_out,
            skipped: reader.faults().skipped(),
            warnings: reader.faults().sentences(reader.name()),
        }
    }

    /// What there is to know, a line each: first what is remarkable, then the numbers.
    pub fn lines(&self) -> impl Iterator<Item = String> {
        let warnings = self.warnings.iter();
        let mut lines: Vec<_> = warnings
            .map(|warning| format!("warning: {warning}"))
            .collect();
        if self.left_out.times > 0 {
            let seconds = Duration::from_secs(self.left_out.seconds);
            lines.push(format!(
                "left out {} without packets, in which nothing but heartbeats would have been reported",
                humantime::format_duration(seconds),
            ));
        }
        lines.push(self.to_string());
        if self.unreported != Traffic::default() {
            lines.push(format!(
                "unreported, because no hub took it: {} in, {} out",
                Count(self.unreported.bytes_in, "byte"),
                Count(self.unreported.bytes_out, "byte"),
            ));
        }
        lines.into_iter()
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let summary = &self.summary;
        write!(
            f,
            "{} seen: {} counted, {} ignored, {} malformed; ",
            Count(summary.seen, "packet"),
            HumanCount(summary.counted),
            HumanCount(summary.ignored()),
            HumanCount(summary.malformed),
        )?;
        if self.skipped > 0 {
            write!(f, "{} left out; ", Count(self.skipped, "unreadable packet"))?;
        }
        write!(
            f,
            "{} aggregated; {} ({}), {}",
            Count(summary.flows_aggregated, "flow"),
            Count(summary.messages, "message"),
            DecimalBytes(summary.bytes),
            match summary.retries {
                1 => "1 retry".to_owned(),
                retries => format!("{} retries", HumanCount(retries)),
            }
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome() -> Outcome {
        let mut summary = Summary::default();
        summary.seen = 2429;
        summary.counted = 2350;
        summary.malformed = 1;
        summary.flows_aggregated = 1;
        summary.messages = 15;
        summary.bytes = 18_400;
        Outcome {
            summary,
            unreported: Traffic::default(),
            left_out: LeftOut::default(),
            skipped: 0,
            warnings: Vec::new(),
        }
    }

    #[test]
    fn a_summary_is_one_line() {
        assert_eq!(
            outcome().to_string(),
            "2,429 packets seen: 2,350 counted, 78 ignored, 1 malformed; 1 flow aggregated; \
             15 messages (18.40 kB), 0 retries"
        );
    }

    #[test]
    fn what_else_there_is_to_know_has_lines_of_its_own() {
        let mut outcome = outcome();
        outcome.warnings = vec!["it is cut".into()];
        outcome.skipped = 1;
        outcome.left_out = LeftOut {
            times: 1,
            seconds: 86_400,
        };
        outcome.unreported.bytes_out = 200;
        let lines: Vec<_> = outcome.lines().collect();
        assert_eq!(lines.len(), 4);
        assert_eq!(lines[0], "warning: it is cut");
        assert!(lines[1].starts_with("left out 1day without packets"));
        assert!(lines[2].contains("1 unreadable packet left out; "));
        assert!(lines[3].ends_with(": 0 bytes in, 200 bytes out"));
    }
}
