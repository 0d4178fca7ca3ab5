//! What the hub keeps for clients that are away.

use std::{thread, time::Duration};

use bytes::Bytes;
use defender_detect::SignalKind;
use defender_hub::endpoint::{Limits, SendError};

use crate::{
    client::{Client, Connect, Packet},
    hub::{Hub, LOCALHOST, signal, token, user},
};

const TO_A: &str = "devices/a/messages/devicebound/#";
const ALL: &str = "devices/+/messages/events/#";

fn send(hub: &Hub, payload: &'static str) -> Result<(), SendError> {
    let payload = Bytes::from_static(payload.as_bytes());
    hub.runtime.block_on(hub.control.send("a", payload))
}

/// A device that comes back, and whether its session is present.
fn back(address: std::net::SocketAddr) -> (Client, bool) {
    let mut client = Client::open(address);
    let (is_present, code) = client.connect(&Connect::new("a").kept());
    assert_eq!(code, 0);
    (client, is_present)
}

#[test]
fn a_device_gets_again_what_it_has_not_acknowledged() {
    let (hub, address) = Hub::open();
    let (mut device, is_present) = back(address);
    assert!(!is_present);
    assert_eq!(device.subscribe(&[TO_A]), [1]);
    for payload in ["1", "2"] {
        send(&hub, payload).unwrap();
    }
    let (_, payload, first, is_again) = device.message();
    assert_eq!((payload.as_slice(), is_again), (&b"1"[..], false));
    assert_eq!(device.message().1, b"2");
    device.acknowledge(first.unwrap());
    device.ping();
    assert_eq!(device.next(), Some(Packet::Pong));
    drop(device);
    while hub.control.is_connected("a") {
        thread::sleep(Duration::from_millis(5));
    }
    // Sent while it is away.
    send(&hub, "3").unwrap();
    let (mut device, is_present) = back(address);
    assert!(is_present);
    let (_, payload, _, is_again) = device.message();
    assert_eq!((payload.as_slice(), is_again), (&b"2"[..], true));
    let (_, payload, _, is_again) = device.message();
    assert_eq!((payload.as_slice(), is_again), (&b"3"[..], false));
    // A clean session begins without subscriptions.
    drop(device);
    let mut client = Client::open(address);
    assert_eq!(client.connect(&Connect::new("a")), (false, 0));
    client.ping();
    assert_eq!(client.next(), Some(Packet::Pong));
}

#[test]
fn messages_wait_for_an_enrolled_device_that_never_came_and_so_many_do() {
    let (hub, address) = Hub::open();
    let key = hub.enrol_key("a");
    let most = Limits::default().messages_to_device;
    for _ in 0..most {
        send(&hub, "x").unwrap();
    }
    assert_eq!(send(&hub, "x"), Err(SendError::Full("a".into())));
    let large = Bytes::from(vec![0; 65_537]);
    let sent = hub.runtime.block_on(hub.control.send("a", large));
    assert_eq!(sent, Err(SendError::TooLarge));
    let nobody = hub.runtime.block_on(hub.control.send("b", Bytes::new()));
    assert_eq!(nobody, Err(SendError::Unknown("b".into())));
    let (user, token) = (user("a"), token(&key, "a", 60));
    let mut device = Client::connected(address, &Connect::with("a", &user, &token));
    assert_eq!(device.subscribe(&[TO_A]), [1]);
    for _ in 0..most {
        let id = device.message().2;
        device.acknowledge(id.unwrap());
    }
    device.ping();
    assert_eq!(device.next(), Some(Packet::Pong));
}

#[test]
fn a_watcher_with_a_session_misses_nothing() {
    let (hub, address) = Hub::open();
    let watch = |is_expected| {
        let mut watcher = Client::open(address);
        let (is_present, _) = watcher.connect(&Connect::new("audit").kept());
        assert_eq!(is_present, is_expected);
        watcher
    };
    let mut watcher = watch(false);
    assert_eq!(watcher.subscribe(&[ALL]), [1]);
    drop(watcher);
    while hub.control.is_connected("audit") {
        thread::sleep(Duration::from_millis(5));
    }
    let mut device = Client::connected(address, &Connect::new("a"));
    for id in 1..=30 {
        device.publish("devices/a/messages/events/", &[id as u8], Some(id));
        assert_eq!(device.next(), Some(Packet::PubAck(id)));
    }
    let mut watcher = watch(true);
    for id in 1..=30 {
        assert_eq!(watcher.message().1, [id]);
    }
}

#[test]
fn who_throws_out_another_of_its_name_is_told() {
    let (hub, address) = Hub::open();
    let key = hub.enrol_key("a");
    let taken_over = SignalKind::TakenOver { source: LOCALHOST };
    let (user, token) = (user("a"), token(&key, "a", 60));
    let connect = Connect::with("a", &user, &token);
    let mut first = Client::connected(address, &connect);
    let mut second = Client::connected(address, &connect);
    assert_eq!(first.next(), None);
    hub.wait_for("a", taken_over);
    // One that says farewell has not been thrown out.
    second.ping();
    assert_eq!(second.next(), Some(Packet::Pong));
    second.disconnect();
    while hub.control.is_connected("a") {
        thread::sleep(Duration::from_millis(5));
    }
    Client::connected(address, &connect).disconnect();
    while hub.control.is_connected("a") {
        thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(hub.count(&signal("a", taken_over)), 1);
}
