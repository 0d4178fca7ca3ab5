//! Every scenario, one line each.

use std::{fmt, time::Duration};

use serde::Serialize;

use super::{
    benign, hostile,
    options::{Options, ScenarioError},
    run::Run,
    stage::Stage,
};

/// Whether somebody means harm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Label {
    /// All is well.
    Benign,
    /// Somebody means harm.
    Hostile,
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Benign => "benign",
            Self::Hostile => "hostile",
        })
    }
}

/// A kind of traffic that can be made.
pub struct Scenario {
    name: &'static str,
    label: Label,
    summary: &'static str,
    minutes: u64,
    pub(super) set_up: fn(&mut Stage),
}

impl Scenario {
    /// What it is called.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Whether somebody means harm in it.
    pub fn label(&self) -> Label {
        self.label
    }

    /// What happens in it, in a line.
    pub fn summary(&self) -> &'static str {
        self.summary
    }

    /// How long it is unless said otherwise.
    pub fn usual_duration(&self) -> Duration {
        Duration::from_secs(self.minutes * 60)
    }

    /// Sets it going.
    ///
    /// # Errors
    /// When what was chosen does not go together.
    pub fn run(&'static self, options: &Options) -> Result<Run, ScenarioError> {
        Run::new(self, options)
    }
}

impl fmt::Debug for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Scenario").field(&self.name).finish()
    }
}

/// Every scenario, the benign ones first.
pub fn all() -> &'static [Scenario] {
    ALL
}

/// The scenario called `name`.
pub fn find(name: &str) -> Option<&'static Scenario> {
    ALL.iter().find(|scenario| scenario.name == name)
}

use Label::{Benign, Hostile};

#[rustfmt::skip]
static ALL: &[Scenario] = &[
    row("office", Benign, 15, "a sensor in an office: its hub over TLS, names, time, web, pings", benign::office::set_up),
    row("camera", Benign, 4, "a camera that streams video to a recorder in its network", benign::camera::set_up),
    row("plc-master", Benign, 10, "a controller that polls 64 slaves with Modbus/TCP", benign::plc_master::set_up),
    row("ssdp-mdns", Benign, 15, "a plug that finds and is found with SSDP and mDNS", benign::talker::set_up),
    row("firmware-update", Benign, 10, "a device that fetches new firmware, starts again and goes on", benign::firmware_update::set_up),
    row("reconnect-storm", Benign, 15, "a device whose hub is down, and that tries and tries to reconnect", benign::reconnect_storm::set_up),
    row("busy-server", Benign, 10, "a device with a web page and an interface that many clients ask", benign::busy_server::set_up),
    row("telnet-bot", Hostile, 10, "a bot that looks for telnet all over the Internet, and has a master", hostile::telnet_bot::set_up),
    row("vertical-scan", Hostile, 10, "the device tries hundreds of ports of one host", hostile::scans::vertical),
    row("horizontal-scan", Hostile, 10, "the device tries one port of every host in its network", hostile::scans::horizontal),
    row("slow-scan", Hostile, 120, "the device tries ports of one host, one a minute", hostile::scans::slow),
    row("port-scanned", Hostile, 10, "another host tries hundreds of ports of the device", hostile::scans::scanned),
    row("address-sweep", Hostile, 10, "the device pings every address of its network", hostile::address_sweep::set_up),
    row("password-guessing-out", Hostile, 10, "the device tries passwords at another host", hostile::guessing::outward),
    row("password-guessing-in", Hostile, 10, "another host tries passwords at the device", hostile::guessing::inward),
    row("dns-tunnel", Hostile, 10, "data leaves in the names of DNS queries", hostile::tunnels::dns),
    row("icmp-tunnel", Hostile, 10, "data goes both ways in pings", hostile::tunnels::icmp),
    row("beacon", Hostile, 360, "malware asks its master for orders about once a minute", hostile::beacon::set_up),
    row("exfiltration", Hostile, 15, "the device uploads tens of megabytes to a stranger", hostile::exfiltration::set_up),
    row("syn-flood", Hostile, 5, "the device floods a server with half-open connections", hostile::floods::syn),
    row("udp-flood", Hostile, 4, "the device floods a host with large datagrams", hostile::floods::udp),
    row("new-peer", Hostile, 30, "the device begins to talk to somebody it never talked to", hostile::new_peer::set_up),
    row("mining-pool", Hostile, 30, "the device mines coins for a pool", hostile::mining_pool::set_up),
];

const fn row(
    name: &'static str,
    label: Label,
    minutes: u64,
    summary: &'static str,
    set_up: fn(&mut Stage),
) -> Scenario {
    Scenario {
        name,
        label,
        summary,
        minutes,
        set_up,
    }
}
