//! Password guessing: new connections to an administration port of one host, again and again. The device guesses, or is guessed at.

use super::Look;
use super::look::{Count, Key, flow_member};
use crate::alert::{Kind, Severity, Side};
use crate::roles::{Facts, Traffic};
use crate::window::Counted;

pub(super) fn look(look: &mut Look<'_>) {
    let policy = look.policy;
    // A bit for each of such ports tells most others at once.
    let bit = |port: u16| 1_u64 << (port.wrapping_mul(0x9e37) >> 10);
    let ports = policy.config.administration_ports.iter();
    let bits = ports.fold(0, |bits, port| bits | bit(*port));
    // A connection that fails is no guess, and there are other attacks that count it.
    let is_of_administration = |traffic: &Traffic<'_>| {
        let port = traffic.service.map_or(0, |service| service.port);
        traffic.facts.has(Facts::SESSION)
            && bits & bit(port) != 0
            && policy.config.is_administration(port)
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
