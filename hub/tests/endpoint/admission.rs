//! Who is let in, with which code others are refused, and what detection is told.

use std::{thread, time::Duration};

use defender_detect::input::{Refusal, SignalKind};
use defender_hub::{
    endpoint::{Limits, ListenError, Unenrolled},
    identity::{Credential, Directory, Role, SharedKey, password::Hashed},
    intake::What,
};

use crate::{
    client::{Client, Connect, Packet},
    hub::{Hub, LOCALHOST, signal, token, user},
};

fn refused(reason: Refusal) -> SignalKind {
    let source = LOCALHOST;
    SignalKind::Refused { reason, source }
}

#[test]
fn tokens_let_in_and_late_or_forged_ones_do_not() {
    let (hub, address) = Hub::open();
    let key = hub.enrol_key("a");
    let user = user("a");
    let right = token(&key, "a", 60);
    Client::connected(address, &Connect::with("a", &user, &right)).disconnect();
    let late = token(&key, "a", -1);
    assert_eq!(
        Client::refused(address, &Connect::with("a", &user, &late)),
        5
    );
    hub.wait_for("a", refused(Refusal::SasTokenExpired));
    let forger = SharedKey::from_base64("Zm9yZ2Vy").unwrap();
    let forged = token(&forger, "a", 60);
    assert_eq!(
        Client::refused(address, &Connect::with("a", &user, &forged)),
        5
    );
    hub.wait_for("a", refused(Refusal::SasTokenInvalid));
    // A token of another device, though it is signed with a key that both have.
    hub.enrol_key("b");
    let others = token(&key, "b", 60);
    assert_eq!(
        Client::refused(address, &Connect::with("a", &user, &others)),
        5
    );
    // No token.
    assert_eq!(Client::refused(address, &Connect::new("a")), 5);
    assert_eq!(
        Client::refused(address, &Connect::with("a", &user, "secret")),
        4
    );
    // No user name that says who it is.
    assert_eq!(
        Client::refused(address, &Connect::with("a", "//", &right)),
        4
    );
    // No client id, and one that is not the device's.
    assert_eq!(Client::refused(address, &Connect::new("")), 2);
    assert_eq!(Client::refused(address, &Connect::new("a/b")), 2);
    assert_eq!(
        Client::refused(address, &Connect::with("b", &user, &right)),
        2
    );
}

#[test]
fn a_token_that_ends_ends_the_connection() {
    let (hub, address) = Hub::open();
    let key = hub.enrol_key("a");
    let (user, token) = (user("a"), token(&key, "a", 2));
    let mut client = Client::connected(address, &Connect::with("a", &user, &token));
    assert_eq!(client.next(), None);
    assert_eq!(hub.control.statistics().cut_off, 1);
}

#[test]
fn a_device_that_is_removed_is_cut_off() {
    let (hub, address) = Hub::open_with({
        let mut limits = Limits::default();
        limits.reviewed_every = Duration::from_millis(100);
        limits
    });
    let key = hub.enrol_key("a");
    let (user, token) = (user("a"), token(&key, "a", 60));
    let mut client = Client::connected(address, &Connect::with("a", &user, &token));
    let mut other = Client::connected(address, &Connect::new("b"));
    thread::sleep(Duration::from_millis(300));
    client.ping();
    assert_eq!(client.next(), Some(Packet::Pong));
    hub.directory.remove("a").unwrap();
    assert_eq!(client.next(), None);
    other.ping();
    assert_eq!(other.next(), Some(Packet::Pong));
}

#[test]
fn devices_with_the_same_key_are_marked_alike() {
    let (hub, address) = Hub::open();
    // Both have the key `secret`.
    let same = hub.enrol_key("a");
    hub.enrol_key("b");
    let other = SharedKey::make().unwrap();
    let sealed = hub.sealing.seal("c", &other).unwrap();
    hub.enrol("c", Role::Device, Credential::Key(sealed));
    for (id, key) in [("a", &same), ("b", &same), ("c", &other)] {
        let (user, token) = (user(id), token(key, id, 60));
        Client::connected(address, &Connect::with(id, &user, &token)).disconnect();
    }
    let marks = |seen: &[What]| -> Vec<(String, [u64; 2])> {
        let marks = seen.iter().filter_map(|seen| match seen {
            What::Signal {
                device,
                what: SignalKind::Credentials { marks },
            } => Some((device.clone(), *marks)),
            _ => None,
        });
        marks.collect()
    };
    let seen = hub.seen_until(|seen| marks(seen).len() == 3);
    let mut marks = marks(&seen);
    marks.sort_unstable();
    let [(_, a), (_, b), (_, c)] = &marks[..] else {
        panic!("{marks:?}");
    };
    assert!(a == b && a != c && a[0] != 0 && c[0] != 0, "{marks:?}");
}

#[test]
fn passwords_let_in_devices_and_services() {
    let (hub, address) = Hub::open();
    let hash = Hashed::new(b"secret").unwrap();
    hub.enrol("a", Role::Device, Credential::Password(hash));
    hub.enrol_service("audit");
    Client::connected(address, &Connect::with("a", "a", "secret")).disconnect();
    assert_eq!(
        Client::refused(address, &Connect::with("a", "a", "Secret")),
        4
    );
    hub.wait_for("a", refused(Refusal::Unauthorized));
    let mut service = Client::connected(address, &Connect::with("w-1", "audit", "secret"));
    assert_eq!(service.subscribe(&["devices/+/messages/events/#"]), [1]);
    // A service is no device.
    assert_eq!(service.subscribe(&["$iothub/methods/POST/#"]), [0x80]);
    assert_eq!(
        Client::refused(address, &Connect::with("w-1", "audit", "wrong")),
        4
    );
}

#[test]
fn who_is_not_enrolled_is_refused_where_that_is_asked_for() {
    let mut hub = Hub::new(Limits::default());
    hub.keep();
    let address = hub.listen(Unenrolled::Refused);
    for _ in 0..3 {
        assert_eq!(Client::refused(address, &Connect::new("stranger")), 5);
    }
    assert_eq!(Client::refused(address, &Connect::new("other")), 5);
    // It is the hub that sees them: no device of such a name is made up.
    hub.wait_for("", refused(Refusal::UnknownDevice));
    let strangers = hub.control.strangers();
    assert_eq!(strangers.len(), 2);
    assert_eq!(
        (strangers[0].name.as_str(), strangers[0].count),
        ("stranger", 3)
    );
    let statistics = hub.control.statistics();
    assert_eq!(statistics.strangers, 4);
    assert_eq!(statistics.refused["unknown"], 4);
}

#[test]
fn nobody_takes_the_name_of_an_enrolled_device_on_this_machine() {
    let (hub, address) = Hub::open();
    hub.enrol_key("a");
    assert_eq!(Client::refused(address, &Connect::new("a")), 5);
    // Under a user name that nobody has.
    assert_eq!(
        Client::refused(address, &Connect::with("a", "nobody", "x")),
        5
    );
    Client::connected(address, &Connect::with("b", "nobody", "x")).disconnect();
}

#[test]
fn without_tls_the_endpoint_is_for_this_machine_alone() {
    let hub = Hub::new(Limits::default());
    let mut server = defender_hub::endpoint::Server::new(
        hub.directory.clone(),
        hub.sealing.clone(),
        defender_hub::intake::Intake::new(1).0,
        Limits::default(),
    );
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
        let listening = server.listen(address.parse().unwrap(), Unenrolled::Refused);
        let refused = hub.runtime.block_on(listening);
        assert!(
            matches!(refused, Err(ListenError::NotLoopback(_))),
            "{address}"
        );
    }
}

#[test]
fn another_version_of_the_protocol_is_refused_as_such() {
    let (_hub, address) = Hub::open();
    let mut client = Client::open(address);
    let mut connect = Connect::new("a").bytes();
    connect[8] = 5;
    client.send(&connect);
    let refused = Packet::ConnAck {
        is_present: false,
        code: 1,
    };
    assert_eq!(client.next(), Some(refused));
    assert_eq!(client.next(), None);
}

#[test]
fn the_newer_connection_takes_over() {
    let (hub, address) = Hub::open();
    let topic = format!("devices/a/messages/events/{}", crate::hub::OURS);
    let mut older = Client::connected(address, &Connect::new("a"));
    older.publish(&topic, b"1", Some(1));
    assert_eq!(older.next(), Some(Packet::PubAck(1)));
    let mut newer = Client::connected(address, &Connect::new("a"));
    assert_eq!(older.next(), None);
    newer.publish(&topic, b"2", Some(1));
    assert_eq!(newer.next(), Some(Packet::PubAck(1)));
    // In this order: it went, and came again.
    let source = LOCALHOST;
    let connected = signal("a", SignalKind::Connected { source });
    let is_second = |seen: &[_]| seen.iter().filter(|what| **what == connected).count() == 2;
    let seen = hub.seen_until(is_second);
    let gone = signal("a", SignalKind::Disconnected);
    let at = seen.iter().position(|what| *what == gone).unwrap();
    assert!(is_second(&seen) && !is_second(&seen[..at]));
    drop(newer);
    hub.seen_until(|seen| seen.iter().filter(|what| **what == gone).count() == 2);
}
