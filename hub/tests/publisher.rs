//! The device's side against brokers that acknowledge late, or not at all, or go away.

#[path = "support/peer.rs"]
mod peer;

use std::{
    net::TcpListener,
    thread,
    time::{Duration, Instant},
};

use defender_hub::mqtt::{
    DeviceId, Endpoint, Failure, HubError, PublishError, Publisher, PublisherOptions, Rejection,
};
use peer::{Packet, Peer, listen};

fn device() -> DeviceId {
    "dev1".parse().unwrap()
}

fn endpoint(url: &str) -> Endpoint {
    Endpoint::new(url.parse().unwrap(), None).unwrap()
}

fn connect(url: &str, patience: Duration) -> Publisher {
    let options = PublisherOptions::default().acknowledged_within(patience);
    Publisher::connect(&endpoint(url), &device(), options).unwrap()
}

/// The packet id and payload of the next message.
fn message(peer: &mut Peer) -> Option<(u16, Vec<u8>)> {
    match peer.next()? {
        Packet::Publish { id, payload, .. } => Some((id, payload)),
        Packet::Disconnect => None,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_message_is_taken_when_the_hub_acknowledges_it_and_not_before() {
    let (listener, url) = listen();
    let hub = thread::spawn(move || {
        let (mut peer, introduction) = Peer::accept(&listener);
        assert_eq!(introduction.client_id, "dev1");
        peer.accept_connection(false);
        let (id, _) = message(&mut peer).unwrap();
        peer.acknowledge(id);
        // The second message is read, but the hub goes away before it acknowledges it.
        assert_eq!(message(&mut peer).unwrap().1, b"2");
        drop(peer);
        let mut peer = Peer::connected(&listener);
        let (id, payload) = message(&mut peer).unwrap();
        peer.acknowledge(id);
        assert!(message(&mut peer).is_none(), "no farewell");
        payload
    });
    let publisher = connect(&url, Duration::from_secs(60));
    assert_eq!(publisher.publish("t", b"1"), Ok(()));
    assert_eq!(
        publisher.publish("t", b"2"),
        Err(PublishError::NotConnected)
    );
    // Until the connection is back, and then it is taken.
    assert!(publisher.wait_connected(Duration::from_secs(60)));
    assert_eq!(publisher.publish("t", b"2"), Ok(()));
    drop(publisher);
    assert_eq!(hub.join().unwrap(), b"2");
}

#[test]
fn late_acknowledgements_are_taken_and_nothing_is_published_twice() {
    const LATE: Duration = Duration::from_millis(300);
    let (listener, url) = listen();
    let hub = thread::spawn(move || {
        let mut peer = Peer::connected(&listener);
        let mut got = Vec::new();
        while let Some((id, payload)) = message(&mut peer) {
            got.push(payload);
            thread::sleep(LATE);
            peer.acknowledge(id);
        }
        got
    });
    // A device asks again and again.
    let publisher = connect(&url, LATE / 10);
    for payload in [b"1", b"2", b"3"] {
        let begun = Instant::now();
        let mut tries = 0;
        while let Err(error) = publisher.publish("t", payload) {
            assert_eq!(error, PublishError::NotAcknowledged);
            tries += 1;
            assert!(begun.elapsed() < Duration::from_secs(60));
            thread::sleep(LATE / 30);
        }
        assert!(!publisher.is_stalled());
        assert!(tries > 0 && begun.elapsed() >= LATE / 2);
    }
    drop(publisher);
    assert_eq!(hub.join().unwrap(), [b"1", b"2", b"3"]);
}

/// As long as five and a half seconds, which was once the end of all patience.
#[test]
fn a_slow_hub_is_waited_for() {
    let (listener, url) = listen();
    let hub = thread::spawn(move || {
        let mut peer = Peer::connected(&listener);
        let (id, _) = message(&mut peer).unwrap();
        thread::sleep(Duration::from_millis(5500));
        peer.acknowledge(id);
        assert!(message(&mut peer).is_none());
    });
    let publisher = Publisher::connect(&endpoint(&url), &device(), PublisherOptions::default());
    let publisher = publisher.unwrap();
    assert_eq!(publisher.publish("t", b"1"), Ok(()));
    drop(publisher);
    hub.join().unwrap();
}

#[test]
fn an_acknowledgement_of_another_message_is_none() {
    let (listener, url) = listen();
    let hub = thread::spawn(move || {
        let mut peer = Peer::connected(&listener);
        let first = message(&mut peer).unwrap();
        let second = message(&mut peer).unwrap();
        peer.acknowledge(first.0);
        thread::sleep(Duration::from_millis(200));
        peer.acknowledge(second.0);
        while message(&mut peer).is_some() {}
    });
    let publisher = connect(&url, Duration::from_millis(100));
    let not_acknowledged = Err(PublishError::NotAcknowledged);
    assert_eq!(publisher.publish("t", b"1"), not_acknowledged);
    assert_eq!(publisher.publish("t", b"2"), not_acknowledged);
    assert!(publisher.is_connected() && publisher.is_stalled());
    let begun = Instant::now();
    while publisher.publish("t", b"2").is_err() {
        assert!(begun.elapsed() < Duration::from_secs(60));
        thread::sleep(Duration::from_millis(5));
    }
    drop(publisher);
    hub.join().unwrap();
}

#[test]
fn a_hub_that_goes_away_each_time_is_tried_ever_less_often() {
    let (listener, url) = listen();
    let hub = thread::spawn(move || {
        let begun = Instant::now();
        let mut times = Vec::new();
        for _ in 0..4 {
            drop(Peer::connected(&listener));
            times.push(begun.elapsed());
        }
        times
    });
    let publisher = connect(&url, Duration::from_secs(1));
    let times = hub.join().unwrap();
    let pauses: Vec<_> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    for (pause, least) in pauses.iter().zip([500, 1000, 2000]) {
        assert!(*pause >= Duration::from_millis(least), "{pauses:?}");
    }
    drop(publisher);
}

#[test]
fn where_no_hub_is_nobody_connects() {
    // Bound and dropped: nobody listens there now.
    let port = TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .unwrap()
        .port();
    let hub = Endpoint::loopback(port);
    let error = Publisher::connect(&hub, &device(), PublisherOptions::default());
    let error = error.err().unwrap();
    assert!(
        matches!(
            &error,
            HubError::Connecting {
                failure: Failure::Unreachable(_),
                ..
            }
        ),
        "{error:?}"
    );
    assert!(
        error
            .to_string()
            .starts_with(&format!("cannot connect to {hub}: ")),
        "{error}"
    );
}

#[test]
fn hubs_that_refuse_say_why() {
    for (code, expected) in [
        (1, Rejection::Version),
        (2, Rejection::ClientId),
        (3, Rejection::Unavailable),
        (4, Rejection::Credentials),
        (5, Rejection::NotAuthorized),
    ] {
        let (listener, url) = listen();
        let hub = thread::spawn(move || {
            let (mut peer, _) = Peer::accept(&listener);
            peer.send(&[0x20, 2, 0, code]);
        });
        let error = Publisher::connect(&endpoint(&url), &device(), PublisherOptions::default());
        match error.err().unwrap() {
            HubError::Connecting {
                failure: Failure::Rejected(rejection),
                ..
            } => assert_eq!(rejection, expected),
            other => panic!("{other:?}"),
        }
        hub.join().unwrap();
    }
}

#[test]
fn what_is_no_hub_is_understood() {
    for (answer, expected) in [
        (&b""[..], "closed the connection before it was accepted"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "does not speak MQTT"),
        // As a port for TLS answers.
        (&[0x15, 3, 1, 0, 2, 2, 70], "does not speak MQTT"),
    ] {
        let (listener, url) = listen();
        let hub = thread::spawn(move || {
            let (mut peer, _) = Peer::accept(&listener);
            peer.send(answer);
        });
        let error = Publisher::connect(&endpoint(&url), &device(), PublisherOptions::default());
        let error = error.err().unwrap().to_string();
        assert!(error.contains(expected), "{error}");
        hub.join().unwrap();
    }
}
