//! Horizontal scan: the device tries a port of many hosts in vain. It is how bots spread, on administration ports above all.
//!
//! However many ports and hosts, it is one alert: a device that does this is taken off the network once.

use defender_message::flow::Protocol;

use super::Look;
use super::look::{Count, Key, Reached, host_member};
use crate::alert::{Finding, Kind, Severity};
use crate::roles::Traffic;
use crate::window::Counted;

pub(super) fn look(look: &mut Look<'_>) {
    let policy = look.policy;
    let config = &policy.config.host_scan;
    let administration = look.count(
        &Count {
            kind: Kind::HostScan,
            variant: 0,
            limit: config.administration_hosts,
            window: config.window,
            counted: Counted::Seen,
        },
        |traffic| {
            let is_try = is_try(traffic)
                && traffic.flow.protocol == Protocol::Tcp
                && policy.config.is_administration(traffic.flow.remote_port);
            is_try.then_some((Key::default(), host_member(traffic.flow.remote_address)))
        },
    );
    let any = look.count(
        &Count {
            kind: Kind::HostScan,
            variant: 1,
            limit: config.hosts,
            window: config.window,
            counted: Counted::Seen,
        },
        |traffic| {
            let key = Key::of_port(traffic.flow.remote_port);
            is_try(traffic).then_some((key, host_member(traffic.flow.remote_address)))
        },
    );
    // One finding an event, the worst: on administration ports, or else on the port that most hosts were tried on.
    let found = administration
        .iter()
        .map(|scan| finding(scan).with_severity(Severity::High))
        .chain(any.iter().map(finding))
        .reduce(|worst, other| {
            match (other.severity, other.observed) > (worst.severity, worst.observed) {
                true => other,
                false => worst,
            }
        });
    look.findings.extend(found);
}

fn is_try(traffic: &Traffic) -> bool {
    traffic.is_outbound() && traffic.is_vain() && traffic.flow.protocol != Protocol::Icmp
}

fn finding(scan: &Reached<'_>) -> Finding {
    let finding = scan.finding(Kind::HostScan);
    match scan.flows.first() {
        Some(first) => finding
            .with_peer(first.flow.remote_address)
            .with_service(first.service),
        None => finding,
    }
}
