//! Horizontal scan: the device tries a port of many hosts in vain. It is how bots spread, on administration ports above all.
//!
//! However many ports and hosts, it is one alert: a device that does this is taken off the network once.

use core::cmp::Reverse;

use defender_message::flow::Protocol;

use super::Look;
use super::look::{Count, Key, Reached};
use crate::alert::{Finding, Kind, Service, Severity};
use crate::roles::{Facts, Traffic};
use crate::window::Counted;

pub(super) fn look(look: &mut Look<'_>) {
    let policy = look.policy;
    let config = &policy.config.host_scan;
    let count = |variant, limit| Count {
        kind: Kind::HostScan,
        variant,
        limit,
        window: config.window,
        counted: Counted::Seen,
    };
    let tried = look.flows_for(Kind::HostScan, Facts::TRIED);
    let administration = look.count(&count(0, config.administration_hosts), tried, |traffic| {
        let is_such = traffic.flow.protocol == Protocol::Tcp
            && policy.config.is_administration(traffic.flow.remote_port);
        is_such.then_some((Key::default(), traffic.host.finish32()))
    });
    let tried = look.flows_for(Kind::HostScan, Facts::TRIED);
    let any = look.count(&count(1, config.hosts), tried, |traffic| {
        let key = Key::of_port(traffic.flow.remote_port);
        Some((key, traffic.host.finish32()))
    });
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

/// A finding that names the service that most flows are for, and shows those first.
fn finding(scan: &Reached<'_>) -> Finding {
    let service = most_tried(&scan.flows);
    let mut flows = scan.flows.clone();
    flows.sort_by_key(|traffic| traffic.service != service);
    let has_others = flows.last().is_some_and(|last| last.service != service);
    let finding = Finding::new(Kind::HostScan)
        .counted(scan.observed, scan.limit, scan.window)
        .with_service(service)
        .with_detail(if has_others { " and others" } else { "" })
        .with_evidence(flows.iter().map(|traffic| *traffic.flow));
    match flows.first() {
        Some(first) => finding.with_peer(first.flow.remote_address),
        None => finding,
    }
}

/// The service that most of the flows are for; of several the one of the lowest port.
fn most_tried(flows: &[&Traffic<'_>]) -> Option<Service> {
    let mut services: Vec<Service> = flows.iter().filter_map(|traffic| traffic.service).collect();
    services.sort_unstable_by_key(|service| (service.port, service.protocol));
    services
        .chunk_by(|a, b| a == b)
        .max_by_key(|same| (same.len(), Reverse(same[0].port)))
        .map(|same| same[0])
}
