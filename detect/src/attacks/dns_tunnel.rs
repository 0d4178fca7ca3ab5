//! Tunnel through DNS: the device asks for more than names take. All servers together, since a tunnel may go through several.

use defender_message::flow::Protocol;

use super::Look;
use super::look::Key;
use crate::alert::{Finding, Kind, Service, Side};
use crate::roles::Traffic;

const DNS: u16 = 53;

pub(super) fn look(look: &mut Look<'_>) {
    let mut flows: Vec<_> = look
        .flows_for(Kind::DnsTunnel, |Traffic { flow, .. }| {
            flow.remote_port == DNS && flow.protocol != Protocol::Icmp && flow.bytes_out > 0
        })
        .map(|traffic| traffic.flow)
        .collect();
    if flows.is_empty() {
        return;
    }
    let bytes = flows.iter().map(|flow| u64::from(flow.bytes_out)).sum();
    let limit = look.policy.config.dns_tunnel.bytes_per_minute;
    let rate = look.rate(Kind::DnsTunnel, Key::default(), bytes);
    if rate < limit {
        return;
    }
    // The server that most goes to is shown first.
    flows.sort_by_key(|flow| core::cmp::Reverse(flow.bytes_out));
    let first = flows[0];
    look.findings.push(
        Finding::new(Kind::DnsTunnel)
            .counted(rate.into(), limit.into(), 60)
            .with_peer(first.remote_address)
            .with_service(Some(Service {
                protocol: first.protocol,
                port: DNS,
                at: Side::Peer,
            }))
            .with_evidence(flows),
    );
}
