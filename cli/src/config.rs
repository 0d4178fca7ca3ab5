//! The configuration file: TOML with every setting of the agent.

use std::{fs, io, path::Path, time::Duration};

use defender_message::flow::Protocol;
use defender_replay::device::{MAX_FLOWS, USUAL_FLOWS};
use serde::Deserialize;
use threadx_defender::agent::{Collector, Priority, Settings, SettingsError};

use crate::duration;

/// A configuration file that cannot be used: which one, and why.
#[derive(Debug, thiserror::Error)]
#[error("{path}{reason}")]
pub struct ConfigError {
    path: String,
    reason: Reason,
}

/// Why a configuration cannot be used. Each continues what begins with the file's path.
#[derive(Debug, thiserror::Error)]
enum Reason {
    #[error(" cannot be read: {0}")]
    Read(io::Error),
    #[error("{line}: {message}", line = Line(*.line))]
    Syntax {
        line: Option<usize>,
        message: String,
    },
    #[error(": {key}: {error}")]
    Setting {
        key: &'static str,
        error: SettingsError,
    },
    #[error(": {key} is {given}, but must be 1 to {MAX_FLOWS}")]
    Flows { key: &'static str, given: usize },
}

impl ConfigError {
    /// What is said when the time to the first collection is refused for the jitter that was added to it.
    pub fn first_collection(path: Option<&Path>, error: SettingsError) -> Self {
        Self {
            path: path.map_or_else(|| "--jitter".to_owned(), |path| path.display().to_string()),
            reason: Reason::Setting {
                key: "first-collection",
                error,
            },
        }
    }
}

/// `:3` when the line is known.
struct Line(Option<usize>);

impl std::fmt::Display for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.map_or(Ok(()), |line| write!(f, ":{line}"))
    }
}

/// The settings of an agent that nothing is said about.
pub fn defaults() -> Settings {
    let mut settings = Settings::new();
    // The table has room for more, for those who ask.
    settings
        .set_flow_limits(USUAL_FLOWS, USUAL_FLOWS)
        .expect("the limits are not 0");
    settings
}

/// The settings in the file at `path`; those that it does not name have their defaults.
pub fn read(path: &Path) -> Result<Settings, ConfigError> {
    fs::read_to_string(path)
        .map_err(Reason::Read)
        .and_then(|text| parse(&text))
        .map_err(|reason| ConfigError {
            path: path.display().to_string(),
            reason,
        })
}

fn parse(text: &str) -> Result<Settings, Reason> {
    let file: File = toml::from_str(text).map_err(|error| Reason::Syntax {
        line: error
            .span()
            .map(|span| 1 + text[..span.start].matches('\n').count()),
        message: error.message().to_owned(),
    })?;
    file.settings()
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    security_module_id: Option<String>,
    max_hub_devices: Option<u8>,
    #[serde(deserialize_with = "duration::optional")]
    first_collection: Option<Duration>,
    #[serde(deserialize_with = "duration::optional")]
    first_collection_jitter: Option<Duration>,
    #[serde(deserialize_with = "duration::optional")]
    retry_time: Option<Duration>,
    #[serde(deserialize_with = "duration::optional")]
    pending_time: Option<Duration>,
    intervals: Intervals,
    network_activity: NetworkActivity,
    system_information: Common,
    heartbeat: Common,
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct Intervals {
    #[serde(deserialize_with = "duration::optional")]
    high: Option<Duration>,
    #[serde(deserialize_with = "duration::optional")]
    medium: Option<Duration>,
    #[serde(deserialize_with = "duration::optional")]
    low: Option<Duration>,
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct Common {
    enabled: Option<bool>,
    priority: Option<PriorityName>,
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct NetworkActivity {
    // Not flattened: `deny_unknown_fields` does not work with `flatten`.
    enabled: Option<bool>,
    priority: Option<PriorityName>,
    tcp: Option<bool>,
    udp: Option<bool>,
    icmp: Option<bool>,
    unicast_only: Option<bool>,
    send_empty_events: Option<bool>,
    max_ipv4_flows: Option<usize>,
    max_ipv6_flows: Option<usize>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum PriorityName {
    High,
    Medium,
    Low,
}

impl From<PriorityName> for Priority {
    fn from(name: PriorityName) -> Self {
        match name {
            PriorityName::High => Self::High,
            PriorityName::Medium => Self::Medium,
            PriorityName::Low => Self::Low,
        }
    }
}

/// Sets what is given, and names the key of what is refused.
fn set<T>(
    key: &'static str,
    value: Option<T>,
    set: impl FnOnce(T) -> Result<(), SettingsError>,
) -> Result<(), Reason> {
    match value.map(set) {
        Some(Err(error)) => Err(Reason::Setting { key, error }),
        Some(Ok(())) | None => Ok(()),
    }
}

impl File {
    fn settings(self) -> Result<Settings, Reason> {
        let mut to = defaults();
        set("security-module-id", self.security_module_id, |id| {
            // The agent keeps a reference for as long as the program runs.
            to.set_security_module_id(id.leak())
        })?;
        set("max-hub-devices", self.max_hub_devices, |devices| {
            to.set_max_hub_devices(devices)
        })?;
        set("first-collection", self.first_collection, |time| {
            to.set_first_collection(time)
        })?;
        set(
            "first-collection-jitter",
            self.first_collection_jitter,
            |time| to.set_first_collection_jitter(time),
        )?;
        set("retry-time", self.retry_time, |time| {
            to.set_retry_time(time)
        })?;
        set("pending-time", self.pending_time, |time| {
            to.set_pending_time(time)
        })?;
        self.intervals.apply(&mut to)?;
        self.network_activity.apply(&mut to)?;
        self.system_information
            .apply(Collector::SystemInformation, &mut to);
        self.heartbeat.apply(Collector::Heartbeat, &mut to);
        Ok(to)
    }
}

impl Intervals {
    fn apply(self, to: &mut Settings) -> Result<(), Reason> {
        for (key, priority, interval) in [
            ("intervals.high", Priority::High, self.high),
            ("intervals.medium", Priority::Medium, self.medium),
            ("intervals.low", Priority::Low, self.low),
        ] {
            set(key, interval, |interval| {
                to.set_interval(priority, interval)
            })?;
        }
        Ok(())
    }
}

impl Common {
    fn apply(self, collector: Collector, to: &mut Settings) {
        if let Some(enabled) = self.enabled {
            to.set_collector_enabled(collector, enabled);
        }
        if let Some(priority) = self.priority {
            to.set_collector_priority(collector, priority.into());
        }
    }
}

impl NetworkActivity {
    fn apply(self, to: &mut Settings) -> Result<(), Reason> {
        let common = Common {
            enabled: self.enabled,
            priority: self.priority,
        };
        common.apply(Collector::NetworkActivity, to);
        for (protocol, enabled) in [
            (Protocol::Tcp, self.tcp),
            (Protocol::Udp, self.udp),
            (Protocol::Icmp, self.icmp),
        ] {
            if let Some(enabled) = enabled {
                to.set_protocol_enabled(protocol, enabled);
            }
        }
        if let Some(only) = self.unicast_only {
            to.set_unicast_only(only);
        }
        if let Some(send) = self.send_empty_events {
            to.set_send_empty_events(send);
        }
        let (ipv4, ipv6) = to.flow_limits();
        let ipv4_key = "network-activity.max-ipv4-flows";
        let ipv4 = flow_limit(ipv4_key, self.max_ipv4_flows, ipv4)?;
        let ipv6_key = "network-activity.max-ipv6-flows";
        let ipv6 = flow_limit(ipv6_key, self.max_ipv6_flows, ipv6)?;
        set("network-activity", Some((ipv4, ipv6)), |(ipv4, ipv6)| {
            to.set_flow_limits(ipv4, ipv6)
        })
    }
}

/// A limit of flows that the table has room for. The library would take more for "as many as there is room".
fn flow_limit(key: &'static str, given: Option<usize>, usual: usize) -> Result<usize, Reason> {
    match given.unwrap_or(usual) {
        limit @ 1..=MAX_FLOWS => Ok(limit),
        given => Err(Reason::Flows { key, given }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &str = include_str!("../examples/defender.toml");

    #[test]
    fn the_example_has_the_defaults() {
        let mut expected = Settings::new();
        expected.set_flow_limits(64, 64).unwrap();
        assert_eq!(parse(EXAMPLE).unwrap(), expected);
        assert_eq!(parse("").unwrap(), expected);
    }

    /// Every key of the example is read: spoiling its value is noticed.
    #[test]
    fn every_key_of_the_example_is_a_setting() {
        let keys: Vec<_> = EXAMPLE
            .lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| line.split_once(" = "))
            .collect();
        assert_eq!(keys.len(), 22);
        for (key, value) in keys {
            let spoilt = EXAMPLE.replace(
                &format!("\n{key} = {value}"),
                &format!("\n{key} = ['nonsense']"),
            );
            assert!(parse(&spoilt).is_err(), "{key}");
        }
    }

    #[test]
    fn every_setting_can_be_changed() {
        let settings = parse(
            r#"
            security-module-id = "mine"
            max-hub-devices = 2
            first-collection = "1m"
            first-collection-jitter = "0s"
            retry-time = "4s"
            pending-time = "10m"
            [intervals]
            high = "11s"
            medium = "31s"
            low = "2days"
            [network-activity]
            enabled = false
            priority = "medium"
            tcp = false
            udp = false
            icmp = false
            unicast-only = false
            send-empty-events = true
            max-ipv4-flows = 8
            max-ipv6-flows = 9
            [system-information]
            enabled = false
            priority = "high"
            [heartbeat]
            enabled = false
            priority = "medium"
            "#,
        )
        .unwrap();
        let seconds = Duration::from_secs;
        assert_eq!(settings.security_module_id(), "mine");
        assert_eq!(settings.max_hub_devices(), 2);
        assert_eq!(settings.first_collection(), seconds(60));
        assert_eq!(settings.first_collection_jitter(), seconds(0));
        assert_eq!(settings.retry_time(), seconds(4));
        assert_eq!(settings.pending_time(), seconds(600));
        let intervals = Priority::ALL.map(|priority| settings.interval(priority));
        assert_eq!(intervals, [11, 31, 172_800].map(seconds));
        let priorities = Collector::ALL.map(|collector| settings.collector_priority(collector));
        assert_eq!(
            priorities,
            [Priority::Medium, Priority::High, Priority::Medium]
        );
        for collector in Collector::ALL {
            assert!(!settings.collector_enabled(collector));
        }
        for protocol in [Protocol::Tcp, Protocol::Udp, Protocol::Icmp] {
            assert!(!settings.protocol_enabled(protocol));
        }
        assert!(!settings.unicast_only());
        assert!(settings.send_empty_events());
        assert_eq!(settings.flow_limits(), (8, 9));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        for (text, expected) in [
            ("[intervals]\nhigh = \"0s\"", "intervals.high"),
            ("[intervals]\nhihg = \"10s\"", ":2: unknown field `hihg`"),
            ("[intervals]\nhigh = \"soon\"", ":2: "),
            (
                "retry-time = \"18446744073709551615s 1000000000ns\"",
                ":1: ",
            ),
            ("retry-time = 3", ":1: "),
            (
                "[heartbeat]\n\npriority = \"top\"",
                ":3: unknown variant `top`",
            ),
            ("max-hub-devices = 65", "max-hub-devices"),
            (
                "[network-activity]\nmax-ipv6-flows = 0",
                "max-ipv6-flows is 0",
            ),
            ("[network-activity]\nmax-ipv4-flows = 1025", "1 to 1024"),
            ("[network-activity]\nflows = 3", ":2: unknown field `flows`"),
            ("[[[", ":1: "),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }
}
