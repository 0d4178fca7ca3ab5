//! What is known of the services that answered: of a device to its peers, and of its peers to it.
//!
//! A port that stays the same over several connections of two hosts is the service's. And a service that has answered is no
//! port that somebody tries in vain, should a later flow to it fail: a server may be down, or an idle connection may send no more
//! than signs of life.

use core::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::ports::Rank;
use crate::alert::Service;
use crate::hash::Hasher;

/// The most ports that are remembered. Ephemeral ones that were seen with one port of the other side only give way first, then those that
/// were not seen for longest.
const CAPACITY: usize = 96;

/// How many are forgotten at once.
const MAKING_ROOM: usize = 12;

/// How long an ephemeral port is remembered that has been seen with one port of the other side only, in seconds.
const BRIEF: u32 = 10 * 60;

/// Ports that answered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Services {
    /// By name.
    ports: Vec<Port>,
    /// When ports that are remembered briefly were looked for last.
    looked_through: u32,
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

    /// The greater, the later it is forgotten. No two are the same.
    fn importance(&self) -> (bool, u32, u64) {
        (!self.is_brief(), self.at, self.name)
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

    /// Takes note of a port that took part in a flow that was answered, with another one on the other side. Returns its
    /// [`connections`](Self::connections).
    pub fn learn(&mut self, peer: IpAddr, service: Service, opposite: u16, now: u32) -> u8 {
        let name = name(peer, service);
        let at = match self.find(name) {
            Ok(at) => at,
            Err(at) => return self.insert(at, name, service.port, opposite, now),
        };
        let port = &mut self.ports[at];
        if port.opposite != opposite {
            port.opposite = opposite;
            port.connections = port.connections.saturating_add(1);
        }
        port.at = now;
        port.connections
    }

    /// Whether it is as it can get by itself.
    pub fn is_valid(&self) -> bool {
        self.ports.len() <= CAPACITY && self.ports.is_sorted_by(|a, b| a.name < b.name)
    }

    fn insert(&mut self, mut at: usize, name: u64, port: u16, opposite: u16, now: u32) -> u8 {
        if now.saturating_sub(self.looked_through) >= BRIEF / 10 {
            self.looked_through = now;
            self.ports
                .retain(|port| !port.is_brief() || now.saturating_sub(port.at) < BRIEF);
            at = self.find(name).unwrap_or_else(|at| at);
        }
        if self.ports.len() >= CAPACITY {
            self.make_room();
            at = self.find(name).unwrap_or_else(|at| at);
        }
        let port = Port {
            name,
            opposite,
            connections: 1,
            is_ephemeral: Rank::of(port) == Rank::Ephemeral,
            at: now,
        };
        self.ports.insert(at, port);
        port.connections
    }

    fn find(&self, name: u64) -> Result<usize, usize> {
        self.ports.binary_search_by_key(&name, |port| port.name)
    }

    /// Makes room for several at once, so that a device with many new connections does not look for it every time.
    fn make_room(&mut self) {
        let mut order: Vec<_> = self.ports.iter().map(Port::importance).collect();
        let (_, most, _) = order.select_nth_unstable(MAKING_ROOM - 1);
        let most = *most;
        self.ports.retain(|port| port.importance() > most);
    }
}

fn name(peer: IpAddr, service: Service) -> u64 {
    Hasher::new(b's')
        .number(service.number())
        .address(peer)
        .finish()
}
