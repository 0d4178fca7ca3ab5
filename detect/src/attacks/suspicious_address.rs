//! Communication with an address that a threat list knows.
//!
//! The device must have sent something: who is on such lists tries every address of the Internet, and that alone is nobody's
//! communication with it.

use core::net::IpAddr;
use std::collections::BTreeMap;

use super::Look;
use crate::alert::{Finding, Kind};
use crate::roles::Traffic;
use crate::threats::Threat;

pub(super) fn look(look: &mut Look<'_>) {
    let threats = &look.policy.threats;
    let mut peers: BTreeMap<IpAddr, (Threat<'_>, Vec<&Traffic>)> = BTreeMap::new();
    let is_hostile = |traffic: &Traffic| {
        let is_turned_away = traffic.is_inbound() && traffic.failed;
        traffic.flow.bytes_out > 0
            && !is_turned_away
            && threats.find(traffic.flow.remote_address).is_some()
    };
    for traffic in look.flows_for(Kind::SuspiciousIpAddressCommunication, is_hostile) {
        let peer = traffic.flow.remote_address;
        if let Some(threat) = threats.find(peer) {
            let (_, flows) = peers.entry(peer).or_insert_with(|| (threat, Vec::new()));
            flows.push(traffic);
        }
    }
    look.findings
        .extend(peers.into_iter().map(|(peer, (threat, flows))| {
            let bytes = flows.iter().map(|traffic| {
                u64::from(traffic.flow.bytes_in) + u64::from(traffic.flow.bytes_out)
            });
            let detail = match threat.category {
                Some(category) => format!("{} ({category})", threat.list),
                None => threat.list.to_owned(),
            };
            Finding::new(Kind::SuspiciousIpAddressCommunication)
                .counted(bytes.sum(), 0, look.span.interval)
                .with_peer(peer)
                .with_service(flows[0].service)
                .with_detail(detail)
                .with_evidence(flows.iter().map(|traffic| traffic.flow))
        }));
}
