//! The watcher's side against brokers that refuse, fall silent, go away, or send too much.

#[path = "support/peer.rs"]
mod peer;

use std::{
    thread,
    time::{Duration, Instant},
};

use defender_hub::mqtt::{
    Arrival, Endpoint, Failure, HubError, MAX_MESSAGE, MessageKind, Session, Subscription,
    SubscriptionOptions, Update,
};
use peer::{Packet, Peer, drain, listen, publish, topic};

fn open(url: &str, options: &SubscriptionOptions) -> Result<Subscription, HubError> {
    Subscription::open(&Endpoint::new(url.parse().unwrap(), None).unwrap(), options)
}

fn arrival(subscription: &mut Subscription) -> Arrival {
    match subscription.next_update().unwrap() {
        Update::Message(arrival) => arrival,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_watcher_sees_security_messages_and_nothing_else() {
    let (listener, url) = listen();
    let hub = thread::spawn(move || {
        let mut peer = Peer::connected(&listener);
        let (id, filters) = peer.subscription();
        peer.answer_subscription(id, &[1, 1]);
        peer.publish("devices/dev1/messages/events/temperature=20", b"20", None);
        peer.publish(&topic("dev1"), b"first", Some(7));
        peer.publish(&topic("dev1"), &vec![7; MAX_MESSAGE], Some(8));
        (filters, drain(peer))
    });
    let mut subscription = open(&url, &SubscriptionOptions::default()).unwrap();
    assert_eq!(subscription.session(), Session::Unkept);
    assert!(subscription.refused().is_empty());
    for expected in [b"first".to_vec(), vec![7; MAX_MESSAGE]] {
        let arrival = arrival(&mut subscription);
        assert_eq!(arrival.sender.as_ref(), "dev1");
        assert!(arrival.payload == expected);
        assert!(arrival.received > 1_700_000_000);
    }
    assert!(subscription.try_update().unwrap().is_none());
    drop(subscription);
    let (filters, said) = hub.join().unwrap();
    assert_eq!(
        filters,
        [
            "devices/+/messages/events/#",
            "devices/+/modules/+/messages/events/#"
        ]
    );
    // Both are acknowledged, and then comes the farewell.
    assert!(
        matches!(
            said[..],
            [Packet::PubAck(7), Packet::PubAck(8), Packet::Disconnect]
        ),
        "{said:?}"
    );
}

/// What counts messages is told of each when it is sent, and of none because it is still there.
#[test]
fn who_asks_for_all_messages_sees_those_to_devices_too_and_none_that_is_retained() {
    const RETAINED: u8 = 1;
    let (listener, url) = listen();
    let hub = thread::spawn(move || {
        let mut peer = Peer::connected(&listener);
        let (id, filters) = peer.subscription();
        peer.answer_subscription(id, &vec![1; filters.len()]);
        let mut retained = |topic: &str, id| {
            let mut packet = publish(topic, b"x", Some(id));
            packet[0] |= RETAINED;
            peer.send(&packet);
        };
        retained("devices/a/messages/devicebound/", 1);
        retained("devices/a/messages/events/", 2);
        retained(&topic("a"), 3);
        peer.publish("devices/a/messages/devicebound/x=y", b"on", Some(4));
        peer.publish("devices/a/messages/events/", b"20", None);
        peer.publish(&topic("b"), b"report", None);
        peer.publish("devices/b/modules/m/messages/devicebound/", b"", None);
        peer.publish("devices/b/messages/else/", b"", Some(5));
        peer.publish("devices//messages/devicebound/", b"", Some(6));
        peer.publish(&topic("last"), b"last", None);
        (filters, drain(peer))
    });
    let options = SubscriptionOptions::default().of_all_messages();
    let mut subscription = open(&url, &options).unwrap();
    let expected = [
        ("a", MessageKind::Security),
        ("a", MessageKind::CloudToDevice),
        ("a", MessageKind::DeviceToCloud),
        ("b", MessageKind::Security),
        ("b/m", MessageKind::CloudToDevice),
        ("last", MessageKind::Security),
    ];
    let mut seen = Vec::new();
    while seen.last().is_none_or(|(name, _)| name != "last") {
        let arrival = arrival(&mut subscription);
        seen.push((arrival.sender.as_ref().to_owned(), arrival.kind));
    }
    assert_eq!(seen, expected.map(|(name, kind)| (name.to_owned(), kind)));
    drop(subscription);
    let (filters, said) = hub.join().unwrap();
    assert_eq!(
        filters[2..],
        [
            "devices/+/messages/devicebound/#",
            "devices/+/modules/+/messages/devicebound/#"
        ]
    );
    // What was not told is not sent again.
    let acknowledged = said.iter().filter(|said| matches!(said, Packet::PubAck(_)));
    assert_eq!(acknowledged.count(), 6, "{said:?}");
}

#[test]
fn what_is_too_large_is_skipped_and_said() {
    let sizes = [MAX_MESSAGE + 1, 300 << 10, 5 << 20, 257 << 10];
    let (listener, url) = listen();
    let hub = thread::spawn(move || {
        let mut peer = Peer::subscribed(&listener);
        peer.publish(&topic("dev1"), b"first", None);
        for (index, size) in sizes.into_iter().enumerate() {
            let id = (index % 2 == 0).then_some(index as u16 + 1);
            peer.publish("devices/evil/messages/events/x", &vec![0; size], id);
        }
        peer.publish(&topic("dev1"), b"last", None);
        drain(peer)
    });
    let mut subscription = open(&url, &SubscriptionOptions::default()).unwrap();
    assert_eq!(arrival(&mut subscription).payload, b"first");
    for expected in sizes {
        match subscription.next_update().unwrap() {
            Update::Skipped { topic, size, .. } => {
                assert_eq!(topic, "devices/evil/messages/events/x");
                assert_eq!(size, expected);
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(arrival(&mut subscription).payload, b"last");
    drop(subscription);
    // The hub need not send them again.
    let acknowledged = hub.join().unwrap();
    assert!(
        matches!(
            acknowledged[..],
            [Packet::PubAck(1), Packet::PubAck(3), Packet::Disconnect]
        ),
        "{acknowledged:?}"
    );
}

#[test]
fn a_hub_that_goes_away_is_told_of_and_tried_ever_less_often() {
    let (listener, url) = listen();
    let hub = thread::spawn(move || {
        let mut times = Vec::new();
        for _ in 0..3 {
            drop(Peer::subscribed(&listener));
            times.push(Instant::now());
        }
        let mut peer = Peer::subscribed(&listener);
        times.push(Instant::now());
        peer.publish(&topic("dev1"), b"last", None);
        (times, drain(peer))
    });
    let mut subscription = open(&url, &SubscriptionOptions::default()).unwrap();
    let mut pauses = Vec::new();
    let last = loop {
        match subscription.next_update().unwrap() {
            Update::Lost { failure, pause } => {
                assert!(matches!(failure, Failure::Closed), "{failure:?}");
                pauses.push(pause.as_millis());
            }
            Update::Back { away, session } => {
                assert!(away.as_millis() >= pauses[pauses.len() - 1]);
                assert_eq!(session, Session::Unkept);
            }
            Update::Message(arrival) => break arrival,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(last.payload, b"last");
    assert_eq!(pauses, [500, 1000, 2000]);
    drop(subscription);
    let (times, _) = hub.join().unwrap();
    for (pair, pause) in times.windows(2).zip(pauses) {
        assert!((pair[1] - pair[0]).as_millis() >= pause, "{times:?}");
    }
}

#[test]
fn refused_subscriptions_are_said() {
    let (listener, url) = listen();
    let hub = thread::spawn(move || {
        // All of it, at the begin.
        let mut peer = Peer::connected(&listener);
        let (id, _) = peer.subscription();
        peer.answer_subscription(id, &[0x80, 0x80]);
        drain(peer);
        // Some of it.
        let mut peer = Peer::connected(&listener);
        let (id, _) = peer.subscription();
        peer.answer_subscription(id, &[1, 0x80]);
        drop(peer);
        // All of it, later.
        let mut peer = Peer::connected(&listener);
        let (id, _) = peer.subscription();
        peer.answer_subscription(id, &[0x80, 0x80]);
        drain(peer);
        drain(Peer::subscribed(&listener));
    });
    let error = open(&url, &SubscriptionOptions::default()).err().unwrap();
    assert!(
        error
            .to_string()
            .contains("refused the subscription to devices/+/messages/events/# and devices/+/mod"),
        "{error}"
    );
    let mut subscription = open(&url, &SubscriptionOptions::default()).unwrap();
    assert_eq!(
        subscription.refused(),
        ["devices/+/modules/+/messages/events/#"]
    );
    let mut lost = || match subscription.next_update().unwrap() {
        Update::Lost { failure, pause } => (failure, pause),
        other => panic!("{other:?}"),
    };
    assert!(matches!(lost().0, Failure::Closed));
    let (failure, pause) = lost();
    assert!(matches!(failure, Failure::NotSubscribed(filters) if filters.len() == 2));
    assert_eq!(pause, Duration::from_secs(1));
    assert!(matches!(
        subscription.next_update().unwrap(),
        Update::Back { .. }
    ));
    drop(subscription);
    hub.join().unwrap();
}

#[test]
fn subscriptions_that_are_not_answered_are_said() {
    let (listener, url) = listen();
    let hub = thread::spawn(move || {
        let mut peer = Peer::connected(&listener);
        peer.subscription();
        // Closed in place of an answer.
        drop(peer);
        // No answer, but signs of life.
        let mut peer = Peer::connected(&listener);
        peer.subscription();
        drain(peer);
    });
    let error = open(&url, &SubscriptionOptions::default()).err().unwrap();
    assert!(
        error
            .to_string()
            .contains("closed the connection when asked for messages"),
        "{error}"
    );
    let begun = Instant::now();
    let error = open(&url, &SubscriptionOptions::default()).err().unwrap();
    assert!(
        error
            .to_string()
            .contains("did not answer the subscription"),
        "{error}"
    );
    assert!(begun.elapsed() < Duration::from_secs(30));
    hub.join().unwrap();
}

#[test]
fn a_session_is_kept_and_messages_are_acknowledged_when_they_are_dealt_with() {
    let (listener, url) = listen();
    let hub = thread::spawn(move || {
        let (mut peer, introduction) = Peer::accept(&listener);
        assert_eq!(introduction.client_id, "audit");
        assert!(!introduction.is_clean);
        peer.accept_connection(false);
        peer.accept_subscription();
        peer.publish(&topic("dev1"), b"1", Some(1));
        peer.publish(&topic("dev1"), b"2", Some(2));
        // Nothing that concerns us, and nothing that anybody has to acknowledge but the client.
        peer.publish("devices/dev1/messages/events/x", b"20", Some(3));
        let mut acknowledged = Vec::new();
        while acknowledged.len() < 2 {
            match peer.next() {
                Some(Packet::PubAck(id)) => acknowledged.push(id),
                other => panic!("{other:?}"),
            }
        }
        acknowledged.sort_unstable();
        assert_eq!(acknowledged, [1, 3]);
        drop(peer);
        // The session goes on: the second message comes again, and one from in between.
        let (mut peer, introduction) = Peer::accept(&listener);
        assert_eq!(introduction.client_id, "audit");
        assert!(!introduction.is_clean);
        peer.accept_connection(true);
        peer.publish(&topic("dev1"), b"2", Some(2));
        peer.publish(&topic("dev1"), b"3", Some(4));
        peer.accept_subscription();
        drain(peer)
    });
    let options = SubscriptionOptions::default().session("audit");
    let mut subscription = open(&url, &options).unwrap();
    assert_eq!(subscription.session(), Session::New);
    let first = arrival(&mut subscription);
    let second = arrival(&mut subscription);
    subscription.acknowledge(first);
    assert!(matches!(
        subscription.next_update().unwrap(),
        Update::Lost { .. }
    ));
    // Messages of a session may come before the answer to the subscription.
    let mut payloads = Vec::new();
    let mut session = None;
    while payloads.len() < 2 || session.is_none() {
        match subscription.next_update().unwrap() {
            Update::Message(arrival) => {
                payloads.push(arrival.payload.clone());
                subscription.acknowledge(arrival);
            }
            Update::Back { session: found, .. } => session = Some(found),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(session, Some(Session::Resumed));
    assert_eq!(payloads, [b"2", b"3"]);
    // Of the connection before: void.
    subscription.acknowledge(second);
    drop(subscription);
    let said = hub.join().unwrap();
    assert!(
        matches!(
            said[..],
            [Packet::PubAck(2), Packet::PubAck(4), Packet::Disconnect]
        ),
        "{said:?}"
    );
}

#[test]
fn a_session_that_the_hub_has_lost_is_told_of() {
    let (listener, url) = listen();
    let hub = thread::spawn(move || {
        for is_kept in [true, false] {
            let (mut peer, _) = Peer::accept(&listener);
            peer.accept_connection(is_kept);
            if is_kept {
                // Before the subscription is answered, as hubs may.
                peer.publish(&topic("dev1"), b"kept", Some(1));
            }
            peer.accept_subscription();
            if !is_kept {
                drain(peer);
            }
        }
    });
    let options = SubscriptionOptions::default().session("audit");
    let mut subscription = open(&url, &options).unwrap();
    assert_eq!(subscription.session(), Session::Resumed);
    assert_eq!(arrival(&mut subscription).payload, b"kept");
    assert!(matches!(
        subscription.next_update().unwrap(),
        Update::Lost { .. }
    ));
    match subscription.next_update().unwrap() {
        Update::Back { session, .. } => assert_eq!(session, Session::New),
        other => panic!("{other:?}"),
    }
    drop(subscription);
    hub.join().unwrap();
}
