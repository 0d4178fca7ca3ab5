//! A device uses its own topics, and no others.

use std::{thread, time::Duration};

use defender_detect::input::{SignalKind, Transport};
use serde_json::{Value, json};

use crate::{
    client::{Client, Connect, Packet, packet},
    hub::{Hub, LOCALHOST, signal},
};

const FAILURE: u8 = 0x80;

#[test]
fn a_device_that_tries_anothers_topics_is_cut_off_and_told_of() {
    for topic in [
        "devices/b/messages/events/",
        "devices/a/modules/m/messages/events/",
        "devices//messages/events/",
        "$iothub/twin/PATCH/properties/desired/?$rid=1",
        "$SYS/broker",
        "anything",
    ] {
        let (hub, address) = Hub::open();
        let mut client = Client::connected(address, &Connect::new("a"));
        client.publish(topic, b"", Some(1));
        assert_eq!(client.next(), None, "{topic}");
        let source = LOCALHOST;
        hub.wait_for("a", SignalKind::UnauthorizedOperation { source });
        // And nobody has sent anything.
        let seen = hub.seen_until(|seen| seen.contains(&signal("a", SignalKind::Disconnected)));
        assert_eq!(seen.len(), 3, "{seen:?}");
    }
}

#[test]
fn subscriptions_to_what_is_anothers_fail() {
    let (hub, address) = Hub::open();
    let key = hub.enrol_key("a");
    let (user, token) = (crate::hub::user("a"), crate::hub::token(&key, "a", 60));
    let mut client = Client::connected(address, &Connect::with("a", &user, &token));
    let codes = client.subscribe(&[
        "devices/a/messages/devicebound/#",
        "devices/b/messages/devicebound/#",
        "devices/+/messages/devicebound/#",
        "devices/+/messages/events/#",
        "devices/a/messages/events/#",
        "#",
        "$iothub/methods/POST/#",
        "$iothub/#",
    ]);
    let f = FAILURE;
    assert_eq!(codes, [1, f, f, f, f, f, 1, f]);
    let source = LOCALHOST;
    hub.wait_for("a", SignalKind::UnauthorizedOperation { source });
}

#[test]
fn a_will_for_anothers_topic_is_refused() {
    let (_hub, address) = Hub::open();
    for topic in [
        "devices/b/messages/events/",
        "$iothub/twin/GET/?$rid=1",
        "x",
    ] {
        let mut connect = Connect::new("a");
        connect.will = Some((topic, b""));
        assert_eq!(Client::refused(address, &connect), 5, "{topic}");
    }
}

#[test]
fn nothing_is_retained_and_nothing_goes_from_device_to_device() {
    let (_hub, address) = Hub::open();
    let mut device = Client::connected(address, &Connect::new("a"));
    // PUBLISH with QoS 1 that is to be retained.
    let topic = b"\0\x1adevices/a/messages/events/\0\x01payload";
    device.send(&packet(0x33, topic));
    assert_eq!(device.next(), Some(Packet::PubAck(1)));
    let mut watcher = Client::connected(address, &Connect::new("w"));
    assert_eq!(watcher.subscribe(&["devices/+/messages/events/#"]), [1]);
    watcher.ping();
    // Not the message from before.
    assert_eq!(watcher.next(), Some(Packet::Pong));
    device.publish("devices/a/messages/events/", b"2", Some(2));
    let (topic, payload, id, _) = watcher.message();
    assert_eq!(topic, "devices/a/messages/events/");
    assert_eq!((payload.as_slice(), id), (&b"2"[..], Some(1)));
}

#[test]
fn exactly_once_is_not_spoken() {
    let (_hub, address) = Hub::open();
    let mut client = Client::connected(address, &Connect::new("a"));
    client.send(&packet(
        0x34,
        b"\0\x1adevices/a/messages/events/\0\x01payload",
    ));
    assert_eq!(client.next(), None);
}

#[test]
fn a_twin_is_got_and_changed() {
    let (hub, address) = Hub::open();
    let mut client = Client::connected(address, &Connect::new("a"));
    let filters = [
        "$iothub/twin/res/#",
        "$iothub/twin/PATCH/properties/desired/#",
    ];
    assert_eq!(client.subscribe(&filters), [1, 1]);
    let reported = "$iothub/twin/PATCH/properties/reported/?$rid=r1";
    client.publish(reported, br#"{"temperature":20}"#, None);
    assert_eq!(
        client.message().0,
        "$iothub/twin/res/204/?$rid=r1&$version=2"
    );
    client.publish(
        "$iothub/twin/PATCH/properties/reported/?$rid=r2",
        b"no JSON",
        None,
    );
    assert_eq!(client.message().0, "$iothub/twin/res/400/?$rid=r2");
    let desire = |patch: &'static [u8]| hub.runtime.block_on(hub.control.desire("a", patch));
    assert_eq!(desire(br#"{"interval":5}"#), Ok(2));
    let (topic, payload, ..) = client.message();
    assert_eq!(topic, "$iothub/twin/PATCH/properties/desired/?$version=2");
    let told: Value = serde_json::from_slice(&payload).unwrap();
    assert_eq!(told, json!({"interval": 5, "$version": 2}));
    client.publish("$iothub/twin/GET/?$rid=r3", b"", None);
    let (topic, payload, ..) = client.message();
    assert_eq!(topic, "$iothub/twin/res/200/?$rid=r3");
    let twin: Value = serde_json::from_slice(&payload).unwrap();
    let expected = json!({
        "desired": {"interval": 5, "$version": 2},
        "reported": {"temperature": 20, "$version": 2},
    });
    assert_eq!(twin, expected);
    let update = signal("a", SignalKind::TwinUpdate);
    hub.seen_until(|seen| seen.iter().filter(|what| **what == update).count() == 2);
}

#[test]
fn a_method_is_invoked_and_answered() {
    let (hub, address) = Hub::open();
    let mut client = Client::connected(address, &Connect::new("a"));
    let control = hub.control.clone();
    let within = Duration::from_secs(30);
    let invoke = move |within| {
        let control = control.clone();
        async move { control.invoke("a", "reboot", "now".into(), within).await }
    };
    // It does not listen yet.
    assert!(hub.runtime.block_on(invoke(within)).is_err());
    assert_eq!(client.subscribe(&["$iothub/methods/POST/#"]), [1]);
    let answer = hub.runtime.spawn(invoke(within));
    let (topic, payload, ..) = client.message();
    assert_eq!(payload, b"now");
    let request = topic
        .strip_prefix("$iothub/methods/POST/reboot/?$rid=")
        .unwrap();
    // Nobody has asked for this one.
    client.publish("$iothub/methods/res/500/?$rid=999999", b"", None);
    client.publish(
        &format!("$iothub/methods/res/202/?$rid={request}"),
        b"done",
        None,
    );
    let answer = hub.runtime.block_on(answer).unwrap().unwrap();
    assert_eq!(
        (answer.status, answer.payload.as_ref()),
        (202, &b"done"[..])
    );
    hub.wait_for("a", SignalKind::DirectMethod);
    let late = hub.runtime.block_on(invoke(Duration::from_millis(50)));
    assert!(late.unwrap_err().to_string().contains("in time"));
}

#[test]
fn a_service_sends_to_a_device() {
    let (hub, address) = Hub::open();
    let mut device = Client::connected(address, &Connect::new("a"));
    assert_eq!(device.subscribe(&["devices/a/messages/devicebound/#"]), [1]);
    let mut service = Client::connected(address, &Connect::new("service"));
    service.publish(
        "devices/a/messages/devicebound/colour=blue",
        b"hello",
        Some(1),
    );
    assert_eq!(service.next(), Some(Packet::PubAck(1)));
    let (topic, payload, id, is_again) = device.message();
    assert_eq!((payload.as_slice(), is_again), (&b"hello"[..], false));
    assert!(topic.starts_with("devices/a/messages/devicebound/") && topic.ends_with("colour=blue"));
    device.acknowledge(id.unwrap());
    let transport = Transport::Mqtt;
    hub.wait_for("a", SignalKind::CloudToDevice { transport });
    // One that nobody is.
    service.publish("devices/nobody/messages/devicebound/", b"hello", Some(2));
    assert_eq!(service.next(), None);
    thread::sleep(Duration::from_millis(50));
    device.ping();
    assert_eq!(device.next(), Some(Packet::Pong));
}
