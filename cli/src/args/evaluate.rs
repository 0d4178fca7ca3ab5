//! The arguments of `defender evaluate`.

use std::path::PathBuf;

use clap::Args;

const EXAMPLES: &str = "\
Examples:
  How much is found in captures of which you know what is in them?
    defender evaluate captures

  With a baseline: what the devices of the same names did before:
    defender evaluate captures --learn captures/before

DIR has a MANIFEST.tsv with a first line that names its columns: `where` (a file in DIR; or `(fetch)`, then the file that `source_path` \
ends with), `label` (benign, suspicious or malicious), `content`, `device_addresses`. Other columns are not looked at.

Malicious and suspicious captures are found when there is an alert of at least Medium in them, benign ones are false alarms then. \
Exit code 2 when captures cannot be read; those that are not there are counted, and change nothing.";

/// See how much is found in captures with labels, how soon, and what is found that is not there
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct EvaluateArgs {
    /// The directory of the manifest
    #[arg(value_name = "DIR")]
    pub directory: PathBuf,
    /// Where captures are that the manifest marks with `(fetch)`; in DIR, if not given
    #[arg(long, value_name = "DIR")]
    pub fetched: Option<PathBuf>,
    /// Captures of the same file names, which the devices learn from first
    #[arg(long, value_name = "DIR")]
    pub learn: Option<PathBuf>,
    /// Thresholds and other settings of detection, in TOML
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Hostile addresses: plain or CIDR, Suricata, Zeek, CSV, STIX
    #[arg(long, value_name = "FILE")]
    pub threats: Vec<PathBuf>,
    /// Write JSON: an object a capture, and one with the totals
    #[arg(long)]
    pub json: bool,
}
