//! What holds for whatever comes: the same input gives the same changes, state may become bytes and back anywhere, memory is bounded.

use std::net::IpAddr;

use defender_detect::input::{Refusal, Transport};
use defender_detect::rules::{Rules, RulesFile};
use defender_detect::{
    Change, Detector, HUB, Input, MOST_BYTES, Policy, Report, Signal, SignalKind,
};
use defender_message::decode::{Event, EventId, Payload};
use defender_message::flow::{Flow, Protocol};
use proptest::prelude::*;

use crate::support::{Hub, START, flow, host, message, syn, tcp};

/// Under which name the state of the devices' group stands.
const GROUP: &str = "\0default";

/// A piece of input of a test.
#[derive(Debug, Clone)]
enum Piece {
    Report(&'static str, Option<u32>, Vec<Event>),
    Signal(&'static str, u32, SignalKind),
    Tick(u32),
}

fn feed(detector: &mut Detector, piece: &Piece) -> Vec<Change> {
    match piece {
        Piece::Report(device, received, events) => {
            let message = message(events.clone());
            let (device, received) = (*device, *received);
            detector.feed(Input::Report(Report {
                device,
                received,
                message: &message,
            }))
        }
        Piece::Signal(device, received, what) => {
            let (device, received, what) = (*device, *received, *what);
            detector.feed(Input::Signal(Signal {
                device,
                received,
                what,
            }))
        }
        Piece::Tick(time) => detector.feed(Input::Tick { time: *time }),
    }
}

/// Times near each other mostly, and now and then the worst ones.
fn time() -> impl Strategy<Value = u32> {
    prop_oneof![
        8 => START..START + 2000,
        1 => START..START + 20_000,
        1 => prop_oneof![Just(0), Just(1), Just(u32::MAX), Just(u32::MAX - 1), any::<u32>()],
    ]
}

fn seconds() -> impl Strategy<Value = u32> {
    prop_oneof![4 => 1..100u32, 1 => Just(0), 1 => Just(u32::MAX), 1 => any::<u32>()]
}

fn bytes() -> impl Strategy<Value = u32> {
    prop_oneof![Just(0), Just(20), Just(40), 0..3000u32, Just(u32::MAX)]
}

fn address() -> impl Strategy<Value = IpAddr> {
    prop_oneof![
        6 => (0..30u16).prop_map(host),
        2 => (0..30u16).prop_map(crate::support::host6),
        1 => any::<[u8; 4]>().prop_map(IpAddr::from),
        1 => any::<[u8; 16]>().prop_map(IpAddr::from),
        1 => Just(IpAddr::from([0, 0, 0, 0])),
    ]
}

fn port() -> impl Strategy<Value = u16> {
    prop_oneof![
        Just(0),
        Just(22),
        Just(23),
        Just(53),
        Just(443),
        1..40u16,
        any::<u16>()
    ]
}

fn flows() -> impl Strategy<Value = Vec<Flow<IpAddr>>> {
    let protocol =
        prop_oneof![3 => Just(Protocol::Tcp), 1 => Just(Protocol::Udp), 1 => Just(Protocol::Icmp)];
    let one = (protocol, port(), address(), port(), bytes(), bytes()).prop_map(
        |(protocol, local, peer, remote, bytes_in, bytes_out)| {
            flow(protocol, local, peer, remote, bytes_in, bytes_out)
        },
    );
    prop::collection::vec(one, 0..40)
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let payload = prop_oneof![
        4 => flows().prop_map(|flows| Payload::NetworkActivity { flows }),
        1 => Just(Payload::Heartbeat),
    ];
    let one = (any::<u8>(), time(), seconds(), payload).prop_map(
        |(id, time, collection_interval, payload)| Event {
            id: EventId([id; 16]),
            time,
            collection_interval,
            payload,
        },
    );
    prop::collection::vec(one, 0..3)
}

fn piece() -> impl Strategy<Value = Piece> {
    let device = prop_oneof![Just("a"), Just("b"), Just("c")];
    let source = || prop::option::of(address());
    let what = prop_oneof![
        source().prop_map(|source| SignalKind::Connected { source }),
        Just(SignalKind::Disconnected),
        source().prop_map(|source| SignalKind::TakenOver { source }),
        source().prop_map(|source| SignalKind::Refused {
            reason: Refusal::SasTokenInvalid,
            source
        }),
    ];
    prop_oneof![
        6 => (device.clone(), prop::option::weighted(0.8, time()), events())
            .prop_map(|(device, received, events)| Piece::Report(device, received, events)),
        2 => (device, time(), what).prop_map(|(device, time, what)| Piece::Signal(device, time, what)),
        2 => time().prop_map(Piece::Tick),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_same_input_gives_the_same_changes_and_states_become_bytes_and_back_anywhere(
        pieces in prop::collection::vec(piece(), 1..60),
        moves in prop::collection::vec(any::<bool>(), 60),
    ) {
        let mut stays = Detector::new(Policy::default());
        let mut again = Detector::new(Policy::default());
        let mut moved = Detector::new(Policy::default());
        for (piece, moves) in pieces.iter().zip(moves) {
            let changes = feed(&mut stays, piece);
            prop_assert_eq!(&feed(&mut again, piece), &changes);
            prop_assert_eq!(&feed(&mut moved, piece), &changes);
            if moves {
                // Another worker takes over.
                let mut other = Detector::new(Policy::default());
                other.resume(moved.position());
                for device in ["a", "b", "c", HUB, GROUP] {
                    if let Some(state) = moved.state(device) {
                        prop_assert!(state.len() <= MOST_BYTES);
                        prop_assert_eq!(other.restore(device, &state), Ok(Vec::new()));
                    }
                }
                moved = other;
            }
        }
        for device in ["a", "b", "c", HUB, GROUP] {
            prop_assert_eq!(moved.state(device), stays.state(device));
        }
        prop_assert_eq!(moved.alerts(), stays.alerts());
    }

    #[test]
    fn bytes_that_are_no_state_are_refused_and_change_nothing(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut hub = Hub::new();
        hub.report("d", 10, &[tcp(40_000, host(1), 443)]);
        let before = hub.detector.state("d").unwrap();
        let mut bytes = bytes;
        if let Some(version) = bytes.first_mut() {
            *version = 1;
        }
        if hub.detector.restore("d", &bytes).is_err() {
            prop_assert_eq!(hub.detector.state("d").unwrap(), before);
        }
    }

    #[test]
    fn damaged_states_are_refused_or_work(at in any::<prop::sample::Index>(), byte in any::<u8>(), piece in piece()) {
        let mut hub = Hub::new();
        for step in 0..20 {
            let flows: Vec<_> = (0..12).map(|n| syn(40_000, host(n), 20 + step)).collect();
            hub.report("a", 10, &flows);
        }
        let mut state = hub.detector.state("a").unwrap();
        let at = at.index(state.len());
        state[at] = byte;
        let _ = hub.detector.restore("a", &state);
        let _ = feed(&mut hub.detector, &piece);
        prop_assert!(hub.detector.state("a").unwrap().len() <= MOST_BYTES);
    }
}

#[test]
fn a_state_of_another_version_says_so() {
    let mut hub = Hub::new();
    hub.report("d", 10, &[]);
    let mut state = hub.detector.state("d").unwrap();
    state[0] = 77;
    let error = hub.detector.restore("d", &state).unwrap_err().to_string();
    assert!(error.contains("version 77"), "{error}");
    assert!(hub.detector.restore("d", &[]).is_err());
}

/// Everything that a device can do to make its state grow, against rules that count all of it.
#[test]
fn the_state_of_the_worst_device_stays_within_16_kilobytes() {
    let window = |rule: &str| {
        format!(
            r#"{{"ruleType":"{rule}","isEnabled":true,"minThreshold":0,"maxThreshold":1,"timeWindowSize":"PT5M"}}"#
        )
    };
    let counted = [
        "ActiveConnections",
        "MqttD2CMessages",
        "MqttC2DMessages",
        "AmqpD2CMessages",
        "HttpD2CMessages",
        "DirectMethodInvokes",
        "TwinUpdates",
        "QueuePurges",
        "UnauthorizedOperations",
    ];
    let windows = counted
        .map(|rule| window(&format!("{rule}NotInAllowedRange")))
        .join(",");
    let rules = format!(
        r#"{{"name":"default","properties":{{"timeWindowRules":[{windows}],"allowlistRules":[
            {{"ruleType":"ConnectionToIpNotAllowed","isEnabled":true,"allowlistValues":["10.9.9.9"]}},
            {{"ruleType":"ConnectionFromIpNotAllowed","isEnabled":true,"allowlistValues":["10.9.9.9"]}}]}}}}"#
    );
    let mut policy = Policy::default();
    policy.rules = Rules::new([RulesFile::parse(&rules).unwrap()]).unwrap();
    let mut hub = Hub::with(policy);
    let mut most = 0;
    for step in 0..60u16 {
        let mut flows = Vec::new();
        for n in 0..64 {
            let peer = IpAddr::from([0x2001, 0xdb8, step, n, 1, 2, 3, 4]);
            flows.push(tcp(step, peer, 40_000 + n));
            flows.push(syn(step, peer, n * 17));
            flows.push(crate::support::refusing(n * 13, peer, step));
            flows.push(crate::support::icmp(peer, 30_000, u32::MAX));
            flows.push(crate::support::udp(40_000, peer, 53, 0, u32::MAX));
            flows.extend((0..9).map(|k| tcp(50_000 + k, peer, 23)));
        }
        hub.report("d", 10, &flows);
        hub.heartbeat("d", u32::MAX);
        hub.signal(
            "d",
            SignalKind::Connected {
                source: Some(host(step)),
            },
        );
        for reason in [
            Refusal::CertificateMismatch,
            Refusal::CertificateExpired,
            Refusal::SasTokenExpired,
            Refusal::SasTokenInvalid,
        ] {
            let source = Some(IpAddr::from([0x2001, 0xdb9, step, 0, 1, 2, 3, 4]));
            hub.signal("d", SignalKind::Refused { reason, source });
        }
        for what in [
            SignalKind::DirectMethod,
            SignalKind::TwinUpdate,
            SignalKind::QueuePurge,
            SignalKind::UnauthorizedOperation { source: None },
            SignalKind::CloudToDevice {
                transport: Transport::Mqtt,
            },
            SignalKind::DeviceToCloud {
                transport: Transport::Mqtt,
            },
            SignalKind::DeviceToCloud {
                transport: Transport::Amqp,
            },
            SignalKind::DeviceToCloud {
                transport: Transport::Http,
            },
        ] {
            hub.signal("d", what);
        }
        most = most.max(hub.detector.state("d").unwrap().len());
    }
    assert!(most <= MOST_BYTES, "{most}");
    assert!(hub.detector.alerts().len() <= 32);
    assert!(hub.detector.displaced("d") > 0);
}

#[test]
fn the_state_of_an_idle_device_stays_within_2_kilobytes() {
    let mut hub = Hub::new();
    for step in 0..200u16 {
        let flows = [
            tcp(40_000 + step / 50, host(1), 8883),
            crate::support::udp(41_000 + step, host(2), 53, 200, 60),
        ];
        hub.report("d", 60, &flows);
        hub.heartbeat("d", 60);
    }
    let size = hub.detector.state("d").unwrap().len();
    assert!(size <= 2048, "{size}");
}
