//! Sections of the configuration about where the hub listens.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
};

use serde::{
    Deserialize, Deserializer,
    de::{self, Visitor},
};

use super::Secret;

/// Where the hub listens.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Listen {
    /// MQTT without TLS, for programs on this machine: an address of the loopback interface; `None`, `false` in the file, for nowhere.
    #[serde(deserialize_with = "loopback")]
    pub mqtt: Option<SocketAddr>,
    /// MQTT over TLS, for those who are enrolled.
    pub mqtts: Option<SocketAddr>,
    /// The API.
    pub web: SocketAddr,
    /// Whether MQTT without TLS is open to those who are not enrolled: devices, and services that watch.
    pub unenrolled: bool,
}

impl Default for Listen {
    fn default() -> Self {
        Self {
            mqtt: Some(([127, 0, 0, 1], 1883).into()),
            mqtts: None,
            web: ([127, 0, 0, 1], 8080).into(),
            unenrolled: true,
        }
    }
}

/// The certificate with which the hub speaks MQTT over TLS. Without it, it is the one that `defender hub init` has made.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Mqtts {
    /// A PEM file with the certificate, and those that lead to its issuer.
    pub certificate: Option<PathBuf>,
    /// A PEM file with its key.
    pub key: Option<PathBuf>,
}

/// Who may use the API and the page. Another address than loopback needs certificate and key, or a proxy that has them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Web {
    /// A PEM file with the certificate of the API, and those that lead to its issuer.
    pub certificate: Option<PathBuf>,
    /// A PEM file with its key.
    pub key: Option<PathBuf>,
    /// What a program must show as its bearer token. People log in.
    pub token: Option<Secret>,
    /// Addresses of proxies that speak TLS with those who ask, and say who they are and that they came by https.
    pub proxies: Vec<IpAddr>,
}

/// An address of the loopback interface, or `false`.
fn loopback<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SocketAddr>, D::Error> {
    struct Address;

    impl Visitor<'_> for Address {
        type Value = Option<SocketAddr>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an address such as \"127.0.0.1:1883\", or false")
        }

        fn visit_bool<E: de::Error>(self, is_on: bool) -> Result<Self::Value, E> {
            match is_on {
                false => Ok(None),
                true => Err(E::invalid_value(de::Unexpected::Bool(true), &self)),
            }
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
            let address: SocketAddr = text
                .parse()
                .map_err(|_| E::invalid_value(de::Unexpected::Str(text), &self))?;
            match address.ip().is_loopback() {
                true => Ok(Some(address)),
                false => Err(E::custom(format_args!(
                    "{address} can be reached from elsewhere: MQTT without TLS is for the loopback interface alone; use `mqtts` for others"
                ))),
            }
        }
    }

    deserializer.deserialize_any(Address)
}
