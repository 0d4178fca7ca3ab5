//! The arguments of `defender posture`.

use std::path::PathBuf;

use clap::Args;

use super::detect::Threshold;

const EXAMPLES: &str = "\
Examples:
  What Azure knows of a hub and its account, in files:
    az iot hub show --name HUB > hub.json
    az monitor diagnostic-settings list --resource HUB-ID > diagnostics.json
    az iot hub device-identity list --hub-name HUB > devices.json
    az monitor activity-log list --resource-id HUB-ID > activity.json
    defender posture *.json

What a file is shows by its content. An empty list is taken for one of diagnostic settings.

Exit codes, which recommendations do not change:
  0  no alert of at least the severity that --fail-on says
  1  failed: disk full, ...
  2  bad input or usage; what could be read was looked at
  3  an alert of at least that severity";

/// Look at an IoT Hub's own settings, identities and activity log
///
/// Shows what was done to the hub, as alerts, and what would make it safer. Nothing is asked of Azure: the files are all there is.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct PostureArgs {
    /// What the command-line tool `az` exports, as JSON
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Write alerts and recommendations as JSON, one object a line
    #[arg(long)]
    pub json: bool,
    /// Exit with 3 when there is an alert of at least this severity
    #[arg(long, value_name = "SEVERITY", value_enum, ignore_case = true, default_value_t = Threshold::Medium)]
    pub fail_on: Threshold,
}
