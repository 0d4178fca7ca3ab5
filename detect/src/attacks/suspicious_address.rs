//! Communication with an address that a threat list knows.
//!
//! The device must have sent something: who is on such lists tries every address of the Internet, and that alone is nobody's
//! communication with it.

use core::net::IpAddr;
use std::collections::BTreeMap;

use super::Look;
use crate::alert::{Finding, Kind};
use crate::roles::{Facts, Traffic};
use crate::threats::Threat;

pub(super) fn look(look: &mut Look<'_>) {
    let threats = &look.policy.threats;
    // Nearly always there is no such address: that is asked first.
    let is_listed = |traffic: &Traffic<'_>| {
        threats.may_have(&traffic.flow.remote_address)
            && threats.find(traffic.flow.remote_address).is_some()
    };
    if !look.flows.iter().any(is_listed) {
        return;
    }
    let hosts = look.flows_for(Kind::SuspiciousIpAddressCommunication, Facts::HOST);
    let mut peers: BTreeMap<IpAddr, (Threat<'_>, Vec<&Traffic<'_>>)> = BTreeMap::new();
    for traffic in hosts {
        let peer = traffic.flow.remote_address;
        let is_turned_away = traffic.is_inbound() && traffic.failed;
        if traffic.flow.bytes_out > 0
            && !is_turned_away
            && let Some(threat) = threats.find(peer)
        {
            let (_, flows) = peers.entry(peer).or_insert_with(|| (threat, Vec::new()));
            flows.push(traffic);
        }
    }
    look.findings
        .extend(peers.into_iter().map(|(peer, (threat, mut flows))| {
            let bytes = |traffic: &&Traffic<'_>| {
                u64::from(traffic.flow.bytes_in) + u64::from(traffic.flow.bytes_out)
            };
            // The service that most bytes went to or came from is named.
            flows.sort_by_key(|traffic| core::cmp::Reverse(bytes(traffic)));
            let detail = match threat.category {
                Some(category) => format!("{} ({category})", threat.list),
                None => threat.list.to_owned(),
            };
            Finding::new(Kind::SuspiciousIpAddressCommunication)
                .counted(flows.iter().map(bytes).sum(), 0, look.span.interval)
                .with_peer(peer)
                .with_service(flows[0].service)
                .with_detail(detail)
                .with_evidence(flows.iter().map(|traffic| *traffic.flow))
        }));
}
