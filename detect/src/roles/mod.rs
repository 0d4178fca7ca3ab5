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
use std::borrow::Cow;

use defender_message::flow::{Flow, Protocol};

pub(crate) use self::facts::Facts;
use self::ports::{Rank, Ranks};
use self::services::Known;
pub(crate) use self::services::Services;
use crate::alert::{Service, Side};
use crate::config::FailedConnection as Reset;
use crate::hash::Hasher;

/// A flow, and what detection knows of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Traffic<'a> {
    /// The flow, with IPv4 addresses as such.
    pub flow: &'a Flow<IpAddr>,
    /// What the names of things at the remote address begin with.
    pub host: Hasher,
    /// What kind of peer it has.
    pub peer: PeerKind,
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

/// The flows with IPv4 addresses as such, also where IPv6 carries them.
pub(crate) fn canonical(flows: &[Flow<IpAddr>]) -> Cow<'_, [Flow<IpAddr>]> {
    let is_mapped = |address: IpAddr| match address {
        IpAddr::V4(_) => false,
        IpAddr::V6(address) => address.to_ipv4_mapped().is_some(),
    };
    let is_canonical =
        |flow: &Flow<IpAddr>| !is_mapped(flow.local_address) && !is_mapped(flow.remote_address);
    if flows.iter().all(is_canonical) {
        return flows.into();
    }
    let flows = flows.iter().map(|flow| {
        let (local, remote) = (flow.local_address, flow.remote_address);
        flow.with_addresses(local.to_canonical(), remote.to_canonical())
    });
    flows.collect()
}

impl<'a> Traffic<'a> {
    /// Classifies the [canonical] flows of a report, and lets `services` learn from them. What answers is learned before anything is said of
    /// what does not: the order of flows in a report says nothing. Returns the facts of all of them together, too.
    pub fn classify(
        flows: &'a [Flow<IpAddr>],
        services: &mut Services,
        now: u32,
        reset: &Reset,
    ) -> (Vec<Self>, Facts) {
        let mut all = Vec::with_capacity(flows.len());
        let mut facts = Facts::ALWAYS;
        let mut is_open = false;
        for flow in flows {
            let mut traffic = Self {
                flow,
                host: Hasher::new(b'h').address(flow.remote_address),
                peer: peer_kind(flow),
                opened_by: None,
                service: None,
                failed: false,
                answered_before: false,
                facts: Facts::NONE,
            };
            match (traffic.peer, flow.protocol) {
                (PeerKind::Host, Protocol::Icmp) => traffic.attribute_icmp(),
                (PeerKind::Host, _) if is_answered(flow, reset) => {
                    let ranks = Ranks::of(flow);
                    let known = services.meet(traffic.host, flow, ranks, now);
                    traffic.attribute_answered(known, ranks);
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
            traffic.peer == PeerKind::Host && is_of_ports && !is_answered(traffic.flow, reset)
        };
        if is_open {
            for traffic in all.iter_mut().filter(left_open) {
                let known = services.known(traffic.host, traffic.flow);
                traffic.attribute(known, reset);
                facts = facts.with(traffic.facts);
            }
        }
        (all, facts)
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

    /// A flow that was answered: its bytes say nothing of who opened it.
    #[inline(always)]
    fn attribute_answered(&mut self, known: Known, ranks: Ranks) {
        let at = by_constancy(known.local, known.remote)
            .or_else(|| by_well_known_port(ranks))
            .or_else(|| by_ephemeral_port(ranks));
        if let Some(at) = at {
            self.serve(at, known);
        }
        self.facts = known.facts().with(Facts::of_answered(self));
    }

    /// A flow that nobody answered, or with no more than a reset.
    fn attribute(&mut self, known: Known, reset: &Reset) {
        let (flow, ranks) = (self.flow, Ranks::of(self.flow));
        let at = by_constancy(known.local, known.remote)
            .or_else(|| by_well_known_port(ranks))
            .or_else(|| by_bytes(flow, reset))
            .or_else(|| by_ephemeral_port(ranks));
        if let Some(at) = at {
            self.serve(at, known);
            self.failed = has_failed(flow, at, reset);
        }
        self.facts = known.facts().with(Facts::of_unanswered(self));
    }

    /// The service is at this side.
    #[inline(always)]
    fn serve(&mut self, at: Side, known: Known) {
        let (port, opened_by, answers) = match at {
            Side::Peer => (self.flow.remote_port, Side::Device, known.remote),
            Side::Device => (self.flow.local_port, Side::Peer, known.local),
        };
        self.service = Some(Service {
            protocol: self.flow.protocol,
            port,
            at,
        });
        self.opened_by = Some(opened_by);
        self.answered_before = answers > 0;
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
    let ranks = Ranks::of(flow);
    let at = by_well_known_port(ranks)
        .or_else(|| by_bytes(flow, &Reset::default()))
        .or_else(|| by_ephemeral_port(ranks))
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
    // Without its mask nobody can tell a network's broadcast address; it ends like this nearly always.
    let is_group = |address: u32| address >> 28 == 0xe || address & 0xff == 0xff;
    let (is_none, is_group) = match (flow.remote_address, flow.local_address) {
        (IpAddr::V4(remote), IpAddr::V4(local)) => {
            let (remote, local) = (remote.to_bits(), local.to_bits());
            (remote == 0, is_group(remote) | is_group(local))
        }
        (remote, local) => {
            let is_group = |address| match address {
                IpAddr::V4(address) => is_group(address.to_bits()),
                IpAddr::V6(address) => address.is_multicast(),
            };
            (remote.is_unspecified(), is_group(remote) || is_group(local))
        }
    };
    match (is_none, is_group) {
        (true, _) if flow.local_port == 0 && flow.remote_port == 0 => PeerKind::Aggregate,
        (false, false) => PeerKind::Host,
        _ => PeerKind::Group,
    }
}

/// More than a reset's worth, both ways.
#[inline(always)]
fn is_answered(flow: &Flow<IpAddr>, reset: &Reset) -> bool {
    let (less, more) = match flow.bytes_in < flow.bytes_out {
        true => (flow.bytes_in, flow.bytes_out),
        false => (flow.bytes_out, flow.bytes_in),
    };
    let is_reset = less <= reset.answer_bytes && more <= reset.question_bytes;
    less > 0 && !(flow.protocol == Protocol::Tcp && is_reset)
}

/// Whether the side that offers the service has not answered, or with no more than a reset.
fn has_failed(flow: &Flow<IpAddr>, service: Side, reset: &Reset) -> bool {
    let (answer, question) = match service {
        Side::Peer => (flow.bytes_in, flow.bytes_out),
        Side::Device => (flow.bytes_out, flow.bytes_in),
    };
    match flow.protocol {
        Protocol::Tcp => {
            let is_reset = answer <= reset.answer_bytes && question <= reset.question_bytes;
            question > 0 && (answer == 0 || is_reset)
        }
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

fn by_well_known_port(ranks: Ranks) -> Option<Side> {
    one_side(ranks, |rank| rank == Rank::WellKnown)
}

fn by_ephemeral_port(ranks: Ranks) -> Option<Side> {
    one_side(ranks, |rank| rank != Rank::Ephemeral)
}

/// The side whose port alone is such a one.
#[inline(always)]
fn one_side(ranks: Ranks, is_such: impl Fn(Rank) -> bool) -> Option<Side> {
    match (is_such(ranks.local), is_such(ranks.remote)) {
        (true, false) => Some(Side::Device),
        (false, true) => Some(Side::Peer),
        _ => None,
    }
}

fn by_bytes(flow: &Flow<IpAddr>, reset: &Reset) -> Option<Side> {
    let failed = has_failed(flow, Side::Peer, reset) || has_failed(flow, Side::Device, reset);
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
