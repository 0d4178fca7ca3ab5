//! Address sweep: the device sends ICMP to many hosts that do not answer.

use core::net::IpAddr;
use std::collections::BTreeSet;

use defender_message::flow::Protocol;

use super::Look;
use super::look::{Count, Key};
use crate::alert::Kind;
use crate::roles::Facts;
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
