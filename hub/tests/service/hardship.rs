//! A disk that is slow or full, and a clock that is wrong.

use std::{env, fs, process::Command, time::Duration};

use defender_hub::{
    intake::{Delivery, What},
    store,
};
use tokio::{sync::oneshot, task};

use crate::{
    client::{Client, Connect, OURS, Packet},
    killed::{command, folder},
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

/// A hub on a disk of its own, which somebody else fills, and makes room on again.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "is started by another test, with a small disk"]
async fn on_a_small_disk() {
    let disk = folder();
    let (hub, said) = start(&disk.join("hub"), "").await.unwrap();
    let is = |status: &str| raw(&hub, "/healthz", "localhost").starts_with(status);
    report(&hub, "before", scan(1)).await;
    alerts(&hub, "device=before", 1).await;
    let ballast = disk.join("ballast");
    let filled = fs::write(&ballast, vec![0; 64 << 20]);
    assert_eq!(filled.unwrap_err().kind(), std::io::ErrorKind::StorageFull);
    let (device, payload) = ("during".to_owned(), vec![7; 256 << 10].into());
    assert!(!put(hub.intake(), What::Report { device, payload }).await);
    until("it is unhealthy", || is("HTTP/1.1 503")).await;
    let is_said = || {
        let texts = said.texts();
        texts.iter().any(|text| text.contains("is full: make room"))
    };
    until("it is said", is_said).await;
    fs::remove_file(ballast).unwrap();
    // What comes next is taken, and shows that there is room.
    report(&hub, "after", scan(2)).await;
    until("it is healthy again", || is("HTTP/1.1 200")).await;
    alerts(&hub, "", 2).await;
    hub.stop().await.unwrap();
    println!("the hub has stopped");
}

#[test]
fn a_full_disk_is_said_and_all_goes_on_when_there_is_room() {
    const SCRIPT: &str =
        r#"mount -t tmpfs -o size=16m,mode=700 none "$1" || exit 99; shift; exec "$@""#;
    let disk = tempfile::tempdir().unwrap();
    let hub = command("hardship::on_a_small_disk", disk.path());
    let mut alone = Command::new("unshare");
    alone
        .args([
            "--user",
            "--map-root-user",
            "--mount",
            "sh",
            "-c",
            SCRIPT,
            "sh",
        ])
        .arg(disk.path())
        .arg(hub.get_program())
        .args(hub.get_args())
        .envs(
            hub.get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        );
    let output = alone.output();
    let has_none = match &output {
        Ok(output) => output.status.code() == Some(99) || output.stdout.is_empty(),
        Err(_) => true,
    };
    if has_none {
        let reason = format!("no disk of its own: {output:?}");
        assert!(env::var_os("CI").is_none(), "{reason}");
        eprintln!("skipped: {reason}");
        return;
    }
    let output = output.unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && told.contains("the hub has stopped"),
        "{told}{}",
        String::from_utf8_lossy(&output.stderr)
    );
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
