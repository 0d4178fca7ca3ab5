//! Alerts for a person on duty, in 80 columns.

use std::fmt;

use anstyle::{AnsiColor, Style};
use defender_detect::{Alert, Severity, alert::AlertState};
use textwrap::{Options, WordSplitter, core::display_width};

use crate::output::{Count, Escaped, UnixTime, WIDTH};

const INDENT: &str = "  ";
const DEVICE: Style = Style::new().bold();

/// An alert: how bad, what, which device; when; what was seen; what to do.
pub struct Block<'a>(pub &'a Alert);

impl fmt::Display for Block<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(alert) = self;
        let device = match alert.device.as_str() {
            "" => "the hub".to_owned(),
            device => Escaped(device).to_string(),
        };
        head(f, alert.severity, alert.kind.title(), &device)?;
        paragraph(f, &when(alert))?;
        // Names of devices and lists in it are hostile.
        paragraph(f, &format!("{}.", Escaped(&alert.explanation)))?;
        if alert.severity > Severity::Informational {
            paragraph(f, &format!("Do: {}", alert.kind.remediation()))?;
        }
        Ok(())
    }
}

/// How bad, what, and who.
pub(super) fn head(
    f: &mut fmt::Formatter<'_>,
    severity: Severity,
    title: &str,
    device: &str,
) -> fmt::Result {
    let (severity, style) = named(severity);
    let head = format!("{severity:6}  {title}");
    let gap = WIDTH.saturating_sub(display_width(&head) + display_width(device));
    let (shown, title) = head.split_at(severity.len());
    // A long name goes to a line of its own.
    let (newline, gap) = if gap < 2 { ("\n", 2) } else { ("", gap) };
    write!(f, "{style}{shown}{style:#}{title}{newline}{:gap$}", "")?;
    write!(f, "{DEVICE}{device}{DEVICE:#}")
}

fn named(severity: Severity) -> (&'static str, Style) {
    match severity {
        Severity::High => ("High", AnsiColor::Red.on_default().bold()),
        Severity::Medium => ("Medium", AnsiColor::Yellow.on_default().bold()),
        Severity::Low => ("Low", AnsiColor::Cyan.on_default()),
        Severity::Informational => ("Info", Style::new().dimmed()),
    }
}

fn when(alert: &Alert) -> String {
    let (first, last) = (
        UnixTime(alert.first_seen.into()),
        UnixTime(alert.last_seen.into()),
    );
    let times = Count(alert.count.into(), "time");
    let state = match alert.state {
        AlertState::Open => "",
        AlertState::Closed => ", over",
    };
    if alert.first_seen == alert.last_seen {
        format!("{first}, seen {times}{state}")
    } else {
        format!("{first} to {last}, seen {times}{state}")
    }
}

/// Writes lines that fit. What has no place to break is broken anywhere.
pub(super) fn paragraph(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    let options = Options::new(WIDTH)
        .initial_indent(INDENT)
        .subsequent_indent(INDENT)
        .word_splitter(WordSplitter::NoHyphenation);
    for line in textwrap::wrap(text, options) {
        write!(f, "\n{}", line.trim_end())?;
    }
    Ok(())
}

/// What was looked at, and how many alerts of which severity there are.
#[derive(Clone, Copy, Debug, Default)]
pub struct Summary {
    /// Security messages.
    pub reports: u64,
    /// Devices that they, or logs, are about.
    pub devices: u64,
    /// What is recommended.
    pub recommendations: u64,
    /// Alerts by severity, Informational first.
    alerts: [u64; 4],
}

const SEVERITIES: [Severity; 4] = [
    Severity::Informational,
    Severity::Low,
    Severity::Medium,
    Severity::High,
];

impl Summary {
    /// Counts an alert.
    pub fn add(&mut self, alert: &Alert) {
        for (severity, count) in SEVERITIES.iter().zip(&mut self.alerts) {
            *count += u64::from(alert.severity == *severity);
        }
    }
}

impl Summary {
    /// How many alerts there are.
    pub fn of_alerts(&self) -> String {
        match self.alerts.iter().sum() {
            0 => "no alerts".to_owned(),
            all => {
                let counts = SEVERITIES.iter().zip(self.alerts).rev();
                let counts: Vec<_> = counts
                    .filter(|(_, count)| *count > 0)
                    .map(|(severity, count)| format!("{count} {severity}"))
                    .collect();
                format!("{} ({})", Count(all, "alert"), counts.join(", "))
            }
        }
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (reports, devices) = (
            Count(self.reports, "message"),
            Count(self.devices, "device"),
        );
        write!(f, "{} in {reports} of {devices}", self.of_alerts())?;
        match self.recommendations {
            0 => Ok(()),
            some => write!(f, "; {}", Count(some, "recommendation")),
        }
    }
}
