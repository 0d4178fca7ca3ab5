//! The arguments of `defender baseline`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use defender_detect::baseline::Class;

const EXAMPLES: &str = "\
Examples:
  What is normal, and what waits for somebody to look at it?
    defender detect cameras/*.pcap --learn normal.toml
    defender baseline show normal.toml

  An update talks to another cloud, and is meant to:
    defender baseline accept normal.toml 'TCP 5671 out to the Internet'
    defender detect cameras/*.pcap --baseline normal.toml

A class is protocol, port of the service (or ephemeral, any), who opens it, and where the peer is: `UDP 53 out to the local network`, \
`TCP 22 in from the Internet`, `ICMP out to the Internet`. The file is written anew: comments in it are lost.";

/// Look after a file of what is normal, as `detect --learn` writes it
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct BaselineArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: BaselineCommand,
}

/// What to do with a file of baselines.
#[derive(Debug, Subcommand)]
pub enum BaselineCommand {
    /// Show what is normal, group by group
    Show {
        /// The file
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Write JSON, a group a line
        #[arg(long)]
        json: bool,
    },
    /// Accept classes of traffic, such as those that raised an alert
    Accept {
        /// The file
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// The classes, as `show` and the file have them
        #[arg(value_name = "CLASS", required_unless_present = "alerted")]
        classes: Vec<Class>,
        /// All that raised an alert
        #[arg(long)]
        alerted: bool,
        /// The security group
        #[arg(long, default_value = "default")]
        group: String,
    },
    /// Forget classes of traffic: they are new when they are seen again
    Forget {
        /// The file
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// The classes
        #[arg(value_name = "CLASS", required = true)]
        classes: Vec<Class>,
        /// The security group
        #[arg(long, default_value = "default")]
        group: String,
    },
}
