//! Sections of the configuration for sources.

use std::path::PathBuf;

use defender_replay::local::LocalAddress;
use serde::{Deserialize, Deserializer, de::Error};
use toml::Spanned;

use crate::mqtt::HubUrl;

/// Where reports come from beside the endpoint inside.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
#[non_exhaustive]
pub struct SourceSections {
    /// Brokers. A topic of another broker is no identity: whoever may publish there may speak for any device.
    pub mqtt: Vec<Spanned<MqttSource>>,
    /// Files.
    pub file: Vec<Spanned<FileSource>>,
}

/// A broker that devices publish to.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[non_exhaustive]
pub struct MqttSource {
    /// Its name.
    #[serde(default = "mqtt")]
    pub name: String,
    /// Where it is.
    #[serde(deserialize_with = "hub_url")]
    pub url: HubUrl,
    /// The broker is to keep what comes while the hub is away under this name, which is the MQTT client id.
    pub session: Option<String>,
    /// A PEM file with the certificates to trust; those of the system if there is none.
    pub ca: Option<PathBuf>,
}

/// A file, which is read from its beginning to its end, and then as it grows if it has JSON lines.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[non_exhaustive]
pub struct FileSource {
    /// Its name; its path if it has no other.
    pub name: Option<String>,
    /// Security messages, JSON lines, a capture, or Azure's logs.
    pub path: PathBuf,
    /// The own addresses of the device of a capture; guessed if there are none.
    #[serde(default, deserialize_with = "addresses")]
    pub local: Vec<LocalAddress>,
}

impl FileSource {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        match &self.name {
            Some(name) => name,
            None => self.path.to_str().unwrap_or("file"),
        }
    }
}

fn mqtt() -> String {
    "mqtt".into()
}

fn hub_url<'de, D: Deserializer<'de>>(deserializer: D) -> Result<HubUrl, D::Error> {
    String::deserialize(deserializer)?
        .parse()
        .map_err(D::Error::custom)
}

fn addresses<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<LocalAddress>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    let addresses = texts
        .iter()
        .map(|text| text.parse().map_err(D::Error::custom));
    addresses.collect()
}

impl SourceSections {
    /// The names of all sources, and where in the text each is.
    #[must_use]
    pub fn names(&self) -> Vec<(&str, usize)> {
        let brokers = self.mqtt.iter();
        let brokers = brokers.map(|one| (&*one.as_ref().name, one.span().start));
        let files = self.file.iter();
        let files = files.map(|one| (one.as_ref().name(), one.span().start));
        brokers.chain(files).collect()
    }

    pub(super) fn paths(&mut self) -> Vec<&mut PathBuf> {
        let mut paths = Vec::new();
        for source in self.mqtt.iter_mut().map(Spanned::as_mut) {
            paths.extend(&mut source.ca);
        }
        for source in self.file.iter_mut().map(Spanned::as_mut) {
            paths.push(&mut source.path);
        }
        paths
    }
}
