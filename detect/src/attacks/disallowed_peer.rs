//! Connections that the rules of the device's group do not allow. Whose opening is undecided counts for neither direction.

use core::net::IpAddr;
use std::collections::BTreeMap;

use super::Look;
use crate::alert::{Finding, Kind};
use crate::roles::Traffic;
use crate::rules::RuleSet;

pub(super) fn look(look: &mut Look<'_>) {
    let rules = look.policy.rules.of(look.group);
    if rules.is_empty() {
        return;
    }
    direction(
        look,
        rules,
        Kind::ConnectionToIpNotAllowed,
        |traffic, rules| traffic.is_outbound() && !rules.allows_to(traffic.flow.remote_address),
    );
    direction(
        look,
        rules,
        Kind::ConnectionFromIpNotAllowed,
        |traffic, rules| traffic.is_inbound() && !rules.allows_from(traffic.flow.remote_address),
    );
}

fn direction(
    look: &mut Look<'_>,
    rules: &RuleSet,
    kind: Kind,
    is_forbidden: fn(&Traffic, &RuleSet) -> bool,
) {
    let mut found: BTreeMap<(IpAddr, Option<u16>), Vec<&Traffic>> = BTreeMap::new();
    for traffic in look.flows_for(kind, |traffic| is_forbidden(traffic, rules)) {
        let port = traffic.service.map(|service| service.port);
        let key = (traffic.flow.remote_address, port);
        found.entry(key).or_default().push(traffic);
    }
    look.findings
        .extend(found.into_iter().map(|((peer, _), flows)| {
            Finding::new(kind)
                .with_peer(peer)
                .with_service(flows[0].service)
                .with_evidence(flows.iter().map(|traffic| traffic.flow))
        }));
}
