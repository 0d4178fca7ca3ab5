//! Address sweep: the device sends ICMP to many hosts that do not answer.

use core::net::IpAddr;
use std::collections::BTreeSet;

use defender_message::flow::Protocol;

use super::Look;
use super::look::{Count, Key, host_member};
use crate::alert::Kind;
use crate::roles::Traffic;
use crate::window::Counted;

pub(super) fn look(look: &mut Look<'_>) {
    if !look.flows.iter().any(is_try) {
        return;
    }
    // ICMP beside other traffic with the same host is an error message about that.
    let talked_to: BTreeSet<IpAddr> = look
        .flows
        .iter()
        .filter(|traffic| traffic.flow.protocol != Protocol::Icmp)
        .map(|traffic| traffic.flow.remote_address)
        .collect();
    let config = &look.policy.config.address_sweep;
    let reached = look.count(
        &Count {
            kind: Kind::AddressSweep,
            variant: 0,
            limit: config.hosts,
            window: config.window,
            counted: Counted::Seen,
        },
        |traffic| {
            let is_try = is_try(traffic) && !talked_to.contains(&traffic.flow.remote_address);
            is_try.then_some((Key::default(), host_member(traffic.flow.remote_address)))
        },
    );
    for sweep in reached {
        let finding = sweep.finding(Kind::AddressSweep);
        look.findings.push(match sweep.flows.first() {
            Some(first) => finding.with_peer(first.flow.remote_address),
            None => finding,
        });
    }
}

fn is_try(traffic: &Traffic) -> bool {
    let is_neighbour_discovery = match traffic.flow.remote_address {
        IpAddr::V6(address) => address.is_unicast_link_local(),
        IpAddr::V4(_) => false,
    };
    traffic.flow.protocol == Protocol::Icmp
        && traffic.is_outbound()
        && traffic.failed
        && !is_neighbour_discovery
}
