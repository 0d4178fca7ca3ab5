//! The arguments of `defender scenario`.

use std::{net::IpAddr, path::PathBuf, time::Duration};

use clap::{
    Args,
    builder::{PossibleValue, PossibleValuesParser},
};
use defender_detect::duration;
use defender_replay::scenario::{self, Options};

const EXAMPLES: &str = "\
Examples:
  A telnet bot, and what was really there:
    defender scenario telnet-bot --out bot.pcap --truth bot.json

  Another one of its kind, over IPv6, for an hour:
    defender scenario telnet-bot --seed 2 --ipv6 --duration 1h --out bot.pcap

  Does your own monitoring find it?
    defender scenario beacon --local 10.1.2.3 --out - | zeek -r -

The same seed gives the same capture, on any machine. Hosts on the Internet have addresses that are reserved for \
documentation and benchmarks.";

/// Make a capture of labelled traffic: an ordinary device, or an attack
///
/// The packets are real, with valid headers and checksums, as the device's network interface sees them.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct ScenarioArgs {
    /// What is to happen
    #[arg(value_name = "NAME", required_unless_present = "list", value_parser = names(), hide_possible_values = false)]
    pub name: Option<String>,
    /// List the scenarios, one a line
    #[arg(long, exclusive = true)]
    pub list: bool,
    /// What decides where chance does
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// Where the capture is written to, as pcap; `-` for standard output
    #[arg(long, value_name = "FILE", required_unless_present = "list")]
    pub out: Option<PathBuf>,
    /// Write what was really there to this file, as JSON: what happened when, and every flow with its bytes
    #[arg(long, value_name = "FILE")]
    pub truth: Option<PathBuf>,
    /// The device's own address, IPv4 or IPv6
    #[arg(long, value_name = "ADDR")]
    pub local: Option<IpAddr>,
    /// The address of who it is about beside the device: the attacker, the victim, the server
    #[arg(long, value_name = "ADDR")]
    pub peer: Option<IpAddr>,
    /// IPv6 for all addresses that are not given
    #[arg(long)]
    pub ipv6: bool,
    /// How long it is, as in 90s, 10m or 2days; as the scenario has it when not given
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    pub duration: Option<Duration>,
    /// When it begins, as 2026-01-31T12:00:00Z or in seconds of Unix time; 2026-01-01T00:00:00Z when not given
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub start: Option<Duration>,
}

impl ScenarioArgs {
    /// What was chosen.
    pub fn options(&self) -> Options {
        let mut options = Options::new().seed(self.seed);
        if let Some(local) = self.local {
            options = options.local(local);
        }
        if let Some(peer) = self.peer {
            options = options.peer(peer);
        }
        if self.ipv6 {
            options = options.ipv6();
        }
        if let Some(duration) = self.duration {
            options = options.duration(duration);
        }
        if let Some(start) = self.start {
            options = options.start(start);
        }
        options
    }
}

fn names() -> PossibleValuesParser {
    let value = |scenario: &scenario::Scenario| {
        PossibleValue::new(scenario.name()).help(scenario.summary())
    };
    scenario::all().iter().map(value).collect::<Vec<_>>().into()
}

fn moment(text: &str) -> Result<Duration, String> {
    if let Ok(seconds) = text.parse() {
        return Ok(Duration::from_secs(seconds));
    }
    humantime::parse_rfc3339_weak(text)
        .ok()
        .and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok())
        .ok_or_else(|| "give a time like 2026-01-31T12:00:00Z, or seconds of Unix time".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read() {
        assert_eq!(moment("1767225600"), moment("2026-01-01T00:00:00Z"));
        assert!(moment("1969-01-01T00:00:00Z").is_err());
        assert!(moment("yesterday").is_err());
    }
}
