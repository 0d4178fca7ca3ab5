//! Connections that the rules of the device's group do not allow. Whose opening is undecided counts for neither direction.

use core::net::IpAddr;
use std::collections::BTreeMap;

use super::Look;
use crate::alert::{Finding, Kind, Side};
use crate::roles::{Facts, Traffic};

pub(super) fn look(look: &mut Look<'_>) {
    let rules = look.rules;
    if rules.allows_all_peers() {
        return;
    }
    let is_forbidden = |traffic: &&Traffic<'_>| match traffic.opened_by {
        Some(Side::Device) => !rules.allows_to(traffic.flow.remote_address),
        Some(Side::Peer) => !rules.allows_from(traffic.flow.remote_address),
        None => false,
    };
    if !look.flows.iter().any(|traffic| is_forbidden(&traffic)) {
        return;
    }
    for (kind, opened_by) in [
        (Kind::ConnectionToIpNotAllowed, Side::Device),
        (Kind::ConnectionFromIpNotAllowed, Side::Peer),
    ] {
        let mut found: BTreeMap<(IpAddr, Option<u16>), Vec<&Traffic<'_>>> = BTreeMap::new();
        let hosts = look.flows_for(kind, Facts::HOST);
        let opened = hosts.filter(|traffic| traffic.opened_by == Some(opened_by));
        for traffic in opened.filter(is_forbidden) {
            let port = traffic.service.map(|service| service.port);
            let key = (traffic.flow.remote_address, port);
            found.entry(key).or_default().push(traffic);
        }
        look.findings
            .extend(found.into_iter().map(|((peer, _), flows)| {
                Finding::new(kind)
                    .with_peer(peer)
                    .with_service(flows[0].service)
                    .with_evidence(flows.iter().map(|traffic| *traffic.flow))
            }));
    }
}
