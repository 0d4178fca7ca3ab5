//! The arguments of `defender report`.

use std::{path::PathBuf, str::FromStr, time::UNIX_EPOCH};

use clap::Args;
use defender_replay::local::LocalAddress;

use super::{detect::Threshold, policy::PolicyArgs};

const EXAMPLES: &str = "\
Examples:
  What happened in a capture, as a file for a ticket?
    defender scenario telnet-bot --out lamp-3.pcap
    defender report lamp-3.pcap --out lamp-3.html

  A night of messages, with a list of bad addresses, to standard output:
    defender report night.jsonl --threats blocklist.txt > night.html

  A day of a hub:
    defender report --hub http://127.0.0.1:8080 --day 2026-11-26 --out day.html

The report is one HTML file without references and scripts: it opens anywhere, also without network. Inputs are those of \
`defender detect`, which decides alike.

Exit codes are those of `defender detect`:
  0  no alert of at least the severity that --fail-on says
  1  failed: disk full, hub unreachable, ...
  2  bad input or usage; what could be read is in the report, which says what could not
  3  an alert of at least that severity";

/// Write what happened as one HTML file: alerts with evidence and what to do, timeline, peers, recommendations
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct ReportArgs {
    /// Captures, security messages, JSON lines, logs; `-` for standard input
    #[arg(required_unless_present = "hub", value_name = "INPUT")]
    pub inputs: Vec<PathBuf>,
    /// The own addresses of devices in captures; guessed when not given
    ///
    /// Several are separated by commas, or the option is given again.
    #[arg(long, value_name = "ADDR", value_delimiter = ',')]
    pub local: Vec<LocalAddress>,
    /// What decides.
    #[command(flatten)]
    pub policy: PolicyArgs,
    /// Where to write; standard output when not given
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Exit with 3 when there is an alert of at least this severity
    #[arg(long, value_name = "SEVERITY", value_enum, ignore_case = true, default_value_t = Threshold::Medium)]
    pub fail_on: Threshold,
    /// Tell of a hub in place of inputs: its API
    #[arg(long, value_name = "URL", conflicts_with_all = ["inputs", "local", "PolicyArgs"], requires = "day")]
    pub hub: Option<String>,
    /// Of this day, in UTC
    #[arg(
        long,
        value_name = "YYYY-MM-DD",
        conflicts_with = "inputs",
        requires = "hub"
    )]
    pub day: Option<Day>,
    /// With --hub: the API's token, in a file
    #[arg(long, value_name = "FILE", requires = "hub")]
    pub token: Option<PathBuf>,
    /// With --hub: a file with the certificates to trust, in PEM
    #[arg(long, value_name = "FILE", requires = "hub")]
    pub ca: Option<PathBuf>,
}

/// A day, by the second of Unix time with which it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day(pub u32);

impl FromStr for Day {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WRONG: &str = "a day is written as 2026-11-26, and is between 1970 and 2106";
        let begins = humantime::parse_rfc3339(&format!("{text}T00:00:00Z")).map_err(|_| WRONG)?;
        let begins = begins.duration_since(UNIX_EPOCH).map_err(|_| WRONG)?;
        u32::try_from(begins.as_secs()).map(Self).map_err(|_| WRONG)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight() {
        assert_eq!("2026-01-01".parse(), Ok(Day(1_767_225_600)));
        for text in [
            "",
            "2026-13-01",
            "2026-01-01T00:00:00Z",
            "1969-01-01",
            "2107-01-01",
            "yesterday",
        ] {
            assert!(text.parse::<Day>().is_err(), "{text}");
        }
    }
}
