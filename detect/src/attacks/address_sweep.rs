//! Address sweep: the device sends ICMP to many hosts that do not answer.
//!
//! A quick one fills the agent's flow table, which keeps those that answered: they have more bytes. When most of what it kept is ICMP, what it
//! did not keep and nobody answered is taken to be hosts, too, each with as many bytes as the host that was sent most.

use core::net::IpAddr;
use std::collections::BTreeSet;

use defender_message::flow::Protocol;

use super::Look;
use super::look::{Count, Key};
use crate::alert::{Finding, Kind};
use crate::roles::{Facts, PeerKind, Traffic};
use crate::seconds;
use crate::window::Counted;

pub(super) fn look(look: &mut Look<'_>) {
    // ICMP beside other traffic with the same host is an error message about that.
    let talked_to: BTreeSet<IpAddr> = look
        .flows
        .iter()
        .filter(|traffic| traffic.flow.protocol != Protocol::Icmp)
        .map(|traffic| traffic.flow.remote_address)
        .collect();
    let config = &look.policy.config.address_sweep;
    for is_ipv6 in [false, true] {
        let (hosts, window, limit) = (
            hosts_in_sum(look.flows, is_ipv6),
            seconds(config.window),
            u64::from(config.hosts),
        );
        let interval = look.span.interval.max(window);
        let limit = (limit * u64::from(interval)).div_ceil(u64::from(window.max(1)));
        if hosts >= limit {
            let shown = |traffic: &&Traffic<'_>| {
                traffic.flow.protocol == Protocol::Icmp && is_of(traffic, is_ipv6)
            };
            let mut flows: Vec<&Traffic<'_>> = look.flows.iter().filter(shown).collect();
            flows.sort_by_key(|traffic| !traffic.facts.has(Facts::PING_IN_VAIN));
            let finding = Finding::new(Kind::AddressSweep)
                .counted(hosts, limit, interval)
                .with_evidence(flows.iter().map(|traffic| *traffic.flow));
            let first = flows.iter().find(|it| it.facts.has(Facts::HOST));
            look.findings.push(match first {
                Some(first) => finding.with_peer(first.flow.remote_address),
                None => finding,
            });
            return;
        }
    }
    let count = Count {
        kind: Kind::AddressSweep,
        variant: 0,
        limit: config.hosts,
        window: config.window,
        counted: Counted::Seen,
    };
    let pinged = look.flows_for(Kind::AddressSweep, Facts::PING_IN_VAIN);
    let reached = look.count(&count, pinged, |traffic| {
        let is_try = !talked_to.contains(&traffic.flow.remote_address);
        is_try.then_some((Key::default(), traffic.host.finish32()))
    });
    for sweep in reached {
        let finding = sweep.finding(Kind::AddressSweep);
        look.findings.push(match sweep.flows.first() {
            Some(first) => finding.with_peer(first.flow.remote_address),
            None => finding,
        });
    }
}

/// How many hosts did not answer among those that the agent did not keep apart.
fn hosts_in_sum(flows: &[Traffic<'_>], is_ipv6: bool) -> u64 {
    let of_version = || flows.iter().filter(|traffic| is_of(traffic, is_ipv6));
    let (mut kept, mut pinged, mut most) = (0, 0, 1);
    for traffic in of_version().filter(|it| it.peer == PeerKind::Host) {
        kept += 1;
        if traffic.facts.has(Facts::ICMP) && traffic.flow.bytes_out > 0 {
            pinged += 1;
            most = most.max(traffic.flow.bytes_out);
        }
    }
    if pinged == 0 || 4 * pinged < 3 * kept {
        return 0;
    }
    of_version()
        .filter(|it| it.peer == PeerKind::Aggregate && it.flow.protocol == Protocol::Icmp)
        .map(|it| u64::from(it.flow.bytes_out.saturating_sub(it.flow.bytes_in) / most))
        .sum()
}

fn is_of(traffic: &Traffic<'_>, is_ipv6: bool) -> bool {
    traffic.flow.local_address.is_ipv6() == is_ipv6
}
