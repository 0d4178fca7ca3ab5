//! Tunnel through DNS: the device asks for more than names take. All servers together, since a tunnel may go through several.

use super::Look;
use super::look::Key;
use crate::alert::{Finding, Kind, Service, Side};
use crate::roles::{Facts, Traffic};

pub(super) fn look(look: &mut Look<'_>) {
    let questions = look.flows_for(Kind::DnsTunnel, Facts::NAMES);
    let bytes = questions.map(|traffic| u64::from(traffic.flow.bytes_out));
    let bytes = bytes.sum();
    if bytes == 0 {
        return;
    }
    let limit = look.policy.config.dns_tunnel.bytes_per_minute;
    let rate = look.rate(Kind::DnsTunnel, Key::default(), bytes);
    if rate < limit {
        return;
    }
    // The server that most goes to is shown first.
    let questions = look.flows_for(Kind::DnsTunnel, Facts::NAMES);
    let mut flows: Vec<_> = questions.map(|Traffic { flow, .. }| **flow).collect();
    flows.sort_by_key(|flow| core::cmp::Reverse(flow.bytes_out));
    let first = flows[0];
    look.findings.push(
        Finding::new(Kind::DnsTunnel)
            .counted(rate.into(), limit.into(), 60)
            .with_peer(first.remote_address)
            .with_service(Some(Service {
                protocol: first.protocol,
                port: first.remote_port,
                at: Side::Peer,
            }))
            .with_evidence(flows),
    );
}
