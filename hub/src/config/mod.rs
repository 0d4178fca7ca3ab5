//! The hub's configuration: TOML, of which everything may be left out.
//!
//! ```toml
//! [listen]
//! mqtt = "127.0.0.1:1883"      # devices on this machine
//! mqtts = "0.0.0.0:8883"       # enrolled devices
//! web = "127.0.0.1:8080"       # API, metrics
//!
//! [[sink.webhook]]
//! url = "https://soc.example/hook"
//! secret = { env = "WEBHOOK_SECRET" }
//! ```
//!
//! Paths that are not absolute begin at the folder of the file.

mod in_force;
mod listen;
mod policy;
mod secret;
mod sinks;
mod sources;

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use defender_detect::{
    place::{Faulty, Located},
    toml_file,
};
use serde::Deserialize;

pub use self::{
    in_force::{InForce, Part, PartKind},
    listen::{Listen, Mqtts, Web},
    policy::{PolicyError, PolicyFiles},
    secret::{Secret, SecretError},
    sinks::{AlertmanagerSink, OcsfSink, SinkSections, SyslogSink, SyslogTransport, WebhookSink},
    sources::{FileSource, MqttSource, SourceSections},
};

/// A day.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What can be set.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
#[non_exhaustive]
pub struct HubConfig {
    /// Where it listens.
    pub listen: Listen,
    /// MQTT over TLS.
    pub mqtts: Mqtts,
    /// Who may use the API.
    pub web: Web,
    /// What decides.
    pub detection: PolicyFiles,
    /// What is kept for how long.
    pub keep: Keep,
    /// What is bounded.
    pub limits: Limits,
    /// Where reports come from beside the endpoint inside.
    pub source: SourceSections,
    /// Who is told.
    pub sink: SinkSections,
}

/// What is kept for how long.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Keep {
    /// Bytes by hour, device, peer and service.
    #[serde(with = "defender_detect::duration")]
    pub traffic: Duration,
    /// Alerts, after they have closed.
    #[serde(with = "defender_detect::duration")]
    pub alerts: Duration,
    /// Devices from which nothing comes, unless an alert of theirs is open.
    #[serde(with = "defender_detect::duration")]
    pub devices: Duration,
}

impl Default for Keep {
    fn default() -> Self {
        Self {
            traffic: 30 * DAY,
            alerts: 365 * DAY,
            devices: 90 * DAY,
        }
    }
}

/// What is bounded.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Limits {
    /// The most devices that are looked after. A device takes about 4 KB of memory.
    pub devices: usize,
    /// Deliveries that may wait for the journal. After that sources wait.
    #[serde(deserialize_with = "at_least_one")]
    pub waiting: usize,
    /// Connections to the MQTT endpoint. Others are closed at once.
    pub connections: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            devices: 1_000_000,
            waiting: 8192,
            connections: 10_000,
        }
    }
}

fn at_least_one<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<usize, D::Error> {
    match usize::deserialize(deserializer)? {
        0 => Err(serde::de::Error::custom(
            "at least one must be able to wait",
        )),
        number => Ok(number),
    }
}

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The file does not open.
    #[error("{path} cannot be read: {error}", path = .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        error: std::io::Error,
    },
    /// Something in it is wrong. Each problem has a line.
    #[error("{}", .problems.iter().map(|problem| format!("{}: {problem}", .path.display())).collect::<Vec<_>>().join("\n"))]
    Wrong {
        /// The file.
        path: PathBuf,
        /// Everything that is wrong, and where.
        problems: Vec<Located<String>>,
    },
}

impl HubConfig {
    /// Reads a file.
    ///
    /// # Errors
    /// [`ConfigError`] says everything that is wrong with it, with line and column.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = fs::read_to_string(path).map_err(|error| ConfigError::Unreadable {
            path: path.into(),
            error,
        })?;
        let mut config = Self::parse(&text, path)?;
        config.begin_at(path.parent().unwrap_or(Path::new("")));
        Ok(config)
    }

    /// Reads a text; `path` is what messages call it.
    ///
    /// # Errors
    /// [`ConfigError`] says everything that is wrong with it, with line and column.
    pub fn parse(text: &str, path: &Path) -> Result<Self, ConfigError> {
        let reading = toml_file::read::<Self>(text);
        let mut problems = reading.problems;
        if let Some(config) = &reading.value {
            let sinks = config.sink.names().into_iter();
            let mut known = Vec::new();
            for (name, offset) in sinks.chain(config.source.names()) {
                if known.contains(&name) {
                    let reason = format!(
                        "there is another one called \"{name}\": give one of them a name of its own, as in `name = \"second\"`"
                    );
                    problems.push(Located::new(text, offset, reason));
                }
                known.push(name);
            }
        }
        Faulty::unless(reading.value, problems).map_err(|faulty| ConfigError::Wrong {
            path: path.into(),
            problems: faulty.problems,
        })
    }

    fn begin_at(&mut self, folder: &Path) {
        let web = [&mut self.web.certificate, &mut self.web.key];
        let mqtts = [&mut self.mqtts.certificate, &mut self.mqtts.key];
        let certificates = web.into_iter().chain(mqtts);
        let mut paths: Vec<&mut PathBuf> = certificates.flatten().collect();
        paths.extend(self.web.token.as_mut().and_then(Secret::path));
        paths.extend(self.detection.paths());
        paths.extend(self.source.paths());
        paths.extend(self.sink.paths());
        for path in paths {
            *path = folder.join(&*path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<HubConfig, String> {
        HubConfig::parse(text, Path::new("hub.toml")).map_err(|error| error.to_string())
    }

    #[test]
    fn an_empty_file_is_the_default() {
        let config = parse("").unwrap();
        assert_eq!(config, HubConfig::default());
        assert_eq!(config.listen.web, "127.0.0.1:8080".parse().unwrap());
        assert_eq!(config.listen.mqtt, "127.0.0.1:1883".parse().ok());
        assert_eq!(config.listen.mqtts, None);
        assert!(config.listen.unenrolled);
        assert_eq!(config.keep.traffic, 30 * DAY);
    }

    #[test]
    fn everything_can_be_set() {
        let config = parse(
            r#"
            [listen]
            web = "[::1]:9000"
            mqtt = "[::1]:1884"
            mqtts = "0.0.0.0:8883"
            unenrolled = false
            [mqtts]
            certificate = "hub.pem"
            key = "hub.key"
            [web]
            certificate = "web.pem"
            key = "web.key"
            token = { file = "token" }
            proxies = ["10.0.0.5", "::1"]
            [detection]
            rules = ["rules.json"]
            exceptions = "exceptions.toml"
            [keep]
            traffic = "7d"
            [limits]
            devices = 10
            [[source.mqtt]]
            url = "mqtt://user:secret@broker:1883"
            session = "hub"
            [[source.file]]
            path = "messages.jsonl"
            [[sink.ocsf]]
            file = "alerts.jsonl"
            [[sink.webhook]]
            url = "https://soc.example/hook"
            secret = { env = "SECRET" }
            [[sink.alertmanager]]
            url = "http://localhost:9093"
            [[sink.syslog]]
            address = "log.example:6514"
            transport = "tls"
            [[sink.syslog]]
            name = "second"
            address = "[::1]:514"
            "#,
        )
        .unwrap();
        let names: Vec<_> = config
            .sink
            .names()
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        assert_eq!(
            names,
            ["ocsf", "webhook", "alertmanager", "syslog", "second"]
        );
        assert_eq!(config.limits.devices, 10);
        assert_eq!(config.listen.mqtt, "[::1]:1884".parse().ok());
        assert_eq!(config.listen.mqtts, "0.0.0.0:8883".parse().ok());
        assert_eq!(config.web.proxies.len(), 2);
        assert!(!config.listen.unenrolled);
        assert_eq!(parse("[listen]\nmqtt = false").unwrap().listen.mqtt, None);
        assert_eq!(config.keep.traffic, 7 * DAY);
    }

    #[test]
    fn all_that_is_wrong_is_said_with_its_place() {
        for (text, expected) in [
            (
                "[listen]\nweb = 5",
                "line 2, column 7: `5` stands where an address with a port such as \"127.0.0.1:8080\" must be",
            ),
            (
                "[listen]\nweb = \"localhost:8080\"",
                "line 2, column 7: `\"localhost:8080\"` stands where an address with a port",
            ),
            (
                "[listen]\nmqtt = 5",
                "line 2, column 8: `5` stands where an address such as \"127.0.0.1:1883\", or false must be",
            ),
            (
                "[listen]\nmqtt = true",
                "line 2, column 8: `true` stands where an address",
            ),
            (
                "[listen]\nmqtt = \"localhost:1883\"",
                "line 2, column 8: `\"localhost:1883\"` stands where an address",
            ),
            (
                "[listen]\n\nmqtt = \"0.0.0.0:1883\"",
                "line 3, column 8: 0.0.0.0:1883 can be reached from elsewhere: MQTT without TLS is for the loopback interface alone; use `mqtts`",
            ),
            (
                "[listen]\nmqtts = \"8883\"",
                "line 2, column 9: `\"8883\"` stands where an address with a port",
            ),
            (
                "[web]\nproxies = [\"hub.example\"]",
                "line 2, column 12: `\"hub.example\"` stands where an address such as \"192.0.2.7\" must be",
            ),
            (
                "[limits]\nconnections = -1",
                "line 2, column 15: `-1` stands where a whole number that is not negative must be",
            ),
            (
                "\n[lissten]",
                "line 2, column 2: there is no key `lissten`; known are `listen`, `mqtts`, `web`,",
            ),
            (
                "[keep]\ntraffic = \"7 lightyears\"",
                "line 2, column 11: `\"7 lightyears\"` stands where a time such as \"10 min\" must be",
            ),
            (
                "[limits]\nwaiting = 0",
                "line 2, column 11: at least one must be able to wait",
            ),
            (
                "[[source.mqtt]]\nurl = \"http://broker\"",
                "line 2, column 7: ",
            ),
            ("[[source.file]]", "line 1, column 1: `path` is missing"),
            ("[[sink.webhook]]\nurl = \"ftp://x\"", "line 2, column 7: "),
            (
                "[[sink.webhook]]\nurl = \"http://x\"\nsecret = \"abc\"",
                "line 3, column 10: a secret does not stand in the configuration: write { file = \"PATH\" }",
            ),
            (
                "[[sink.syslog]]\naddress = \"x\"",
                "line 2, column 11: 'x' is not like host:port",
            ),
            (
                "[[sink.syslog]]\naddress = \"x:514\"\ntransport = \"pigeon\"",
                "line 3, column 13: `pigeon` stands where one of `udp`, `tcp`, `tls` must be",
            ),
            (
                "[[sink.webhook]]\nurl = \"http://x\"\n[[sink.webhook]]\nurl = \"http://y\"",
                "line 3, column 1: there is another one called \"webhook\"",
            ),
            ("[listen", "line 1, column 8: unclosed table"),
        ] {
            let error = parse(text).unwrap_err();
            let expected = format!("hub.toml: {expected}");
            assert!(error.starts_with(&expected), "{text:?}: {error}");
            assert_eq!(error.lines().count(), 1, "{text:?}: {error}");
        }
        let several = "[listen]\nwep = 1\nmqtt = 5\n[[sink.webhook]]\nurl = 3\n[[sink.webhook]]\nurl = \"http://x\"\ntoken = 1\n[keep]\nalerts = 3";
        let error = parse(several).unwrap_err();
        let places: Vec<_> = error.lines().map(|line| line.get(10..16)).collect();
        let expected = ["line 2", "line 3", "line 5", "line 8", "line 10"];
        let expected = expected.map(|place| place.get(..6));
        assert_eq!(places, expected, "{error}");
    }

    #[test]
    fn what_may_be_a_secret_is_not_repeated() {
        for text in [
            "[web]\ntoken = \"4711-hush\"",
            "[web]\ntoken = 4711",
            "[web]\ntoken = 4711.5",
            "[web]\ntoken = [\"4711\"]",
            "[web]\ntoken = { file = \"a\", env = \"b\" }",
            "[web]\ntoken = {}",
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.starts_with("hub.toml: line 2, column "), "{error}");
            assert!(error.contains("{ env = \"NAME\" }"), "{error}");
            assert!(!error.contains("4711"), "{error}");
        }
    }

    #[test]
    fn paths_begin_at_the_folder_of_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("hub.toml");
        let text = "[web]\ntoken = { file = \"t\" }\n[detection]\nrules = [\"r.json\", \"/r.json\"]\n[[sink.ocsf]]\nfile = \"-\"";
        fs::write(&path, text).unwrap();
        let mut config = HubConfig::read(&path).unwrap();
        let expected = folder.path().join("r.json");
        assert_eq!(config.detection.rules, [expected, "/r.json".into()]);
        let token = config.web.token.as_mut().and_then(Secret::path);
        assert_eq!(token.cloned(), Some(folder.path().join("t")));
        // Standard output stays that.
        assert_eq!(config.sink.ocsf[0].as_ref().file, Path::new("-"));
    }
}
