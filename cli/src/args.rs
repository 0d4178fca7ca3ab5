//! The command line.

mod baseline;
mod demo;
mod detect;
mod evaluate;
mod hub;
mod hub_identity;
mod hub_user;
mod mud;
mod policy;
mod posture;
mod report;
mod scenario;
mod top;

use std::{path::PathBuf, time::Duration};

use clap::{Args, Parser, Subcommand, builder::NonEmptyStringValueParser};
use defender_detect::duration;
use defender_replay::{local::LocalAddress, schedule::HubSchedule};

use crate::{
    hub::{DeviceId, HubUrl},
    pace::Speed,
};

pub use self::{
    baseline::{BaselineArgs, BaselineCommand},
    demo::DemoArgs,
    detect::{DetectArgs, RulesArgs, RulesCommand},
    evaluate::EvaluateArgs,
    hub::{
        AlertsArgs, AlertsCommand, ApiArgs, HubArgs, HubBaselineArgs, HubBaselineCommand,
        HubCommand,
    },
    hub_identity::{DeviceAddArgs, HubDeviceArgs, HubDeviceCommand, HubInitArgs, HubSendArgs},
    hub_user::{HubUserArgs, HubUserCommand},
    mud::{MudArgs, MudCommand},
    posture::PostureArgs,
    report::ReportArgs,
    scenario::ScenarioArgs,
    top::TopArgs,
};

const EXAMPLES: &str = "\
Examples:
  defender                          A hub, a fleet, an attack, on this machine
  defender replay office.pcap       What would the agent have reported?
  defender detect office.pcap       Is there an attack in it?
  defender report office.pcap       The same as a page for a ticket
  defender hub                      Take reports, keep looking, tell
  defender top                      Look at the hub while it works
  defender watch mqtt://localhost   What do the devices at a broker report?
  defender help replay              More about a command, with examples

Exit codes:
  0  done
  1  failed: broker unreachable, disk full, ...
  2  bad input or usage: damaged capture, unknown option, ...
  3  detect, report, posture: alerts of at least the severity asked for;
     mud check: traffic that breaks the file";

const REPLAY_EXAMPLES: &str = "\
Examples:
  A device with an IPv4 and an IPv6 address:
    defender replay --local 10.77.0.2,fd77::2 office.pcap

  The prefix length tells which address is the network's broadcast address:
    defender replay office.pcap --local 10.77.0.2/16

  The hub is away for 40 seconds:
    defender replay office.pcap --hub-events up@0,down@100,up@140

  The hub refuses messages between second 61 and 75:
    defender replay office.pcap --hub-events up@0,fail@61,ok@75

  Who was talked to? With jq:
    defender replay office.pcap --json |
      jq -r '.events[].flows[]?.remote_address' | sort | uniq -c

  A capture straight from tcpdump, reported while it goes on:
    tcpdump -i eth0 -U -w - | defender replay - --local 10.77.0.2

The agent is enabled at the second of the first packet. Time goes from event to event, for the agent before the packets of the same \
second, and on after the last packet until all is reported. Of a time without packets that is longer than ten minutes, what \
nothing but heartbeats would come of is left out. A summary goes to standard error.";

const DECODE_EXAMPLES: &str = "\
Examples:
  defender decode messages/*.bin
  defender decode - < message.bin | jq .events
  cat messages/*.bin | defender decode --text -";

const DEVICE_EXAMPLES: &str = "\
Examples:
  In real time, as the device named sensor-7:
    defender device --hub mqtt://localhost --id sensor-7 office.pcap --speed 1

  With a user name and password:
    defender device --hub mqtt://user:secret@broker --id sensor-7 office.pcap
  and see it arrive:
    defender watch mqtt://user:secret@broker

Exit code 1 when the hub did not take all that there was to say.";

const WATCH_EXAMPLES: &str = "\
Examples:
  defender watch mqtt://localhost
  defender watch mqtt://user:secret@broker --json | jq -r .device
  defender watch mqtt://localhost --count 1 || echo 'no message'

  Over TLS, with the certificate of whoever issued the broker's:
    defender watch mqtts://broker.example --ca ca.pem

  Miss nothing, also while the watcher is not running:
    defender watch mqtt://localhost --session audit --json >> messages.jsonl

A message may come twice: MQTT says at least once. Its events have the same event_id then.";

/// The Defender-IoT micro agent for Eclipse ThreadX, and its hub: finds attacks in captures and in what devices report, and shows them
///
/// Without a command it runs the demonstration.
#[derive(Debug, Parser)]
#[command(name = "defender", version, after_help = EXAMPLES, term_width = 80)]
pub struct Cli {
    /// What to do; `demo` when nothing is said.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    Demo(DemoArgs),
    Replay(ReplayArgs),
    Decode(DecodeArgs),
    Device(DeviceArgs),
    Watch(WatchArgs),
    Detect(DetectArgs),
    Report(Box<ReportArgs>),
    Hub(Box<HubArgs>),
    Top(TopArgs),
    Rules(RulesArgs),
    Posture(PostureArgs),
    Baseline(BaselineArgs),
    Mud(MudArgs),
    Evaluate(EvaluateArgs),
    Scenario(ScenarioArgs),
}

/// Replay a capture through the agent and show the security messages that it sends
#[derive(Debug, Args)]
#[command(after_help = REPLAY_EXAMPLES)]
pub struct ReplayArgs {
    /// The capture: pcap or pcapng, also compressed by gzip or zstd; `-` for standard input
    pub capture: PathBuf,
    /// One of the device's own addresses, which tell outgoing from incoming packets; guessed when not given
    ///
    /// For several, separate them by commas, or give the option again. With a prefix length, as in 10.77.0.2/16, packets to the network's
    /// broadcast address are incoming, too. Packets of others are ignored.
    #[arg(long, value_name = "ADDR", value_delimiter = ',')]
    pub local: Vec<LocalAddress>,
    /// Seconds by which the first collection is put off
    ///
    /// On a device they are random. A replay always gives the same result, so they are what is said here.
    #[arg(long, value_name = "SECONDS", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=59))]
    pub jitter: u32,
    /// When the hub comes and goes, in seconds after the agent was enabled
    ///
    /// A list of up@SECOND, down@SECOND, fail@SECOND (every send fails from then on) and ok@SECOND (sends pass again). Without it, or
    /// unless it begins with a later `up`, the hub is there from the start.
    #[arg(long, value_name = "EVENTS", default_value = "up@0")]
    pub hub_events: HubSchedule,
    /// Settings of the agent, in TOML
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Write each message to a file NNN-TIME.bin in this directory, too; it is made, or must be empty
    #[arg(long, value_name = "DIR")]
    pub write: Option<PathBuf>,
    /// Write to a directory that is not empty, and replace files there that have the names of messages
    #[arg(long, requires = "write")]
    pub force: bool,
    /// End with an error when any packet cannot be read, before anything is replayed; without it such packets are left out
    #[arg(long)]
    pub strict: bool,
    /// Stop 11 seconds after the last packet, whatever is unreported then
    #[arg(long)]
    pub cut: bool,
    /// Go through the agent alone instead of the packet hooks of the simulated NetX Duo: faster, and the same messages
    #[arg(long)]
    pub pure: bool,
    /// Write messages as JSON, one object a line
    #[arg(long)]
    pub json: bool,
}

/// Decode security messages from files
///
/// Writes text to a terminal, and JSON to anything else, one object a line. A file may have any number of messages, one behind the other.
#[derive(Debug, Args)]
#[command(after_help = DECODE_EXAMPLES)]
pub struct DecodeArgs {
    /// Files with messages; `-` for standard input
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Write messages as JSON, also to a terminal
    #[arg(long, conflicts_with = "text")]
    pub json: bool,
    /// Write messages for people to read, also to a file
    #[arg(long)]
    pub text: bool,
}

/// Be a device that replays a capture and sends security messages to a hub
///
/// Messages go to devices/ID/messages/events/PROPERTIES of any MQTT broker. When the broker goes away the agent keeps what it has
/// to say until it is back.
#[derive(Debug, Args)]
#[command(after_help = DEVICE_EXAMPLES)]
pub struct DeviceArgs {
    /// The capture: pcap or pcapng, also compressed by gzip or zstd; `-` for standard input
    pub capture: PathBuf,
    /// The hub, as mqtt://user:password@host:port, or mqtts:// for TLS; user, password and port may be left out
    #[arg(long, value_name = "URL")]
    pub hub: HubUrl,
    /// A PEM file with the certificates to trust as issuers of that of an mqtts:// hub; those of the system when not given
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
    /// The device's name at the hub
    #[arg(long, value_name = "ID")]
    pub id: DeviceId,
    /// How long the hub may take to acknowledge a message
    #[arg(long, value_name = "TIME", default_value = "2m", value_parser = duration::parse)]
    pub ack_timeout: Duration,
    /// One of the device's own addresses; for several, separate them by commas, or give the option again; guessed when not given
    #[arg(long, value_name = "ADDR", value_delimiter = ',')]
    pub local: Vec<LocalAddress>,
    /// Seconds by which the first collection is put off
    #[arg(long, value_name = "SECONDS", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=59))]
    pub jitter: u32,
    /// Settings of the agent, in TOML
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// How many times faster than real time; `max` for as fast as possible
    #[arg(long, value_name = "FACTOR", default_value_t)]
    pub speed: Speed,
}

/// Watch a hub and show the security messages of all its devices as they come
///
/// Runs until it is interrupted, or has shown as many messages as --count says. A connection that is lost is tried again, with a
/// pause that grows to half a minute; what may have been missed is said. Bad messages, and those of more than 256 KiB, are reported on
/// standard error and left out.
#[derive(Debug, Args)]
#[command(after_help = WATCH_EXAMPLES)]
pub struct WatchArgs {
    /// The hub, as mqtt://user:password@host:port, or mqtts:// for TLS; user, password and port may be left out
    #[arg(value_name = "URL")]
    pub hub: HubUrl,
    /// A PEM file with the certificates to trust as issuers of that of an mqtts:// hub; those of the system when not given
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
    /// End after this many messages
    #[arg(long, value_name = "N")]
    pub count: Option<u64>,
    /// Have the hub keep messages under this name while nobody watches; the name is the MQTT client id
    #[arg(long, value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    pub session: Option<String>,
    /// Write messages as JSON, one object a line
    #[arg(long)]
    pub json: bool,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
