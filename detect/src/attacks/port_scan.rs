//! Vertical scan: the device tries many ports of one host in vain.

use super::Look;
use super::look::{Count, Key};
use crate::alert::Kind;
use crate::roles::Facts;
use crate::window::Counted;

pub(super) fn look(look: &mut Look<'_>) {
    let config = &look.policy.config.port_scan;
    let count = Count {
        kind: Kind::PortScan,
        variant: 0,
        limit: config.ports,
        window: config.window,
        counted: Counted::Seen,
    };
    let tried = look.flows_for(Kind::PortScan, Facts::TRIED);
    let reached = look.count(&count, tried, |traffic| {
        let peer = Key::of_peer(traffic.flow.remote_address);
        Some((peer, traffic.flow.remote_port.into()))
    });
    for scan in reached {
        let finding = scan.finding(Kind::PortScan);
        look.findings.push(match scan.key.peer {
            Some(peer) => finding.with_peer(peer),
            None => finding,
        });
    }
}
