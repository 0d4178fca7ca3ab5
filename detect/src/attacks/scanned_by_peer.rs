//! The device is scanned: a host tries many of its ports in vain.

use defender_message::flow::Protocol;

use super::Look;
use super::look::{Count, Key};
use crate::alert::Kind;
use crate::window::Counted;

pub(super) fn look(look: &mut Look<'_>) {
    let config = &look.policy.config.scanned_by_peer;
    let reached = look.count(
        &Count {
            kind: Kind::ScannedByPeer,
            variant: 0,
            limit: config.ports,
            window: config.window,
            counted: Counted::Seen,
        },
        |traffic| {
            let is_try = traffic.is_inbound()
                && traffic.is_vain()
                && traffic.flow.protocol != Protocol::Icmp;
            is_try.then_some((
                Key::of_peer(traffic.flow.remote_address),
                traffic.flow.local_port.into(),
            ))
        },
    );
    for scan in reached {
        let finding = scan.finding(Kind::ScannedByPeer);
        look.findings.push(match scan.key.peer {
            Some(peer) => finding.with_peer(peer),
            None => finding,
        });
    }
}
