//! Another broker as the source: mosquitto, which is killed and comes back. Without it this test says so; where the variable CI is set it must
//! be there.

use std::{
    fs,
    net::{SocketAddr, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use defender_hub::{
    Hub,
    mqtt::{Endpoint, Publisher, PublisherOptions},
};
use tokio::task;

use crate::{
    client::{Client, Connect, OURS, Packet},
    killed::{config as with_sink, findings, random, uid},
    receivers::{Program, free_port, program},
    support::{SOON, Said, alerts, connection, get, scan, start, until},
};

fn mosquitto(path: &Path, folder: &Path, port: u16) -> Child {
    let settings = folder.join("mosquitto.conf");
    // What it holds for the hub is on disk, so that a broker that is killed has it still. Started by root it would become somebody who may not
    // write there.
    let text = format!(
        "user root\nlistener {port} 127.0.0.1\nallow_anonymous true\npersistence true\npersistence_location {}/\nautosave_on_changes true\nautosave_interval 1\nmax_queued_messages 0\n",
        folder.display()
    );
    fs::write(&settings, text).unwrap();
    Command::new(path)
        .arg("-c")
        .arg(settings)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

async fn publish(port: u16, device: &str, number: u128) {
    let device = device.to_owned();
    let published = task::spawn_blocking(move || {
        let url = format!("mqtt://127.0.0.1:{port}");
        let endpoint = Endpoint::new(url.parse().unwrap(), None).unwrap();
        let id = device.parse().unwrap();
        let publisher = Publisher::connect(&endpoint, &id, PublisherOptions::default()).unwrap();
        let topic = format!("devices/{device}/messages/events/{OURS}");
        publisher.publish(&topic, &scan(number)).unwrap();
    });
    published.await.unwrap();
}

async fn reports(hub: &Hub, device: &str) -> Option<u64> {
    let known = get(hub, "/api/v1/devices").await["devices"].clone();
    let row = known.as_array().unwrap().iter();
    let row = row.into_iter().find(|row| row["device"] == device)?;
    row["reports"].as_u64()
}

async fn subscribed(said: &Said) {
    until("the hub is subscribed", || {
        let texts = said.texts();
        texts.iter().any(|text| text.contains("source mqtt: "))
    })
    .await;
}

async fn listens(port: u16) {
    until("the broker listens", || {
        TcpStream::connect(("127.0.0.1", port)).is_ok()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_is_killed_and_comes_back_loses_nothing_that_it_has() {
    let Some(path) = program("mosquitto", "mosquitto") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let broker = Program(mosquitto(&path, folder.path(), port));
    listens(port).await;
    let data = folder.path().join("hub");
    let config = format!("[[source.mqtt]]\nurl = \"mqtt://127.0.0.1:{port}\"\nsession = \"hub\"");
    let (hub, said) = start(&data, &config).await.unwrap();
    subscribed(&said).await;
    publish(port, "before", 1).await;
    alerts(&hub, "device=before", 1).await;
    // What comes while the hub is away waits at the broker.
    hub.stop().await.unwrap();
    publish(port, "away", 2).await;
    tokio::time::sleep(Duration::from_millis(2500)).await;
    drop(broker);
    let broker = Program(mosquitto(&path, folder.path(), port));
    listens(port).await;
    let (hub, said) = start(&data, &config).await.unwrap();
    alerts(&hub, "device=away", 1).await;
    // Killed under a hub that listens: it complains, and is there again when the broker is.
    drop(broker);
    until("it is told", || {
        said.texts()
            .iter()
            .any(|text| text.contains("source mqtt: ") && !text.contains("is back"))
    })
    .await;
    let _broker = Program(mosquitto(&path, folder.path(), port));
    listens(port).await;
    until("it is back", || {
        said.texts().iter().any(|text| text.contains("is back"))
    })
    .await;
    publish(port, "after", 3).await;
    alerts(&hub, "device=after", 1).await;
    alerts(&hub, "", 3).await;
    // A broker that did not see an acknowledgement may send once more; what is repeated opens nothing.
    let away = reports(&hub, "away").await.unwrap();
    assert!((1..=2).contains(&away), "{away}");
    hub.stop().await.unwrap();
}

/// How long ago a broker that is killed has taken what is on its disk, at least.
const ON_DISK: Duration = Duration::from_secs(1);

/// Devices that scan, one after the other, until it is over: how many the broker has acknowledged, and how many there may be. What it has
/// acknowledged just before it was killed may not be on its disk, and is sent again.
fn scans(port: u16, is_over: &AtomicBool, kept: &AtomicU64) -> (usize, usize) {
    let mut sent = Vec::<Instant>::new();
    let mut most = 0;
    while !is_over.load(Ordering::Relaxed) {
        let Ok(stream) = TcpStream::connect(("127.0.0.1", port)) else {
            thread::sleep(Duration::from_millis(5));
            continue;
        };
        stream.set_read_timeout(Some(SOON)).unwrap();
        let mut client = Client(stream);
        client.send(&Connect::new("gateway").bytes());
        if !matches!(client.next(), Some(Packet::ConnAck { code: 0, .. })) {
            continue;
        }
        while !is_over.load(Ordering::Relaxed) {
            let number = sent.len();
            most = most.max(number + 1);
            let topic = format!("devices/device-{number}/messages/events/{OURS}");
            client.publish(&topic, &scan(number as u128), Some(1));
            if client.next() != Some(Packet::PubAck(1)) {
                break;
            }
            sent.push(Instant::now());
            kept.fetch_add(1, Ordering::Relaxed);
            thread::sleep(Duration::from_millis(5));
        }
        if !is_over.load(Ordering::Relaxed) {
            sent.retain(|at| at.elapsed() > ON_DISK);
        }
    }
    (sent.len(), most)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_is_killed_under_load_loses_no_alert_and_none_is_told_twice() {
    const ROUNDS: u64 = 5;
    let Some(path) = program("mosquitto", "mosquitto") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let mut broker = Program(mosquitto(&path, folder.path(), port));
    listens(port).await;
    let source = format!("[[source.mqtt]]\nurl = \"mqtt://127.0.0.1:{port}\"\nsession = \"hub\"\n");
    let config = source + &with_sink(folder.path());
    let (hub, said) = start(&folder.path().join("hub"), &config).await.unwrap();
    subscribed(&said).await;
    let (is_over, kept) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicU64::new(0)),
    );
    let sending = {
        let (is_over, kept) = (Arc::clone(&is_over), Arc::clone(&kept));
        thread::spawn(move || scans(port, &is_over, &kept))
    };
    let mut seed = 0x2545_F491_4F6C_DD1D_u64;
    for round in 0..ROUNDS {
        let before = kept.load(Ordering::Relaxed);
        let is_sent = || kept.load(Ordering::Relaxed) > before + 50;
        until(&format!("messages are sent in round {round}"), is_sent).await;
        tokio::time::sleep(ON_DISK + Duration::from_millis(random(&mut seed) % 500)).await;
        drop(broker);
        broker = Program(mosquitto(&path, folder.path(), port));
    }
    let before = kept.load(Ordering::Relaxed);
    until("it goes on", || kept.load(Ordering::Relaxed) > before + 50).await;
    is_over.store(true, Ordering::Relaxed);
    let sent = task::spawn_blocking(|| sending.join().unwrap());
    let (devices, most) = sent.await.unwrap();
    let begun = Instant::now();
    let found = loop {
        let found = get(&hub, "/api/v1/alerts?limit=10000").await["alerts"].clone();
        let found = found.as_array().unwrap().clone();
        if found.len() >= devices {
            break found;
        }
        assert!(begun.elapsed() < 2 * SOON, "{} of {devices}", found.len());
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert!(found.len() <= most, "{} of {most}", found.len());
    hub.stop().await.unwrap();
    let findings = findings(folder.path());
    let told: Vec<_> = findings.iter().map(uid).collect();
    assert_eq!(told.len(), found.len());
    for alert in &found {
        let raised = format!("{}/raised", alert["id"].as_str().unwrap());
        assert!(told.contains(&&*raised), "{raised}");
    }
    drop(broker);
}

/// Sends three messages of a device, one of them a security message, and three to it.
fn messages(broker: SocketAddr, device: &str) {
    let name = device;
    let mut device = Client::connected(broker, &Connect::new(name));
    let own = format!("devices/{name}/messages/devicebound/#");
    assert_eq!(device.subscribe(&[&own]), [1]);
    let mut back_end = Client::connected(broker, &Connect::new("back-end"));
    for number in 1..=3 {
        let events = format!("devices/{name}/messages/events/");
        match number {
            3 => device.publish(&(events + OURS), &connection(3, [192, 0, 2, 7]), Some(3)),
            _ => device.publish(&events, b"20", Some(number)),
        }
        assert_eq!(device.next(), Some(Packet::PubAck(number)));
        let to = format!("devices/{name}/messages/devicebound/");
        back_end.publish(&to, b"on", Some(number));
        assert_eq!(back_end.next(), Some(Packet::PubAck(number)));
        let (_, payload, id, _) = device.message();
        assert_eq!(payload, b"on");
        device.acknowledge(id.unwrap());
    }
}

const RULES: &str = r#"{ "name": "default", "properties": { "timeWindowRules": [
    { "ruleType": "MqttC2DMessagesNotInAllowedRange", "isEnabled": true,
      "minThreshold": 0, "maxThreshold": 2, "timeWindowSize": "PT30M" },
    { "ruleType": "MqttD2CMessagesNotInAllowedRange", "isEnabled": true,
      "minThreshold": 0, "maxThreshold": 2, "timeWindowSize": "PT30M" } ] } }"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_counts_messages_of_another_broker_as_those_of_the_endpoint_inside() {
    let Some(path) = program("mosquitto", "mosquitto") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let _broker = Program(mosquitto(&path, folder.path(), port));
    listens(port).await;
    let rules = folder.path().join("rules.json");
    fs::write(&rules, RULES).unwrap();
    let config = format!(
        "[detection]\nrules = [{rules:?}]\n[[source.mqtt]]\nurl = \"mqtt://127.0.0.1:{port}\""
    );
    let (hub, said) = start(&folder.path().join("hub"), &config).await.unwrap();
    subscribed(&said).await;
    let inside = hub.mqtt_address().unwrap();
    let sent = task::spawn_blocking(move || {
        messages(SocketAddr::from(([127, 0, 0, 1], port)), "elsewhere");
        messages(inside, "inside");
    });
    sent.await.unwrap();
    for device in ["elsewhere", "inside"] {
        let mut told: Vec<_> = alerts(&hub, &format!("device={device}"), 2)
            .await
            .iter()
            .map(|alert| alert["rule"].as_str().unwrap().to_owned())
            .collect();
        told.sort_unstable();
        let expected = [
            "MqttC2DMessagesNotInAllowedRange",
            "MqttD2CMessagesNotInAllowedRange",
        ];
        assert_eq!(told, expected, "{device}");
        assert_eq!(reports(&hub, device).await, Some(1));
    }
    hub.stop().await.unwrap();
}
