//! Flood: the device opens connections that fail, or sends UDP that nobody answers, faster than any program has reason to.

use core::net::IpAddr;
use std::collections::{BTreeMap, BTreeSet};

use defender_message::flow::{Flow, Protocol};

use super::Look;
use super::look::Key;
use crate::alert::{Finding, Kind, Service, Side};
use crate::roles::Traffic;

/// What a connection that fails sends at most: six tries, with options. Beyond it, a flow stands for several.
const BYTES_PER_CONNECTION: u32 = 240;

pub(super) fn look(look: &mut Look<'_>) {
    connections(look);
    datagrams(look);
}

fn connections(look: &mut Look<'_>) {
    let mut services: BTreeMap<(IpAddr, u16), Vec<Flow<IpAddr>>> = BTreeMap::new();
    for Traffic { flow, .. } in look.flows_for(Kind::Flood).filter(|traffic| {
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
            .sum();
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
    for Traffic { flow, .. } in look.flows_for(Kind::Flood) {
        if is_silent(flow) && !answering.contains(&flow.remote_address) {
            peers.entry(flow.remote_address).or_default().push(*flow);
        }
    }
    let limit = look.policy.config.flood.bytes_per_minute;
    for (peer, flows) in peers {
        let amount = flows.iter().map(|flow| u64::from(flow.bytes_out)).sum();
        flooded(look, peer, None, amount, limit, "bytes of UDP", flows);
    }
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
