//! The arguments of `defender demo`.

use std::net::SocketAddr;

use clap::Args;

use crate::pace::{Speed, SpeedError};

const EXAMPLES: &str = "\
Examples:
  defender                 The same as `defender demo`
  defender demo --stay     The page stays open, until Ctrl-C
  defender demo --stay --web 127.0.0.1:8080";

/// Show a hub, a fleet of eight devices and an attack, in this program and on this machine alone
///
/// The devices play scenarios (`defender scenario --list`) through the agent, and report to a hub with its page on a free port of the
/// loopback interface. After a minute of theirs one of them becomes a bot, which the hub finds. What the hub keeps is in a folder for
/// temporary files, and is deleted at the end.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct DemoArgs {
    /// Go on in real time, with the hub and its page, until Ctrl-C
    #[arg(long)]
    pub stay: bool,
    /// How many times faster than real time the first five minutes go, at least 1; `max` for as fast as possible
    #[arg(long, value_name = "FACTOR", default_value_t = Self::SPEED, value_parser = fast)]
    pub speed: Speed,
    /// Where the hub's page is; port 0 is any that is free
    #[arg(long, value_name = "ADDRESS", default_value_t = Self::WEB)]
    pub web: SocketAddr,
}

impl DemoArgs {
    /// Five minutes in ten seconds: slow enough to be read.
    const SPEED: Speed = Speed::Times(30.0);
    const WEB: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);
}

impl Default for DemoArgs {
    fn default() -> Self {
        Self {
            stay: false,
            speed: Self::SPEED,
            web: Self::WEB,
        }
    }
}

/// In slow motion the fleet would be late when it goes on in real time.
fn fast(text: &str) -> Result<Speed, String> {
    match text.parse() {
        Ok(Speed::Times(factor)) if factor < 1.0 => Err("at least 1, or max".into()),
        other => other.map_err(|error: SpeedError| error.to_string()),
    }
}
