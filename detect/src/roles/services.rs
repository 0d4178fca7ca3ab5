//! What is known of the services that answered: of a device to its peers, and of its peers to it.
//!
//! A port that stays the same over several connections of two hosts is the service's. And a service that has answered is no
//! port that somebody tries in vain, should a later flow to it fail: a server may be down, or an idle connection may send no more
//! than signs of life.

use core::net::IpAddr;

use defender_message::flow::Protocol;
use serde::{Deserialize, Serialize};

use super::ports::Rank;
use crate::alert::{Service, Side};
use crate::hash::Hasher;

/// The most ports that are remembered. Ephemeral ones that were seen with one port of the other side only give way first, then those that
/// were not seen for longest.
const CAPACITY: usize = 96;

/// How long an ephemeral port is remembered that has been seen with one port of the other side only, in seconds.
const BRIEF: u32 = 10 * 60;

/// Ports that answered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Services {
    /// By name.
    ports: Vec<Port>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Port {
    /// The peer, whose port it is, and which.
    #[serde(with = "postcard::fixint::le")]
    name: u64,
    /// The port of the other side in the latest connection.
    opposite: u16,
    /// How many different ones there were, roughly.
    connections: u8,
    is_ephemeral: bool,
    at: u32,
}

impl Port {
    /// Whether it is probably no service's.
    fn is_brief(&self) -> bool {
        self.is_ephemeral && self.connections == 1
    }
}

impl Services {
    /// How many connections between the device and a peer had this port on this side; 0 when it never answered.
    pub fn connections(&self, peer: IpAddr, service: Service) -> u8 {
        match self.find(name(peer, service)) {
            Ok(at) => self.ports[at].connections,
            Err(_) => 0,
        }
    }

    /// Takes note of a flow that was answered.
    pub fn learn(
        &mut self,
        peer: IpAddr,
        protocol: Protocol,
        local_port: u16,
        remote_port: u16,
        now: u32,
    ) {
        for (port, at, opposite) in [
            (remote_port, Side::Peer, local_port),
            (local_port, Side::Device, remote_port),
        ] {
            let service = Service { protocol, port, at };
            self.learn_port(peer, service, opposite, now);
        }
    }

    /// Whether it is as it can get by itself.
    pub fn is_valid(&self) -> bool {
        self.ports.len() <= CAPACITY && self.ports.is_sorted_by(|a, b| a.name < b.name)
    }

    fn learn_port(&mut self, peer: IpAddr, service: Service, opposite: u16, now: u32) {
        let name = name(peer, service);
        match self.find(name) {
            Ok(at) => {
                let port = &mut self.ports[at];
                if port.opposite != opposite {
                    port.opposite = opposite;
                    port.connections = port.connections.saturating_add(1);
                }
                port.at = now;
            }
            Err(_) => {
                self.ports
                    .retain(|port| !port.is_brief() || now.saturating_sub(port.at) < BRIEF);
                if self.ports.len() >= CAPACITY {
                    self.forget_one();
                }
                if let Err(at) = self.find(name) {
                    let port = Port {
                        name,
                        opposite,
                        connections: 1,
                        is_ephemeral: Rank::of(service.port) == Rank::Ephemeral,
                        at: now,
                    };
                    self.ports.insert(at, port);
                }
            }
        }
    }

    fn find(&self, name: u64) -> Result<usize, usize> {
        self.ports.binary_search_by_key(&name, |port| port.name)
    }

    fn forget_one(&mut self) {
        let least = self
            .ports
            .iter()
            .enumerate()
            .min_by_key(|(_, port)| (!port.is_brief(), port.at))
            .map(|(at, _)| at);
        if let Some(at) = least {
            self.ports.remove(at);
        }
    }
}

fn name(peer: IpAddr, service: Service) -> u64 {
    Hasher::new(b's')
        .address(peer)
        .u16(service.port)
        .u8(service.protocol as u8)
        .u8(service.at as u8)
        .finish()
}
