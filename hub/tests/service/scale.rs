//! How fast, and how much: run by hand, in release.
//!
//! ```text
//! cargo test --release -p defender-hub --test service scale -- --ignored --nocapture
//! ```

use std::{
    net::{IpAddr, SocketAddr},
    path::Path,
    thread,
    time::{Duration, Instant},
};

use defender_detect::{Detector, Input, Policy, Report};
use defender_hub::intake::{Delivery, What};
use defender_message::{
    SecurityMessage,
    decode::{Event, EventId, Payload},
    flow::{Flow, Protocol},
};
use tokio::sync::oneshot;

use crate::{
    client::{Client, Connect, OURS, Packet, publish},
    support::{connection, get, now, peak, scan, start},
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

/// The state of a device that has reported once a minute for 30 hours, with a heartbeat and connections to fifteen servers; its last report was
/// `before` seconds ago.
fn state_of_thirty_hours(before: u32) -> Vec<u8> {
    let mut detector = Detector::new(Policy::default());
    let last = now() - before;
    for minute in (0..30 * 60).rev() {
        let time = last - 60 * minute;
        let mut message = SecurityMessage::new("defender-iot-micro-agent", 1 << 24);
        let flows = (1..=15)
            .map(|server| Flow {
                protocol: Protocol::Tcp,
                local_address: IpAddr::from([10, 0, 0, 2]),
                local_port: 40_000 + (minute % 5000) as u16,
                remote_address: IpAddr::from([10, 2, 0, server]),
                remote_port: 443,
                bytes_in: 2000,
                bytes_out: 1000,
            })
            .collect();
        for (number, payload) in [Payload::NetworkActivity { flows }, Payload::Heartbeat]
            .into_iter()
            .enumerate()
        {
            message.events.push(Event {
                id: EventId((u128::from(minute) * 2 + number as u128 + 1).to_be_bytes()),
                time,
                collection_interval: 60,
                payload,
            });
        }
        let report = Report {
            device: "device",
            received: Some(time),
            message: &message,
        };
        let changes = detector.feed(Input::Report(report));
        assert!(changes.is_empty(), "{changes:?}");
    }
    detector.state("device").unwrap()
}

/// A million devices that have reported for a day and more are there within ten seconds. Then all fall silent at once: alerts are told from the
/// first second on, whoever asks is answered, and everything stays within 4 GB.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes long, and measures; needs 5 GB on the disk"]
async fn a_million_devices_start_and_fall_silent() {
    const DEVICES: u32 = 1_000_000;
    let folder = tempfile::tempdir().unwrap();
    let (hub, _) = start(folder.path(), "").await.unwrap();
    hub.stop().await.unwrap();
    let state = state_of_thirty_hours(60);
    let path = folder.path().join(defender_hub::store::FILE);
    let mut database = rusqlite::Connection::open(&path).unwrap();
    let transaction = database.transaction().unwrap();
    let mut insert = transaction
        .prepare("INSERT INTO states (device, grouped, seen, reports, refused, state) VALUES (?1, 'default', ?2, 1800, 0, ?3)")
        .unwrap();
    for number in 0..DEVICES {
        let device = format!("device-{number:06}");
        insert
            .execute(rusqlite::params![device, now() - 60, state])
            .unwrap();
    }
    drop(insert);
    transaction.commit().unwrap();
    drop(database);
    std::fs::File::open(&path).unwrap().sync_all().unwrap();

    let settings = folder.path().join("detection.toml");
    std::fs::write(&settings, "[liveness]\njitter = \"1s\"\n").unwrap();
    let file = folder.path().join("alerts.jsonl");
    let config = format!(
        "[limits]\ndevices = {}\n[detection]\nconfig = {settings:?}\n[[sink.ocsf]]\nfile = {file:?}",
        DEVICES + 1
    );
    let before = load_average();
    let begun = Instant::now();
    let (hub, _) = start(folder.path(), &config).await.unwrap();
    let started = begun.elapsed();
    println!(
        "start with a million states of {} bytes: {started:.1?}; at most {} MiB; load before {before}",
        state.len(),
        peak()
    );
    // Three heartbeats are missing.
    let open = async || {
        let asked = Instant::now();
        let status = get(&hub, "/api/v1/status").await;
        let open = status["open_alerts"].as_array().unwrap().iter();
        (
            open.filter_map(|count| count.as_u64()).sum::<u64>(),
            asked.elapsed(),
        )
    };
    let (mut first, mut slowest, mut kept) = (None, Duration::ZERO, Duration::ZERO);
    loop {
        let (open, took) = open().await;
        slowest = slowest.max(took);
        // Another device is acknowledged all the same.
        let put = Instant::now();
        let message = connection(begun.elapsed().as_millis(), [10, 2, 0, 1]);
        crate::support::report(&hub, "another", message).await;
        kept = kept.max(put.elapsed());
        if open > 0 {
            first.get_or_insert_with(Instant::now);
        }
        if open == u64::from(DEVICES) {
            break;
        }
        assert!(begun.elapsed() < Duration::from_secs(900), "{open} alerts");
        // Counting a million takes a second by itself on a slow machine.
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
    let since = first.unwrap();
    let all = since.elapsed();
    println!(
        "all silent at once: alerts after {:.1?}, the last of them {all:.1?} after the first; meanwhile an answer within {slowest:.1?}, a report of another device acknowledged within {kept:.1?}; at most {} MiB",
        since - begun,
        peak()
    );
    hub.stop().await.unwrap();
    assert!(peak() < 4096, "{} MiB", peak());
    assert!(slowest < Duration::from_secs(5), "{slowest:?}");
    assert!(kept < Duration::from_secs(5), "{kept:?}");
    assert!(started < Duration::from_secs(10), "{started:?}");
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

/// What a variable says, or how much it is when it says nothing.
fn variable(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |text| text.parse().unwrap())
}

/// A store of `DEFENDER_STORE_GIB`, 10 when it says nothing: traffic of 60 days, of which half is too old. It is used while that is deleted, and
/// until the file has shrunk or `DEFENDER_STORE_MINUTES`, 60 when it says nothing, are over.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes long, and measures; needs as much room on the disk"]
async fn a_store_of_ten_gigabytes_stays_usable() {
    let gib = variable("DEFENDER_STORE_GIB", 10);
    let watched = Duration::from_secs(60 * variable("DEFENDER_STORE_MINUTES", 60));
    let folder = tempfile::tempdir().unwrap();
    feed(folder.path(), 10_000, 1000).await;
    let path = folder.path().join(defender_hub::store::FILE);
    let size = || path.metadata().unwrap().len() >> 20;
    fill(&path, gib);
    let full = size();
    let begun = Instant::now();
    let (hub, _) = start(folder.path(), "").await.unwrap();
    println!("start: {:.1} s", begun.elapsed().as_secs_f64());
    let others = load(hub.mqtt_address().unwrap(), 10, Some(100), watched);
    let (mut answers, mut kept) = (Vec::new(), Vec::new());
    let begun = Instant::now();
    // When the size was looked at last, and when it began and ended to shrink.
    let (mut looked, mut last, mut shrinking) = (begun, full, None);
    // What is too old goes from a minute after the start on.
    while begun.elapsed() < watched {
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
    let database = rusqlite::Connection::open(path).unwrap();
    database.pragma_update(None, "synchronous", "OFF").unwrap();
    let hours = 60 * 24;
    let first = now() / 3600 - hours;
    // A row takes about 27 bytes.
    let peers = u32::try_from((gib << 30) / 27 / 1000 / u64::from(hours)).unwrap();
    database
        .execute_batch("CREATE TEMP TABLE devices (id INTEGER PRIMARY KEY); CREATE TEMP TABLE peers (id INTEGER PRIMARY KEY, peer BLOB)")
        .unwrap();
    for device in 1..=1000 {
        database
            .execute("INSERT INTO devices VALUES (?1)", [device])
            .unwrap();
    }
    for peer in 0..peers {
        let address = std::net::Ipv4Addr::from(0x0A00_0000 + peer).octets();
        database
            .execute("INSERT INTO peers VALUES (?1, ?2)", (peer, address))
            .unwrap();
    }
    for hour in first..first + hours {
        database
            .execute(
                "INSERT OR IGNORE INTO traffic (hour, device, peer, protocol, port, at_device, bytes_in, bytes_out)
                 SELECT ?1, devices.id, peer, 6, 443, 0, 1000, 2000 FROM devices CROSS JOIN peers",
                [hour],
            )
            .unwrap();
    }
    drop(database);
    // What the system has not written yet is nothing that the hub is to wait for.
    std::fs::File::open(path).unwrap().sync_all().unwrap();
    println!(
        "{gib} GiB: filled within {:.0} s",
        begun.elapsed().as_secs_f64()
    );
}
