//! MUD files: read, compared with flows, taken for baselines, written.

use std::{net::IpAddr, sync::Arc};

use defender_detect::{
    alert::Side,
    baseline::{GroupBaseline, KnownClass, Origin},
    mud::{Check, MudFile, export},
};
use defender_message::{
    decode::{Event, EventId, Payload},
    flow::{Flow, Protocol},
};
use serde_json::{Value, json};

fn file(from: &Value, to: &Value) -> Value {
    let policy = |name| json!({ "access-lists": { "access-list": [{ "name": name }] } });
    let list =
        |name, aces| json!({ "name": name, "type": "ipv4-acl-type", "aces": { "ace": aces } });
    json!({
        "ietf-mud:mud": {
            "mud-version": 1, "mud-url": "https://lamp.example/mud.json", "last-update": "2026-01-31T12:00:00+00:00",
            "systeminfo": "A lamp", "from-device-policy": policy("out"), "to-device-policy": policy("in"),
        },
        "ietf-access-control-list:acls": { "acl": [list("out", from), list("in", to)] },
    })
}

fn accept(name: &str, matches: Value) -> Value {
    json!({ "name": name, "matches": matches, "actions": { "forwarding": "accept" } })
}

fn eq(port: u16) -> Value {
    json!({ "operator": "eq", "port": port })
}

fn lamp() -> Value {
    file(
        &json!([
            accept("cloud", json!({
                "ipv4": { "protocol": 6, "ietf-acldns:dst-dnsname": "lamp.example" },
                "tcp": { "destination-port": eq(8883), "ietf-mud:direction-initiated": "from-device" } })),
            accept("names", json!({
                "ipv4": { "protocol": 17, "destination-ipv4-network": "10.0.0.1/32" },
                "udp": { "destination-port": eq(53) } })),
            { "name": "no", "matches": { "ipv4": { "protocol": 6 } }, "actions": { "forwarding": "drop" } },
        ]),
        &json!([accept(
            "page",
            json!({
                "tcp": { "destination-port": { "operator": "eq", "port": 80 } },
                "ietf-mud:mud": { "local-networks": [null] } })
        ),]),
    )
}

fn flow(protocol: Protocol, peer: &str, port: u16, at: Side) -> Flow<IpAddr> {
    let (local_port, remote_port) = match at {
        Side::Peer => (50_000, port),
        Side::Device => (port, 50_000),
    };
    Flow {
        protocol,
        local_address: "10.0.0.2".parse().unwrap(),
        local_port,
        remote_address: peer.parse().unwrap(),
        remote_port,
        bytes_in: 300,
        bytes_out: 500,
    }
}

fn allows(file: &MudFile, protocol: Protocol, peer: &str, port: u16, at: Side) -> bool {
    let opened_by = match at {
        Side::Peer => Side::Device,
        Side::Device => Side::Peer,
    };
    file.allows(&flow(protocol, peer, port, at), Some(opened_by))
}

#[test]
fn a_file_is_explained_compared_and_taken_for_a_baseline() {
    let file = MudFile::parse(&lamp().to_string()).unwrap();
    assert_eq!(
        file.to_string().lines().collect::<Vec<_>>(),
        [
            "A lamp (https://lamp.example/mud.json)",
            "cloud: TCP to lamp.example, port 8883 there, opened by the device",
            "names: UDP to 10.0.0.1/32, port 53 there",
            "page: TCP from the local network, port 80 of the device",
            "no: left out, what it names may not pass anyway",
        ]
    );
    let classes: Vec<_> = file.classes().iter().map(ToString::to_string).collect();
    assert_eq!(classes.len(), 3, "{classes:?}");
    for class in [
        "TCP 8883 out to the Internet",
        "UDP 53 out to the local network",
        "TCP 80 in from the local network",
    ] {
        assert!(classes.contains(&class.to_owned()), "{classes:?}");
    }
    assert!(allows(
        &file,
        Protocol::Tcp,
        "203.0.113.9",
        8883,
        Side::Peer
    ));
    assert!(allows(&file, Protocol::Udp, "10.0.0.1", 53, Side::Peer));
    assert!(allows(&file, Protocol::Tcp, "10.0.0.9", 80, Side::Device));
    // Another port, network, direction.
    assert!(!allows(
        &file,
        Protocol::Tcp,
        "203.0.113.9",
        443,
        Side::Peer
    ));
    assert!(!allows(&file, Protocol::Udp, "10.0.0.7", 53, Side::Peer));
    assert!(!allows(
        &file,
        Protocol::Tcp,
        "203.0.113.9",
        80,
        Side::Device
    ));
    assert!(!allows(&file, Protocol::Tcp, "10.0.0.9", 8883, Side::Peer));
    let baseline = file.baseline("lamps");
    assert!(
        baseline
            .classes
            .iter()
            .all(|known| known.origin == Origin::Accepted)
    );
    assert_eq!(
        (baseline.name.as_str(), baseline.classes.len()),
        ("lamps", 3)
    );
}

#[test]
fn where_traffic_breaks_it_is_told_once_for_each_peer_and_service() {
    let file = MudFile::parse(&lamp().to_string()).unwrap();
    let mut check = Check::new(&file);
    let device: Arc<str> = "lamp-3".into();
    let tried = Flow {
        bytes_in: 44,
        bytes_out: 40,
        ..flow(Protocol::Tcp, "203.0.113.66", 23, Side::Device)
    };
    for minute in 0..3 {
        let flows = vec![
            flow(Protocol::Tcp, "203.0.113.9", 8883, Side::Peer),
            flow(Protocol::Tcp, "203.0.113.66", 3333, Side::Peer),
            // What others try in vain.
            tried,
        ];
        let event = Event {
            id: EventId([minute; 16]),
            time: 1_767_225_600 + u32::from(minute) * 60,
            collection_interval: 60,
            payload: Payload::NetworkActivity { flows },
        };
        check.look(&device, &event);
    }
    let (breaks, more) = check.finish();
    assert_eq!((breaks.len(), more), (1, 0), "{breaks:?}");
    let it = &breaks[0];
    assert_eq!((it.flows, it.bytes_in, it.bytes_out), (3, 900, 1_500));
    assert_eq!((&*it.device, it.first), ("lamp-3", 1_767_225_600));
    assert_eq!(it.to_string(), "TCP port 3333 of 203.0.113.66");
}

#[test]
fn what_says_nothing_of_flows_lets_nothing_pass() {
    let accepted = |matches: Value| file(&json!([accept("it", matches)]), &json!([]));
    for (matches, reason) in [
        (json!({ "eth": { "ethertype": "0x888e" } }), "Ethernet"),
        (
            json!({ "ietf-mud:mud": { "local-networks": [null] }, "eth": { "ethertype": "0x0006" } }),
            "Ethernet",
        ),
        (json!({ "ipv4": { "protocol": 2 } }), "TCP, UDP, ICMP"),
        (
            json!({ "tcp": { "destination-port": eq(80) }, "egress-interface": "eth0" }),
            "flows do not show",
        ),
    ] {
        let file = MudFile::parse(&accepted(matches).to_string()).unwrap();
        assert!(file.classes().is_empty(), "{file}");
        assert_eq!(file.left_out.len(), 1);
        assert!(file.to_string().contains(reason), "{file}");
    }
    // What is sent to a group of receivers is of no class, though it may be sent.
    let group = accepted(json!({
        "ipv4": { "protocol": 17, "destination-ipv4-network": "239.255.255.250/32" },
        "udp": { "destination-port": eq(1900) } }));
    let group = MudFile::parse(&group.to_string()).unwrap();
    assert!(group.classes().is_empty());
    assert!(allows(
        &group,
        Protocol::Udp,
        "239.255.255.250",
        1900,
        Side::Peer
    ));
}

#[test]
fn drafts_are_read_like_the_standard() {
    let mut draft = lamp();
    let lists = draft["ietf-access-control-list:acls"].take();
    draft
        .as_object_mut()
        .unwrap()
        .remove("ietf-access-control-list:acls");
    draft["ietf-access-control-list:access-lists"] = lists;
    let cloud = json!({
        "l3": { "ipv4": { "protocol": 6, "ietf-acldns:dst-dnsname": "lamp.example" } },
        "l4": { "tcp": { "destination-port-range-or-operator": eq(8883), "ietf-mud:direction-initiated": "from-device" } } });
    draft["ietf-access-control-list:access-lists"]["acl"][0]["aces"]["ace"][0]["matches"] = cloud;
    let draft = MudFile::parse(&draft.to_string()).unwrap();
    assert_eq!(draft, MudFile::parse(&lamp().to_string()).unwrap());
}

#[test]
fn what_was_learned_is_written_and_read_as_the_same() {
    let mut baseline = GroupBaseline::new("lamps");
    let classes = [
        "TCP 8883 out to the Internet",
        "TCP 80 in from the local network",
        "UDP 53 out to the local network",
        "UDP ephemeral out to the Internet",
        "ICMP out to the local network",
    ];
    baseline.classes = classes
        .iter()
        .map(|class| KnownClass::accepted(class.parse().unwrap()))
        .collect();
    baseline.classes.sort_by_key(|known| known.class);
    let mut alerted = KnownClass::accepted("TCP 3333 out to the Internet".parse().unwrap());
    alerted.origin = Origin::Alerted;
    baseline.classes.push(alerted);
    let candidate = |device: &str| {
        let mut known = KnownClass::accepted("TCP 22 in from the local network".parse().unwrap());
        known.origin = Origin::Candidate;
        known.device = Some(device.to_owned());
        known
    };
    baseline.classes.push(candidate("lamp-3"));
    baseline.devices = 2;
    let classes_of = |device| {
        let mud = export(
            &baseline,
            device,
            "https://lamp.example/mud.json",
            "2026-01-31T12:00:00Z",
        );
        let file = MudFile::parse(&mud.to_string()).unwrap();
        assert_eq!(file.left_out, []);
        file.classes()
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
    };
    // A MUD file cannot say that somebody is not in the local network.
    let mut expected: Vec<_> = classes.map(str::to_owned).into();
    expected.push("TCP 8883 out to the local network".to_owned());
    expected.push("UDP ephemeral out to the local network".to_owned());
    expected.sort();
    let sorted = |mut classes: Vec<String>| {
        classes.sort();
        classes
    };
    assert_eq!(sorted(classes_of(None)), expected);
    assert_eq!(sorted(classes_of(Some("lamp-4"))), expected);
    expected.push("TCP 22 in from the local network".to_owned());
    expected.sort();
    assert_eq!(sorted(classes_of(Some("lamp-3"))), expected);
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let lists = "ietf-access-control-list:acls";
    let with = |change: &dyn Fn(&mut Value)| {
        let mut file = lamp();
        change(&mut file);
        file.to_string()
    };
    let in_list = |change: &dyn Fn(&mut Value)| with(&|file| change(&mut file[lists]["acl"][0]));
    let in_first =
        |change: &dyn Fn(&mut Value)| in_list(&|list| change(&mut list["aces"]["ace"][0]));
    for (text, expected) in [
        ("{".to_owned(), "line 1"),
        ("[]".to_owned(), "the file has no `ietf-mud:mud`"),
        ("{}".to_owned(), "the file has no `ietf-mud:mud`"),
        (
            with(&|file| file["ietf-mud:mud"]["mud-url"] = 7.into()),
            "mud-url is `7`, but must be a URL",
        ),
        (
            in_list(&|list| list["name"] = "other".into()),
            "there is no access list `out`",
        ),
        (
            in_list(&|list| list["aces"]["ace"] = 7.into()),
            "must be a list",
        ),
        (
            in_first(&|ace| ace["matches"]["tcp"]["destination-port"] = 80.into()),
            "destination-port is `80`, but must be",
        ),
        (
            in_first(&|ace| ace["actions"]["forwarding"] = "pass".into()),
            "accept, drop or reject",
        ),
        (
            in_first(&|ace| ace["matches"]["ipv4"]["protocol"] = "six".into()),
            "6 for TCP",
        ),
        (
            in_list(&|list| {
                list["aces"]["ace"][1]["matches"]["ipv4"]["destination-ipv4-network"] = "x".into()
            }),
            "a network, as in",
        ),
        (
            in_list(&|list| {
                let net = "2001:db8::/32".into();
                list["aces"]["ace"][1]["matches"]["ipv4"]["destination-ipv4-network"] = net;
            }),
            "is `\"2001:db8::/32\"`, but must be a network, as in 192.0.2.0/24",
        ),
        (
            in_list(&|list| {
                let many = (0..20_u16).map(|n| {
                    let ports = json!({ "lower-port": n * 50, "upper-port": n * 50 + 49 });
                    accept("many", json!({ "udp": { "destination-port": ports } }))
                });
                list["aces"]["ace"] = many.collect();
            }),
            "classes of traffic, at most 512 have room",
        ),
    ] {
        let error = MudFile::parse(&text).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}
