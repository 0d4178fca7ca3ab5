//! A hundred thousand simulated devices, each with the pure agent, and enrolled: run by hand, in release.
//!
//! ```text
//! cargo test --release -p defender-hub --test service fleet -- --ignored --nocapture --test-threads=1
//! ```
//!
//! Behind a broker they are one connection of the hub's. Each with a connection of its own, they take turns, since hub and generator are one
//! process, which may have 20,000 files open on many machines: each connects with its token, sends its reports one after the other, and goes.

use std::{
    net::SocketAddr,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use defender_agent::Settings;
use defender_hub::identity::{KeyFiles, SharedKey};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    task, time,
};

use crate::{
    client::{Connect, OURS, publish},
    scale::{from_publish_to_sink, load_average},
    support::{get, now, start},
};

mod broker;
mod device;

use self::device::Device;

const DEVICES: usize = 100_000;

/// Devices that are connected at a time.
const AT_ONCE: usize = 4000;

fn id(number: usize) -> String {
    format!("fleet-{number}")
}

/// Enrols all of them with the same key.
fn enrol(folder: &Path) -> SharedKey {
    let key = SharedKey::make().unwrap();
    let sealing = KeyFiles::of(folder).sealing_key().unwrap();
    let path = folder.join(defender_hub::store::FILE);
    let mut database = rusqlite::Connection::open(path).unwrap();
    let transaction = database.transaction().unwrap();
    for number in 0..DEVICES {
        let id = id(number);
        let sealed = sealing.seal(&id, &key).unwrap();
        transaction
            .execute(
                "INSERT INTO devices (id, role, key, added) VALUES (?1, 'device', ?2, ?3)",
                rusqlite::params![id, sealed, now()],
            )
            .unwrap();
    }
    transaction.commit().unwrap();
    key
}

/// A connection from an address of the turn's own: the hub lets no address have many that have not said who they are.
async fn open(turn: usize, address: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    let [high, low] = (turn as u16).to_be_bytes();
    socket
        .bind(SocketAddr::from(([127, 1, high, low], 0)))
        .unwrap();
    socket.connect(address).await.unwrap()
}

/// The devices of one turn after the other, each with so many reports; how long each report took to be acknowledged.
async fn turns(
    address: SocketAddr,
    turn: usize,
    reports: u32,
    pause: Duration,
    key: Arc<SharedKey>,
    settings: Arc<Settings>,
) -> Vec<Duration> {
    let mut times = Vec::new();
    // All begin at other moments.
    let mut due = time::Instant::now() + pause.mul_f64(turn as f64 / AT_ONCE as f64);
    for number in (turn..DEVICES).step_by(AT_ONCE) {
        let id = id(number);
        let mut device = Device::new(&id, &settings);
        time::sleep_until(due).await;
        let mut stream = open(turn, address).await;
        stream.set_nodelay(true).unwrap();
        let user = format!("127.0.0.1/{id}/?api-version=2020-09-30");
        let token = key.sign("127.0.0.1", &id, u64::from(now()) + 3600);
        let connect = Connect::with(&id, &user, &token).bytes();
        stream.write_all(&connect).await.unwrap();
        let mut answer = [0; 4];
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(answer, [0x20, 2, 0, 0], "{id}");
        let topic = format!("devices/{id}/messages/events/{OURS}");
        let mut sent = 0;
        while sent < reports {
            time::sleep_until(due).await;
            due += pause;
            let mut bytes = Vec::new();
            let before = sent;
            // Of the device's seconds, those in which it has nothing to say take no time.
            while sent == before {
                device.next(&settings, |message| {
                    sent += 1;
                    bytes.extend(publish(&topic, message, Some(sent as u16)));
                });
            }
            let begun = Instant::now();
            stream.write_all(&bytes).await.unwrap();
            for _ in before..sent {
                stream.read_exact(&mut answer).await.unwrap();
                assert_eq!(answer[..2], [0x40, 2], "{id}");
                times.push(begun.elapsed());
            }
        }
        let _ = stream.write_all(&[0xE0, 0]).await;
    }
    times
}

/// All devices, so many reports of each, at a pace of so many a second. With probes it is measured beside it when a sink is told.
async fn run(reports: u32, pace: u32, has_probes: bool) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("alerts.jsonl");
    let config = format!("[[sink.ocsf]]\nfile = {file:?}\n[limits]\nconnections = 20000");
    // It makes the store.
    start(folder.path(), "")
        .await
        .unwrap()
        .0
        .stop()
        .await
        .unwrap();
    let key = Arc::new(enrol(folder.path()));
    let (hub, _) = start(folder.path(), &config).await.unwrap();
    let address = hub.mqtt_address().unwrap();
    let settings = Arc::new(device::settings());
    let before = load_average();
    let begun = Instant::now();
    let pause = Duration::from_secs(1).mul_f64(AT_ONCE as f64 / f64::from(pace));
    let turns: Vec<_> = (0..AT_ONCE)
        .map(|turn| {
            let (key, settings) = (Arc::clone(&key), Arc::clone(&settings));
            task::spawn(turns(address, turn, reports, pause, key, settings))
        })
        .collect();
    let probed = has_probes.then(|| {
        task::spawn_blocking(move || {
            std::thread::sleep(Duration::from_secs(5));
            from_publish_to_sink(address, &file)
        })
    });
    let mut times = Vec::new();
    for turn in turns {
        times.extend(turn.await.unwrap());
    }
    let seconds = begun.elapsed().as_secs_f64();
    times.sort();
    println!(
        "{DEVICES} devices, {} reports acknowledged in {seconds:.1} s: {:.0} a second of {pace} wanted; acknowledged within: median {:?}, p99 {:?}, worst {:?}; load before {before}",
        times.len(),
        times.len() as f64 / seconds,
        times[times.len() / 2],
        times[times.len() * 99 / 100],
        times[times.len() - 1],
    );
    if let Some(probed) = probed {
        let told = probed.await.unwrap();
        println!(
            "publish to sink: median {:?}, p99 {:?} of {}",
            told[told.len() / 2],
            told[told.len() * 99 / 100],
            told.len()
        );
    }
    let devices = get(&hub, "/api/v1/devices?limit=10000&after=fleet-9").await;
    let devices = devices["devices"].as_array().unwrap();
    assert!(devices.iter().all(|device| device["refused"] == 0));
    hub.stop().await.unwrap();
    let kept = times.len() as f64 / seconds;
    assert!(kept > f64::from(pace) * 0.9, "{kept:.0}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes long, and measures"]
async fn a_fleet_reports_as_fast_as_the_goal() {
    run(20, 30_000, false).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes long, and measures"]
async fn a_fleet_at_half_of_that_while_sinks_are_told() {
    run(10, 15_000, true).await;
}
