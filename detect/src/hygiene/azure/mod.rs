//! What an IoT Hub's own settings say, as Azure's command-line tool exports them.
//!
//! ```
//! use defender_detect::hygiene::azure::{Posture, read};
//!
//! let mut posture = Posture::default();
//! // az iot hub show --name HUB
//! posture.add(read(r#"{ "name": "plant", "type": "Microsoft.Devices/IotHubs", "properties": { "networkRuleSets": null } }"#)?);
//! let recommendations = posture.recommendations();
//! assert_eq!(recommendations[0].kind.title(), "Default IP filter policy should be deny");
//! # Ok::<(), defender_detect::hygiene::azure::ExportError>(())
//! ```

mod read;

use ipnet::IpNet;

pub use self::read::{ExportError, Fault, read};
use super::{Kind, Recommendation};

/// Networks with a shorter prefix are large: more than 65,536 addresses of IPv4, more than a site of IPv6.
const LARGE_IPV4: u8 = 16;
const LARGE_IPV6: u8 = 48;

/// The category of the hub's log without which nobody sees who connects, and the groups that it is in.
const CONNECTIONS: [&str; 3] = ["connections", "alllogs", "audit"];

/// What a file that was exported says.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Export {
    /// Hubs: `az iot hub show`, `az iot hub list`, `az resource show`.
    Hubs(Vec<Hub>),
    /// Diagnostic settings: `az monitor diagnostic-settings list`. An empty list is taken for it, too.
    DiagnosticSettings(Vec<DiagnosticSetting>),
    /// Devices with marks of their credentials: `az iot hub device-identity list`.
    Identities(Vec<Identity>),
    /// A log, which [`azure::read`](crate::azure::read) reads.
    Log,
}

/// An IoT Hub.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Hub {
    /// Its name.
    pub name: String,
    /// Whether it can be reached over the Internet at all.
    pub is_public: bool,
    /// Whether it lets nobody in whom no rule names.
    pub denies_by_default: bool,
    /// The networks that its rules let in, with the names of the rules.
    pub allowed: Vec<(String, IpNet)>,
}

/// A diagnostic setting.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct DiagnosticSetting {
    /// Its name.
    pub name: String,
    /// The categories and groups of categories that it keeps, in lower case.
    pub kept: Vec<String>,
}

/// A device as the hub knows it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Identity {
    /// Its id.
    pub device: String,
    /// Marks of its credentials. 0: none.
    pub marks: [u64; 2],
}

/// What is known of the hubs of an account.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Posture {
    /// The hubs.
    pub hubs: Vec<Hub>,
    /// All diagnostic settings; `None` when nothing is known of them.
    pub settings: Option<Vec<DiagnosticSetting>>,
}

impl Posture {
    /// Adds what a file says.
    pub fn add(&mut self, export: Export) {
        match export {
            Export::Hubs(mut hubs) => self.hubs.append(&mut hubs),
            Export::DiagnosticSettings(mut settings) => {
                self.settings.get_or_insert_default().append(&mut settings);
            }
            Export::Identities(_) | Export::Log => {}
        }
    }

    /// What is to be recommended.
    #[must_use]
    pub fn recommendations(&self) -> Vec<Recommendation> {
        let hubs = self.hubs.iter().filter(|hub| hub.is_public);
        let mut all: Vec<_> = hubs.flat_map(Hub::recommendations).collect();
        if let Some(settings) = &self.settings
            && !settings.iter().any(DiagnosticSetting::keeps_connections)
        {
            let reason = match settings.as_slice() {
                [] => "There is no diagnostic setting".to_owned(),
                [one] => format!(
                    "The diagnostic setting `{}` does not keep Connections",
                    one.name
                ),
                many => format!(
                    "None of {} diagnostic settings keeps Connections",
                    many.len()
                ),
            };
            all.push(Recommendation::new(Kind::DiagnosticLogs, reason));
        }
        all
    }
}

impl Hub {
    fn recommendations(&self) -> Vec<Recommendation> {
        let mut all = Vec::new();
        if !self.denies_by_default {
            let reason = format!(
                "The hub `{}` lets everybody connect whom no rule names",
                self.name
            );
            all.push(Recommendation::new(Kind::IpFilterDenyAll, reason));
        }
        let is_large = |net: &IpNet| {
            let shortest = match net {
                IpNet::V4(_) => LARGE_IPV4,
                IpNet::V6(_) => LARGE_IPV6,
            };
            net.prefix_len() < shortest
        };
        for (rule, net) in self.allowed.iter().filter(|(_, net)| is_large(net)) {
            let reason = format!(
                "The rule `{rule}` of the hub `{}` lets all of {net} in",
                self.name
            );
            all.push(Recommendation::new(Kind::IpFilterPermissiveRule, reason));
        }
        all
    }
}

impl DiagnosticSetting {
    fn keeps_connections(&self) -> bool {
        let mut kept = self.kept.iter();
        kept.any(|kept| CONNECTIONS.contains(&kept.as_str()))
    }
}
