//! The device's and the watcher's side against the embedded broker.

use std::net::TcpListener;

use defender_message::flow::PROPERTIES;

use super::{
    Broker, DeviceId, Endpoint, HubError, Publisher, Subscription, Update, publisher::PublishError,
};

fn device() -> DeviceId {
    "dev1".parse().unwrap()
}

fn topic() -> String {
    let properties = PROPERTIES.map(|(key, value)| format!("{key}={value}"));
    format!("devices/dev1/messages/events/{}", properties.join("&"))
}

#[test]
fn a_watcher_sees_security_messages_and_nothing_else() {
    let hub = Broker::start().unwrap().endpoint();
    let mut subscription = Subscription::open(&hub).unwrap();
    let publisher = Publisher::connect(&hub, &device()).unwrap();
    assert!(publisher.is_connected());
    let large = vec![7; 100_000];
    publisher
        .publish("devices/dev1/messages/events/temperature=20", b"20")
        .unwrap();
    publisher.publish(&topic(), b"first").unwrap();
    publisher.publish(&topic(), &large).unwrap();
    for expected in [b"first".to_vec(), large] {
        match subscription.next_update().unwrap() {
            Update::Message { sender, payload } => {
                assert_eq!(sender.as_ref(), "dev1");
                assert_eq!(payload, expected);
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn where_no_broker_listens_nobody_connects() {
    // Bound and dropped: nobody listens there now.
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let hub = Endpoint::loopback(port);
    let error = Publisher::connect(&hub, &device()).err().unwrap();
    assert!(matches!(error, HubError::Unreachable { .. }), "{error}");
    let error = Subscription::open(&hub).err().unwrap();
    assert!(error.to_string().contains(&hub.to_string()), "{error}");
}

/// A broker made by hand, to go away when it is told to.
mod by_hand {
    use std::{
        io::{Read, Write},
        net::{TcpListener, TcpStream},
    };

    /// Accepts a client and answers its CONNECT.
    pub fn accept(listener: &TcpListener) -> TcpStream {
        let (mut stream, _) = listener.accept().unwrap();
        packet(&mut stream);
        stream.write_all(&[0x20, 2, 0, 0]).unwrap();
        stream
    }

    /// Reads a packet of less than 128 bytes.
    pub fn packet(stream: &mut TcpStream) -> Vec<u8> {
        let mut head = [0; 2];
        stream.read_exact(&mut head).unwrap();
        let mut body = vec![0; head[1].into()];
        stream.read_exact(&mut body).unwrap();
        body
    }

    /// Reads a PUBLISH and acknowledges it.
    pub fn acknowledge(stream: &mut TcpStream) {
        let body = packet(stream);
        let id = 2 + usize::from(u16::from_be_bytes([body[0], body[1]]));
        stream
            .write_all(&[0x40, 2, body[id], body[id + 1]])
            .unwrap();
    }
}

#[test]
fn a_message_is_taken_when_the_hub_acknowledges_it_and_not_before() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let hub = Endpoint::loopback(listener.local_addr().unwrap().port());
    let broker = std::thread::spawn(move || {
        let mut stream = by_hand::accept(&listener);
        by_hand::acknowledge(&mut stream);
        // The second message is read, but the hub goes away before it acknowledges it.
        by_hand::packet(&mut stream);
        drop(stream);
        let mut stream = by_hand::accept(&listener);
        by_hand::acknowledge(&mut stream);
        stream
    });
    let publisher = Publisher::connect(&hub, &device()).unwrap();
    assert_eq!(publisher.publish("t", b"1"), Ok(()));
    assert_eq!(
        publisher.publish("t", b"2"),
        Err(PublishError::NotConnected)
    );
    // Until the connection is back, and then it is taken.
    while let Err(error) = publisher.publish("t", b"2") {
        assert_eq!(error, PublishError::NotConnected);
        std::thread::yield_now();
    }
    drop(publisher);
    drop(broker.join().unwrap());
}

#[test]
fn a_watcher_tells_of_losses_and_comes_back() {
    use std::{io::Write, sync::mpsc};

    let (go_away, told_to_go_away) = mpsc::channel();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let hub = Endpoint::loopback(listener.local_addr().unwrap().port());
    let broker = std::thread::spawn(move || {
        for _ in 0..2 {
            let mut stream = by_hand::accept(&listener);
            let body = by_hand::packet(&mut stream);
            // SUBACK for both filters.
            stream
                .write_all(&[0x90, 4, body[0], body[1], 1, 1])
                .unwrap();
            told_to_go_away.recv().unwrap();
        }
    });
    let mut subscription = Subscription::open(&hub).unwrap();
    go_away.send(()).unwrap();
    assert!(matches!(subscription.next_update(), Ok(Update::Lost(_))));
    assert!(matches!(subscription.next_update(), Ok(Update::Back)));
    go_away.send(()).unwrap();
    broker.join().unwrap();
}
