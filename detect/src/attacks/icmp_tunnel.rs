//! Tunnel or flood by ICMP: more bytes with one host than pings take.

use core::net::IpAddr;
use defender_message::flow::{Flow, Protocol};
use std::collections::BTreeMap;

use super::Look;
use super::look::Key;
use crate::alert::{Finding, Kind};
use crate::roles::Traffic;

pub(super) fn look(look: &mut Look<'_>) {
    let mut peers: BTreeMap<IpAddr, Vec<Flow<IpAddr>>> = BTreeMap::new();
    for Traffic { flow, .. } in look.flows_for(Kind::IcmpTunnel, |traffic| {
        traffic.flow.protocol == Protocol::Icmp
    }) {
        peers.entry(flow.remote_address).or_default().push(*flow);
    }
    let limit = look.policy.config.icmp_tunnel.bytes_per_minute;
    for (peer, flows) in peers {
        let bytes = flows
            .iter()
            .map(|flow| u64::from(flow.bytes_in) + u64::from(flow.bytes_out))
            .sum();
        let key = Key::of_peer(peer);
        let rate = look.rate(Kind::IcmpTunnel, key, bytes);
        if rate >= limit {
            look.findings.push(
                Finding::new(Kind::IcmpTunnel)
                    .counted(rate.into(), limit.into(), 60)
                    .with_peer(peer)
                    .with_evidence(flows),
            );
        }
    }
}
