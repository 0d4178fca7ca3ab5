//! Password guessing: new connections to an administration port of one host, again and again. The device guesses, or is guessed at.

use super::Look;
use super::look::{Count, Key, flow_member};
use crate::alert::{Kind, Severity, Side};
use crate::roles::{Facts, Traffic};
use crate::window::Counted;

pub(super) fn look(look: &mut Look<'_>) {
    let policy = look.policy;
    // A connection that fails is no guess, and there are other attacks that count it.
    let is_of_administration = |traffic: &Traffic| {
        let port = traffic.service.map(|service| service.port);
        traffic.facts.has(Facts::SESSION)
            && port.is_some_and(|port| policy.config.is_administration(port))
    };
    if !look.flows.iter().any(is_of_administration) {
        return;
    }
    let config = &policy.config.password_guessing;
    for (variant, at, severity) in [
        (0, Side::Peer, Severity::High),
        (1, Side::Device, Severity::Medium),
    ] {
        let count = Count {
            kind: Kind::PasswordGuessing,
            variant,
            limit: config.connections,
            window: config.window,
            counted: Counted::New,
        };
        let sessions = look.flows_for(Kind::PasswordGuessing, Facts::SESSION);
        let reached = look.count(&count, sessions, |traffic| {
            let service = traffic.service.filter(|service| service.at == at)?;
            let key = Key {
                peer: Some(traffic.flow.remote_address),
                port: Some(service.port),
            };
            is_of_administration(traffic).then(|| (key, flow_member(traffic)))
        });
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
