//! A disk that is slow, and a clock that is wrong.

use std::time::Duration;

use defender_hub::{
    intake::{Delivery, What},
    store,
};
use tokio::{sync::oneshot, task};

use crate::{
    client::{Client, Connect, OURS, Packet},
    support::{alerts, connection, get, now, put, raw, report, scan, start, until},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_takes_seconds_delays_acknowledgements_and_loses_none() {
    let folder = tempfile::tempdir().unwrap();
    let (hub, said) = start(folder.path(), "").await.unwrap();
    let database = folder.path().join(store::FILE);
    // Somebody else writes most of the time: like a disk on which each write takes that long.
    let (stop, stopped) = std::sync::mpsc::channel::<()>();
    let slow = std::thread::spawn(move || {
        let other = rusqlite::Connection::open(database).unwrap();
        other.busy_timeout(Duration::from_secs(60)).unwrap();
        while stopped.recv_timeout(Duration::from_millis(20)).is_err() {
            other.execute_batch("BEGIN IMMEDIATE").unwrap();
            std::thread::sleep(Duration::from_millis(800));
            other.execute_batch("ROLLBACK").unwrap();
        }
    });
    let address = hub.mqtt_address().unwrap();
    let devices: Vec<_> = (0..8)
        .map(|number| {
            task::spawn_blocking(move || {
                let device = format!("device-{number}");
                let mut client = Client::connected(address, &Connect::new(&device));
                let topic = format!("devices/{device}/messages/events/{OURS}");
                for id in 1..=50 {
                    client.publish(&topic, &connection(id.into(), [192, 0, 2, 7]), Some(id));
                }
                for id in 1..=50 {
                    assert_eq!(client.next(), Some(Packet::PubAck(id)), "{device}");
                }
            })
        })
        .collect();
    for device in devices {
        device.await.unwrap();
    }
    report(&hub, "pump", scan(1)).await;
    alerts(&hub, "device=pump", 1).await;
    stop.send(()).unwrap();
    task::spawn_blocking(|| slow.join().unwrap()).await.unwrap();
    assert!(raw(&hub, "/healthz", "localhost").starts_with("HTTP/1.1 200"));
    hub.stop().await.unwrap();
    assert!(
        said.texts().iter().all(|text| !text.contains("cannot")),
        "{:?}",
        said.texts()
    );
    let (hub, _) = start(folder.path(), "").await.unwrap();
    let known = get(&hub, "/api/v1/devices").await["devices"].clone();
    let mut known = known.as_array().unwrap().clone();
    known.retain(|row| row["device"] != "pump");
    assert_eq!(known.len(), 8);
    assert!(known.iter().all(|row| row["reports"] == 50), "{known:?}");
    hub.stop().await.unwrap();
}

/// Whoever watches the hub is told, and devices send again.
#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_takes_nothing_is_unhealthy_until_it_does() {
    let folder = tempfile::tempdir().unwrap();
    let (hub, _) = start(folder.path(), "").await.unwrap();
    let is = |status: &str| raw(&hub, "/healthz", "localhost").starts_with(status);
    assert!(is("HTTP/1.1 200"));
    let other = rusqlite::Connection::open(folder.path().join(store::FILE)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let device = "pump".to_owned();
    let payload = scan(1);
    assert!(!put(hub.intake(), What::Report { device, payload }).await);
    until("it is unhealthy", || is("HTTP/1.1 503")).await;
    assert!(raw(&hub, "/healthz", "localhost").contains("the store takes nothing"));
    other.execute_batch("ROLLBACK").unwrap();
    report(&hub, "pump", scan(1)).await;
    until("it is healthy again", || is("HTTP/1.1 200")).await;
    alerts(&hub, "device=pump", 1).await;
    hub.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_was_set_back_repeats_nothing() {
    const DAY: u32 = 24 * 60 * 60;
    let folder = tempfile::tempdir().unwrap();
    // A hub of which the clock is a day ahead: what it receives has that time.
    let (hub, _) = start(folder.path(), "").await.unwrap();
    let (told, kept) = oneshot::channel();
    let delivery = Delivery {
        received: now() + DAY,
        what: What::Report {
            device: "pump".into(),
            payload: scan(1),
        },
        kept: Some(told),
    };
    hub.intake().put(delivery).await.unwrap();
    kept.await.unwrap();
    let before = alerts(&hub, "", 1).await;
    hub.stop().await.unwrap();
    // The clock is right again.
    let (hub, said) = start(folder.path(), "").await.unwrap();
    assert!(
        said.texts()
            .iter()
            .any(|text| text.contains("the clock of this machine is")),
        "{:?}",
        said.texts()
    );
    let text = raw(&hub, "/metrics", "localhost");
    let ahead = text
        .lines()
        .find_map(|line| line.strip_prefix("defender_clock_ahead_seconds "))
        .unwrap();
    let ahead: f64 = ahead.parse().unwrap();
    assert!(ahead > f64::from(DAY) - 300.0, "{ahead}");
    // The same once more, and something new.
    report(&hub, "pump", scan(1)).await;
    report(&hub, "camera", scan(2)).await;
    alerts(&hub, "device=camera", 1).await;
    let again = alerts(&hub, "device=pump", 1).await;
    assert_eq!(again[0]["id"], before[0]["id"]);
    let seen = |alerts: &[serde_json::Value]| alerts[0]["last_seen"].as_u64().unwrap();
    assert!(seen(&again) >= seen(&before));
    let known = get(&hub, "/api/v1/devices").await["devices"].clone();
    for row in known.as_array().unwrap() {
        assert!(row["last_seen"].as_u64().unwrap() >= u64::from(now() + DAY - 300));
    }
    // Nobody was silent for a day.
    alerts(&hub, "", 2).await;
    hub.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_jumps_ahead_makes_nobody_silent() {
    let folder = tempfile::tempdir().unwrap();
    let (hub, _) = start(folder.path(), "").await.unwrap();
    for (number, hours) in [0, 0, 5, 5].into_iter().enumerate() {
        let (told, kept) = oneshot::channel();
        let delivery = Delivery {
            received: now() + hours * 3600,
            what: What::Report {
                device: format!("device-{}", number % 2),
                payload: connection(number as u128, [192, 0, 2, 7]),
            },
            kept: Some(told),
        };
        hub.intake().put(delivery).await.unwrap();
        kept.await.unwrap();
    }
    // Both are there before and after: had the time between been silence, there would be an alert.
    report(&hub, "last", scan(9)).await;
    let found = alerts(&hub, "device=last", 1).await;
    assert_eq!(found.len(), 1);
    alerts(&hub, "", 1).await;
    hub.stop().await.unwrap();
}
