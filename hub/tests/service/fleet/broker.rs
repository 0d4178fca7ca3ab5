//! All devices behind a broker, which is a connection of the hub's: the generator is that broker, and sends on as fast as it is told that the
//! hub has what came before.

use std::{
    io::{BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc, Condvar, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Instant,
};

use tokio::task;

use super::{
    DEVICES,
    device::{self, Device},
    id,
};
use crate::{
    client::{OURS, packet, publish, read},
    scale::load_average,
    support::start,
};

/// Reports of each device.
const REPORTS: u32 = 20;

/// Messages that the hub has not acknowledged, at most: what brokers allow that are set up for a fleet.
const WINDOW: u64 = 1000;

/// How many messages the hub has acknowledged, and how often it wants to know whether we are there.
#[derive(Default)]
struct Kept {
    count: Mutex<u64>,
    more: Condvar,
    pings: AtomicU64,
}

impl Kept {
    /// Waits until it has so many.
    fn wait_for(&self, count: u64) {
        let kept = self.count.lock().unwrap();
        drop(self.more.wait_while(kept, |kept| *kept < count).unwrap());
    }

    /// Counts what the hub acknowledges, as long as it is there.
    fn count(&self, stream: TcpStream) {
        let mut stream = BufReader::new(stream);
        while let Ok((first, _)) = read(&mut stream) {
            match first >> 4 {
                4 => {
                    *self.count.lock().unwrap() += 1;
                    self.more.notify_one();
                }
                12 => drop(self.pings.fetch_add(1, Ordering::Relaxed)),
                14 => return,
                other => panic!("packet of kind {other}"),
            }
        }
    }
}

/// Answers the hub that connects, until it is subscribed.
fn subscribed(listener: &TcpListener) -> TcpStream {
    let (mut stream, _) = listener.accept().unwrap();
    stream.set_nodelay(true).unwrap();
    loop {
        let (first, content) = read(&mut stream).unwrap();
        match first >> 4 {
            1 => stream.write_all(&[0x20, 2, 0, 0]).unwrap(),
            8 => {
                let mut answer = content[..2].to_vec();
                let mut at = 2;
                while at < content.len() {
                    // A length, the filter, and its QoS.
                    at += 3 + usize::from(u16::from_be_bytes([content[at], content[at + 1]]));
                    answer.push(1);
                }
                stream.write_all(&packet(0x90, &answer)).unwrap();
                return stream;
            }
            other => panic!("packet of kind {other}"),
        }
    }
}

/// Lets seconds pass for all devices until each has sent its reports; gives how many that were.
fn send(stream: &mut TcpStream, kept: &Kept, devices: &mut [Device]) -> u64 {
    let settings = device::settings();
    let mut sent = 0_u64;
    let mut bytes = Vec::new();
    for _ in 0..REPORTS {
        for (number, device) in devices.iter_mut().enumerate() {
            let topic = format!("devices/{}/messages/events/{OURS}", id(number));
            let before = sent;
            while sent == before {
                device.next(&settings, |message| {
                    sent += 1;
                    let id = (sent % 60_000) as u16 + 1;
                    bytes.extend(publish(&topic, message, Some(id)));
                });
            }
            if bytes.len() > 16 << 10 {
                for _ in 0..kept.pings.swap(0, Ordering::Relaxed) {
                    bytes.extend([0xD0, 0]);
                }
                kept.wait_for(sent.saturating_sub(WINDOW));
                stream.write_all(&bytes).unwrap();
                bytes.clear();
            }
        }
    }
    stream.write_all(&bytes).unwrap();
    kept.wait_for(sent);
    sent
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes long, and measures"]
async fn a_fleet_behind_a_broker_reports_as_fast_as_the_goal() {
    let folder = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let broker = listener.local_addr().unwrap();
    let config =
        format!("[[source.mqtt]]\nname = \"fleet\"\nurl = \"mqtt://{broker}\"\nsession = \"hub\"");
    let (hub, _) = start(folder.path(), &config).await.unwrap();
    let sending = task::spawn_blocking(move || {
        let settings = device::settings();
        let mut devices: Vec<_> = (0..DEVICES)
            .map(|number| Device::new(&id(number), &settings))
            .collect();
        let mut stream = subscribed(&listener);
        let kept = Arc::new(Kept::default());
        let acknowledgements = stream.try_clone().unwrap();
        let counter = Arc::clone(&kept);
        thread::spawn(move || counter.count(acknowledgements));
        let before = load_average();
        let begun = Instant::now();
        let sent = send(&mut stream, &kept, &mut devices);
        (before, begun, begun.elapsed().as_secs_f64(), sent)
    });
    let (before, begun, seconds, sent) = sending.await.unwrap();
    // What was journaled has had its effect when it has stopped.
    hub.stop().await.unwrap();
    let effect = begun.elapsed().as_secs_f64();
    let pace = sent as f64 / seconds;
    println!(
        "{DEVICES} devices behind a broker, {sent} reports acknowledged in {seconds:.1} s: {pace:.0} a second; effect within {effect:.1} s; load before {before}"
    );
    let store = rusqlite::Connection::open(folder.path().join(defender_hub::store::FILE)).unwrap();
    let known: (i64, i64) = store
        .query_row(
            "SELECT COUNT(*), SUM(reports) FROM states WHERE device LIKE 'fleet-%'",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .unwrap();
    assert_eq!(known, (DEVICES as i64, sent as i64));
    assert!(pace >= 30_000.0, "{pace:.0}");
}
