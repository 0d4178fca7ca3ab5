//! A hundred thousand simulated devices, each with the pure agent, and enrolled: run by hand, in release.
//!
//! ```text
//! cargo test --release -p defender-hub --test service fleet -- --ignored --nocapture --test-threads=1
//! ```
//!
//! Hub and generator are one process, which may have 20,000 files open on many machines. So not all devices are connected at once: they
//! take turns, and each connects with its token, sends its reports one after the other, and goes.

use std::{
    net::SocketAddr,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use defender_agent::{
    Action, Agent, Environment, FlowTable, Priority, Settings, SystemInformation,
    packet::{self, Direction, NetworkOrder},
};
use defender_hub::identity::{KeyFiles, SharedKey};
use defender_replay::device::Repeatable;
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

const DEVICES: usize = 100_000;

/// Devices that are connected at a time.
const AT_ONCE: usize = 4000;

const SYSTEM: SystemInformation<'static> = SystemInformation {
    os_info: "simulated",
    kernel_info: "",
    hw_info: "",
};

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

/// A device: the agent, and packets that it sees.
struct Device {
    agent: Agent<1000>,
    flows: FlowTable<4, 1>,
    entropy: Repeatable,
    start: u32,
    second: u32,
}

impl Device {
    fn new(id: &str, settings: &Settings) -> Self {
        let start = now();
        let mut flows = FlowTable::new();
        flows.apply(settings);
        let mut device = Self {
            agent: Agent::new(),
            flows,
            entropy: Repeatable::new(id, start.into()),
            start,
            second: 0,
        };
        // The first second, in which it begins.
        device.next(settings, |_| {});
        device
    }

    /// Lets a second pass with some packets, and gives the messages that are due.
    fn next(&mut self, settings: &Settings, mut send: impl FnMut(&[u8])) {
        for (direction, protocol, port) in [
            (Direction::Out, 17, 53),
            (Direction::In, 17, 53),
            (Direction::Out, 6, 8883),
            (Direction::In, 6, 8883),
        ] {
            let bytes = ip(direction, protocol, port);
            let packet = packet::parse::<NetworkOrder>(&bytes, bytes.len()).unwrap();
            self.flows.observe(direction, &packet);
        }
        self.second += 1;
        let mut environment = Environment {
            uptime: self.second.into(),
            unix_time: Some(self.start + self.second),
            hub_connected: true,
            settings,
            system: SYSTEM,
            flows: &mut self.flows,
            entropy: &mut self.entropy,
        };
        while let Action::Send(message) = self.agent.poll(&mut environment) {
            send(message);
            self.agent.sent(true);
        }
    }
}

/// A packet between the device and a service.
fn ip(direction: Direction, protocol: u8, port: u16) -> [u8; 40] {
    let mut bytes = [0; 40];
    bytes[0] = 0x45;
    bytes[3] = 40;
    (bytes[8], bytes[9]) = (64, protocol);
    let (device, service) = ([10, 0, 0, 2], [10, 0, 0, 1]);
    let (from, to, ports) = match direction {
        Direction::Out => (device, service, [50_000, port]),
        Direction::In | Direction::InGroup => (service, device, [port, 50_000]),
    };
    bytes[12..16].copy_from_slice(&from);
    bytes[16..20].copy_from_slice(&to);
    bytes[20..22].copy_from_slice(&ports[0].to_be_bytes());
    bytes[22..24].copy_from_slice(&ports[1].to_be_bytes());
    match protocol {
        17 => bytes[25] = 20,
        _ => bytes[32] = 0x50,
    }
    bytes
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
    let mut settings = Settings::new();
    settings
        .set_first_collection_jitter(Duration::ZERO)
        .unwrap();
    settings
        .set_interval(Priority::High, Duration::from_secs(1))
        .unwrap();
    settings.set_flow_limits(4, 1).unwrap();
    let settings = Arc::new(settings);
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
