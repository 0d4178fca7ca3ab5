//! Reading settings, and the limits that keep a device's state within its bounds.

use core::fmt::Display;
use core::ops::RangeInclusive;
use core::time::Duration;

use super::Config;
use crate::place::Faulty;
use crate::toml_file;

/// The most that a count of different things may be compared with: state remembers no more of them.
const MOST_DISTINCT: u16 = 64;

/// The most ports of administration: each flow is compared with all of them.
const MOST_PORTS: usize = 64;

const SECOND: Duration = Duration::from_secs(1);

/// The longest window.
const LONGEST_WINDOW: Duration = Duration::from_secs(24 * 60 * 60);

/// The longest time for which anything is remembered: what a file calls "1year".
const LONGEST_MEMORY: Duration = Duration::from_secs(365 * 24 * 60 * 60 + 6 * 60 * 60);

/// Why settings cannot be used.
pub type ConfigError = Faulty<Fault>;

/// What is wrong with settings.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// It is not TOML, names what is no setting, or a value is of another type.
    #[error("{message}")]
    Syntax {
        /// What is wrong.
        message: String,
    },
    /// A value is out of its limits.
    #[error("`{key}` is {given}, but must be {limits}")]
    OutOfRange {
        /// Which setting.
        key: &'static str,
        /// What was given.
        given: String,
        /// What it may be, and why.
        limits: String,
    },
}

pub(super) fn parse(text: &str) -> Result<Config, ConfigError> {
    let mut reading = toml_file::read::<Config>(text);
    let config = reading.value.take();
    let mut faults = Faults::default();
    config.iter().for_each(|config| faults.of(config));
    let out_of_range = faults.0.into_iter();
    let out_of_range = out_of_range.map(|(key, fault)| reading.about(key, fault));
    let mut problems: Vec<_> = out_of_range.collect();
    let syntax = reading.problems.into_iter();
    problems.extend(syntax.map(|one| one.map(|message| Fault::Syntax { message })));
    Faulty::unless(config, problems)
}

/// What is out of its limits, and its key.
#[derive(Default)]
struct Faults(Vec<(&'static str, Fault)>);

impl Faults {
    fn of(&mut self, config: &Config) {
        let remembered = format!("one shows nothing, and {MOST_DISTINCT} are remembered");
        for (key, given) in [
            ("port-scan.ports", config.port_scan.ports),
            (
                "host-scan.administration-hosts",
                config.host_scan.administration_hosts,
            ),
            ("host-scan.hosts", config.host_scan.hosts),
            ("address-sweep.hosts", config.address_sweep.hosts),
            (
                "password-guessing.connections",
                config.password_guessing.connections,
            ),
            ("scanned-by-peer.ports", config.scanned_by_peer.ports),
            ("duplicate-device.returns", config.duplicate_device.returns),
            (
                "duplicate-device.takeovers",
                config.duplicate_device.takeovers,
            ),
            ("duplicate-device.devices", config.duplicate_device.devices),
        ] {
            self.number(key, given, 2..=MOST_DISTINCT, &remembered);
        }
        for (key, given) in [
            ("port-scan.window", config.port_scan.window),
            ("host-scan.window", config.host_scan.window),
            ("address-sweep.window", config.address_sweep.window),
            ("password-guessing.window", config.password_guessing.window),
            ("scanned-by-peer.window", config.scanned_by_peer.window),
            ("duplicate-device.window", config.duplicate_device.window),
            ("liveness.away", config.liveness.away),
            ("clock.tolerance", config.clock.tolerance),
            ("clock.stands-after", config.clock.stands_after),
            ("clock.believed-after", config.clock.believed_after),
            ("alerts.quiet", config.alerts.quiet),
        ] {
            self.duration(key, given, SECOND, LONGEST_WINDOW);
        }
        for (key, given) in [
            ("hygiene.remembered", config.hygiene.remembered),
            ("hygiene.longest-interval", config.hygiene.longest_interval),
            ("baseline.learning", config.baseline.learning),
            ("baseline.decay", config.baseline.decay),
            ("beacon.duration", config.beacon.duration),
        ] {
            self.duration(key, given, SECOND, LONGEST_MEMORY);
        }
        let jitter = config.liveness.jitter;
        self.duration("liveness.jitter", jitter, Duration::ZERO, LONGEST_WINDOW);
        for (key, given) in [
            (
                "dns-tunnel.bytes-per-minute",
                config.dns_tunnel.bytes_per_minute,
            ),
            (
                "icmp-tunnel.bytes-per-minute",
                config.icmp_tunnel.bytes_per_minute,
            ),
            (
                "flood.connections-per-minute",
                config.flood.connections_per_minute,
            ),
            ("flood.bytes-per-minute", config.flood.bytes_per_minute),
            (
                "flood.bytes-per-connection",
                config.flood.bytes_per_connection,
            ),
            (
                "flow-table-overflow.bytes-per-packet",
                config.flow_table_overflow.bytes_per_packet,
            ),
            ("liveness.intervals", config.liveness.intervals.into()),
            ("volume.factor", config.volume.factor.into()),
            (
                "volume.factor-strangers",
                config.volume.factor_strangers.into(),
            ),
            ("volume.factor-at-once", config.volume.factor_at_once.into()),
        ] {
            self.number(key, given, 1..=u32::MAX, "0 is reached by doing nothing");
        }
        let open = config.alerts.open_per_rule;
        let told = "a device is remembered with no more alerts of a rule";
        self.number("alerts.open-per-rule", open, 1..=20, told);
        let connections = config.beacon.connections;
        let few = "fewer are never regular, and no more are remembered";
        self.number("beacon.connections", connections, 4..=24, few);
        let score = config.beacon.score;
        self.number("beacon.score", score, 1..=100, "a score is one of 100");
        let share = config.flood.share;
        self.number("flood.share", share, 1..=100, "it is in hundredths");
        let ports = &config.administration_ports;
        if ports.len() > MOST_PORTS || ports.contains(&0) {
            let given = format!("{ports:?}");
            let limits = format!("at most {MOST_PORTS} ports, which are 1 to 65535");
            self.out_of_range("administration-ports", given, limits);
        }
    }

    fn number<N: PartialOrd + Display>(
        &mut self,
        key: &'static str,
        given: N,
        limits: RangeInclusive<N>,
        why: &str,
    ) {
        if !limits.contains(&given) {
            let limits = format!("{} to {}: {why}", limits.start(), limits.end());
            self.out_of_range(key, given.to_string(), limits);
        }
    }

    fn duration(&mut self, key: &'static str, given: Duration, least: Duration, most: Duration) {
        if !(least..=most).contains(&given) {
            let [given, least, most] = [given, least, most].map(humantime::format_duration);
            let limits = format!("{least} to {most}: nothing is remembered for longer");
            self.out_of_range(key, given.to_string(), limits);
        }
    }

    fn out_of_range(&mut self, key: &'static str, given: String, limits: String) {
        let fault = Fault::OutOfRange { key, given, limits };
        self.0.push((key, fault));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_named_has_its_default() {
        let config = Config::parse("[port-scan]\nports = 12\n").unwrap();
        assert_eq!(config.port_scan.ports, 12);
        assert_eq!(config.port_scan.window, Duration::from_secs(300));
        assert_eq!(config.host_scan, Config::default().host_scan);
    }
}
