//! What is known of the services that answered: of a device to its peers, and of its peers to it.
//!
//! A port that stays the same over several connections of two hosts is the service's. And a service that has answered is no
//! port that somebody tries in vain, should a later flow to it fail: a server may be down, or an idle connection may send no more
//! than signs of life.

use core::net::IpAddr;

use defender_message::flow::Flow;
use serde::{Deserialize, Serialize};

use super::Facts;
use super::ports::{Rank, Ranks};
use crate::alert::{Service, Side};
use crate::hash::{self, Hasher};

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

/// What is known of the two ports of a flow: how many connections they had, roughly, 0 when they never answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Known {
    pub remote: u8,
    pub local: u8,
    /// Whether the flow is the first answer of them.
    is_news: (bool, bool),
}

impl Known {
    /// That a port answers which was not known to.
    pub fn facts(self) -> Facts {
        let (remote, local) = self.is_news;
        Facts::PEER_ANSWERS
            .when(remote)
            .with(Facts::DEVICE_ANSWERS.when(local))
    }
}

impl Services {
    /// What is known of the ports of a flow with `host`.
    pub(super) fn known(&self, host: Hasher, flow: &Flow<IpAddr>) -> Known {
        let connections = |at| match self.find(name(host, service(flow, at))) {
            Ok(at) => self.ports[at].connections,
            Err(_) => 0,
        };
        Known {
            remote: connections(Side::Peer),
            local: connections(Side::Device),
            is_news: (false, false),
        }
    }

    /// Takes note of the ports of a flow with `host` that was answered. Returns what is known with it.
    #[inline(always)]
    pub(super) fn meet(
        &mut self,
        host: Hasher,
        flow: &Flow<IpAddr>,
        ranks: Ranks,
        now: u32,
    ) -> Known {
        let of_peer = name(host, service(flow, Side::Peer));
        let of_device = name(host, service(flow, Side::Device));
        let remote = self.again(of_peer, flow.local_port, now);
        let local = self.again(of_device, flow.remote_port, now);
        // Beside a port that several connections had, an ephemeral one is just one of these connections.
        let is_worth_it = |rank: Rank, other: Option<u8>| {
            rank != Rank::Ephemeral || other.is_none_or(|connections| connections < 2)
        };
        let is_news = (
            remote.is_none() && is_worth_it(ranks.remote, local),
            local.is_none() && is_worth_it(ranks.local, remote),
        );
        if is_news.0 {
            self.insert(of_peer, ranks.remote, flow.local_port, now);
        }
        if is_news.1 {
            self.insert(of_device, ranks.local, flow.remote_port, now);
        }
        Known {
            remote: remote.unwrap_or(is_news.0.into()),
            local: local.unwrap_or(is_news.1.into()),
            is_news,
        }
    }

    /// A known port takes part in a flow with another one on the other side. Returns its connections.
    fn again(&mut self, name: u64, opposite: u16, now: u32) -> Option<u8> {
        let at = self.find(name).ok()?;
        let port = &mut self.ports[at];
        if port.opposite != opposite {
            port.opposite = opposite;
            port.connections = port.connections.saturating_add(1);
        }
        port.at = now;
        Some(port.connections)
    }

    /// Whether it is as it can get by itself.
    pub fn is_valid(&self) -> bool {
        self.ports.len() <= CAPACITY && self.ports.is_sorted_by(|a, b| a.name < b.name)
    }

    #[inline(never)]
    fn insert(&mut self, name: u64, rank: Rank, opposite: u16, now: u32) {
        if now.saturating_sub(self.looked_through) >= BRIEF / 10 {
            self.looked_through = now;
            self.ports
                .retain(|port| !port.is_brief() || now.saturating_sub(port.at) < BRIEF);
        }
        if self.ports.len() >= CAPACITY {
            self.make_room();
        }
        let port = Port {
            name,
            opposite,
            connections: 1,
            is_ephemeral: rank == Rank::Ephemeral,
            at: now,
        };
        if let Err(at) = self.find(name) {
            self.ports.insert(at, port);
        }
    }

    fn find(&self, name: u64) -> Result<usize, usize> {
        hash::find(&self.ports, name, |port| port.name)
    }

    /// Makes room for several at once, so that a device with many new connections does not look for it every time.
    fn make_room(&mut self) {
        let mut order: Vec<_> = self.ports.iter().map(Port::importance).collect();
        let (_, most, _) = order.select_nth_unstable(MAKING_ROOM - 1);
        let most = *most;
        self.ports.retain(|port| port.importance() > most);
    }
}

fn service(flow: &Flow<IpAddr>, at: Side) -> Service {
    Service {
        protocol: flow.protocol,
        port: match at {
            Side::Peer => flow.remote_port,
            Side::Device => flow.local_port,
        },
        at,
    }
}

fn name(host: Hasher, service: Service) -> u64 {
    host.number(service.number()).finish()
}
