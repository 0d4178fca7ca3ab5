//! The whole hub behind its own MQTT endpoint: what devices send is kept and judged, who is refused is noticed, and a stop loses nothing.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use defender_hub::{
    Hub,
    identity::{self, Credential, Device, Directory, KeyFiles, Role, SharedKey, Thumbprint},
    mqtt::{Endpoint, Publisher, PublisherOptions},
};
use serde_json::{Value, json};
use tokio::task;

use crate::{
    client::{Client, Connect, OURS, Packet},
    support::{SOON, alerts, connection, get, now, raw, scan, start, until},
};

fn topic(device: &str) -> String {
    format!("devices/{device}/messages/events/{OURS}")
}

/// A device that is let in on this machine.
async fn publisher(hub: &Hub, device: &str) -> Publisher {
    let url = format!("mqtt://{}", hub.mqtt_address().unwrap());
    let device = device.to_owned();
    let connected = task::spawn_blocking(move || {
        let endpoint = Endpoint::new(url.parse().unwrap(), None).unwrap();
        let id = device.parse().unwrap();
        Publisher::connect(&endpoint, &id, PublisherOptions::default()).unwrap()
    });
    connected.await.unwrap()
}

async fn devices(hub: &Hub) -> Vec<Value> {
    let answer = get(hub, "/api/v1/devices").await;
    answer["devices"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn without_configuration_a_device_on_this_machine_is_heard_and_seen() {
    let folder = tempfile::tempdir().unwrap();
    let (hub, _) = start(folder.path(), "").await.unwrap();
    assert_eq!(hub.mqtts_address(), None);
    let pump = publisher(&hub, "pump").await;
    let pump = task::spawn_blocking(move || {
        pump.publish(&topic("pump"), &scan(1)).unwrap();
        pump
    });
    let pump = pump.await.unwrap();
    let found = alerts(&hub, "", 1).await;
    assert_eq!(found[0]["device"], "pump");
    let known = devices(&hub).await;
    assert_eq!(known.len(), 1, "{known:?}");
    assert_eq!(known[0]["enrolled"], false);
    let text = raw(&hub, "/metrics", "localhost");
    for line in [
        "defender_mqtt_connections 1",
        "defender_mqtt_accepted_total 1",
        "defender_mqtt_messages_total 1",
    ] {
        assert!(text.lines().any(|one| one == line), "{line}: {text}");
    }
    task::spawn_blocking(move || drop(pump)).await.unwrap();
    hub.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn enrolled_devices_come_over_tls_and_what_is_refused_raises_alerts() {
    let folder = tempfile::tempdir().unwrap();
    let files = KeyFiles::of(folder.path());
    files.init(&["127.0.0.1".into()]).unwrap();
    let directory = identity::open(folder.path()).unwrap();
    let key = SharedKey::make().unwrap();
    let sealed = files.sealing_key().unwrap().seal("pump", &key).unwrap();
    let enrol = |id: &str, credential| {
        let device = Device::new(id.parse().unwrap(), Role::Device, credential, now());
        directory.add(&device).unwrap();
    };
    enrol("pump", Credential::Key(sealed));
    let issued = files.issue("camera").unwrap();
    let thumbprint = Thumbprint::of(&issued.certificate);
    enrol("camera", Credential::Certificate(thumbprint));
    let config = "[listen]\nmqtt = false\nmqtts = \"127.0.0.1:0\"";
    let (hub, _) = start(folder.path(), config).await.unwrap();
    assert_eq!(hub.mqtt_address(), None);
    let address = hub.mqtts_address().unwrap();
    let ca = files.ca();
    let user = |id: &str| format!("127.0.0.1/{id}/?api-version=2020-09-30");
    let told = task::spawn_blocking(move || {
        let open = |device| crate::client::over_tls(address, &ca, device);
        let pump = user("pump");
        let right = key.sign("127.0.0.1", "pump", (now() + 600).into());
        let mut client = open(None);
        let (_, code) = client.connect(&Connect::with("pump", &pump, &right));
        assert_eq!(code, 0);
        client.publish(&topic("pump"), &connection(1, [192, 0, 2, 7]), Some(1));
        assert_eq!(client.next(), Some(Packet::PubAck(1)));
        let mut client = open(Some(&issued));
        let camera = user("camera");
        let mut connect = Connect::new("camera");
        connect.user = Some(&camera);
        assert_eq!(client.connect(&connect).1, 0);
        client.publish(&topic("camera"), &connection(1, [192, 0, 2, 7]), Some(1));
        assert_eq!(client.next(), Some(Packet::PubAck(1)));
        // Late, and forged; a certificate that the hub does not know for this device; nobody.
        let late = key.sign("127.0.0.1", "pump", (now() - 1).into());
        let stranger = SharedKey::make().unwrap();
        let forged = stranger.sign("127.0.0.1", "pump", (now() + 600).into());
        let codes = [&late, &forged].map(|token| {
            let connect = Connect::with("pump", &pump, token);
            open(None).connect(&connect).1
        });
        let other = files.issue("camera").unwrap();
        let mismatch = open(Some(&other)).connect(&connect).1;
        let nobody = open(None).connect(&Connect::new("nobody")).1;
        (codes, mismatch, nobody)
    });
    assert_eq!(told.await.unwrap(), ([5, 5], 5, 5));
    let found = alerts(&hub, "", 3).await;
    let mut rules: Vec<_> = found
        .iter()
        .map(|alert| (alert["device"].as_str().unwrap(), alert["rule"].as_str()))
        .collect();
    rules.sort_unstable();
    assert_eq!(
        rules,
        [
            ("camera", Some("Cert_Print_Mismatch")),
            ("pump", Some("Expired_SAS_Token")),
            ("pump", Some("Invalid_SAS_Token")),
        ],
        "{found:#?}"
    );
    let known = devices(&hub).await;
    let shown: Vec<_> = known
        .iter()
        .map(|device| (device["device"].clone(), device["enrolled"].clone()))
        .collect();
    // Of those who are nobody no device is made.
    assert_eq!(
        shown,
        [(json!("camera"), json!(true)), (json!("pump"), json!(true))]
    );
    let text = raw(&hub, "/metrics", "localhost");
    for reason in [
        "token-expired",
        "token-invalid",
        "certificate-mismatch",
        "unknown",
    ] {
        let line = format!("defender_mqtt_refused_total{{reason=\"{reason}\"}} 1");
        assert!(text.contains(&line), "{line}: {text}");
    }
    hub.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn two_of_a_name_and_guesses_raise_alerts() {
    let folder = tempfile::tempdir().unwrap();
    let files = KeyFiles::of(folder.path());
    let directory = identity::open(folder.path()).unwrap();
    let key = SharedKey::make().unwrap();
    let sealed = files.sealing_key().unwrap().seal("pump", &key).unwrap();
    let credential = Credential::Key(sealed);
    let device = Device::new("pump".parse().unwrap(), Role::Device, credential, now());
    directory.add(&device).unwrap();
    let (hub, _) = start(folder.path(), "").await.unwrap();
    let address = hub.mqtt_address().unwrap();
    let host = "hub.example";
    let user = format!("{host}/pump/?api-version=2020-09-30");
    let tried = task::spawn_blocking(move || {
        let right = key.sign(host, "pump", (now() + 600).into());
        // Each throws out the one before it: fifteen times, as the settings have it.
        let mut there = Client::connected(address, &Connect::with("pump", &user, &right));
        for _ in 0..15 {
            let next = Client::connected(address, &Connect::with("pump", &user, &right));
            assert_eq!(there.next(), None);
            there = next;
        }
        let forger = SharedKey::make().unwrap();
        let forged = forger.sign(host, "pump", (now() + 600).into());
        for _ in 0..3 {
            let code = Client::refused(address, &Connect::with("pump", &user, &forged));
            assert_eq!(code, 5);
        }
    });
    tried.await.unwrap();
    let found = alerts(&hub, "", 2).await;
    let mut found: Vec<_> = found
        .iter()
        .map(|alert| (alert["rule"].as_str(), alert["device"].as_str()))
        .collect();
    found.sort_unstable();
    let pump = Some("pump");
    assert_eq!(
        found,
        [
            (Some("DuplicateDevice"), pump),
            (Some("Invalid_SAS_Token"), pump)
        ]
    );
    // All three, soon after the first was told.
    let begun = Instant::now();
    loop {
        let found = alerts(&hub, "device=pump", 2).await;
        let forged = |alert: &&Value| alert["rule"] == "Invalid_SAS_Token";
        if found.iter().find(forged).unwrap()["count"] == 3 {
            break;
        }
        assert!(begun.elapsed() < SOON, "{found:#?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    hub.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_takes_no_more_and_keeps_what_it_has_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let (hub, _) = start(folder.path(), "").await.unwrap();
    let address = hub.mqtt_address().unwrap();
    let has_begun = Arc::new(AtomicBool::new(false));
    let senders: Vec<_> = (0..8)
        .map(|number| {
            let has_begun = Arc::clone(&has_begun);
            thread::spawn(move || {
                let device = format!("device-{number}");
                let mut client = Client::connected(address, &Connect::new(&device));
                let topic = topic(&device);
                let (mut sent, mut kept) = (0_u64, 0_u64);
                // Twenty on their way, until the hub closes the connection.
                loop {
                    while sent < kept + 20 {
                        sent += 1;
                        let payload = connection(sent.into(), [192, 0, 2, 7]);
                        client.publish(&topic, &payload, Some((sent % 60_000) as u16 + 1));
                    }
                    match client.next() {
                        Some(Packet::PubAck(_)) => kept += 1,
                        Some(other) => panic!("{other:?}"),
                        None => return (device, sent, kept),
                    }
                    has_begun.store(true, Ordering::Relaxed);
                }
            })
        })
        .collect();
    until("devices send", || has_begun.load(Ordering::Relaxed)).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    hub.stop().await.unwrap();
    let logs = task::spawn_blocking(move || {
        let logs = senders.into_iter().map(|one| one.join().unwrap());
        logs.collect::<Vec<_>>()
    });
    let (hub, _) = start(folder.path(), "").await.unwrap();
    let known = devices(&hub).await;
    for (device, sent, kept) in logs.await.unwrap() {
        assert!(kept > 0, "{device}");
        let row = known.iter().find(|row| row["device"] == device.as_str());
        let reports = row.unwrap()["reports"].as_u64().unwrap();
        assert!(
            (kept..=sent).contains(&reports),
            "{device}: {sent} sent, {kept} acknowledged, {reports} there"
        );
    }
    hub.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_were_sealed_with_another_key_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let files = KeyFiles::of(folder.path());
    let sealed = files.sealing_key().unwrap();
    let sealed = sealed.seal("pump", &SharedKey::make().unwrap()).unwrap();
    let device = Device::new(
        "pump".parse().unwrap(),
        Role::Device,
        Credential::Key(sealed),
        now(),
    );
    identity::open(folder.path()).unwrap().add(&device).unwrap();
    std::fs::remove_file(folder.path().join("sealing.key")).unwrap();
    let (hub, said) = start(folder.path(), "").await.unwrap();
    let texts = said.texts();
    assert!(
        texts.iter().any(|text| text.contains("sealing.key")),
        "{texts:?}"
    );
    hub.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn devices_are_enrolled_and_removed_while_reports_come() {
    let folder = tempfile::tempdir().unwrap();
    let (hub, said) = start(folder.path(), "").await.unwrap();
    let path = folder.path().to_owned();
    let enrolling = thread::spawn(move || {
        let files = KeyFiles::of(&path);
        let sealing = files.sealing_key().unwrap();
        for number in 0..100 {
            let id = format!("enrolled-{number}");
            let sealed = sealing.seal(&id, &SharedKey::make().unwrap()).unwrap();
            let credential = Credential::Key(sealed);
            let device = Device::new(id.parse().unwrap(), Role::Device, credential, now());
            // As commands are: each opens the store anew.
            identity::open(&path).unwrap().add(&device).unwrap();
            if number % 2 == 0 {
                assert!(identity::open(&path).unwrap().remove(&id).unwrap());
            }
        }
    });
    let mut number = 0;
    while !enrolling.is_finished() {
        number += 1;
        crate::support::report(&hub, &format!("device-{}", number % 7), scan(number)).await;
    }
    enrolling.join().unwrap();
    // Nothing went wrong on either side, not even for a moment.
    let troubles: Vec<_> = said
        .texts()
        .into_iter()
        .filter(|text| text.contains("hub.db"))
        .collect();
    assert!(troubles.is_empty(), "{troubles:?}");
    let enrolled = identity::open(folder.path()).unwrap().list().unwrap();
    assert_eq!(enrolled.len(), 50);
    hub.stop().await.unwrap();
}
