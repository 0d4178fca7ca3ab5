//! The device is scanned: a host tries many of its ports in vain.

use super::Look;
use super::look::{Count, Key};
use crate::alert::Kind;
use crate::roles::Facts;
use crate::window::Counted;

pub(super) fn look(look: &mut Look<'_>) {
    let config = &look.policy.config.scanned_by_peer;
    let count = Count {
        kind: Kind::ScannedByPeer,
        variant: 0,
        limit: config.ports,
        window: config.window,
        counted: Counted::Seen,
    };
    let tried = look.flows_for(Kind::ScannedByPeer, Facts::WAS_TRIED);
    let reached = look.count(&count, tried, |traffic| {
        let peer = Key::of_peer(traffic.flow.remote_address);
        Some((peer, traffic.flow.local_port.into()))
    });
    for scan in reached {
        let finding = scan.finding(Kind::ScannedByPeer);
        look.findings.push(match scan.key.peer {
            Some(peer) => finding.with_peer(peer),
            None => finding,
        });
    }
}
