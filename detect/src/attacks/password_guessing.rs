//! Password guessing: new connections to an administration port of one host, again and again. The device guesses, or is guessed at.

use defender_message::flow::Protocol;

use super::Look;
use super::look::{Count, Key, flow_member};
use crate::alert::{Kind, Severity, Side};
use crate::window::Counted;

pub(super) fn look(look: &mut Look<'_>) {
    let policy = look.policy;
    let config = &policy.config.password_guessing;
    for (variant, at, severity) in [
        (0, Side::Peer, Severity::High),
        (1, Side::Device, Severity::Medium),
    ] {
        let reached = look.count(
            &Count {
                kind: Kind::PasswordGuessing,
                variant,
                limit: config.connections,
                window: config.window,
                counted: Counted::New,
            },
            |traffic| {
                let service = traffic.service.filter(|service| {
                    service.protocol == Protocol::Tcp
                        && service.at == at
                        && policy.config.is_administration(service.port)
                })?;
                let key = Key {
                    peer: Some(traffic.flow.remote_address),
                    port: Some(service.port),
                };
                // A connection that fails is no guess, and there are other attacks that count it.
                (!traffic.failed).then(|| (key, flow_member(&traffic.flow)))
            },
        );
        for guessing in reached {
            let finding = guessing
                .finding(Kind::PasswordGuessing)
                .with_severity(severity);
            look.findings.push(match guessing.flows.first() {
                Some(first) => finding
                    .with_peer(first.flow.remote_address)
                    .with_service(first.service),
                None => finding,
            });
        }
    }
}
