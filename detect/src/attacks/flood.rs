//! Flood: the device opens connections that fail, or sends UDP that nobody answers, faster than any program has reason to.
//!
//! A flood from ever new ports fills the agent's flow table, and most of it comes in sum. When three quarters of what the table did keep
//! goes to one victim, and what it did not keep was not answered, either, that is taken to be the same flood.

use core::net::IpAddr;
use std::collections::{BTreeMap, BTreeSet};

use defender_message::flow::{Flow, Protocol};

use super::Look;
use super::look::Key;
use crate::alert::{Finding, Kind, Service, Side};
use crate::roles::{PeerKind, Traffic};

/// What a connection that fails sends at most: six tries, with options. Beyond it, a flow stands for several.
const BYTES_PER_CONNECTION: u32 = 240;

pub(super) fn look(look: &mut Look<'_>) {
    connections(look);
    datagrams(look);
}

fn connections(look: &mut Look<'_>) {
    let mut services: BTreeMap<(IpAddr, u16), Vec<Flow<IpAddr>>> = BTreeMap::new();
    for Traffic { flow, .. } in look.flows_for(Kind::Flood, |traffic| {
        traffic.flow.protocol == Protocol::Tcp && traffic.is_outbound() && traffic.failed
    }) {
        let flows = services.entry((flow.remote_address, flow.remote_port));
        flows.or_default().push(*flow);
    }
    let limit = look.policy.config.flood.connections_per_minute;
    for ((peer, port), flows) in services {
        let amount = flows
            .iter()
            .map(|flow| u64::from(1 + flow.bytes_out / BYTES_PER_CONNECTION))
            .sum::<u64>()
            + connections_in_sum(look.flows, &flows);
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
            limit,
            "connections",
            flows,
        );
    }
}

fn datagrams(look: &mut Look<'_>) {
    let is_silent = |flow: &Flow<IpAddr>| flow.protocol == Protocol::Udp && flow.bytes_in == 0;
    if !look.flows.iter().any(|traffic| is_silent(&traffic.flow)) {
        return;
    }
    // Who sends anything back, on whichever port, wants what it gets: a stream's receiver does.
    let answering: BTreeSet<IpAddr> = look
        .flows
        .iter()
        .filter(|traffic| traffic.flow.bytes_in > 0)
        .map(|traffic| traffic.flow.remote_address)
        .collect();
    let mut peers: BTreeMap<IpAddr, Vec<Flow<IpAddr>>> = BTreeMap::new();
    for Traffic { flow, .. } in look.flows_for(Kind::Flood, |Traffic { flow, .. }| {
        is_silent(flow) && !answering.contains(&flow.remote_address)
    }) {
        peers.entry(flow.remote_address).or_default().push(*flow);
    }
    let limit = look.policy.config.flood.bytes_per_minute;
    for (peer, flows) in peers {
        let amount = bytes_out(&flows) + bytes_in_sum(look.flows, &flows);
        flooded(look, peer, None, amount, limit, "bytes of UDP", flows);
    }
}

/// How many connections like those to one victim the agent did not keep apart.
fn connections_in_sum(all: &[Traffic], victims: &[Flow<IpAddr>]) -> u64 {
    let (hosts, sum) = beside(all, victims);
    let is_most = 4 * victims.len() >= 3 * hosts.len();
    // Of connections that fail, more goes out than a reset brings back.
    let smallest = victims.iter().map(|flow| flow.bytes_out).min();
    match smallest {
        Some(smallest) if is_most && sum.0 <= sum.1 => sum.1 / u64::from(smallest.max(1)),
        _ => 0,
    }
}

/// How many bytes like those to one victim the agent did not keep apart.
fn bytes_in_sum(all: &[Traffic], victims: &[Flow<IpAddr>]) -> u64 {
    let (hosts, sum) = beside(all, victims);
    let is_most = 4 * bytes_out(victims) >= 3 * bytes_out(&hosts);
    // A question among them may have been answered.
    let is_silent = sum.0 <= sum.1 / 100;
    if is_most && is_silent { sum.1 } else { 0 }
}

/// The flows with hosts of the IP version and protocol of `flows`, and the bytes in and out of what could not be kept apart of them.
fn beside(all: &[Traffic], flows: &[Flow<IpAddr>]) -> (Vec<Flow<IpAddr>>, (u64, u64)) {
    let (mut hosts, mut sum) = (Vec::new(), (0, 0));
    let Some(first) = flows.first() else {
        return (hosts, sum);
    };
    for Traffic { flow, peer, .. } in all {
        let is_alike = flow.protocol == first.protocol
            && flow.local_address.is_ipv6() == first.local_address.is_ipv6();
        match peer {
            PeerKind::Host if is_alike => hosts.push(*flow),
            PeerKind::Aggregate if is_alike => {
                sum.0 += u64::from(flow.bytes_in);
                sum.1 += u64::from(flow.bytes_out);
            }
            _ => {}
        }
    }
    (hosts, sum)
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
    flows: Vec<Flow<IpAddr>>,
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
                .with_evidence(flows),
        );
    }
}
