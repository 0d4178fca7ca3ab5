//! Tunnel or flood by ICMP: more bytes with one host than pings take.

use super::Look;
use super::look::Key;
use crate::alert::{Finding, Kind};
use crate::roles::{Facts, Traffic};

pub(super) fn look(look: &mut Look<'_>) {
    let mut flows: Vec<&Traffic<'_>> = look.flows_for(Kind::IcmpTunnel, Facts::ICMP).collect();
    if flows.len() > 1 {
        flows.sort_by_key(|traffic| traffic.flow.remote_address);
    }
    let limit = look.policy.config.icmp_tunnel.bytes_per_minute;
    for of_peer in flows.chunk_by(|a, b| a.flow.remote_address == b.flow.remote_address) {
        let peer = of_peer[0].flow.remote_address;
        let flows = of_peer.iter().map(|traffic| *traffic.flow);
        let bytes = flows
            .clone()
            .map(|flow| u64::from(flow.bytes_in) + u64::from(flow.bytes_out))
            .sum();
        let rate = look.rate(Kind::IcmpTunnel, Key::of_peer(peer), bytes);
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
