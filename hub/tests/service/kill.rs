//! A hub that is killed at any moment while devices report to its own endpoint: whatever a device saw acknowledged has its effect, and no alert
//! is told twice under one id.
//!
//! The hub is this test program itself, started again with another test of it, `serve`.

use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use crate::{
    client::{Client, Connect, OURS, Packet},
    killed::{Killed, command, config, findings, folder, random, rounds, uid},
    support::{SOON, get, scan, start},
};

const DEVICES: usize = 16;

/// Messages of a device that are on their way.
const WINDOW: u64 = 20;

/// A hub that says where it listens, until it is killed.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "is started by other tests"]
async fn serve() {
    let folder = folder();
    let (hub, _) = start(&folder, &config(&folder)).await.unwrap();
    println!("at {}", hub.mqtt_address().unwrap());
    std::future::pending().await
}

/// A hub, and where it listens.
fn hub(folder: &Path) -> (Killed, SocketAddr) {
    let mut child = Killed(command("kill::serve", folder).spawn().unwrap());
    let out = BufReader::new(child.0.stdout.take().unwrap());
    for line in out.lines() {
        let line = line.unwrap();
        if let Some((_, address)) = line.split_once("at 127") {
            return (child, format!("127{address}").parse().unwrap());
        }
    }
    panic!("the hub did not start");
}

/// What devices and the test have in common.
#[derive(Default)]
struct Shared {
    address: Mutex<Option<SocketAddr>>,
    is_over: AtomicBool,
    kept: AtomicU64,
}

/// A device that sends scans, and what was not acknowledged again to the next hub. How many it has sent, and how many were acknowledged.
fn device(name: &str, shared: &Shared) -> (u64, u64) {
    let topic = format!("devices/{name}/messages/events/{OURS}");
    let (mut sent, mut kept) = (0, 0);
    while !shared.is_over.load(Ordering::Relaxed) {
        let address = *shared.address.lock().unwrap();
        let Some(stream) = address.and_then(|at| std::net::TcpStream::connect(at).ok()) else {
            thread::sleep(Duration::from_millis(5));
            continue;
        };
        stream.set_read_timeout(Some(SOON)).unwrap();
        let mut client = Client(stream);
        client.send(&Connect::new(name).bytes());
        if !matches!(client.next(), Some(Packet::ConnAck { code: 0, .. })) {
            continue;
        }
        let mut on_the_way = kept;
        loop {
            while on_the_way < kept + WINDOW {
                on_the_way += 1;
                let id = Some((on_the_way % 60_000) as u16 + 1);
                client.publish(&topic, &scan(on_the_way.into()), id);
            }
            sent = on_the_way.max(sent);
            match client.next() {
                Some(Packet::PubAck(_)) => {
                    kept += 1;
                    shared.kept.fetch_add(1, Ordering::Relaxed);
                }
                _ => break,
            }
            if shared.is_over.load(Ordering::Relaxed) {
                break;
            }
        }
    }
    (sent, kept)
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_a_device_saw_acknowledged_is_lost_when_the_hub_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let shared = Arc::new(Shared::default());
    let devices: Vec<_> = (0..DEVICES)
        .map(|number| {
            let shared = Arc::clone(&shared);
            let name = format!("device-{number}");
            thread::spawn(move || {
                let (sent, kept) = device(&name, &shared);
                (name, sent, kept)
            })
        })
        .collect();
    let mut seed = 0x2545_F491_4F6C_DD1D_u64;
    for round in 0..rounds() {
        let before = shared.kept.load(Ordering::Relaxed);
        let (child, address) = hub(folder.path());
        *shared.address.lock().unwrap() = Some(address);
        let begun = Instant::now();
        while shared.kept.load(Ordering::Relaxed) == before {
            assert!(
                begun.elapsed() < SOON,
                "round {round}: nothing is acknowledged"
            );
            thread::sleep(Duration::from_millis(1));
        }
        thread::sleep(Duration::from_millis(random(&mut seed) % 700));
        drop(child);
    }
    shared.is_over.store(true, Ordering::Relaxed);
    let logs: Vec<_> = devices.into_iter().map(|one| one.join().unwrap()).collect();
    judge(folder.path(), &logs).await;
}

async fn judge(folder: &Path, logs: &[(String, u64, u64)]) {
    let (hub, _) = start(folder, &config(folder)).await.unwrap();
    let known = get(&hub, "/api/v1/devices").await["devices"].clone();
    let known = known.as_array().unwrap();
    assert_eq!(known.len(), DEVICES);
    for (name, sent, kept) in logs {
        let row = known.iter().find(|row| row["device"] == name.as_str());
        let row = row.unwrap();
        let reports = row["reports"].as_u64().unwrap();
        // Some came twice: what was not acknowledged when the hub was killed.
        let most = sent + rounds() * WINDOW;
        assert!(
            (*kept..=most).contains(&reports),
            "{name}: {sent} sent, {kept} acknowledged, {reports} there"
        );
        let open = get(&hub, &format!("/api/v1/alerts?state=open&device={name}")).await;
        let open = open["alerts"].as_array().unwrap().clone();
        // So many scans are floods, too, of each of the ports: each is one alert.
        let mut subjects: Vec<_> = open
            .iter()
            .map(|alert| format!("{} {}", alert["rule"], alert["service"]))
            .collect();
        let count = subjects.len();
        subjects.sort_unstable();
        subjects.dedup();
        assert_eq!(subjects.len(), count, "{name}: {open:#?}");
        assert_eq!(
            subjects
                .iter()
                .filter(|one| one.contains("PortScan"))
                .count(),
            1,
            "{name}: {open:#?}"
        );
    }
    // One scan of each device, each change of which was told once.
    let begun = Instant::now();
    loop {
        let findings = findings(folder);
        let uids: Vec<_> = findings.iter().map(uid).collect();
        let raised = uids
            .iter()
            .filter(|uid| uid.starts_with("PortScan") && uid.ends_with("/raised"));
        let raised = raised.count();
        assert!(raised <= DEVICES, "{uids:?}");
        if raised == DEVICES {
            break;
        }
        assert!(begun.elapsed() < SOON, "{raised} of {DEVICES}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    hub.stop().await.unwrap();
}
