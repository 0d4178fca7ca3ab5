//! Reading settings, and the limits that keep a device's state within its bounds.

use core::time::Duration;

use super::Config;

/// The most that a count of different things may be compared with: state remembers no more of them.
const MOST_DISTINCT: u16 = 64;

/// The longest window.
const LONGEST_WINDOW: Duration = Duration::from_secs(24 * 60 * 60);

/// The longest time for which anything is remembered.
const LONGEST_MEMORY: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// Settings that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// It is not TOML, or names what is no setting.
    #[error("{0}")]
    Syntax(#[from] toml::de::Error),
    /// A value is out of its limits.
    #[error("{key} is {given}, but must be {limits}")]
    OutOfRange {
        /// Which setting.
        key: &'static str,
        /// What was given.
        given: String,
        /// What it may be.
        limits: String,
    },
}

pub(super) fn parse(text: &str) -> Result<Config, ConfigError> {
    let config = toml::from_str(text)?;
    check(&config)?;
    Ok(config)
}

fn check(config: &Config) -> Result<(), ConfigError> {
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
        if !(2..=MOST_DISTINCT).contains(&given) {
            return Err(out_of_range(key, given, format!("2 to {MOST_DISTINCT}")));
        }
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
        ("alerts.quiet", config.alerts.quiet),
    ] {
        if !(Duration::from_secs(1)..=LONGEST_WINDOW).contains(&given) {
            let given = humantime::format_duration(given);
            return Err(out_of_range(key, given, "1s to 1day"));
        }
    }
    for (key, given) in [
        ("hygiene.remembered", config.hygiene.remembered),
        ("hygiene.longest-interval", config.hygiene.longest_interval),
        ("baseline.learning", config.baseline.learning),
        ("baseline.decay", config.baseline.decay),
        ("beacon.duration", config.beacon.duration),
    ] {
        if !(Duration::from_secs(1)..=LONGEST_MEMORY).contains(&given) {
            let given = humantime::format_duration(given);
            return Err(out_of_range(key, given, "1s to 1year"));
        }
    }
    if config.liveness.jitter > LONGEST_WINDOW {
        let given = humantime::format_duration(config.liveness.jitter);
        return Err(out_of_range("liveness.jitter", given, "at most 1day"));
    }
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
        ("beacon.score", config.beacon.score.into()),
    ] {
        if given == 0 {
            return Err(out_of_range(key, given, "at least 1"));
        }
    }
    let open = config.alerts.open_per_rule;
    if !(1..=20).contains(&open) {
        return Err(out_of_range("alerts.open-per-rule", open, "1 to 20"));
    }
    let connections = config.beacon.connections;
    if !(4..=24).contains(&connections) {
        return Err(out_of_range("beacon.connections", connections, "4 to 24"));
    }
    if config.beacon.score > 100 {
        return Err(out_of_range(
            "beacon.score",
            config.beacon.score,
            "1 to 100",
        ));
    }
    let ports = config.administration_ports.len();
    if ports > 64 || config.administration_ports.contains(&0) {
        let given = format!("{:?}", config.administration_ports);
        return Err(out_of_range(
            "administration-ports",
            given,
            "at most 64 ports, none of them 0",
        ));
    }
    Ok(())
}

fn out_of_range(key: &'static str, given: impl ToString, limits: impl ToString) -> ConfigError {
    ConfigError::OutOfRange {
        key,
        given: given.to_string(),
        limits: limits.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        Config::parse(text).unwrap_err().to_string()
    }

    #[test]
    fn what_is_not_named_has_its_default() {
        let config = Config::parse("[port-scan]\nports = 12\n").unwrap();
        assert_eq!(config.port_scan.ports, 12);
        assert_eq!(config.port_scan.window, Duration::from_secs(300));
        assert_eq!(config.host_scan, Config::default().host_scan);
    }

    #[test]
    fn an_error_says_where_what_and_what_may_be() {
        assert!(refused("[port-scan]\nport = 12\n").contains("line 2"));
        assert_eq!(
            refused("[host-scan]\nhosts = 1000\n"),
            "host-scan.hosts is 1000, but must be 2 to 64"
        );
        assert_eq!(
            refused("[alerts]\nquiet = \"0s\"\n"),
            "alerts.quiet is 0s, but must be 1s to 1day"
        );
        assert!(
            refused("[liveness]\njitter = \"2days\"\n").starts_with("liveness.jitter is 2days")
        );
        assert!(refused("[flood]\nbytes-per-minute = 0\n").ends_with("at least 1"));
        assert!(refused("[alerts]\nopen-per-rule = 21\n").ends_with("1 to 20"));
        assert!(refused("administration-ports = [0]\n").starts_with("administration-ports is [0]"));
    }
}
