//! A receiver of webhooks that is killed at any moment while alerts are raised: it gets each of them, and under one id one thing.
//!
//! The receiver is this test program itself, started again with another test of it, `receive`.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::Write,
    net::TcpListener,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use crate::{
    killed::{Killed, command, folder, random},
    receivers::free_port,
    sinks::Request,
    support::{SOON, get, report, scan, start},
};

/// How often the receiver is killed.
const ROUNDS: usize = 5;

/// How many changes a sink is told at a time. When it does not take one, all of them are told again.
const AT_ONCE: usize = 64;

/// Where it listens, and what it has got: an id and a finding a line.
const PORT: &str = "port";
const GOT: &str = "got";

/// Takes note of what comes before it says so, until it is killed.
#[test]
#[ignore = "is started by another test"]
fn receive() {
    let folder = folder();
    let port: u16 = fs::read_to_string(folder.join(PORT))
        .unwrap()
        .parse()
        .unwrap();
    let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
    for stream in listener.incoming() {
        let mut stream = stream.unwrap();
        let path = folder.join(GOT);
        thread::spawn(move || {
            let mut got = fs::File::options()
                .create(true)
                .append(true)
                .open(path)
                .unwrap();
            while let Some(request) = Request::read(&mut stream) {
                let id = request.header("webhook-id").unwrap();
                let body = String::from_utf8(request.body.clone()).unwrap();
                got.write_all(format!("{id} {body}\n").as_bytes()).unwrap();
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
            }
        });
    }
}

fn receiver(folder: &Path) -> Killed {
    Killed(command("killed_sink::receive", folder).spawn().unwrap())
}

/// What the receiver has got, whole lines.
fn got(folder: &Path) -> Vec<(String, String)> {
    let text = fs::read_to_string(folder.join(GOT)).unwrap_or_default();
    text.split_inclusive('\n')
        .filter_map(|line| line.strip_suffix('\n')?.split_once(' '))
        .map(|(id, body)| (id.to_owned(), body.to_owned()))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_is_killed_gets_every_alert_and_under_one_id_one_thing() {
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    fs::write(folder.path().join(PORT), port.to_string()).unwrap();
    let config = format!("[[sink.webhook]]\nurl = \"http://127.0.0.1:{port}\"");
    let (hub, _) = start(&folder.path().join("hub"), &config).await.unwrap();
    let is_over = Arc::new(AtomicBool::new(false));
    let killing = {
        let (is_over, folder) = (Arc::clone(&is_over), folder.path().to_owned());
        thread::spawn(move || {
            let mut seed = 0x2545_F491_4F6C_DD1D_u64;
            for round in 0..ROUNDS {
                let size = || fs::metadata(folder.join(GOT)).map_or(0, |file| file.len());
                let before = size();
                let receiver = receiver(&folder);
                let begun = Instant::now();
                while size() == before {
                    assert!(begun.elapsed() < 2 * SOON, "round {round}: nothing comes");
                    thread::sleep(Duration::from_millis(5));
                }
                thread::sleep(Duration::from_millis(random(&mut seed) % 200));
                drop(receiver);
            }
            is_over.store(true, Ordering::Relaxed);
        })
    };
    let mut devices = 0;
    while !is_over.load(Ordering::Relaxed) && !killing.is_finished() {
        report(&hub, &format!("device-{devices}"), scan(devices)).await;
        devices += 1;
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    killing.join().unwrap();
    let _receiver = receiver(folder.path());
    let begun = Instant::now();
    let bodies = loop {
        let got = got(folder.path());
        let mut bodies = BTreeMap::<_, BTreeSet<_>>::new();
        let times = got.len();
        for (id, body) in got {
            bodies.entry(id).or_default().insert(body);
        }
        let repeated = times - bodies.len();
        assert!(repeated <= ROUNDS * AT_ONCE, "{repeated} were told again");
        if bodies.len() >= usize::try_from(devices).unwrap() {
            break bodies;
        }
        assert!(begun.elapsed() < 4 * SOON, "{} of {devices}", bodies.len());
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    for (id, bodies) in &bodies {
        assert_eq!(bodies.len(), 1, "{id}");
    }
    let told: BTreeSet<_> = bodies.into_keys().collect();
    let mut raised = BTreeSet::new();
    let mut before = String::new();
    loop {
        let page = get(&hub, &format!("/api/v1/alerts?limit=10000{before}")).await;
        let ids = page["alerts"].as_array().unwrap().iter();
        let ids: Vec<_> = ids.map(|alert| alert["id"].as_str().unwrap()).collect();
        let Some(last) = ids.last() else { break };
        before = format!("&before={last}");
        raised.extend(ids.iter().map(|id| format!("{id}/raised")));
    }
    assert_eq!(told, raised);
    hub.stop().await.unwrap();
}
