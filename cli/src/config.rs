//! The configuration file: TOML with every setting of the agent.

use std::{fs, path::Path, time::Duration};

use defender_detect::{duration, place::Faulty, toml_file};
use defender_message::flow::Protocol;
use defender_replay::device::{MAX_FLOWS, USUAL_FLOWS};
use serde::{Deserialize, Deserializer};
use threadx_defender::agent::{Collector, Priority, Settings, SettingsError};

/// A configuration file that cannot be used. Each problem has a line, which begins with the file.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct ConfigError(Vec<String>);

impl ConfigError {
    /// What is said when the time to the first collection is refused for the jitter that was added to it.
    pub fn first_collection(path: Option<&Path>, error: SettingsError) -> Self {
        let of = path.map_or_else(|| "--jitter".to_owned(), |path| path.display().to_string());
        Self(vec![format!("{of}: first-collection: {error}")])
    }
}

/// What is refused: its key, and why.
type Refused = Vec<(&'static str, String)>;

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
    let path_of = path.display();
    let text = fs::read_to_string(path)
        .map_err(|error| ConfigError(vec![format!("{path_of} cannot be read: {error}")]))?;
    parse(&text).map_err(|faulty| {
        let problems = faulty.problems.iter();
        ConfigError(problems.map(|it| format!("{path_of}: {it}")).collect())
    })
}

fn parse(text: &str) -> Result<Settings, Faulty<String>> {
    let mut reading = toml_file::read::<File>(text);
    let mut refused = Refused::new();
    let file = reading.value.take();
    let settings = file.map(|file| file.settings(&mut refused));
    let refused = refused.into_iter();
    let refused: Vec<_> = refused
        .map(|(key, why)| reading.about(key, format!("`{key}`: {why}")))
        .collect();
    let mut problems = reading.problems;
    problems.extend(refused);
    Faulty::unless(settings, problems)
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    security_module_id: Option<String>,
    max_hub_devices: Option<u8>,
    #[serde(deserialize_with = "optional")]
    first_collection: Option<Duration>,
    #[serde(deserialize_with = "optional")]
    first_collection_jitter: Option<Duration>,
    #[serde(deserialize_with = "optional")]
    retry_time: Option<Duration>,
    #[serde(deserialize_with = "optional")]
    pending_time: Option<Duration>,
    intervals: Intervals,
    network_activity: NetworkActivity,
    system_information: Common,
    heartbeat: Common,
}

fn optional<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    duration::deserialize(deserializer).map(Some)
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct Intervals {
    #[serde(deserialize_with = "optional")]
    high: Option<Duration>,
    #[serde(deserialize_with = "optional")]
    medium: Option<Duration>,
    #[serde(deserialize_with = "optional")]
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
    refused: &mut Refused,
    key: &'static str,
    value: Option<T>,
    set: impl FnOnce(T) -> Result<(), SettingsError>,
) {
    if let Some(Err(error)) = value.map(set) {
        refused.push((key, error.to_string()));
    }
}

impl File {
    fn settings(self, refused: &mut Refused) -> Settings {
        let mut to = defaults();
        set(
            refused,
            "security-module-id",
            self.security_module_id,
            |id| {
                // The agent keeps a reference for as long as the program runs.
                to.set_security_module_id(id.leak())
            },
        );
        set(
            refused,
            "max-hub-devices",
            self.max_hub_devices,
            |devices| to.set_max_hub_devices(devices),
        );
        set(refused, "first-collection", self.first_collection, |time| {
            to.set_first_collection(time)
        });
        set(
            refused,
            "first-collection-jitter",
            self.first_collection_jitter,
            |time| to.set_first_collection_jitter(time),
        );
        set(refused, "retry-time", self.retry_time, |time| {
            to.set_retry_time(time)
        });
        set(refused, "pending-time", self.pending_time, |time| {
            to.set_pending_time(time)
        });
        self.intervals.apply(&mut to, refused);
        self.network_activity.apply(&mut to, refused);
        self.system_information
            .apply(Collector::SystemInformation, &mut to);
        self.heartbeat.apply(Collector::Heartbeat, &mut to);
        to
    }
}

impl Intervals {
    fn apply(self, to: &mut Settings, refused: &mut Refused) {
        for (key, priority, interval) in [
            ("intervals.high", Priority::High, self.high),
            ("intervals.medium", Priority::Medium, self.medium),
            ("intervals.low", Priority::Low, self.low),
        ] {
            set(refused, key, interval, |interval| {
                to.set_interval(priority, interval)
            });
        }
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
    fn apply(self, to: &mut Settings, refused: &mut Refused) {
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
        let mut limit = |key, given: Option<usize>, usual| match given.unwrap_or(usual) {
            limit @ 1..=MAX_FLOWS => limit,
            // The library would take more for "as many as there is room".
            given => {
                let why = format!("it is {given}, but the table has room for 1 to {MAX_FLOWS}");
                refused.push((key, why));
                usual
            }
        };
        let limits = (
            limit("network-activity.max-ipv4-flows", self.max_ipv4_flows, ipv4),
            limit("network-activity.max-ipv6-flows", self.max_ipv6_flows, ipv6),
        );
        set(refused, "network-activity", Some(limits), |(ipv4, ipv6)| {
            to.set_flow_limits(ipv4, ipv6)
        });
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
    fn all_that_is_wrong_is_named_with_its_place() {
        for (text, expected) in [
            (
                "[intervals]\nhigh = \"0s\"",
                "line 2, column 8: `intervals.high`: ",
            ),
            (
                "[intervals]\nhihg = \"10s\"",
                "line 2, column 1: there is no key `hihg`; known are `high`, `medium`, `low`",
            ),
            ("[intervals]\nhigh = \"soon\"", "line 2, column 8: "),
            (
                "retry-time = \"18446744073709551615s 1000000000ns\"",
                "line 1, column 14: ",
            ),
            (
                "retry-time = 3",
                "line 1, column 14: `3` stands where a time such as",
            ),
            (
                "[heartbeat]\n\npriority = \"top\"",
                "line 3, column 12: `top` stands where one of `high`, `medium`, `low` must be",
            ),
            (
                "max-hub-devices = 65",
                "line 1, column 19: `max-hub-devices`: ",
            ),
            (
                "[network-activity]\nmax-ipv6-flows = 0",
                "line 2, column 18: `network-activity.max-ipv6-flows`: it is 0, but",
            ),
            (
                "[network-activity]\nmax-ipv4-flows = 1025",
                "line 2, column 18: `network-activity.max-ipv4-flows`: it is 1025, but the table has room for 1 to 1024",
            ),
            (
                "[network-activity]\nflows = 3",
                "line 2, column 1: there is no key `flows`",
            ),
            ("[[[", "line 1, column 3: "),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.starts_with(expected), "{text}: {error}");
            assert_eq!(error.lines().count(), 1, "{error}");
        }
        let several = "max-hub-devices = 65\nretry-time = 3\nfoo = 1\n[intervals]\nhigh = \"0s\"\n";
        let error = parse(several).unwrap_err().to_string();
        let lines: Vec<_> = error.lines().map(|line| line.get(..6)).collect();
        assert_eq!(lines, ["line 1", "line 2", "line 3", "line 5"].map(Some));
    }
}
