//! Clients that do what none should: they are cut off, and others are served.

use std::{
    io::Write,
    net::SocketAddr,
    thread,
    time::{Duration, Instant},
};

use defender_detect::input::{Refusal, SignalKind};
use defender_hub::endpoint::{Limits, Unenrolled};

use crate::{
    client::{Client, Connect, Packet, packet, publish},
    hub::{Hub, LOCALHOST, OURS, signal},
};

/// A message goes through, within a time in which a person would not notice.
fn is_served(address: SocketAddr) {
    let begun = Instant::now();
    let mut client = Client::connected(address, &Connect::new("honest"));
    client.publish("devices/honest/messages/events/", b"x", Some(1));
    assert_eq!(client.next(), Some(Packet::PubAck(1)));
    client.disconnect();
    assert!(
        begun.elapsed() < Duration::from_secs(5),
        "{:?}",
        begun.elapsed()
    );
}

#[test]
fn what_is_no_mqtt_ends_the_connection() {
    let (_hub, address) = Hub::open();
    let huge = packet(0x30, &vec![0; 400_000]);
    let before: &[&[u8]] = &[
        b"GET / HTTP/1.1\r\n\r\n",
        &[0; 100],
        &[0xFF; 100],
        // A length of five bytes, a CONNECT of a megabyte, a message before it.
        &[0x10, 0xFF, 0xFF, 0xFF, 0xFF, 0x01],
        &[0x10, 0x80, 0x80, 0x40],
        &publish("devices/a/messages/events/", b"x", Some(1)),
    ];
    for bytes in before {
        let mut client = Client::open(address);
        client.send(bytes);
        assert_eq!(client.next(), None, "{bytes:?}");
    }
    let after: &[&[u8]] = &[
        &Connect::new("a").bytes(),
        // CONNACK, a packet that is none, PUBLISH with QoS 3, without an id, with id 0, with a wildcard, with broken text.
        &[0x20, 2, 0, 0],
        &[0x00, 0],
        &[0x36, 4, 0, 1, b'x', 0],
        &[0x32, 3, 0, 1, b'x'],
        &[0x32, 5, 0, 1, b'x', 0, 0],
        &[0x30, 3, 0, 1, b'#'],
        &[0x30, 3, 0, 1, 0xFF],
        // SUBSCRIBE without filters, and UNSUBSCRIBE that is cut.
        &[0x82, 2, 0, 1],
        &[0xA2, 4, 0, 1, 0, 9],
        &huge,
    ];
    for bytes in after {
        let mut client = Client::connected(address, &Connect::new("a"));
        client.send(bytes);
        assert_eq!(client.next(), None, "{:?}", &bytes[..bytes.len().min(20)]);
    }
    is_served(address);
}

#[test]
fn packets_may_come_in_pieces_and_together() {
    let (_hub, address) = Hub::open();
    let mut client = Client::open(address);
    let mut bytes = Connect::new("a").bytes();
    let topic = "devices/a/messages/events/";
    for id in 1..=3 {
        bytes.extend(publish(topic, &vec![b'x'; 300], Some(id)));
    }
    for piece in bytes.chunks(7) {
        client.send(piece);
    }
    client.send(
        &(4..=9)
            .flat_map(|id| publish(topic, b"", Some(id)))
            .collect::<Vec<_>>(),
    );
    assert!(matches!(
        client.next(),
        Some(Packet::ConnAck { code: 0, .. })
    ));
    for id in 1..=9 {
        assert_eq!(client.next(), Some(Packet::PubAck(id)));
    }
}

#[test]
fn a_flood_waits_and_others_are_served() {
    let (hub, address) = Hub::open();
    let topic = format!("devices/flood/messages/events/{OURS}");
    let mut flood = Client::connected(address, &Connect::new("flood"));
    let mut writer = flood.0.try_clone().unwrap();
    // 10,000 messages, as fast as they go.
    let sender = thread::spawn(move || {
        let messages: Vec<u8> = (0..10_000_u32)
            .flat_map(|number| publish(&topic, &[0; 100], Some((number % 60_000) as u16 + 1)))
            .collect();
        let _ = writer.write_all(&messages);
    });
    let begun = Instant::now();
    let mut acknowledged = 0;
    while acknowledged < 4000 {
        assert!(matches!(flood.next(), Some(Packet::PubAck(_))));
        acknowledged += 1;
        if acknowledged % 1000 == 0 {
            is_served(address);
        }
    }
    // 2,000 at once, and 1,000 a second from then on.
    assert!(begun.elapsed() >= Duration::from_millis(1900));
    assert!(hub.control.statistics().messages < 10_000);
    drop(flood);
    sender.join().unwrap();
}

#[test]
fn those_who_say_nothing_harm_nobody() {
    let mut hub = Hub::new({
        let mut limits = Limits::default();
        limits.introduced_within = Duration::from_secs(2);
        limits.newcomers_of_address = 50;
        limits
    });
    hub.keep();
    let address = hub.listen(Unenrolled::Admitted);
    // Some say nothing, some a part of CONNECT.
    let mut stalled: Vec<_> = (0..48).map(|_| Client::open(address)).collect();
    for client in stalled.iter_mut().step_by(2) {
        client.send(&Connect::new("stalled").bytes()[..9]);
    }
    is_served(address);
    // More of them than one address may have are closed at once.
    let mut more: Vec<_> = (0..10).map(|_| Client::open(address)).collect();
    let begun = Instant::now();
    assert!(more.iter_mut().filter_map(Client::next).next().is_none());
    assert!(stalled.iter_mut().filter_map(Client::next).next().is_none());
    assert!(begun.elapsed() < Duration::from_secs(20));
    is_served(address);
    assert!(hub.control.statistics().turned_away >= 50);
}

#[test]
fn a_reader_that_is_too_slow_is_cut_off() {
    let (hub, address) = Hub::open_with({
        let mut limits = Limits::default();
        limits.taken_within = Duration::from_secs(1);
        limits.bytes_to_service = 4 << 20;
        limits
    });
    let mut slow = Client::connected(address, &Connect::new("slow"));
    assert_eq!(slow.subscribe(&["devices/+/messages/events/#"]), [1]);
    // It never reads, until there is more for it than there may be.
    let mut device = Client::connected(address, &Connect::new("a"));
    let payload = vec![b'x'; 200_000];
    let begun = Instant::now();
    for id in 1..=200 {
        device.publish("devices/a/messages/events/", &payload, Some(id));
        assert_eq!(device.next(), Some(Packet::PubAck(id)));
    }
    while hub.control.is_connected("slow") {
        assert!(begun.elapsed() < Duration::from_secs(50));
        thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(hub.control.statistics().cut_off, 1);
    is_served(address);
}

#[test]
fn so_many_connections_and_no_more() {
    let (hub, address) = Hub::open_with({
        let mut limits = Limits::default();
        limits.connections = 5;
        limits
    });
    let names = ["1", "2", "3", "4", "5"];
    let clients = names.map(|name| Client::connected(address, &Connect::new(name)));
    assert_eq!(Client::open(address).next(), None);
    drop(clients);
    while hub.control.statistics().connections > 0 {
        thread::sleep(Duration::from_millis(5));
    }
    is_served(address);
}

#[test]
fn many_names_are_refused_and_the_most_frequent_known() {
    let mut hub = Hub::new(Limits::default());
    hub.keep();
    let address = hub.listen(Unenrolled::Refused);
    const NAMES: usize = 3000;
    for number in 0..NAMES {
        let name = match number % 3 {
            0 => "persistent".to_owned(),
            _ => format!("name-{number}"),
        };
        assert_eq!(Client::refused(address, &Connect::new(&name)), 5);
    }
    let statistics = hub.control.statistics();
    assert_eq!(statistics.strangers, NAMES as u64);
    assert_eq!(hub.control.strangers()[0].name, "persistent");
    assert!(hub.control.strangers().len() <= 128);
    assert_eq!(statistics.sessions, 0);
    // Detection is told of so many, of the hub itself, and of no device.
    let (reason, source) = (Refusal::UnknownDevice, LOCALHOST);
    let told = signal("", SignalKind::Refused { reason, source });
    let seen = hub.seen_until(|seen| !seen.is_empty());
    assert!(seen.iter().all(|what| *what == told));
    assert_eq!(hub.count(&told) + statistics.unsignalled as usize, NAMES);
}
