//! How fast, and how much: run by hand, in release.
//!
//! ```text
//! cargo test --release -p defender-hub --test service scale -- --ignored --nocapture
//! ```

use std::{
    net::SocketAddr,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use defender_hub::intake::{Delivery, What};
use tokio::sync::oneshot;

use crate::{
    client::{Client, Connect, OURS, Packet, publish},
    support::{connection, get, now, scan, start},
};

/// Puts in so many reports of so many devices, and waits until the last is acknowledged and has had its effect.
async fn feed(folder: &Path, reports: u64, devices: u64) -> f64 {
    let (hub, _) = start(folder, "").await.unwrap();
    let begun = Instant::now();
    let mut last = None;
    for number in 0..reports {
        let peer = [10, 2, 0, (number % 200) as u8];
        let (told, kept) = oneshot::channel();
        let delivery = Delivery {
            received: now(),
            what: What::Report {
                device: format!("device-{}", number % devices),
                payload: connection(number.into(), peer),
            },
            kept: Some(told),
        };
        hub.intake().put(delivery).await.unwrap();
        last = Some(kept);
    }
    last.unwrap().await.unwrap();
    let kept = begun.elapsed().as_secs_f64();
    // What was journaled has had its effect when it has stopped.
    hub.stop().await.unwrap();
    let seconds = begun.elapsed().as_secs_f64();
    println!(
        "{reports} reports of {devices} devices: acknowledged within {kept:.1} s, effect within {seconds:.1} s: {:.0} a second",
        reports as f64 / seconds
    );
    seconds
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes long, and measures"]
async fn reports_through_journal_and_detection() {
    let folder = tempfile::tempdir().unwrap();
    feed(folder.path(), 1_000_000, 10_000).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes long, and measures"]
async fn a_million_devices_are_there_within_ten_seconds() {
    let folder = tempfile::tempdir().unwrap();
    feed(folder.path(), 1_000_000, 1_000_000).await;
    let size = folder.path().join("hub.db").metadata().unwrap().len();
    let begun = Instant::now();
    let (hub, _) = start(folder.path(), "").await.unwrap();
    let seconds = begun.elapsed().as_secs_f64();
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let memory = status.lines().find(|line| line.starts_with("VmHWM"));
    println!(
        "start with a million devices: {seconds:.1} s; store {} MB; {}",
        size >> 20,
        memory.unwrap_or_default()
    );
    let devices = get(&hub, "/api/v1/devices?limit=1").await;
    assert_eq!(devices["devices"].as_array().unwrap().len(), 1);
    hub.stop().await.unwrap();
    assert!(seconds < 10.0);
}

/// Connections that send as fast as the hub acknowledges, or at a pace; how many messages were acknowledged.
fn load(
    address: SocketAddr,
    connections: usize,
    each: Option<u32>,
    lasts: Duration,
) -> Vec<thread::JoinHandle<u64>> {
    const WINDOW: u64 = 50;
    (0..connections)
        .map(|number| {
            thread::spawn(move || {
                let device = format!("load-{number}");
                let mut client = Client::connected(address, &Connect::new(&device));
                let topic = format!("devices/{device}/messages/events/{OURS}");
                let begun = Instant::now();
                let (mut sent, mut kept) = (0, 0_u64);
                while begun.elapsed() < lasts {
                    let due = each.map_or(u64::MAX, |each| {
                        (begun.elapsed().as_secs_f64() * f64::from(each)) as u64
                    });
                    let mut bytes = Vec::new();
                    while sent < (kept + WINDOW).min(due) {
                        sent += 1;
                        let payload = connection(sent.into(), [10, 2, 0, (sent % 200) as u8]);
                        let id = Some((sent % 60_000) as u16 + 1);
                        bytes.extend(publish(&topic, &payload, id));
                    }
                    client.send(&bytes);
                    if sent == kept {
                        thread::sleep(Duration::from_millis(2));
                        continue;
                    }
                    // As many as are there: half of what is on its way.
                    for _ in 0..(sent - kept).div_ceil(2) {
                        assert!(matches!(client.next(), Some(Packet::PubAck(_))));
                        kept += 1;
                    }
                }
                kept
            })
        })
        .collect()
}

/// How long it takes each of a hundred devices from publishing a scan until a file of findings has it, sorted.
pub fn from_publish_to_sink(address: SocketAddr, file: &Path) -> Vec<Duration> {
    let mut times = Vec::new();
    for number in 0..100 {
        let device = format!("probe-{number}");
        let mut client = Client::connected(address, &Connect::new(&device));
        let topic = format!("devices/{device}/messages/events/{OURS}");
        let begun = Instant::now();
        client.publish(&topic, &scan(1), Some(1));
        let name = format!("\"{device}\"");
        while !std::fs::read_to_string(file)
            .unwrap_or_default()
            .contains(&name)
        {
            assert!(begun.elapsed() < Duration::from_secs(30));
            thread::sleep(Duration::from_millis(2));
        }
        times.push(begun.elapsed());
        thread::sleep(Duration::from_millis(20));
    }
    times.sort();
    times
}

pub fn load_average() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().unwrap_or("unknown").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes long, and measures"]
async fn reports_from_mqtt_to_the_journal() {
    let folder = tempfile::tempdir().unwrap();
    let (hub, _) = start(folder.path(), "").await.unwrap();
    let before = load_average();
    let clients = load(
        hub.mqtt_address().unwrap(),
        64,
        None,
        Duration::from_secs(10),
    );
    let begun = Instant::now();
    let kept = tokio::task::spawn_blocking(move || {
        clients
            .into_iter()
            .map(|one| one.join().unwrap())
            .sum::<u64>()
    });
    let kept = kept.await.unwrap();
    let seconds = begun.elapsed().as_secs_f64();
    println!(
        "{kept} reports of 64 connections acknowledged in {seconds:.1} s: {:.0} a second; load before {before}",
        kept as f64 / seconds
    );
    hub.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes long, and measures"]
async fn from_publish_to_sink_at_half_load() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("alerts.jsonl");
    let (hub, _) = start(folder.path(), &format!("[[sink.ocsf]]\nfile = {file:?}"))
        .await
        .unwrap();
    let address = hub.mqtt_address().unwrap();
    let before = load_average();
    let clients = load(address, 60, Some(250), Duration::from_secs(15));
    let told = tokio::task::spawn_blocking(move || {
        thread::sleep(Duration::from_secs(2));
        from_publish_to_sink(address, &file)
    });
    let times = told.await.unwrap();
    let kept = tokio::task::spawn_blocking(move || {
        clients
            .into_iter()
            .map(|one| one.join().unwrap())
            .sum::<u64>()
    });
    println!(
        "publish to sink: median {:?}, p99 {:?} of {}; {} reports beside them in 15 s; load before {before}",
        times[times.len() / 2],
        times[times.len() * 99 / 100],
        times.len(),
        kept.await.unwrap()
    );
    hub.stop().await.unwrap();
}

/// A store of as many GiB as the variable says, 10 when it says nothing: traffic of 60 days, of which half is too old. It is used while
/// that is deleted, and until the file has shrunk.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes long, and measures; needs as much room on the disk"]
async fn a_store_of_ten_gigabytes_stays_usable() {
    let gib: u64 = std::env::var("DEFENDER_STORE_GIB")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(10);
    let folder = tempfile::tempdir().unwrap();
    feed(folder.path(), 10_000, 1000).await;
    let path = folder.path().join(defender_hub::store::FILE);
    let size = || path.metadata().unwrap().len() >> 20;
    fill(&path, gib);
    let full = size();
    let begun = Instant::now();
    let (hub, _) = start(folder.path(), "").await.unwrap();
    println!("start: {:.1} s", begun.elapsed().as_secs_f64());
    let others = load(
        hub.mqtt_address().unwrap(),
        10,
        Some(100),
        Duration::from_secs(3600),
    );
    let (mut answers, mut kept) = (Vec::new(), Vec::new());
    let begun = Instant::now();
    // When the size was looked at last, and when it began and ended to shrink.
    let (mut looked, mut last, mut shrinking) = (begun, full, None);
    // What is too old goes from a minute after the start on.
    while begun.elapsed() < Duration::from_secs(3600) {
        let asked = Instant::now();
        get(&hub, "/api/v1/devices/device-7/traffic").await;
        answers.push(asked.elapsed());
        let put = Instant::now();
        crate::support::report(&hub, "probe", connection(7, [10, 2, 0, 1])).await;
        kept.push(put.elapsed());
        if looked.elapsed() >= Duration::from_secs(20) {
            looked = Instant::now();
            let now = size();
            println!("{:.0} s: {now} MiB", begun.elapsed().as_secs_f64());
            if now == last && last < full * 3 / 4 {
                break;
            }
            if now < full {
                shrinking.get_or_insert((looked, last));
            }
            last = now;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    for (what, times) in [("answers", &mut answers), ("acknowledgements", &mut kept)] {
        times.sort();
        println!(
            "{} {what}: median {:?}, p99 {:?}, worst {:?}",
            times.len(),
            times[times.len() / 2],
            times[times.len() * 99 / 100],
            times[times.len() - 1]
        );
    }
    let (since, before) = shrinking.unwrap();
    println!(
        "{full} MiB at first, {last} MiB at the end; {:.1} MiB a second; load {}",
        (before - last) as f64 / (since.elapsed().as_secs_f64() - 20.0).max(1.0),
        load_average()
    );
    hub.stop().await.unwrap();
    drop(others);
    assert!(kept[kept.len() * 99 / 100] < Duration::from_secs(1));
    assert!(kept[kept.len() - 1] < Duration::from_secs(2));
}

fn fill(path: &Path, gib: u64) {
    let begun = Instant::now();
    let mut database = rusqlite::Connection::open(path).unwrap();
    database.pragma_update(None, "synchronous", "OFF").unwrap();
    let hours = 60 * 24;
    let first = now() / 3600 - hours;
    // A row takes about 27 bytes.
    let peers = u32::try_from((gib << 30) / 27 / 1000 / u64::from(hours)).unwrap();
    for hour in first..first + hours {
        let transaction = database.transaction().unwrap();
        let mut insert = transaction
            .prepare(
                "INSERT OR IGNORE INTO traffic (hour, device, peer, protocol, port, at_device, bytes_in, bytes_out)
                 VALUES (?1, ?2, ?3, 6, 443, 0, 1000, 2000)",
            )
            .unwrap();
        for device in 1..=1000 {
            for peer in 0..peers {
                let peer = std::net::Ipv4Addr::from(0x0A00_0000 + peer).octets();
                insert
                    .execute(rusqlite::params![hour, device, peer])
                    .unwrap();
            }
        }
        drop(insert);
        transaction.commit().unwrap();
    }
    drop(database);
    // What the system has not written yet is nothing that the hub is to wait for.
    std::fs::File::open(path).unwrap().sync_all().unwrap();
    println!(
        "{gib} GiB: filled within {:.0} s",
        begun.elapsed().as_secs_f64()
    );
}
