//! Clients that take what they can get, at the endpoint and at the API: others are served, and memory is bounded.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use defender_hub::Hub;
use serde_json::Value;
use tokio::task;

use crate::{
    client::{Client, Connect, OURS, Packet},
    support::{SOON, alerts, connection, peak, raw, scan, start, until_get},
};

fn topic(device: &str) -> String {
    format!("devices/{device}/messages/events/{OURS}")
}

/// An honest device on another host reports a scan, and is acknowledged within a time in which a person would not notice. (On
/// the same host it could be turned away at first: connections of an address that have not said who they are have a limit.)
fn is_served(address: SocketAddr, device: &str) {
    let begun = Instant::now();
    let mut client = Client::elsewhere(address);
    assert_eq!(client.connect(&Connect::new(device)).1, 0);
    client.publish(&topic(device), &scan(1), Some(1));
    assert_eq!(client.next(), Some(Packet::PubAck(1)));
    client.disconnect();
    assert!(
        begun.elapsed() < Duration::from_secs(10),
        "{:?}",
        begun.elapsed()
    );
}

/// Does something again and again while an honest device comes, and says how often.
async fn beside(hub: &Hub, device: &'static str, nuisance: fn(SocketAddr, u64)) -> u64 {
    let address = hub.mqtt_address().unwrap();
    let is_over = Arc::new(AtomicBool::new(false));
    let count = Arc::new(AtomicU64::new(0));
    let nuisances: Vec<_> = (0..4)
        .map(|_| {
            let (is_over, count) = (Arc::clone(&is_over), Arc::clone(&count));
            thread::spawn(move || {
                while !is_over.load(Ordering::Relaxed) {
                    nuisance(address, count.fetch_add(1, Ordering::Relaxed));
                }
            })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(500)).await;
    let served = task::spawn_blocking(move || is_served(address, device));
    served.await.unwrap();
    is_over.store(true, Ordering::Relaxed);
    let ended = task::spawn_blocking(move || nuisances.into_iter().all(|one| one.join().is_ok()));
    assert!(ended.await.unwrap());
    count.load(Ordering::Relaxed)
}

#[tokio::test(flavor = "multi_thread")]
async fn devices_are_served_beside_any_that_is_not_one() {
    let folder = tempfile::tempdir().unwrap();
    let (hub, _) = start(folder.path(), "[limits]\ndevices = 2000")
        .await
        .unwrap();
    // A nuisance that did nothing would prove nothing. How much each does depends on the machine; some of it is done on any.
    let count = |devices: &Value, field: &str| -> u64 {
        let devices = devices["devices"].as_array().unwrap().iter();
        devices.map(|row| row[field].as_u64().unwrap()).sum()
    };
    let statistics = || hub.control().unwrap().statistics();
    let refused = || statistics().refused.values().sum::<u64>() + statistics().violations;
    // As fast as it goes: a hundred messages of which none is waited for.
    beside(&hub, "beside-fast", |address, number| {
        let device = format!("fast-{}", number % 4);
        let mut client = Client::open(address);
        client.send(&Connect::new(&device).bytes());
        let payload = connection(number.into(), [192, 0, 2, 7]);
        let message = crate::client::publish(&topic(&device), &payload, None);
        client.send(&message.repeat(100));
    })
    .await;
    let devices = "/api/v1/devices?limit=10000&search=fast-";
    until_get(&hub, devices, |all| count(all, "reports") >= 100).await;
    // Names that come once.
    beside(&hub, "beside-names", |address, number| {
        let device = format!("name-{number}");
        let mut client = Client::open(address);
        client.send(&Connect::new(&device).bytes());
        client.publish(&topic(&device), b"x", Some(1));
        // CONNACK, and whatever comes of the message.
        client.next();
        client.next();
    })
    .await;
    let devices = "/api/v1/devices?limit=10000&search=name-";
    until_get(&hub, devices, |all| all["devices"][3].is_object()).await;
    // Messages that are none, as large as they may be, and larger.
    let before = statistics().violations;
    beside(&hub, "beside-huge", |address, number| {
        let mut client = Client::open(address);
        client.send(&Connect::new("huge").bytes());
        let length = if number.is_multiple_of(2) {
            256 << 10
        } else {
            300 << 10
        };
        client.publish(&topic("huge"), &vec![0xFF; length], Some(1));
        client.next();
        client.next();
    })
    .await;
    let devices = "/api/v1/devices?search=huge";
    until_get(&hub, devices, |all| count(all, "refused") >= 2).await;
    assert!(statistics().violations >= before + 2, "{:?}", statistics());
    let before = refused();
    beside(&hub, "beside-malformed", |address, number| {
        let mut client = Client::open(address);
        let mut bytes = Connect::new("malformed").bytes();
        let at = number as usize % bytes.len();
        bytes[at] = bytes[at].wrapping_add((number as u8).wrapping_add(1));
        bytes.extend([number as u8; 50]);
        client.send(&bytes);
        let _ = client.0.shutdown(std::net::Shutdown::Write);
        let _ = client.0.read_to_end(&mut Vec::new());
    })
    .await;
    assert!(refused() >= before + 4, "{:?}", statistics());
    for device in [
        "beside-fast",
        "beside-names",
        "beside-huge",
        "beside-malformed",
    ] {
        alerts(&hub, &format!("device={device}"), 1).await;
    }
    assert!(peak() < 1500, "{} MiB", peak());
    hub.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_answers_beside_those_who_say_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (hub, _) = start(folder.path(), "").await.unwrap();
    let address = hub.web_address();
    let idle = task::spawn_blocking(move || {
        let mut idle: Vec<_> = (0..300)
            .map(|_| TcpStream::connect(address).unwrap())
            .collect();
        for stream in idle.iter_mut().step_by(2) {
            stream
                .write_all(b"GET /healthz HTTP/1.1\r\nHost: ")
                .unwrap();
        }
        idle
    });
    let idle = idle.await.unwrap();
    let begun = Instant::now();
    let web = address;
    let answer = task::spawn_blocking(move || {
        raw_at(
            web,
            "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        )
    });
    assert!(answer.await.unwrap().starts_with("HTTP/1.1 200"));
    assert!(begun.elapsed() < SOON);
    // They were closed meanwhile, not served.
    let closed = task::spawn_blocking(move || {
        idle.into_iter().all(|mut stream| {
            stream.set_read_timeout(Some(SOON)).unwrap();
            let mut said = String::new();
            stream
                .read_to_string(&mut said)
                .is_ok_and(|_| !said.contains("200"))
        })
    });
    assert!(closed.await.unwrap());
    hub.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_have_a_size() {
    let folder = tempfile::tempdir().unwrap();
    let (hub, _) = start(folder.path(), "").await.unwrap();
    let long = "x".repeat(100_000);
    let body = format!("{{\"who\":\"ann\",\"reason\":\"{long}\",\"device\":\"pump\"}}");
    let post = format!(
        "POST /api/v1/exceptions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let get = format!(
        "GET /api/v1/alerts?device={long} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    );
    let address = hub.web_address();
    let answers = task::spawn_blocking(move || [raw_at(address, &post), raw_at(address, &get)]);
    let [posted, got] = answers.await.unwrap();
    assert!(posted.starts_with("HTTP/1.1 413"), "{posted}");
    assert!(got.starts_with("HTTP/1.1 431"), "{got}");
    assert!(raw(&hub, "/healthz", "localhost").starts_with("HTTP/1.1 200"));
    hub.stop().await.unwrap();
}

/// What answers a request; as far as it comes before the connection is reset.
fn raw_at(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(SOON)).unwrap();
    let _ = stream.write_all(request.as_bytes());
    let mut answer = Vec::new();
    let mut part = [0; 4096];
    while let Ok(length @ 1..) = stream.read(&mut part) {
        answer.extend_from_slice(&part[..length]);
    }
    String::from_utf8_lossy(&answer).into_owned()
}
