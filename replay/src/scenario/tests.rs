//! What holds for every scenario.

use std::{collections::BTreeSet, time::Duration};

use etherparse::{NetSlice, SlicedPacket, TransportSlice};

use super::*;

const MINUTE: Duration = Duration::from_secs(60);

/// Every scenario over both IP versions, for a minute.
fn runs(seed: u64) -> impl Iterator<Item = (String, Run)> {
    all().iter().flat_map(move |scenario| {
        [false, true].map(|is_ipv6| {
            let options = Options::new().seed(seed).duration(MINUTE);
            let options = if is_ipv6 { options.ipv6() } else { options };
            let name = format!("{} seed {seed} IPv6 {is_ipv6}", scenario.name());
            (name, scenario.run(&options).unwrap())
        })
    })
}

#[test]
fn names_are_unique_and_found() {
    let names: BTreeSet<_> = all().iter().map(Scenario::name).collect();
    assert_eq!(names.len(), all().len());
    for name in names {
        assert_eq!(find(name).unwrap().name(), name);
    }
    assert!(find("nothing").is_none());
}

#[test]
fn packets_are_valid_and_in_the_order_of_time() {
    for (name, run) in runs(1) {
        let (device, start) = (run.device(), run.start());
        let mut last = start;
        let mut packets = 0;
        for packet in run {
            packets += 1;
            assert!(packet.time >= last, "{name}");
            assert_eq!(packet.time.subsec_nanos() % 1000, 0, "{name}");
            last = packet.time;
            check(&name, &packet.ip, device);
        }
        assert!(packets > 40, "{name}: {packets}");
        assert!(last < start + MINUTE, "{name}");
        assert!(last > start + Duration::from_secs(15), "{name}: {last:?}");
    }
}

/// Lengths and checksums are right, and the device takes part, or all do.
fn check(name: &str, ip: &[u8], device: std::net::IpAddr) {
    let packet = SlicedPacket::from_ip(ip).unwrap_or_else(|error| panic!("{name}: {error}"));
    let (source, destination) = packet::endpoints(ip).unwrap();
    assert!(
        source == device || destination == device || destination.is_multicast(),
        "{name}: {source} to {destination}"
    );
    let net = packet.net.unwrap();
    let transport = packet.transport.unwrap();
    match &net {
        NetSlice::Ipv4(net) => {
            let header = net.header().to_header();
            assert_eq!(usize::from(header.total_len), ip.len(), "{name}");
            assert_eq!(
                header.header_checksum,
                header.calc_header_checksum(),
                "{name}"
            );
        }
        NetSlice::Ipv6(net) => {
            assert_eq!(
                usize::from(net.header().payload_length()) + 40,
                ip.len(),
                "{name}"
            );
        }
        NetSlice::Arp(_) => panic!("{name}: ARP"),
    }
    let (given, right) = match (&net, &transport) {
        (NetSlice::Ipv4(net), TransportSlice::Tcp(tcp)) => (
            tcp.checksum(),
            tcp.calc_checksum_ipv4(net.header().source(), net.header().destination())
                .unwrap(),
        ),
        (NetSlice::Ipv6(net), TransportSlice::Tcp(tcp)) => (
            tcp.checksum(),
            tcp.to_header()
                .calc_checksum_ipv6(&net.header().to_header(), tcp.payload())
                .unwrap(),
        ),
        (NetSlice::Ipv4(net), TransportSlice::Udp(udp)) => (
            udp.checksum(),
            udp.to_header()
                .calc_checksum_ipv4(&net.header().to_header(), udp.payload())
                .unwrap(),
        ),
        (NetSlice::Ipv6(net), TransportSlice::Udp(udp)) => (
            udp.checksum(),
            udp.to_header()
                .calc_checksum_ipv6(&net.header().to_header(), udp.payload())
                .unwrap(),
        ),
        (_, TransportSlice::Icmpv4(icmp)) => {
            let header = icmp.header();
            (
                header.checksum,
                header.icmp_type.calc_checksum(icmp.payload()),
            )
        }
        (NetSlice::Ipv6(net), TransportSlice::Icmpv6(icmp)) => {
            let ip = net.header().to_header();
            assert!(icmp.is_checksum_valid(ip.source, ip.destination), "{name}");
            return;
        }
        _ => panic!("{name}: unexpected transport"),
    };
    assert_eq!(given, right, "{name}");
}

#[test]
fn the_same_seed_gives_the_same_and_another_one_does_not() {
    for ((name, first), (_, again)) in runs(7).zip(runs(7)) {
        assert!(first.eq(again), "{name}");
    }
    for ((name, first), (_, other)) in runs(7).zip(runs(8)) {
        assert!(first.ne(other), "{name}");
    }
}

#[test]
fn addresses_start_and_length_are_as_chosen() {
    let options = Options::new()
        .local("10.9.8.7".parse().unwrap())
        .peer("10.9.8.66".parse().unwrap())
        .start(Duration::from_secs(1_000_000_000))
        .duration(Duration::from_secs(80));
    for scenario in all() {
        let mut run = scenario.run(&options).unwrap();
        assert_eq!(run.device(), options.local.unwrap());
        let first = run.next().unwrap();
        assert!(first.time >= Duration::from_secs(1_000_000_000));
        assert!(first.time < Duration::from_secs(1_000_000_010));
        let mut ledger = run.ledger();
        run.by_ref().for_each(|packet| ledger.count(&packet.ip));
        let truth = run.truth(ledger);
        assert_eq!(truth.end, 1_000_000_080);
        if truth.label == Label::Hostile {
            assert!(!truth.happenings.is_empty(), "{}", truth.scenario);
            for happening in &truth.happenings {
                assert!((truth.start..truth.end).contains(&happening.time));
                let named = happening.peer.is_none_or(|peer| {
                    Some(peer) == options.peer || peer.to_string() == "10.9.8.1"
                });
                assert!(named, "{}: {happening:?}", truth.scenario);
            }
        }
    }
}

#[test]
fn a_year_is_begun_at_once() {
    for scenario in all() {
        let options = Options::new().duration(Duration::from_secs(365 * 24 * 3600));
        assert_eq!(scenario.run(&options).unwrap().take(1000).count(), 1000);
    }
}

#[test]
fn choices_that_do_not_go_together_are_explained() {
    let address = |text: &str| text.parse().unwrap();
    let refused = |options: Options| find("office").unwrap().run(&options).err().unwrap();
    assert_eq!(
        refused(
            Options::new()
                .local(address("10.0.0.2"))
                .peer(address("fd00::1"))
        ),
        ScenarioError::IpVersions {
            device: address("10.0.0.2"),
            peer: address("fd00::1")
        }
    );
    assert_eq!(
        refused(Options::new().local(address("224.0.0.1"))),
        ScenarioError::NotUnicast(address("224.0.0.1"))
    );
    assert_eq!(
        refused(
            Options::new()
                .local(address("fd00::1"))
                .peer(address("fd00::1"))
        ),
        ScenarioError::PeerIsDevice(address("fd00::1"))
    );
    assert_eq!(
        refused(Options::new().local(address("10.0.0.1")).ipv6()),
        ScenarioError::NotIpv6(address("10.0.0.1"))
    );
    assert_eq!(
        refused(Options::new().duration(Duration::ZERO)),
        ScenarioError::NoTime
    );
    assert_eq!(
        refused(Options::new().start(Duration::from_secs(u32::MAX.into()))),
        ScenarioError::TooLate
    );
    assert_eq!(
        refused(Options::new().duration(Duration::MAX)),
        ScenarioError::TooLate
    );
}
