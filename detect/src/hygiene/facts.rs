//! What is remembered of a device that hygiene is about: what it said last of itself, and which services it was seen with.

use core::net::IpAddr;

use defender_message::SecurityMessage;
use defender_message::decode::Payload;
use serde::{Deserialize, Serialize};

use super::services;
use super::version::{System, Version, Versions};
use crate::alert::Service;
use crate::config::Config;
use crate::roles::{PeerKind, Traffic};

/// The most services that are remembered. The longest unseen gives way.
const CAPACITY: usize = 8;

/// The module id of agents of this family.
const MODULE: &str = "defender-iot-micro-agent";

/// How often the time of a service in use is written anew, in seconds: a state that does not change need not be written.
const REFRESHED: u32 = 60 * 60;

/// The facts of a device.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Facts {
    pub system: System,
    /// The agent's version, as messages state it. 0: not known.
    pub agent: u32,
    /// The interval of the latest report of network activity, in seconds.
    pub interval: u32,
    /// When the flow table was found to overflow last, by the time of receipt.
    pub overflowed: Option<u32>,
    /// Marks of the credentials that it has. 0: none.
    pub credentials: [u64; 2],
    pub services: Vec<Seen>,
}

/// A service that was in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Seen {
    pub service: Service,
    /// The peer, the latest of several.
    pub peer: IpAddr,
    /// By the time of receipt.
    pub at: u32,
}

impl Facts {
    /// A message says who sent it, and some say what the device runs on.
    pub fn message(&mut self, message: &SecurityMessage) {
        if message.security_module_id == MODULE {
            self.agent = message.security_module_version;
        }
    }

    /// An event says something of the device itself.
    pub fn event(&mut self, payload: &Payload, interval: u32) {
        match payload {
            Payload::SystemInformation {
                os_info,
                kernel_info,
                ..
            } => {
                self.system = System::parse(&format!("{}, {}", begin(os_info), begin(kernel_info)));
            }
            Payload::NetworkActivity { .. } => self.interval = interval,
            _ => {}
        }
    }

    /// Takes note of services in use that are worth a word.
    pub fn flows(&mut self, flows: &[Traffic<'_>], config: &Config, now: u32) {
        for traffic in flows {
            if let Some(service) = traffic.service
                && services::may_be_worth_a_word(service)
                && traffic.peer == PeerKind::Host
                && !traffic.failed
                && services::worth_a_word(service, config).next().is_some()
            {
                self.see(service, traffic.flow.remote_address, now);
            }
        }
    }

    #[cold]
    fn see(&mut self, service: Service, peer: IpAddr, now: u32) {
        match self
            .services
            .iter_mut()
            .find(|seen| seen.service == service)
        {
            Some(seen) if now.saturating_sub(seen.at) < REFRESHED => {}
            Some(seen) => (seen.peer, seen.at) = (peer, now),
            None => {
                if self.services.len() >= CAPACITY {
                    let oldest = self.services.iter().enumerate().min_by_key(|(_, it)| it.at);
                    self.services.remove(oldest.map_or(0, |(at, _)| at));
                }
                let at = now;
                self.services.push(Seen { service, peer, at });
            }
        }
    }

    /// The versions that it states.
    pub fn versions(&self) -> Versions {
        let [major, minor, high, low] = self.agent.to_be_bytes();
        let agent = Version {
            major: major.into(),
            minor: minor.into(),
            patch: Some(u16::from_be_bytes([high, low])),
        };
        Versions {
            system: self.system,
            agent: (self.agent != 0).then_some(agent),
        }
    }

    /// Whether it is no longer than it gets by itself.
    pub fn is_valid(&self) -> bool {
        self.services.len() <= CAPACITY
    }
}

/// The beginning of a text, in which names and versions stand if there are any.
fn begin(text: &str) -> &str {
    const CHARACTERS: usize = 80;
    text.char_indices()
        .nth(CHARACTERS)
        .map_or(text, |(end, _)| &text[..end])
}
