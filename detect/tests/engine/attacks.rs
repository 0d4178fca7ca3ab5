//! Every row of the table of attacks: found at its threshold, quiet below it, and quiet about what looks like it.

use std::net::IpAddr;

use defender_detect::{Config, Kind, Policy, Severity};
use defender_message::flow::{Flow, Protocol};

use crate::support::{Hub, flow, host, host6, icmp, ip, refused, refusing, syn, tcp, udp};

/// What a single report brings about.
fn kinds(interval: u32, flows: &[Flow<IpAddr>]) -> Vec<Kind> {
    let mut hub = Hub::new();
    hub.report("d", interval, flows);
    hub.kinds()
}

#[test]
fn a_port_scan_is_ten_failed_ports_of_one_host_within_five_minutes() {
    for host in [host(9), host6(9)] {
        let ports =
            |count: u16| -> Vec<_> { (0..count).map(|n| syn(40_000 + n, host, 20 + n)).collect() };
        assert_eq!(kinds(10, &ports(9)), []);
        assert_eq!(kinds(10, &ports(10)), [Kind::PortScan]);
        // The ports may come one by one, but not for longer than the window.
        let mut hub = Hub::new();
        for scan in ports(10) {
            hub.report("d", 30, &[scan]);
        }
        let alerts = hub.raised(Kind::PortScan);
        assert_eq!(alerts.len(), 1);
        assert_eq!(
            (alerts[0].severity, alerts[0].peer),
            (Severity::Medium, Some(host))
        );
        let mut hub = Hub::new();
        for scan in ports(40) {
            hub.report("d", 31 + 3, &[scan]);
        }
        assert_eq!(hub.kinds(), []);
    }
}

#[test]
fn a_port_scan_is_seen_whatever_its_source_port_and_whether_it_is_refused() {
    let nmap: Vec<_> = (1..=64)
        .map(|n| refused(61_234, host(9), n * 1000))
        .collect();
    assert_eq!(kinds(10, &nmap), [Kind::PortScan]);
    let from_53: Vec<_> = (1..=64).map(|n| syn(53, host(9), n)).collect();
    assert_eq!(kinds(10, &from_53), [Kind::PortScan]);
    let udp: Vec<_> = (1..=64).map(|n| udp(61_234, host(9), n, 0, 28)).collect();
    assert_eq!(kinds(10, &udp), [Kind::PortScan]);
}

#[test]
fn ports_that_answer_are_no_scan() {
    let services: Vec<_> = (0..30)
        .map(|n| tcp(40_000 + n, host(9), 8000 + n))
        .collect();
    assert_eq!(kinds(10, &services), []);
    // Nor is one that answers in the next report, since its first packet came just before the first.
    let mut hub = Hub::new();
    for n in 0..60 {
        hub.report("d", 10, &[syn(40_000 + n, host(9), 8000 + n)]);
        hub.report("d", 10, &[tcp(40_000 + n, host(9), 8000 + n)]);
    }
    assert_eq!(hub.kinds(), []);
}

#[test]
fn signs_of_life_of_idle_connections_are_no_scan() {
    let mut hub = Hub::new();
    let all = |bytes_in, bytes_out| -> Vec<_> {
        (0..40)
            .map(|n| flow(Protocol::Tcp, 50_000 + n, host(n), 502, bytes_in, bytes_out))
            .collect()
    };
    hub.report("d", 10, &all(900, 900));
    for _ in 0..100 {
        hub.report("d", 60, &all(20, 21));
    }
    assert_eq!(hub.kinds(), []);
}

#[test]
fn a_host_scan_is_one_alert_of_the_device_and_worse_on_administration_ports() {
    let hosts = |count: u16, port: u16| -> Vec<_> {
        (1..=count)
            .map(|n| syn(40_000 + n, host(n), port))
            .collect()
    };
    assert_eq!(kinds(10, &hosts(4, 23)), []);
    assert_eq!(kinds(10, &hosts(5, 23)), [Kind::HostScan]);
    assert_eq!(kinds(10, &hosts(24, 8291)), []);
    assert_eq!(kinds(10, &hosts(25, 8291)), [Kind::HostScan]);
    let mut hub = Hub::new();
    hub.report("d", 10, &hosts(25, 8291));
    hub.report("d", 10, &hosts(60, 23));
    hub.report("d", 10, &hosts(60, 2323));
    let alerts = hub.detector.alerts();
    assert_eq!(alerts.len(), 1);
    assert_eq!((alerts[0].severity, alerts[0].count), (Severity::High, 3));
    // Becoming worse is told.
    assert_eq!(hub.changes.len(), 2);
    assert_eq!(hub.changes[0].alert.severity, Severity::Medium);
    assert_eq!(hub.changes[0].alert.id, hub.changes[1].alert.id);
}

#[test]
fn a_host_scan_names_the_service_that_most_flows_are_for() {
    let mut flows: Vec<_> = (1..=20).map(|n| syn(40_000 + n, host(n), 23)).collect();
    flows.extend((21..=25).map(|n| syn(40_000 + n, host(n), 2323)));
    for flows in [flows.clone(), flows.into_iter().rev().collect()] {
        let mut hub = Hub::new();
        hub.report("d", 10, &flows);
        let scan = &hub.raised(Kind::HostScan)[0];
        assert_eq!(scan.service.unwrap().port, 23);
        assert!(scan.evidence.iter().all(|flow| flow.remote_port == 23));
        let said = &scan.explanation;
        assert!(
            said.starts_with("d tried TCP port 23 and others of 25 hosts"),
            "{said}"
        );
    }
}

#[test]
fn an_overflow_names_the_protocol_of_the_largest_part() {
    let mut flows: Vec<_> = (0..4).map(|n| tcp(40_000 + n, host(n), 502)).collect();
    flows.push(in_sum(Protocol::Udp, 1_000, 1_000));
    flows.push(in_sum(Protocol::Tcp, 10_000, 10_000));
    let mut hub = Hub::new();
    hub.report("d", 10, &flows);
    let said = &hub.raised(Kind::FlowTableOverflow)[0].explanation;
    assert!(
        said.contains("22,000 bytes apart, above all of TCP, beside 4 flows that it could; flows: TCP 10.0.0.2 in sum"),
        "{said}"
    );
}

#[test]
fn a_host_scan_with_source_ports_of_any_kind_is_seen_on_high_ports() {
    // As bots do it: a source port at random, and services of routers at 37215 and 52869.
    let hosts: Vec<_> = (1..=30)
        .map(|n| syn(1024 + n * 1000, host(n), 37_215))
        .collect();
    assert_eq!(kinds(10, &hosts), [Kind::HostScan]);
}

#[test]
fn an_address_sweep_is_eight_silent_hosts() {
    for address in [host, |n| ip(&format!("2001:db8::{n:x}"))] {
        let hosts =
            |count: u16| -> Vec<_> { (1..=count).map(|n| icmp(address(n), 0, 64)).collect() };
        assert_eq!(kinds(10, &hosts(7)), []);
        assert_eq!(kinds(10, &hosts(8)), [Kind::AddressSweep]);
        let mut hub = Hub::new();
        hub.report("d", 10, &hosts(8));
        assert_eq!(hub.raised(Kind::AddressSweep)[0].severity, Severity::Medium);
    }
}

#[test]
fn a_quick_sweep_comes_in_sum_for_the_most_part() {
    // The table keeps what answered, and one that was sent 24 bytes.
    let table = |others: u16, sum| -> Vec<_> {
        let mut flows: Vec<_> = (1..=48).map(|n| icmp(host(n), 24, 24)).collect();
        flows.extend((0..others).map(|n| tcp(50_000 + n, host(100 + n), 443)));
        flows.push(sum);
        flows
    };
    let is_sweep = |flows: &[_]| kinds(10, flows).contains(&Kind::AddressSweep);
    assert!(is_sweep(&table(16, in_sum(Protocol::Icmp, 0, 8 * 24))));
    assert!(is_sweep(&table(16, in_sum(Protocol::Icmp, 240, 18 * 24))));
    assert!(!is_sweep(&table(16, in_sum(Protocol::Icmp, 24, 8 * 24))));
    // What was answered, what may be other traffic's errors, and what is of another protocol or IP version.
    assert!(!is_sweep(&table(16, in_sum(Protocol::Icmp, 9_000, 9_000))));
    assert!(!is_sweep(&table(17, in_sum(Protocol::Icmp, 0, 9_000))));
    assert!(!is_sweep(&table(16, in_sum(Protocol::Udp, 0, 9_000))));
    let ipv6 = flow(Protocol::Icmp, 0, ip("::"), 0, 0, 9_000);
    assert!(!is_sweep(&table(16, ipv6)));
    // Few hosts that are pinged a lot are few.
    let mut busy = table(0, in_sum(Protocol::Icmp, 0, 70 * 24));
    busy[0].bytes_out = 10 * 24;
    assert!(!is_sweep(&busy));
    // Of an hour, as much as is too much in an hour.
    assert!(
        !kinds(3600, &table(16, in_sum(Protocol::Icmp, 0, 95 * 24))).contains(&Kind::AddressSweep)
    );
    assert!(
        kinds(3600, &table(16, in_sum(Protocol::Icmp, 0, 96 * 24))).contains(&Kind::AddressSweep)
    );
}

#[test]
fn pings_that_are_answered_errors_and_neighbours_are_no_sweep() {
    let answered: Vec<_> = (1..=30).map(|n| icmp(host(n), 64, 64)).collect();
    assert_eq!(kinds(10, &answered), []);
    let errors: Vec<_> = (1..=20)
        .flat_map(|n| [icmp(host(n), 0, 64), udp(9, host(n), 40_000, 30, 0)])
        .collect();
    assert_eq!(kinds(10, &errors), []);
    let neighbours: Vec<_> = (1..=30)
        .map(|n| icmp(ip(&format!("fe80::{n:x}")), 0, 32))
        .collect();
    assert_eq!(kinds(10, &neighbours), []);
}

#[test]
fn password_guessing_is_nine_new_connections_in_either_direction() {
    let out = |from: u16, to: u16| -> Vec<_> {
        (from..to).map(|n| tcp(40_000 + n, host(9), 22)).collect()
    };
    let inward = |from: u16, to: u16| -> Vec<_> {
        (from..to).map(|n| tcp(22, host(9), 40_000 + n)).collect()
    };
    assert_eq!(kinds(10, &out(0, 8)), []);
    assert_eq!(kinds(10, &inward(0, 8)), []);
    for (flows, severity, said) in [
        (
            out(0, 9),
            Severity::High,
            "d opened 9 new connections to TCP port 22 of 10.1.0.9 within",
        ),
        (
            inward(0, 9),
            Severity::Medium,
            "10.1.0.9 opened 9 new connections to TCP port 22 of d within",
        ),
    ] {
        let mut hub = Hub::new();
        hub.report("d", 10, &flows[..5]);
        hub.report("d", 10, &flows[4..]);
        let alerts = hub.raised(Kind::PasswordGuessing);
        assert_eq!(alerts.len(), 1);
        assert_eq!(
            (alerts[0].severity, alerts[0].peer),
            (severity, Some(host(9)))
        );
        assert_eq!(alerts[0].service.unwrap().port, 22);
        // Who guesses at whom.
        let explanation = &alerts[0].explanation;
        assert!(explanation.starts_with(said), "{explanation}");
        assert_eq!(hub.kinds(), [Kind::PasswordGuessing]);
    }
}

#[test]
fn sessions_that_go_on_are_no_guessing() {
    let mut hub = Hub::new();
    let mut pool = Vec::new();
    for n in 0..40 {
        pool.push(tcp(40_000 + n, host(9), 3306));
        for _ in 0..6 {
            hub.report("d", 10, &pool);
        }
    }
    assert_eq!(hub.kinds(), []);
    // And nine that work elsewhere are none at all.
    let https: Vec<_> = (0..60).map(|n| tcp(40_000 + n, host(9), 443)).collect();
    assert_eq!(kinds(10, &https), []);
}

#[test]
fn the_device_is_scanned_when_one_host_fails_at_ten_ports() {
    let scan =
        |count: u16| -> Vec<_> { (1..=count).map(|n| refusing(n, host(9), 61_000)).collect() };
    assert_eq!(kinds(10, &scan(9)), []);
    assert_eq!(kinds(10, &scan(10)), [Kind::ScannedByPeer]);
    let silent: Vec<_> = (1..=64)
        .map(|n| flow(Protocol::Tcp, n * 1000, host(9), 61_000, 40, 0))
        .collect();
    assert_eq!(kinds(10, &silent), [Kind::ScannedByPeer]);
    let mut hub = Hub::new();
    hub.report("d", 10, &silent);
    assert_eq!(hub.raised(Kind::ScannedByPeer)[0].severity, Severity::Low);
}

#[test]
fn a_dns_tunnel_is_ten_kilobytes_a_minute_to_all_servers_together() {
    let dns = |bytes: u32| {
        vec![
            udp(40_000, host(1), 53, 9000, bytes / 2),
            udp(40_001, host(2), 53, 9000, bytes - bytes / 2),
        ]
    };
    assert_eq!(kinds(10, &dns(9_999)), []);
    assert_eq!(kinds(10, &dns(10_000)), [Kind::DnsTunnel]);
    assert_eq!(kinds(120, &dns(19_999)), []);
    assert_eq!(kinds(120, &dns(20_000)), [Kind::DnsTunnel]);
    let mut hub = Hub::new();
    for _ in 0..600 {
        hub.report("d", 10, &dns(1500));
    }
    assert_eq!(hub.kinds(), []);
    for _ in 0..8 {
        hub.report("d", 10, &dns(2000));
    }
    let alerts = hub.raised(Kind::DnsTunnel);
    assert_eq!((alerts.len(), alerts[0].severity), (1, Severity::Medium));
}

#[test]
fn a_dns_server_that_answers_its_clients_is_no_tunnel() {
    let answers: Vec<_> = (0..60)
        .map(|n| udp(53, host(n), 40_000, 60, 4000))
        .collect();
    assert_eq!(kinds(10, &answers), []);
}

#[test]
fn an_icmp_tunnel_is_twenty_kilobytes_a_minute_with_one_host() {
    for host in [host(9), host6(9)] {
        assert_eq!(kinds(10, &[icmp(host, 9_999, 10_000)]), []);
        assert_eq!(kinds(10, &[icmp(host, 10_000, 10_000)]), [Kind::IcmpTunnel]);
        assert_eq!(kinds(60, &[icmp(host, 20_000, 0)]), [Kind::IcmpTunnel]);
    }
    let monitor: Vec<_> = (0..60).map(|n| icmp(host(n), 640, 640)).collect();
    assert_eq!(kinds(10, &monitor), []);
}

#[test]
fn an_overflow_is_as_many_packets_as_there_are_flows_beside_it() {
    let table = |bytes: u32| -> Vec<_> {
        let mut flows: Vec<_> = (0..64).map(|n| tcp(40_000 + n, host(n), 502)).collect();
        flows.push(flow(
            Protocol::Tcp,
            0,
            ip("0.0.0.0"),
            0,
            bytes / 2,
            bytes - bytes / 2,
        ));
        flows
    };
    assert_eq!(kinds(10, &table(63 * 60)), []);
    assert_eq!(kinds(10, &table(64 * 60)), [Kind::FlowTableOverflow]);
    let mut hub = Hub::new();
    hub.report("d", 10, &table(64 * 60));
    assert_eq!(
        hub.raised(Kind::FlowTableOverflow)[0].severity,
        Severity::Informational
    );
}

#[test]
fn a_flood_of_connections_is_three_hundred_failures_a_minute_at_one_port() {
    let mut hub = Hub::new();
    let storm = |from: u16, count: u16| -> Vec<_> {
        (0..count)
            .map(|n| refused(from + n, host(9), 8883))
            .collect()
    };
    // A server that is down, tried four times a second.
    for step in 0..60 {
        hub.report("d", 10, &storm(10_000 + 40 * step, 40));
    }
    assert_eq!(hub.kinds(), []);
    for step in 0..8 {
        hub.report("d", 10, &storm(20_000 + 60 * step, 60));
    }
    let alerts = hub.raised(Kind::Flood);
    assert_eq!((alerts.len(), alerts[0].severity), (1, Severity::Medium));
    assert_eq!(alerts[0].service.unwrap().port, 8883);
    // Packets of one flow count, too.
    let same_port = flow(Protocol::Tcp, 40_000, host(9), 80, 0, 300 * 240);
    assert_eq!(kinds(10, &[same_port]), [Kind::Flood]);
}

/// What the agent could not keep apart of a protocol.
fn in_sum(protocol: Protocol, bytes_in: u32, bytes_out: u32) -> Flow<IpAddr> {
    flow(protocol, 0, ip("0.0.0.0"), 0, bytes_in, bytes_out)
}

#[test]
fn a_flood_from_ever_new_ports_comes_in_sum_for_the_most_part() {
    let table = |victim: u16, others: u16, sum| -> Vec<_> {
        let mut flows: Vec<_> = (0..victim).map(|n| syn(40_000 + n, host(9), 80)).collect();
        flows.extend((0..others).map(|n| tcp(50_000 + n, host(100 + n), 443)));
        flows.push(sum);
        flows
    };
    let is_flood = |flows: &[_]| kinds(10, flows).contains(&Kind::Flood);
    // 60 that were kept and 240 of 40 bytes that were not.
    assert!(is_flood(&table(60, 4, in_sum(Protocol::Tcp, 0, 240 * 40))));
    assert!(is_flood(&table(
        60,
        4,
        in_sum(Protocol::Tcp, 240 * 20, 240 * 40)
    )));
    assert!(!is_flood(&table(60, 4, in_sum(Protocol::Tcp, 0, 239 * 40))));
    // What was answered, what may be anybody's, and what is of another protocol or IP version is not the victim's.
    assert!(!is_flood(&table(
        60,
        4,
        in_sum(Protocol::Tcp, 90_000, 80_000)
    )));
    assert!(!is_flood(&table(30, 34, in_sum(Protocol::Tcp, 0, 90_000))));
    assert!(!is_flood(&table(60, 4, in_sum(Protocol::Udp, 0, 90_000))));
    let ipv6 = flow(Protocol::Tcp, 0, ip("::"), 0, 0, 90_000);
    assert!(!is_flood(&table(60, 4, ipv6)));

    let datagrams = |sum| -> Vec<_> {
        let mut flows: Vec<_> = (0..60)
            .map(|n| udp(40_000 + n, host(9), 80, 0, 1_400))
            .collect();
        flows.push(udp(50_000, host(8), 123, 56, 56));
        flows.push(sum);
        flows
    };
    let missing = 10_000_000 - 60 * 1_400;
    assert!(is_flood(&datagrams(in_sum(Protocol::Udp, 500, missing))));
    assert!(!is_flood(&datagrams(in_sum(
        Protocol::Udp,
        500,
        missing - 1
    ))));
    assert!(!is_flood(&datagrams(in_sum(
        Protocol::Udp,
        missing / 50,
        missing
    ))));
}

#[test]
fn a_flood_of_datagrams_is_ten_megabytes_a_minute_to_a_silent_host() {
    let stream = |bytes| udp(40_000, host(9), 40_001, 0, bytes);
    assert_eq!(kinds(10, &[stream(9_999_999)]), []);
    assert_eq!(kinds(10, &[stream(10_000_000)]), [Kind::Flood]);
    let control = udp(40_002, host(9), 40_003, 100, 100);
    assert_eq!(kinds(10, &[stream(100_000_000), control]), []);
    let group = udp(5004, ip("239.1.2.3"), 5004, 0, 100_000_000);
    assert_eq!(kinds(10, &[group]), []);
}

/// Beside the limits themselves: what counts as failed, and how much a flood must have of what was kept apart.
#[test]
fn what_counts_as_failed_and_as_a_flood_are_settings() {
    let found = |settings: &str, flows: &[Flow<IpAddr>]| {
        let mut hub = Hub::with(Policy::new(Config::parse(settings).unwrap()));
        hub.report("d", 10, flows);
        hub.kinds()
    };
    let tries = |bytes_in, bytes_out| -> Vec<_> {
        let try_at = |port| flow(Protocol::Tcp, 40_000, host(9), port, bytes_in, bytes_out);
        (1..=10).map(try_at).collect()
    };
    let sums: Vec<_> = (0..30)
        .map(|n| syn(40_000 + n, host(9), 80))
        .chain((0..30).map(|n| tcp(50_000 + n, host(100 + n), 443)))
        .chain([in_sum(Protocol::Tcp, 0, 270 * 40)])
        .collect();
    let streams = [
        udp(40_000, host(9), 80, 0, 5_000_000),
        udp(40_001, host(8), 80, 0, 5_000_000),
        in_sum(Protocol::Udp, 0, 5_000_000),
    ];
    for (settings, flows, kind) in [
        (
            "failed-connection.answer-bytes = 80",
            tries(80, 240),
            Kind::PortScan,
        ),
        (
            "failed-connection.question-bytes = 300",
            tries(60, 300),
            Kind::PortScan,
        ),
        (
            "flood.bytes-per-connection = 40",
            vec![flow(Protocol::Tcp, 40_000, host(9), 80, 0, 299 * 40)],
            Kind::Flood,
        ),
        ("flood.share = 50", sums, Kind::Flood),
        ("flood.share = 50", streams.to_vec(), Kind::Flood),
    ] {
        assert!(!found("", &flows).contains(&kind), "{settings}");
        assert!(found(settings, &flows).contains(&kind), "{settings}");
    }
}

#[test]
fn an_hour_in_one_report_counts_as_an_hour() {
    // Nine a window are allowed, and an hour has twelve windows.
    let scan = |count: u16| -> Vec<_> {
        (0..count)
            .map(|n| syn(40_000 + n, host(9), 20 + n))
            .collect()
    };
    assert_eq!(kinds(3600, &scan(119)), []);
    assert_eq!(kinds(3600, &scan(120)), [Kind::PortScan]);
}
