use super::*;

const NOW: u32 = 1_795_000_000;

fn peer() -> IpAddr {
    IpAddr::from([192, 0, 2, 9])
}

fn tcp(local_port: u16, remote_port: u16, bytes_in: u32, bytes_out: u32) -> Flow<IpAddr> {
    Flow {
        protocol: Protocol::Tcp,
        local_address: IpAddr::from([10, 0, 0, 2]),
        local_port,
        remote_address: peer(),
        remote_port,
        bytes_in,
        bytes_out,
    }
}

fn udp(local_port: u16, remote_port: u16, bytes_in: u32, bytes_out: u32) -> Flow<IpAddr> {
    Flow {
        protocol: Protocol::Udp,
        ..tcp(local_port, remote_port, bytes_in, bytes_out)
    }
}

/// A flow that is a report by itself.
fn one<'a>(flow: &'a Flow<IpAddr>, services: &mut Services, now: u32) -> Traffic<'a> {
    Traffic::classify(
        core::slice::from_ref(flow),
        services,
        now,
        &Reset::default(),
    )
    .0[0]
}

/// Who opened the last of some flows, and at which port its service is.
fn role(flows: &[Flow<IpAddr>]) -> (Option<Side>, Option<u16>) {
    let mut services = Services::default();
    let classified = flows.iter().map(|flow| one(flow, &mut services, NOW));
    let last = classified.last().unwrap();
    (last.opened_by, last.service.map(|service| service.port))
}

const DEVICE: Option<Side> = Some(Side::Device);
const PEER: Option<Side> = Some(Side::Peer);

#[test]
fn a_port_that_stays_the_same_is_the_service_whatever_its_number() {
    let same_remote = [tcp(80, 50_000, 900, 900), tcp(81, 50_000, 900, 900)];
    assert_eq!(role(&same_remote), (DEVICE, Some(50_000)));
    let same_local = [tcp(50_000, 1025, 900, 900), tcp(50_000, 1026, 900, 900)];
    assert_eq!(role(&same_local), (PEER, Some(50_000)));
    // One connection that is reported again and again is one connection.
    let same = [tcp(50_000, 1025, 900, 900); 5];
    assert_eq!(role(&same), (DEVICE, Some(1025)));
}

#[test]
fn a_well_known_port_is_the_service_and_an_ephemeral_one_is_not() {
    assert_eq!(role(&[tcp(50_000, 443, 900, 900)]), (DEVICE, Some(443)));
    assert_eq!(role(&[tcp(443, 50_000, 900, 900)]), (PEER, Some(443)));
    assert_eq!(role(&[tcp(4000, 8883, 900, 900)]), (DEVICE, Some(8883)));
    assert_eq!(role(&[tcp(50_000, 6789, 900, 900)]), (DEVICE, Some(6789)));
    assert_eq!(role(&[udp(6789, 50_000, 90, 90)]), (PEER, Some(6789)));
}

#[test]
fn what_nothing_decides_is_undecided() {
    for flow in [
        tcp(50_000, 50_001, 900, 900),
        udp(123, 123, 90, 90),
        udp(50_000, 50_001, 0, 90),
        tcp(50_000, 50_001, 40, 40),
    ] {
        assert_eq!(role(&[flow]), (None, None));
    }
}

#[test]
fn of_a_flow_that_failed_the_bytes_say_who_opened_it() {
    assert_eq!(role(&[tcp(50_000, 60_000, 20, 24)]), (DEVICE, Some(60_000)));
    assert_eq!(role(&[tcp(50_000, 60_000, 24, 20)]), (PEER, Some(50_000)));
    assert_eq!(role(&[tcp(2000, 60_000, 0, 120)]), (DEVICE, Some(60_000)));
    assert_eq!(role(&[tcp(2000, 60_000, 120, 0)]), (PEER, Some(2000)));
}

#[test]
fn a_flow_has_failed_up_to_a_resets_worth_and_not_beyond() {
    let failed = |flow: Flow<IpAddr>| one(&flow, &mut Services::default(), NOW).failed;
    assert!(failed(tcp(50_000, 443, 60, 240)));
    assert!(!failed(tcp(50_000, 443, 61, 240)));
    assert!(!failed(tcp(50_000, 443, 60, 241)));
    assert!(failed(tcp(50_000, 443, 0, 1_000_000)));
    assert!(failed(tcp(443, 50_000, 240, 60)));
    assert!(!failed(tcp(443, 50_000, 240, 61)));
    assert!(failed(udp(50_000, 53, 0, 60)));
    assert!(!failed(udp(50_000, 53, 1, 60)));
}

#[test]
fn what_has_answered_is_not_tried_in_vain() {
    let mut services = Services::default();
    let mut is_vain = |flow: Flow<IpAddr>| one(&flow, &mut services, NOW).is_vain();
    assert!(is_vain(tcp(50_000, 443, 20, 40)));
    assert!(!is_vain(tcp(50_001, 443, 900, 900)));
    assert!(!is_vain(tcp(50_002, 443, 20, 40)));
    assert!(is_vain(tcp(50_003, 444, 20, 40)));
}

#[test]
fn groups_and_aggregates_are_no_hosts() {
    let to = |address: &str| Flow {
        remote_address: address.parse().unwrap(),
        ..udp(5000, 6000, 0, 100)
    };
    let kind = |flow: Flow<IpAddr>| one(&flow, &mut Services::default(), NOW).peer;
    for group in [
        "224.0.0.251",
        "ff02::fb",
        "255.255.255.255",
        "10.0.0.255",
        "0.0.0.0",
    ] {
        assert_eq!(kind(to(group)), PeerKind::Group, "{group}");
    }
    for host in ["10.0.0.254", "2001:db8::1", "::ffff:192.0.2.1"] {
        assert_eq!(kind(to(host)), PeerKind::Host, "{host}");
    }
    for nobody in ["0.0.0.0", "::"] {
        let aggregate = Flow {
            local_port: 0,
            remote_port: 0,
            ..to(nobody)
        };
        assert_eq!(kind(aggregate), PeerKind::Aggregate);
    }
}

#[test]
fn what_is_remembered_is_bounded_and_services_outlast_ephemeral_ports() {
    let mut services = Services::default();
    for slave in 0..60 {
        let flow = Flow {
            remote_address: IpAddr::from([10, 0, 1, slave]),
            ..tcp(50_000 + u16::from(slave), 502, 900, 900)
        };
        one(&flow, &mut services, NOW);
    }
    for port in 0..1000 {
        let flow = tcp(33_000 + port, 443, 900, 900);
        one(&flow, &mut services, NOW + u32::from(port));
    }
    assert!(services.is_valid());
    let at = |peer: IpAddr, port| {
        let host = Hasher::new(b'h').address(peer);
        services.known(host, &tcp(1, port, 0, 0)).remote
    };
    assert_eq!(at(peer(), 443), u8::MAX);
    assert_eq!(
        (0..60)
            .filter(|slave| at(IpAddr::from([10, 0, 1, *slave]), 502) == 0)
            .count(),
        0
    );
}

#[test]
fn the_order_of_flows_in_a_report_says_nothing() {
    let (answered, refused) = (tcp(50_001, 443, 900, 900), tcp(50_000, 443, 20, 40));
    for flows in [[answered, refused], [refused, answered]] {
        let (all, _) = Traffic::classify(&flows, &mut Services::default(), NOW, &Reset::default());
        assert!(all.iter().all(|traffic| !traffic.is_vain()));
    }
}

#[test]
fn ports_answer_for_the_first_time_once() {
    let mut services = Services::default();
    let mut is_news = |flow: Flow<IpAddr>| {
        let facts = one(&flow, &mut services, NOW).facts;
        (
            facts.has(Facts::PEER_ANSWERS),
            facts.has(Facts::DEVICE_ANSWERS),
        )
    };
    assert_eq!(is_news(tcp(50_000, 443, 20, 40)), (false, false));
    assert_eq!(is_news(tcp(50_000, 443, 900, 900)), (true, true));
    assert_eq!(is_news(tcp(50_000, 443, 900, 900)), (false, false));
    // 443 is a service then: an ephemeral port beside it is not worth to be remembered.
    assert_eq!(is_news(tcp(50_001, 443, 900, 900)), (false, false));
    assert_eq!(is_news(tcp(80, 443, 900, 900)), (false, true));
}
