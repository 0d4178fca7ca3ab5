//! The arguments of `defender detect` and `defender rules`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use defender_detect::{Severity, hygiene::System};
use defender_replay::local::LocalAddress;

use super::policy::PolicyArgs;

const EXAMPLES: &str = "\
Examples:
  What happened in a capture?
    defender scenario telnet-bot --out bot.pcap
    defender detect bot.pcap

  A night of messages that `watch` wrote, with your own rules and a list of bad addresses:
    defender watch mqtt://hub --json > night.jsonl
    defender detect night.jsonl --rules rules.json --threats blocklist.txt

  Is today like yesterday?
    defender detect monday.pcap --learn normal.toml
    defender detect tuesday.pcap --baseline normal.toml

  In a script, about High alerts only:
    defender detect *.pcap --json --fail-on high > alerts.jsonl ||
      echo 'look into alerts.jsonl'

Inputs are captures (pcap, pcapng, also compressed), which are played through an agent first; security messages, one or \
more in a file; JSON lines of `watch`, `replay` and `decode`; and lines of Azure's logs. They are put into one order by \
their times. A device that is not named in its input has the name of the file, without what follows the last dot; files \
NNN-TIME.bin, as `replay --write` makes them, are those of the device that their directory is named after.

Exit codes, which recommendations do not change:
  0  no alert of at least the severity that --fail-on says
  1  failed: disk full, ...
  2  bad input or usage; what could be read was looked at, and alerts are shown
  3  an alert of at least that severity";

/// Find attacks, broken rules and hostile addresses in captures and security messages
///
/// Shows each alert as it stands at the end of the inputs, the most severe first, and below them what is recommended. How it decides is in
/// docs/detection.md and docs/hygiene.md.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct DetectArgs {
    /// Captures, security messages, JSON lines, logs; `-` for standard input
    #[arg(required = true, value_name = "INPUT")]
    pub inputs: Vec<PathBuf>,
    /// The own addresses of devices in captures; guessed when not given
    ///
    /// Several are separated by commas, or the option is given again.
    #[arg(long, value_name = "ADDR", value_delimiter = ',')]
    pub local: Vec<LocalAddress>,
    /// What decides.
    #[command(flatten)]
    pub policy: PolicyArgs,
    /// What is normal, as --learn wrote it, or a MUD file: devices need not learn it first
    ///
    /// With --learn they go on learning what is missing. A MUD file is of the group `default`, or of another one that is named before it,
    /// as in `cameras=camera.json`.
    #[arg(long, value_name = "[GROUP=]FILE")]
    pub baseline: Vec<PathBuf>,
    /// Write what is normal to this file, in TOML: classes of traffic and peers, by group
    #[arg(long, value_name = "FILE")]
    pub learn: Option<PathBuf>,
    /// What the devices of captures run, such as `ThreadX 6.3.0, NetX Duo 6.3.0` or `Azure RTOS 6.1`
    ///
    /// Captures do not say it: unless it is given, nothing is recommended about versions.
    #[arg(long, value_name = "VERSIONS", value_parser = system)]
    pub system: Option<String>,
    /// Write alerts as JSON, one object a line
    #[arg(long, conflicts_with = "ocsf")]
    pub json: bool,
    /// With --json, write recommendations, too, behind the alerts; they have a `recommendation_type`
    #[arg(long, requires = "json")]
    pub recommendations: bool,
    /// Write alerts as OCSF 1.8 Detection Findings, one object a line: each when it is raised, again and closed
    #[arg(long)]
    pub ocsf: bool,
    /// Exit with 3 when there is an alert of at least this severity
    #[arg(long, value_name = "SEVERITY", value_enum, ignore_case = true, default_value_t = Threshold::Medium)]
    pub fail_on: Threshold,
}

/// Versions that say something.
fn system(text: &str) -> Result<String, &'static str> {
    match System::parse(text).is_unknown() {
        true => Err("it names no version; say for example `ThreadX 6.4.2, NetX Duo 6.4.2`"),
        false => Ok(text.to_owned()),
    }
}

/// A severity on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Threshold {
    /// Worth knowing; nobody need act
    Informational,
    /// Look at it when there is time
    Low,
    /// Look at it today
    Medium,
    /// Act now
    High,
}

impl From<Threshold> for Severity {
    fn from(threshold: Threshold) -> Self {
        match threshold {
            Threshold::Informational => Self::Informational,
            Threshold::Low => Self::Low,
            Threshold::Medium => Self::Medium,
            Threshold::High => Self::High,
        }
    }
}

const RULES_EXAMPLES: &str = "\
Examples:
  defender rules check rules.json

A rules file is Azure's resource deviceSecurityGroups (API 2019-08-01) as JSON, so that an exported one works unchanged.";

/// Look after rules files
#[derive(Debug, Args)]
#[command(after_help = RULES_EXAMPLES)]
pub struct RulesArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: RulesCommand,
}

/// What to do with a rules file.
#[derive(Debug, Subcommand)]
pub enum RulesCommand {
    /// Say in sentences what a rules file means, and what is wrong with it
    Check {
        /// The rules file; `-` for standard input
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}
