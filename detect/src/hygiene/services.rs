//! Services that are worth a word: those in clear text, and those by which devices are administered.

use defender_message::flow::Protocol;

use super::Kind;
use crate::alert::{Service, Severity, Side};
use crate::config::Config;

/// A service whose traffic everybody on the way can read.
struct Clear {
    protocol: Protocol,
    port: u16,
    name: &'static str,
    severity: Severity,
}

/// Those that are Medium give passwords away, or let others steer the device.
#[rustfmt::skip]
const CLEAR: [Clear; 13] = [
    clear(Protocol::Tcp, 21, "FTP", Severity::Medium),
    clear(Protocol::Tcp, 23, "telnet", Severity::Medium),
    clear(Protocol::Tcp, 80, "HTTP", Severity::Low),
    clear(Protocol::Udp, 161, "SNMP", Severity::Low),
    clear(Protocol::Udp, 162, "SNMP", Severity::Low),
    clear(Protocol::Tcp, 1883, "MQTT without TLS", Severity::Medium),
    clear(Protocol::Tcp, 2323, "telnet", Severity::Medium),
    clear(Protocol::Tcp, 5683, "CoAP without TLS", Severity::Low),
    clear(Protocol::Udp, 5683, "CoAP without DTLS", Severity::Low),
    clear(Protocol::Tcp, 8000, "HTTP", Severity::Low),
    clear(Protocol::Tcp, 8008, "HTTP", Severity::Low),
    clear(Protocol::Tcp, 8080, "HTTP", Severity::Low),
    clear(Protocol::Tcp, 8888, "HTTP", Severity::Low),
];

const fn clear(protocol: Protocol, port: u16, name: &'static str, severity: Severity) -> Clear {
    Clear {
        protocol,
        port,
        name,
        severity,
    }
}

/// A bit for each of these ports.
static CLEAR_PORTS: [u64; 1024] = {
    let mut ports = [0; 1024];
    let mut at = 0;
    while at < CLEAR.len() {
        let port = CLEAR[at].port as usize;
        ports[port / 64] |= 1 << (port % 64);
        at += 1;
    }
    ports
};

/// Whether it is worth to look closer. Nearly no flow is.
#[inline]
pub(super) fn may_be_worth_a_word(service: Service) -> bool {
    let bits = CLEAR_PORTS[usize::from(service.port / 64)];
    service.at == Side::Device || bits >> (service.port % 64) & 1 == 1
}

/// The name of a service in clear text, and how bad it is.
pub(super) fn in_clear_text(service: Service) -> Option<(&'static str, Severity)> {
    let is_it = |it: &&Clear| it.port == service.port && it.protocol == service.protocol;
    CLEAR.iter().find(is_it).map(|it| (it.name, it.severity))
}

/// What is to be said of a service that somebody uses.
pub(super) fn worth_a_word(service: Service, config: &Config) -> impl Iterator<Item = Kind> {
    let is_clear = in_clear_text(service).is_some();
    let is_reached = service.protocol == Protocol::Tcp
        && service.at == Side::Device
        && config.is_administration(service.port);
    [
        (is_clear, Kind::ClearText),
        (is_reached, Kind::AdministrationReachable),
    ]
    .into_iter()
    .filter_map(|(is_so, kind)| is_so.then_some(kind))
}
