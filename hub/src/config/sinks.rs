//! Sections of the configuration for sinks.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer, de::Error};
use toml::Spanned;

use super::Secret;
use crate::sink::check_url;

/// Who is told. Each kind may be there any number of times; each sink has a name, that of its kind if it has no other. It is by its name
/// that the hub knows what a sink has been told.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
#[non_exhaustive]
pub struct SinkSections {
    /// OCSF findings as JSON lines.
    pub ocsf: Vec<Spanned<OcsfSink>>,
    /// Webhooks.
    pub webhook: Vec<Spanned<WebhookSink>>,
    /// Alertmanagers.
    pub alertmanager: Vec<Spanned<AlertmanagerSink>>,
    /// Syslog servers.
    pub syslog: Vec<Spanned<SyslogSink>>,
}

/// OCSF findings as JSON lines.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[non_exhaustive]
pub struct OcsfSink {
    /// Its name.
    #[serde(default = "ocsf")]
    pub name: String,
    /// The file; `-` for standard output.
    pub file: PathBuf,
    /// From how many bytes on another file is begun.
    #[serde(default = "rotate_at")]
    pub rotate_at: u64,
    /// How many older files are kept.
    #[serde(default = "keep")]
    pub keep: u16,
}

/// A webhook.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[non_exhaustive]
pub struct WebhookSink {
    /// Its name.
    #[serde(default = "webhook")]
    pub name: String,
    /// Where to.
    #[serde(deserialize_with = "web_address")]
    pub url: String,
    /// What is posted is signed with it.
    pub secret: Option<Secret>,
    /// A PEM file with the certificates to trust; those of the system if there is none.
    pub ca: Option<PathBuf>,
}

/// An Alertmanager.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[non_exhaustive]
pub struct AlertmanagerSink {
    /// Its name.
    #[serde(default = "alertmanager")]
    pub name: String,
    /// Its base URL.
    #[serde(deserialize_with = "web_address")]
    pub url: String,
    /// A bearer token.
    pub token: Option<Secret>,
    /// A PEM file with the certificates to trust; those of the system if there is none.
    pub ca: Option<PathBuf>,
}

/// A syslog server.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[non_exhaustive]
pub struct SyslogSink {
    /// Its name.
    #[serde(default = "syslog")]
    pub name: String,
    /// `host:port`.
    #[serde(deserialize_with = "host_and_port")]
    pub address: String,
    /// How it is spoken to.
    #[serde(default)]
    pub transport: SyslogTransport,
    /// With TLS: a PEM file with the certificates to trust; those of the system if there is none.
    pub ca: Option<PathBuf>,
}

/// How a syslog server is spoken to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SyslogTransport {
    /// Over UDP, which may lose anything.
    Udp,
    /// Over TCP.
    #[default]
    Tcp,
    /// Over TLS.
    Tls,
}

fn ocsf() -> String {
    "ocsf".into()
}

fn webhook() -> String {
    "webhook".into()
}

fn alertmanager() -> String {
    "alertmanager".into()
}

fn syslog() -> String {
    "syslog".into()
}

fn rotate_at() -> u64 {
    100 << 20
}

fn keep() -> u16 {
    10
}

fn web_address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let url = String::deserialize(deserializer)?;
    check_url(&url).map_err(D::Error::custom)?;
    Ok(url)
}

fn host_and_port<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let address = String::deserialize(deserializer)?;
    let parts = address.rsplit_once(':');
    match parts.is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok()) {
        true => Ok(address),
        false => Err(D::Error::custom(format_args!(
            "'{address}' is not like host:port"
        ))),
    }
}

impl SinkSections {
    /// The names of all sinks, and where in the text each is.
    #[must_use]
    pub fn names(&self) -> Vec<(&str, usize)> {
        fn of<T>(all: &[Spanned<T>], name: fn(&T) -> &str) -> impl Iterator<Item = (&str, usize)> {
            all.iter()
                .map(move |one| (name(one.as_ref()), one.span().start))
        }
        of(&self.ocsf, |sink| &sink.name)
            .chain(of(&self.webhook, |sink| &sink.name))
            .chain(of(&self.alertmanager, |sink| &sink.name))
            .chain(of(&self.syslog, |sink| &sink.name))
            .collect()
    }

    pub(super) fn paths(&mut self) -> Vec<&mut PathBuf> {
        let mut paths = Vec::new();
        for sink in self.ocsf.iter_mut().map(Spanned::as_mut) {
            if sink.file != Path::new("-") {
                paths.push(&mut sink.file);
            }
        }
        for sink in self.webhook.iter_mut().map(Spanned::as_mut) {
            paths.extend(&mut sink.ca);
            paths.extend(sink.secret.as_mut().and_then(Secret::path));
        }
        for sink in self.alertmanager.iter_mut().map(Spanned::as_mut) {
            paths.extend(&mut sink.ca);
            paths.extend(sink.token.as_mut().and_then(Secret::path));
        }
        for sink in self.syslog.iter_mut().map(Spanned::as_mut) {
            paths.extend(&mut sink.ca);
        }
        paths
    }
}
