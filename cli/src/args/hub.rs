//! The command line of `defender hub`.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Subcommand};
use defender_detect::baseline::Class;

use super::{HubDeviceArgs, HubInitArgs, HubSendArgs, HubUserArgs};

const EXAMPLES: &str = "\
Examples:
  Everything by default, on this machine alone; devices need no enrolment:
    defender hub

  For devices elsewhere, over TLS:
    defender hub init hub.example
    defender hub device add sensor-7
    defender hub --mqtts 0.0.0.0:8883

  With sources, sinks and rules; docs/hub.md has all of it:
    defender hub --config hub.toml

  What is open, and what is not wanted:
    defender hub alerts
    defender hub alerts except --rule ScannedByPeer --peer 192.0.2.7 \\
      --reason 'our own scanner'

  A copy while it runs:
    defender hub backup /backup/hub.db

Devices connect by MQTT as to an IoT Hub, to 127.0.0.1:1883 when nothing is \
said. It keeps what it knows in a folder of its own below the user's data directory. \
SIGHUP reads rules, lists, exceptions and settings of detection again; SIGTERM \
and Ctrl-C end it when all that was acknowledged has had its effect.";

/// Be the hub: take reports, detect, keep, and tell
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub struct HubArgs {
    /// What to do; run the hub when nothing is said.
    #[command(subcommand)]
    pub command: Option<HubCommand>,
    /// The configuration, in TOML
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The folder for what the hub keeps
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Where MQTT without TLS listens, on this machine alone, instead of what the configuration says
    #[arg(long, value_name = "ADDR:PORT")]
    pub mqtt: Option<SocketAddr>,
    /// Where MQTT over TLS listens, for devices that are enrolled, instead of what the configuration says
    #[arg(long, value_name = "ADDR:PORT")]
    pub mqtts: Option<SocketAddr>,
    /// Where the API listens, instead of what the configuration says
    #[arg(long, value_name = "ADDR:PORT")]
    pub web: Option<SocketAddr>,
}

/// What to do beside running the hub.
#[derive(Debug, Subcommand)]
pub enum HubCommand {
    Init(HubInitArgs),
    Device(HubDeviceArgs),
    User(HubUserArgs),
    Send(HubSendArgs),
    Alerts(AlertsArgs),
    Baseline(HubBaselineArgs),
    /// Copy the database to a new file, and check the copy; the hub may be running
    Backup {
        /// The new file
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// The folder of the hub
        #[arg(long, value_name = "DIR")]
        data: Option<PathBuf>,
    },
}

/// Where a hub's API is
#[derive(Debug, Args)]
pub struct ApiArgs {
    /// Where the hub's API is
    #[arg(
        long,
        global = true,
        value_name = "URL",
        default_value = "http://127.0.0.1:8080"
    )]
    pub url: String,
    /// A file with the token that the hub asks for
    #[arg(long, global = true, value_name = "FILE")]
    pub token: Option<PathBuf>,
    /// A PEM file with the certificates to trust as issuers of an https:// hub's
    #[arg(long, global = true, value_name = "FILE")]
    pub ca: Option<PathBuf>,
}

const BASELINE_EXAMPLES: &str = "\
Examples:
  What is normal, and what waits for somebody to look at it?
    defender hub baseline

  An update talks to another cloud, and is meant to:
    defender hub baseline accept 'TCP 5671 out to the Internet'

  What the maker says that its lamps do:
    defender hub baseline accept --mud lamp.json --group lamps";

/// Look at what a hub takes for normal, accept and forget classes of traffic
#[derive(Debug, Args)]
#[command(after_help = BASELINE_EXAMPLES)]
pub struct HubBaselineArgs {
    /// What to do; show what is normal when nothing is said.
    #[command(subcommand)]
    pub command: Option<HubBaselineCommand>,
    #[command(flatten)]
    pub api: ApiArgs,
}

/// What to do with what a hub takes for normal.
#[derive(Debug, Subcommand)]
pub enum HubBaselineCommand {
    /// Show what is normal, group by group
    Show {
        /// Write JSON, a group a line
        #[arg(long)]
        json: bool,
    },
    /// Accept classes of traffic, such as those that raised an alert
    Accept {
        /// The classes, as `show` has them
        #[arg(value_name = "CLASS", required_unless_present = "mud")]
        classes: Vec<Class>,
        /// All that a MUD file lets pass
        #[arg(long, value_name = "FILE")]
        mud: Option<PathBuf>,
        /// The security group
        #[arg(long, default_value = "default")]
        group: String,
    },
    /// Forget classes of traffic: they are new when they are seen again
    Forget {
        /// The classes
        #[arg(value_name = "CLASS", required = true)]
        classes: Vec<Class>,
        /// The security group
        #[arg(long, default_value = "default")]
        group: String,
    },
}

const ALERTS_EXAMPLES: &str = "\
Examples:
  defender hub alerts
  defender hub alerts list --all --json | jq -r .device
  defender hub alerts acknowledge PortScan-00c0ffee00c0ffee-1
  defender hub alerts except --device lobby --rule HeartbeatLost \\
    --until 2027-01-31 --reason 'is being moved'";

/// Look at alerts of a hub, acknowledge and close them, make exceptions
#[derive(Debug, Args)]
#[command(after_help = ALERTS_EXAMPLES)]
pub struct AlertsArgs {
    /// What to do; list open alerts when nothing is said.
    #[command(subcommand)]
    pub command: Option<AlertsCommand>,
    #[command(flatten)]
    pub api: ApiArgs,
    /// Who does it, for the history; the user's name when not given
    #[arg(long, global = true, value_name = "NAME")]
    pub who: Option<String>,
}

/// What to do with alerts.
#[derive(Debug, Subcommand)]
pub enum AlertsCommand {
    /// List alerts, the latest first
    List {
        /// Closed ones, too
        #[arg(long)]
        all: bool,
        /// Of this device alone
        #[arg(long, value_name = "ID")]
        device: Option<String>,
        /// Write alerts as JSON, one object a line
        #[arg(long)]
        json: bool,
    },
    /// Show an alert with its history, as JSON
    Show {
        /// Its id
        id: String,
    },
    /// Take note of an alert
    Acknowledge {
        /// Its id
        id: String,
        /// Why, or what is done
        #[arg(long, value_name = "TEXT", default_value = "")]
        comment: String,
    },
    /// Close an alert; if what it is about goes on, another one opens
    Close {
        /// Its id
        id: String,
        /// Why
        #[arg(long, value_name = "TEXT", default_value = "")]
        comment: String,
    },
    /// Make an exception; what it covers closes, and is not told any more
    Except {
        /// The rule, or the type of alert
        #[arg(long)]
        rule: Option<String>,
        /// The device
        #[arg(long, value_name = "ID")]
        device: Option<String>,
        /// The security group
        #[arg(long)]
        group: Option<String>,
        /// The peer's address, or a prefix
        #[arg(long, value_name = "ADDR")]
        peer: Option<String>,
        /// The service's port
        #[arg(long)]
        port: Option<u16>,
        /// A day, to the end of which it is valid in UTC, or a time such as 2027-01-31T12:00:00Z
        #[arg(long, value_name = "DATE")]
        until: Option<String>,
        /// Why
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// List the exceptions that were made here
    Exceptions,
    /// Delete an exception that was made here
    Unexcept {
        /// Its number
        id: i64,
    },
}
