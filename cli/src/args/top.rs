//! The arguments of `defender top`.

use std::time::Duration;

use clap::Args;
use defender_detect::duration;

use super::ApiArgs;

const EXAMPLES: &str = "\
Examples:
  The hub on this machine:
    defender top

  Another one, over TLS, with its token:
    defender top --url https://hub.example:8443 --token token.txt --ca ca.pem

Keys are on the last line of the screen. What is shown is asked for again and again; a hub that goes away is told, and \
asked on.";

/// Show a hub on the terminal while it works: fleet, alerts, devices
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct TopArgs {
    #[command(flatten)]
    pub api: ApiArgs,
    /// How often to ask
    #[arg(long, value_name = "TIME", default_value = "2s", value_parser = duration::parse)]
    pub every: Duration,
}
