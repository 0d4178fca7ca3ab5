//! The arguments of `defender mud`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use defender_replay::local::LocalAddress;

const EXAMPLES: &str = "\
Examples:
  What is a device meant to do, in its maker's words, and does it?
    defender mud check lamp.json
    defender mud check lamp.json monday.pcap

  Whatever else it does is new, without any learning:
    defender detect monday.pcap --baseline lamp.json

  What your own devices do, for whoever runs their networks:
    defender detect lamps/*.pcap --learn normal.toml
    defender mud export normal.toml --url https://lamp.example/mud.json";

/// Read and write MUD files (RFC 8520): what a device is meant to do
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct MudArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: MudCommand,
}

/// What to do with a MUD file.
#[derive(Debug, Subcommand)]
pub enum MudCommand {
    /// Say in sentences what a MUD file lets pass, and where traffic breaks it
    ///
    /// Flows carry no names: a name in the file stands for any host of the Internet, a controller or the maker's other devices for any host.
    /// Exit codes: 0 fine, 2 bad input, 3 traffic that the file does not let pass.
    Check {
        /// The MUD file; `-` for standard input
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Traffic to compare with it, as `detect` takes it: captures, security messages, JSON lines
        #[arg(value_name = "INPUT")]
        inputs: Vec<PathBuf>,
        /// The own addresses of devices in captures; guessed when not given
        #[arg(long, value_name = "ADDR", value_delimiter = ',')]
        local: Vec<LocalAddress>,
        /// Write what breaks it as JSON, one object a line, and no sentences
        #[arg(long)]
        json: bool,
    },
    /// Write a MUD file of what was learned
    ///
    /// What one of several devices alone has shown is in it only if the device is named, and what raised an alert is not. A MUD file knows the
    /// local network, and not the Internet: what was learned of the Internet may go anywhere.
    Export {
        /// What was learned, as `detect --learn` writes it
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Where the MUD file will be, as devices will say it
        #[arg(long, value_name = "URL")]
        url: String,
        /// The security group
        #[arg(long, default_value = "default")]
        group: String,
        /// A device of it, with what it alone has shown
        #[arg(long, value_name = "ID")]
        device: Option<String>,
    },
}
