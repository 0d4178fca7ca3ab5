//! Messages of devices: acknowledged when they are kept, and seen by those who watch.

use std::{
    thread,
    time::{Duration, Instant},
};

use defender_detect::input::{SignalKind, Transport};
use defender_hub::{
    endpoint::{Limits, Unenrolled},
    intake::What,
    mqtt::{Endpoint, Publisher, PublisherOptions, Subscription, SubscriptionOptions, Update},
};

use crate::{
    client::{Client, Connect, Packet},
    hub::{Hub, LOCALHOST, OURS, signal},
};

fn own(id: &str) -> String {
    format!("devices/{id}/messages/events/{OURS}")
}

#[test]
fn a_message_is_acknowledged_when_it_is_kept_and_not_before() {
    let mut hub = Hub::new(Limits::default());
    let address = hub.listen(Unenrolled::Admitted);
    let mut client = Client::connected(address, &Connect::new("a"));
    for id in 1..=3 {
        client.publish(&own("a"), &[id as u8], Some(id));
    }
    let (first, keep_first) = hub.report();
    let (second, keep_second) = hub.report();
    assert_eq!((first.as_ref(), second.as_ref()), (&[1][..], &[2][..]));
    // The second is kept, but the first is not: acknowledgements are in order, and say nothing too early.
    keep_second.unwrap().send(()).unwrap();
    client.ping();
    assert_eq!(client.next(), Some(Packet::Pong));
    keep_first.unwrap().send(()).unwrap();
    assert_eq!(client.next(), Some(Packet::PubAck(1)));
    assert_eq!(client.next(), Some(Packet::PubAck(2)));
    // The third cannot be kept: it is not acknowledged, and the client is told by the end of the connection.
    let (_, keep_third) = hub.report();
    drop(keep_third);
    assert_eq!(client.next(), None);
}

#[test]
fn a_device_of_ours_reports_and_a_watcher_of_ours_sees_it() {
    let (hub, address) = Hub::open();
    let endpoint = Endpoint::loopback(address.port());
    let options = SubscriptionOptions::default();
    let mut watcher = Subscription::open(&endpoint, &options).unwrap();
    assert_eq!(watcher.refused().len(), 0);
    let id = "sensor-7".parse().unwrap();
    let device = Publisher::connect(&endpoint, &id, PublisherOptions::default()).unwrap();
    device.publish(&own("sensor-7"), b"message").unwrap();
    let Update::Message(arrival) = watcher.next_update().unwrap() else {
        panic!("no message");
    };
    assert_eq!(arrival.payload, b"message");
    assert_eq!(arrival.sender.as_ref(), "sensor-7");
    drop(device);
    let source = LOCALHOST;
    let seen = hub.seen_until(|seen| seen.len() >= 3);
    let report = What::Report {
        device: "sensor-7".into(),
        payload: "message".into(),
    };
    // The watcher is no device: nothing is said of it.
    assert_eq!(
        seen,
        [
            signal("sensor-7", SignalKind::Connected { source }),
            report,
            signal("sensor-7", SignalKind::Disconnected),
        ]
    );
}

#[test]
fn what_is_no_security_message_is_a_message_nevertheless() {
    let (hub, address) = Hub::open();
    let mut client = Client::connected(address, &Connect::new("a"));
    client.publish("devices/a/messages/events/kind=uptime", b"{}", Some(1));
    assert_eq!(client.next(), Some(Packet::PubAck(1)));
    let transport = Transport::Mqtt;
    hub.wait_for("a", SignalKind::DeviceToCloud { transport });
}

#[test]
fn a_will_is_a_message_and_a_farewell_takes_it_back() {
    let (hub, address) = Hub::open();
    let topic = own("a");
    let mut connect = Connect::new("a");
    connect.will = Some((&topic, b"will"));
    let mut client = Client::connected(address, &connect);
    client.publish(&topic, b"1", Some(1));
    assert_eq!(client.next(), Some(Packet::PubAck(1)));
    client.disconnect();
    let gone = signal("a", SignalKind::Disconnected);
    hub.seen_until(|seen| seen.contains(&gone));
    let mut client = Client::connected(address, &connect);
    client.publish(&topic, b"1", Some(1));
    assert_eq!(client.next(), Some(Packet::PubAck(1)));
    let will = What::Report {
        device: "a".into(),
        payload: "will".into(),
    };
    assert_eq!(hub.count(&will), 0);
    drop(client);
    hub.seen_until(|seen| seen.contains(&will));
}

#[test]
fn when_the_hub_stops_what_the_journal_has_is_acknowledged() {
    let mut hub = Hub::new(Limits::default());
    let address = hub.listen(Unenrolled::Admitted);
    let mut client = Client::connected(address, &Connect::new("a"));
    client.publish(&own("a"), b"1", Some(1));
    let (_, keep) = hub.report();
    let journal = thread::spawn(move || {
        thread::sleep(Duration::from_millis(300));
        keep.unwrap().send(()).unwrap();
    });
    let begun = Instant::now();
    hub.stop();
    assert!(begun.elapsed() < Duration::from_secs(9));
    assert_eq!(client.next(), Some(Packet::PubAck(1)));
    assert_eq!(client.next(), None);
    journal.join().unwrap();
}

#[test]
fn a_client_that_is_silent_for_too_long_is_cut_off() {
    let (hub, address) = Hub::open();
    let mut connect = Connect::new("a");
    connect.keep_alive = 1;
    let mut client = Client::connected(address, &connect);
    let begun = Instant::now();
    for _ in 0..4 {
        thread::sleep(Duration::from_millis(700));
        client.ping();
        assert_eq!(client.next(), Some(Packet::Pong));
    }
    assert_eq!(client.next(), None);
    assert!(begun.elapsed() >= Duration::from_millis(4 * 700 + 1400));
    assert_eq!(hub.control.statistics().cut_off, 1);
}
