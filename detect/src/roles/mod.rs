//! Who opened a flow, and which of its ports is the service. No flag says so; the rules, in this order:
//!
//! 1. A port that stays the same over several connections of the two hosts is the service's, whatever its number.
//! 2. A well-known port is a service's, if the other one is not.
//! 3. Of a TCP flow that failed, the bytes say it: who got nothing back opened it, or who sent more, since a reset is the shortest
//!    packet that there is.
//! 4. The side that has the ephemeral port opened the flow.
//!
//! Who does not offer the service opened the flow. What these leave undecided counts for neither direction.

mod facts;
mod ports;
mod services;

use core::net::IpAddr;

use defender_message::flow::{Flow, Protocol};

pub(crate) use self::facts::Facts;
use self::ports::Rank;
use self::services::Known;
pub(crate) use self::services::Services;
use crate::alert::{Service, Side};
use crate::hash::Hasher;

/// What a flow that brought nothing but a reset has at most, over all its packets: bytes of who answered, and of who asked.
const RESET: (u32, u32) = (60, 240);

/// A flow, and what detection knows of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Traffic {
    /// The flow, with IPv4 addresses as such.
    pub flow: Flow<IpAddr>,
    /// What kind of peer it has.
    pub peer: PeerKind,
    /// What the names of things at the remote address begin with.
    pub host: Hasher,
    /// Who opened it; `None` when undecided.
    pub opened_by: Option<Side>,
    /// The service; `None` when undecided, and for ICMP.
    pub service: Option<Service>,
    /// Nobody answered who opened it, or with no more than a reset.
    pub failed: bool,
    /// The service has answered before, or does in the same report.
    pub answered_before: bool,
    /// What it can be counted as.
    pub facts: Facts,
}

/// What a flow's remote address stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PeerKind {
    /// A host.
    Host,
    /// Many hosts at once: a multicast group, a broadcast; or no host.
    Group,
    /// All those flows that the agent could not keep apart.
    Aggregate,
}

impl Traffic {
    /// Classifies the flows of a report, and lets `services` learn from them. What answers is learned before anything is said of what does
    /// not: the order of flows in a report says nothing. Returns the facts of all of them together, too.
    pub fn classify(
        flows: &[Flow<IpAddr>],
        services: &mut Services,
        now: u32,
    ) -> (Vec<Self>, Facts) {
        let mut all = Vec::with_capacity(flows.len());
        let mut facts = Facts::ALWAYS;
        let mut is_open = false;
        for flow in flows {
            let mut traffic = Self::new(flow);
            match (traffic.peer, traffic.flow.protocol) {
                (PeerKind::Host, Protocol::Icmp) => traffic.attribute_icmp(),
                (PeerKind::Host, _) if is_answered(&traffic.flow) => {
                    let known = services.meet(traffic.host, &traffic.flow, now);
                    traffic.attribute(known);
                }
                (PeerKind::Host, _) => is_open = true,
                (PeerKind::Aggregate, _) => traffic.facts = Facts::AGGREGATE,
                (PeerKind::Group, _) => {}
            }
            facts = facts.with(traffic.facts);
            all.push(traffic);
        }
        let left_open = |traffic: &&mut Self| {
            let is_of_ports = traffic.flow.protocol != Protocol::Icmp;
            traffic.peer == PeerKind::Host && is_of_ports && !is_answered(&traffic.flow)
        };
        if is_open {
            for traffic in all.iter_mut().filter(left_open) {
                let known = services.known(traffic.host, &traffic.flow);
                traffic.attribute(known);
                facts = facts.with(traffic.facts);
            }
        }
        (all, facts)
    }

    fn new(flow: &Flow<IpAddr>) -> Self {
        let flow = flow.with_addresses(
            flow.local_address.to_canonical(),
            flow.remote_address.to_canonical(),
        );
        Self {
            flow,
            peer: peer_kind(&flow),
            host: Hasher::new(b'h').address(flow.remote_address),
            opened_by: None,
            service: None,
            failed: false,
            answered_before: false,
            facts: Facts::NONE,
        }
    }

    /// Whether the device opened it.
    pub fn is_outbound(&self) -> bool {
        self.opened_by == Some(Side::Device)
    }

    /// Whether a peer opened it to the device.
    pub fn is_inbound(&self) -> bool {
        self.opened_by == Some(Side::Peer)
    }

    /// Whether somebody tried in vain a service that has never answered.
    pub fn is_vain(&self) -> bool {
        self.failed && !self.answered_before
    }

    #[inline(always)]
    fn attribute(&mut self, known: Known) {
        let flow = &self.flow;
        let at = by_constancy(known.local, known.remote)
            .or_else(|| by_well_known_port(flow))
            .or_else(|| by_bytes(flow))
            .or_else(|| by_ephemeral_port(flow));
        if let Some(at) = at {
            self.service = Some(Service {
                protocol: flow.protocol,
                port: match at {
                    Side::Peer => flow.remote_port,
                    Side::Device => flow.local_port,
                },
                at,
            });
            (self.opened_by, self.answered_before) = match at {
                Side::Peer => (Some(Side::Device), known.remote > 0),
                Side::Device => (Some(Side::Peer), known.local > 0),
            };
            self.failed = has_failed(flow, at);
        }
        self.facts = known.facts().with(Facts::of_ports(self));
    }

    fn attribute_icmp(&mut self) {
        self.opened_by = match (self.flow.bytes_in, self.flow.bytes_out) {
            (0, 0) => None,
            (0, _) => Some(Side::Device),
            (_, 0) => Some(Side::Peer),
            _ => None,
        };
        self.failed = self.opened_by.is_some();
        self.facts = Facts::of_icmp(self);
    }
}

/// The service of a flow by its ports and bytes alone, without what is known of other flows; the peer's when these say nothing. For sums
/// of traffic by service.
#[must_use]
pub fn likely_service(flow: &Flow<IpAddr>) -> Service {
    let at = by_well_known_port(flow)
        .or_else(|| by_bytes(flow))
        .or_else(|| by_ephemeral_port(flow))
        .unwrap_or(Side::Peer);
    Service {
        protocol: flow.protocol,
        port: match at {
            Side::Peer => flow.remote_port,
            Side::Device => flow.local_port,
        },
        at,
    }
}

fn peer_kind(flow: &Flow<IpAddr>) -> PeerKind {
    let is_group = |address: IpAddr| match address {
        // Without its mask nobody can tell a network's broadcast address; it ends like this nearly always.
        IpAddr::V4(address) => address.is_multicast() || address.octets()[3] == 255,
        IpAddr::V6(address) => address.is_multicast(),
    };
    let remote = flow.remote_address;
    if remote.is_unspecified() && flow.local_port == 0 && flow.remote_port == 0 {
        PeerKind::Aggregate
    } else if remote.is_unspecified() || is_group(remote) || is_group(flow.local_address) {
        PeerKind::Group
    } else {
        PeerKind::Host
    }
}

/// More than a reset's worth, both ways.
fn is_answered(flow: &Flow<IpAddr>) -> bool {
    flow.bytes_in > 0
        && flow.bytes_out > 0
        && !(flow.protocol == Protocol::Tcp
            && (has_failed(flow, Side::Peer) || has_failed(flow, Side::Device)))
}

/// Whether the side that offers the service has not answered, or with no more than a reset.
fn has_failed(flow: &Flow<IpAddr>, service: Side) -> bool {
    let (answer, question) = match service {
        Side::Peer => (flow.bytes_in, flow.bytes_out),
        Side::Device => (flow.bytes_out, flow.bytes_in),
    };
    match flow.protocol {
        Protocol::Tcp => question > 0 && (answer == 0 || answer <= RESET.0 && question <= RESET.1),
        Protocol::Udp | Protocol::Icmp => question > 0 && answer == 0,
    }
}

fn by_constancy(local: u8, remote: u8) -> Option<Side> {
    match (local > 1, remote > 1) {
        (true, true) if local == remote => None,
        (true, true) if local > remote => Some(Side::Device),
        (_, true) => Some(Side::Peer),
        (true, false) => Some(Side::Device),
        (false, false) => None,
    }
}

fn by_well_known_port(flow: &Flow<IpAddr>) -> Option<Side> {
    one_side(flow, |port| Rank::of(port) == Rank::WellKnown)
}

fn by_ephemeral_port(flow: &Flow<IpAddr>) -> Option<Side> {
    one_side(flow, |port| Rank::of(port) != Rank::Ephemeral)
}

/// The side whose port alone is such a one.
fn one_side(flow: &Flow<IpAddr>, is_such: impl Fn(u16) -> bool) -> Option<Side> {
    match (is_such(flow.local_port), is_such(flow.remote_port)) {
        (true, false) => Some(Side::Device),
        (false, true) => Some(Side::Peer),
        _ => None,
    }
}

fn by_bytes(flow: &Flow<IpAddr>) -> Option<Side> {
    let failed = has_failed(flow, Side::Peer) || has_failed(flow, Side::Device);
    if flow.protocol != Protocol::Tcp || !failed {
        return None;
    }
    match flow.bytes_out.cmp(&flow.bytes_in) {
        core::cmp::Ordering::Greater => Some(Side::Peer),
        core::cmp::Ordering::Less => Some(Side::Device),
        core::cmp::Ordering::Equal => None,
    }
}

#[cfg(test)]
mod tests;
