//! Traffic of honest devices that looks like an attack to those who do not look twice.

use defender_detect::{Kind, Severity};
use defender_message::flow::Protocol;

use crate::support::{Hub, flow, host, ip, refused, syn, tcp, udp};

/// Hours of the same traffic, made anew for each report.
fn hours(
    mut flows: impl FnMut(u16) -> Vec<defender_message::flow::Flow<std::net::IpAddr>>,
) -> Vec<Kind> {
    let mut hub = Hub::new();
    for step in 0..720 {
        let flows = flows(step);
        hub.report("d", 10, &flows);
    }
    hub.changes
        .iter()
        .filter(|change| change.alert.severity > Severity::Informational)
        .map(|change| change.alert.kind)
        .collect()
}

#[test]
fn a_server_with_many_clients() {
    let kinds = hours(|step| {
        (0..60)
            .map(|client| match (client + step) % 3 {
                // Short connections, idle ones that show signs of life, and those that went away without a word.
                0 => tcp(443, host(client), 40_000 + step % 700 * 30 + client),
                1 => flow(Protocol::Tcp, 443, host(client), 50_000 + client, 20, 20),
                _ => flow(Protocol::Tcp, 443, host(client), 51_000 + client, 0, 600),
            })
            .collect()
    });
    assert_eq!(kinds, []);
}

#[test]
fn a_browser_whose_connections_end_in_another_report() {
    // A host that offers services on many ports, all used: what is left of each connection looks like a reset.
    let kinds = hours(|step| {
        (0..30)
            .flat_map(|n| {
                [
                    tcp(40_000 + step % 100 * 30 + n, host(9), 8000 + n),
                    refused(40_000 + (step + 99) % 100 * 30 + n, host(9), 8000 + n),
                ]
            })
            .collect()
    });
    assert_eq!(kinds, []);
}

#[test]
fn a_plc_master_that_polls_64_slaves() {
    let kinds = hours(|step| {
        (0..64)
            .map(|slave| match slave == step % 64 {
                true => refused(30_000 + step, host(slave), 502),
                false => tcp(20_000 + slave, host(slave), 502),
            })
            .collect()
    });
    assert_eq!(kinds, []);
}

#[test]
fn answers_and_searches_of_ssdp_and_mdns() {
    let kinds = hours(|step| {
        let mut flows: Vec<_> = (0..40)
            .map(|n| udp(1900, host(n), 50_000 + step % 1000 + n, 0, 400))
            .collect();
        flows.push(udp(50_123, ip("239.255.255.250"), 1900, 0, 800));
        flows.push(udp(5353, ip("224.0.0.251"), 5353, 0, 600));
        flows.push(udp(5353, ip("ff02::fb"), 5353, 0, 600));
        flows.push(udp(137, ip("10.1.0.255"), 137, 0, 600));
        flows.push(udp(68, ip("255.255.255.255"), 67, 0, 300));
        flows
    });
    assert_eq!(kinds, []);
}

#[test]
fn a_reconnect_storm_against_servers_that_are_down() {
    let kinds = hours(|step| {
        (0..8)
            .flat_map(|server| {
                [
                    syn(20_000 + step * 8 + server, host(server), 8883),
                    refused(20_000 + step * 8 + server, host(server), 443),
                ]
            })
            .collect()
    });
    assert_eq!(kinds, []);
}

#[test]
fn peers_of_both_ephemeral_ports_count_for_neither_direction() {
    let kinds = hours(|step| {
        (0..60)
            .map(|n| udp(40_000, host(n + 60 * (step % 100)), 40_000 + n, 0, 40))
            .collect()
    });
    assert_eq!(kinds, []);
}

#[test]
fn a_service_on_an_ephemeral_port_is_known_by_its_staying_the_same() {
    // The device serves port 49200 to hosts that connect from anywhere, and sometimes refuses them.
    let kinds = hours(|step| {
        (0..20)
            .map(|n| match step % 2 {
                0 => tcp(49_200, host(1), 33_000 + (step % 1000) * 20 + n),
                _ => refused(49_200, host(1), 33_000 + (step % 1000) * 20 + n),
            })
            .collect()
    });
    assert_eq!(kinds, []);
}
