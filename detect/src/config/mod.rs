//! The settings of detection: TOML with every threshold. The defaults, with their reasons, are in `config/default.toml`.

mod check;

use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::hygiene::Version;

pub use check::{ConfigError, Fault};

/// The file that says the defaults, and why.
pub const DEFAULT: &str = include_str!("../../config/default.toml");

macro_rules! sections {
    ($($(#[$doc:meta])* $section:ident {
        $($(#[$field_doc:meta])* $field:ident: $type:ty = $default:expr,)*
    })*) => { $(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
        #[non_exhaustive]
        pub struct $section { $($(#[$field_doc])* pub $field: $type,)* }

        impl Default for $section {
            fn default() -> Self {
                Self { $($field: $default,)* }
            }
        }
    )* };
}

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

sections! {
    /// All settings.
    Config {
        /// Ports by which devices are administered, and taken over.
        administration_ports: Vec<u16> =
            vec![21, 22, 23, 139, 445, 1433, 2323, 3306, 3389, 5555, 5900, 7547],
        /// Vertical scans.
        port_scan: PortScan = PortScan::default(),
        /// Horizontal scans.
        host_scan: HostScan = HostScan::default(),
        /// Address sweeps by ICMP.
        address_sweep: AddressSweep = AddressSweep::default(),
        /// Password guessing, by the device and at it.
        password_guessing: PasswordGuessing = PasswordGuessing::default(),
        /// Scans of the device.
        scanned_by_peer: ScannedByPeer = ScannedByPeer::default(),
        /// Tunnels through DNS.
        dns_tunnel: DnsTunnel = DnsTunnel::default(),
        /// Tunnels and floods by ICMP.
        icmp_tunnel: IcmpTunnel = IcmpTunnel::default(),
        /// Connections that failed.
        failed_connection: FailedConnection = FailedConnection::default(),
        /// Floods by TCP and UDP.
        flood: Flood = Flood::default(),
        /// Flow tables that overflow.
        flow_table_overflow: FlowTableOverflow = FlowTableOverflow::default(),
        /// Heartbeats and silence.
        liveness: Liveness = Liveness::default(),
        /// One identity in several places, many from one.
        duplicate_device: DuplicateDevice = DuplicateDevice::default(),
        /// Devices' clocks.
        clock: Clock = Clock::default(),
        /// Life of alerts.
        alerts: Alerts = Alerts::default(),
        /// What is recommended.
        hygiene: Hygiene = Hygiene::default(),
        /// What is normal.
        baseline: Baseline = Baseline::default(),
        /// How much a device moves a day.
        volume: Volume = Volume::default(),
        /// Regular connections to a peer that is not known.
        beacon: Beacon = Beacon::default(),
    }

    /// Failed flows to ports of one host.
    PortScan {
        /// Different ports, from which on it is a scan.
        ports: u16 = 10,
        /// Within which time.
        #[serde(with = "crate::duration")]
        window: Duration = 5 * MINUTE,
    }

    /// Failed flows to hosts.
    HostScan {
        /// Different hosts on administration ports, from which on it is a scan.
        administration_hosts: u16 = 5,
        /// Different hosts on any one port.
        hosts: u16 = 25,
        /// Within which time.
        #[serde(with = "crate::duration")]
        window: Duration = 5 * MINUTE,
    }

    /// ICMP to hosts that do not answer.
    AddressSweep {
        /// Different hosts, from which on it is a sweep.
        hosts: u16 = 8,
        /// Within which time.
        #[serde(with = "crate::duration")]
        window: Duration = 5 * MINUTE,
    }

    /// New connections to an administration port of one host.
    PasswordGuessing {
        /// Connections, from which on it is guessing.
        connections: u16 = 9,
        /// Within which time.
        #[serde(with = "crate::duration")]
        window: Duration = 5 * MINUTE,
    }

    /// Failed flows from one host to ports of the device.
    ScannedByPeer {
        /// Different ports, from which on it is a scan.
        ports: u16 = 10,
        /// Within which time.
        #[serde(with = "crate::duration")]
        window: Duration = 5 * MINUTE,
    }

    /// Bytes out to port 53.
    DnsTunnel {
        /// Bytes a minute, from which on it is a tunnel.
        bytes_per_minute: u32 = 10_000,
    }

    /// Bytes of ICMP with one host, both ways.
    IcmpTunnel {
        /// Bytes a minute, from which on it is a tunnel or a flood.
        bytes_per_minute: u32 = 20_000,
    }

    /// What a TCP connection that brought nothing but a reset has at most, over all its packets.
    FailedConnection {
        /// Bytes of who answered.
        answer_bytes: u32 = 60,
        /// Bytes of who asked.
        question_bytes: u32 = 240,
    }

    /// Connections that fail, and UDP that nobody answers.
    Flood {
        /// Failed connections to one port of one host a minute.
        connections_per_minute: u32 = 300,
        /// Bytes of UDP a minute to a host that sends nothing.
        bytes_per_minute: u32 = 10_000_000,
        /// What a connection that fails sends at most, in bytes. Beyond it, a flow stands for several.
        bytes_per_connection: u32 = 240,
        /// Of what the agent kept apart so many hundredths go to the victim, when what it did not keep apart is taken for the same flood.
        share: u16 = 75,
    }

    /// Aggregates in network activity.
    FlowTableOverflow {
        /// What a packet of a flow that found no room is taken to have at most, in bytes: an aggregate with as many packets'
        /// worth as there are flows beside it is an overflow.
        bytes_per_packet: u32 = 60,
    }

    /// Signs of life.
    Liveness {
        /// Intervals without a sign of life.
        intervals: u16 = 3,
        /// Time beside them.
        #[serde(with = "crate::duration")]
        jitter: Duration = MINUTE,
        /// Time without any input after which the source was away, not the devices silent.
        #[serde(with = "crate::duration")]
        away: Duration = 5 * MINUTE,
    }

    /// Identities and places.
    DuplicateDevice {
        /// Returns of a device to a network that it has just left, from which on there are two of it.
        returns: u16 = 3,
        /// Connections of a device that were closed because it opened another one, from which on there are two of it.
        takeovers: u16 = 15,
        /// Devices from one source that were elsewhere before or are refused, from which on it is no coincidence.
        devices: u16 = 10,
        /// Within which time.
        #[serde(with = "crate::duration")]
        window: Duration = 10 * MINUTE,
    }

    /// Which clock is believed.
    Clock {
        /// How far ahead of the time of receipt a clock may be, and how much it may gain on it.
        #[serde(with = "crate::duration")]
        tolerance: Duration = 5 * MINUTE,
        /// A clock that has not gone forward for so long, by the time of receipt, stands.
        #[serde(with = "crate::duration")]
        stands_after: Duration = MINUTE,
        /// A clock that gained on the time of receipt, and has kept up with it for so long since, is believed again.
        #[serde(with = "crate::duration")]
        believed_after: Duration = 60 * MINUTE,
    }

    /// Life of alerts.
    Alerts {
        /// Time after which an alert closes that is not seen.
        #[serde(with = "crate::duration")]
        quiet: Duration = 60 * MINUTE,
        /// Open alerts of a rule that a device has at most, but for the one that sums up the others.
        open_per_rule: u16 = 20,
    }

    /// What is recommended.
    Hygiene {
        /// Time after which a service that was in use, or an overflow, is no reason any more.
        #[serde(with = "crate::duration")]
        remembered: Duration = 7 * DAY,
        /// The longest interval at which network activity may be reported.
        #[serde(with = "crate::duration")]
        longest_interval: Duration = 5 * MINUTE,
        /// The oldest version of the agent that is not old.
        oldest_agent: Version = Version { major: 0, minor: 1, patch: Some(0) },
    }

    /// What is normal.
    Baseline {
        /// For how long a device learns, by the time that its reports cover.
        #[serde(with = "crate::duration")]
        learning: Duration = DAY,
        /// Time after which what was not used is known no more.
        #[serde(with = "crate::duration")]
        decay: Duration = 30 * DAY,
        /// Nothing is learned, and nothing forgotten.
        frozen: bool = false,
    }

    /// How much a device moves a day.
    Volume {
        /// So many times the busiest day that was learned are too much.
        factor: u16 = 10,
        /// So many times what went out on the busiest day are too much for peers that are not known.
        factor_strangers: u16 = 2,
        /// So many times what went out in the busiest report, second by second, are too much in one for peers that are not known.
        factor_at_once: u16 = 10,
        /// Bytes that are never too much.
        least_bytes: u64 = 1_000_000,
    }

    /// Regular connections to a peer that is not known.
    Beacon {
        /// The fewest connections that can be regular.
        connections: u16 = 4,
        /// The shortest time from the first to the latest of them.
        #[serde(with = "crate::duration")]
        duration: Duration = 60 * MINUTE,
        /// The least score, of 100.
        score: u16 = 80,
        /// Services that are regular by their nature, where their class is known.
        regular_services: Vec<u16> = vec![53, 123],
    }
}

impl Baseline {
    /// The days after which what was not used is known no more.
    pub(crate) fn decay_days(&self) -> u16 {
        u16::try_from(self.decay.as_secs() / DAY.as_secs()).unwrap_or(u16::MAX)
    }
}

impl Config {
    /// Reads settings from TOML; those that it does not name have their defaults.
    ///
    /// # Errors
    /// [`ConfigError`] says everything that is wrong, with line and column.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        check::parse(text)
    }

    /// The longest time in seconds that windows look back.
    pub(crate) fn longest_window(&self) -> u32 {
        let windows = [
            self.port_scan.window,
            self.host_scan.window,
            self.address_sweep.window,
            self.password_guessing.window,
            self.scanned_by_peer.window,
            self.duplicate_device.window,
        ];
        windows.into_iter().map(crate::seconds).max().unwrap_or(0)
    }

    /// Whether devices are administered by this port.
    #[must_use]
    pub fn is_administration(&self, port: u16) -> bool {
        // All of them, in place of up to the first: several are compared at once.
        let ports = self.administration_ports.iter();
        ports.fold(false, |is_one, one| is_one | (*one == port))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_of_defaults_says_what_the_code_does() {
        assert_eq!(Config::parse(DEFAULT).unwrap(), Config::default());
    }

    #[test]
    fn the_file_of_defaults_names_every_setting() {
        let named: toml::Table = DEFAULT.parse().unwrap();
        let all = toml::Table::try_from(Config::default()).unwrap();
        let keys = |table: &toml::Table| {
            let mut keys: Vec<String> = table
                .iter()
                .flat_map(|(key, value)| match value {
                    toml::Value::Table(section) => section
                        .keys()
                        .map(|inner| format!("{key}.{inner}"))
                        .collect(),
                    _ => vec![key.clone()],
                })
                .collect();
            keys.sort();
            keys
        };
        assert_eq!(keys(&named), keys(&all));
    }
}
