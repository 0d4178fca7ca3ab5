//! Flood: the device opens connections that fail, or sends UDP that nobody answers, faster than any program has reason to.
//!
//! A flood from ever new ports fills the agent's flow table, and most of it comes in sum. When so much of what the table did keep
//! goes to one victim, and what it did not keep was not answered, either, that is taken to be the same flood.

use core::net::IpAddr;
use std::collections::{BTreeMap, BTreeSet};

use defender_message::flow::{Flow, Protocol};

use super::Look;
use super::look::Key;
use crate::alert::{Finding, Kind, Service, Side};
use crate::config::Flood as Limits;
use crate::roles::{Facts, PeerKind, Traffic};

pub(super) fn connections(look: &mut Look<'_>) {
    let failed = look.flows_for(Kind::Flood, Facts::FAILED);
    let mut failed: Vec<Flow<IpAddr>> = failed.map(|traffic| *traffic.flow).collect();
    // Those to one service stay in their order.
    failed.sort_by_key(service);
    let beside = Beside::both(look, Protocol::Tcp);
    let limits = &look.policy.config.flood;
    for flows in failed.chunk_by(|a, b| service(a) == service(b)) {
        let (peer, port) = service(&flows[0]);
        let amount = flows
            .iter()
            .map(|flow| u64::from(1 + flow.bytes_out / limits.bytes_per_connection))
            .sum::<u64>()
            + beside[usize::from(peer.is_ipv6())].connections(flows, limits);
        let service = Service {
            protocol: Protocol::Tcp,
            port,
            at: Side::Peer,
        };
        flooded(
            look,
            peer,
            Some(service),
            amount,
            limits.connections_per_minute,
            "connections",
            flows,
        );
    }
}

pub(super) fn datagrams(look: &mut Look<'_>) {
    // Who sends anything back, on whichever port, wants what it gets: a stream's receiver does.
    let answering: BTreeSet<IpAddr> = look
        .flows
        .iter()
        .filter(|traffic| traffic.flow.bytes_in > 0)
        .map(|traffic| traffic.flow.remote_address)
        .collect();
    let mut peers: BTreeMap<IpAddr, Vec<Flow<IpAddr>>> = BTreeMap::new();
    for Traffic { flow, .. } in look.flows_for(Kind::Flood, Facts::ONE_WAY) {
        if !answering.contains(&flow.remote_address) {
            peers.entry(flow.remote_address).or_default().push(**flow);
        }
    }
    let beside = Beside::both(look, Protocol::Udp);
    let limits = &look.policy.config.flood;
    let limit = limits.bytes_per_minute;
    for (peer, flows) in peers {
        let in_sum = beside[usize::from(peer.is_ipv6())].bytes(&flows, limits);
        let amount = bytes_out(&flows) + in_sum;
        flooded(look, peer, None, amount, limit, "bytes of UDP", &flows);
    }
}

/// What an event has of one protocol and IP version: flows with hosts, and bytes that could not be kept apart.
#[derive(Debug, Clone, Copy, Default)]
struct Beside {
    flows: u64,
    bytes_out: u64,
    sum_in: u64,
    sum_out: u64,
}

impl Beside {
    /// Of IPv4, and of IPv6.
    fn both(look: &Look<'_>, protocol: Protocol) -> [Self; 2] {
        let mut both = [Self::default(); 2];
        // Where everything was kept apart, nothing is to be added.
        if !look.facts.has(Facts::AGGREGATE) {
            return both;
        }
        for Traffic { flow, peer, .. } in look.flows {
            if flow.protocol != protocol {
                continue;
            }
            let beside = &mut both[usize::from(flow.local_address.is_ipv6())];
            match peer {
                PeerKind::Host => {
                    beside.flows += 1;
                    beside.bytes_out += u64::from(flow.bytes_out);
                }
                PeerKind::Aggregate => {
                    beside.sum_in += u64::from(flow.bytes_in);
                    beside.sum_out += u64::from(flow.bytes_out);
                }
                PeerKind::Group => {}
            }
        }
        both
    }

    /// How many connections like those to one victim the agent did not keep apart.
    fn connections(&self, victims: &[Flow<IpAddr>], limits: &Limits) -> u64 {
        let is_most = 100 * victims.len() as u64 >= u64::from(limits.share) * self.flows;
        // Of connections that fail, more goes out than a reset brings back.
        let smallest = victims.iter().map(|flow| flow.bytes_out).min();
        match smallest {
            Some(smallest) if is_most && self.sum_in <= self.sum_out => {
                self.sum_out / u64::from(smallest.max(1))
            }
            _ => 0,
        }
    }

    /// How many bytes like those to one victim the agent did not keep apart.
    fn bytes(&self, victims: &[Flow<IpAddr>], limits: &Limits) -> u64 {
        let is_most = 100 * bytes_out(victims) >= u64::from(limits.share) * self.bytes_out;
        // A question among them may have been answered.
        let is_silent = self.sum_in <= self.sum_out / 100;
        if is_most && is_silent {
            self.sum_out
        } else {
            0
        }
    }
}

/// Where a connection goes.
fn service(flow: &Flow<IpAddr>) -> (IpAddr, u16) {
    (flow.remote_address, flow.remote_port)
}

fn bytes_out(flows: &[Flow<IpAddr>]) -> u64 {
    flows.iter().map(|flow| u64::from(flow.bytes_out)).sum()
}

fn flooded(
    look: &mut Look<'_>,
    peer: IpAddr,
    service: Option<Service>,
    amount: u64,
    limit: u32,
    what: &str,
    flows: &[Flow<IpAddr>],
) {
    let key = Key {
        peer: Some(peer),
        port: service.map(|service| service.port),
    };
    let rate = look.rate(Kind::Flood, key, amount);
    if rate >= limit {
        look.findings.push(
            Finding::new(Kind::Flood)
                .counted(rate.into(), limit.into(), 60)
                .with_peer(peer)
                .with_service(service)
                .with_detail(what)
                .with_evidence(flows.iter().copied()),
        );
    }
}
