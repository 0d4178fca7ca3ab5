//! A hub, and devices that report, in a few words.

use std::{
    io::{Read, Write},
    net::{IpAddr, SocketAddr, TcpStream},
    path::Path,
    sync::{Arc, Mutex, OnceLock},
    time::{Duration, Instant, SystemTime},
};

use bytes::Bytes;
use defender_hub::{
    Hub, StartError,
    config::HubConfig,
    intake::{Delivery, Intake, What},
    notice::{Notice, Notices},
    web::ApiClient,
};
use defender_message::{
    SecurityMessage,
    decode::{Event, EventId, Payload},
    flow::{Flow, Protocol},
};
use serde_json::Value;
use tokio::{sync::oneshot, task};

/// How long anything may take, on a machine that has much else to do.
pub const SOON: Duration = Duration::from_secs(30);

pub fn now() -> u32 {
    let now = SystemTime::UNIX_EPOCH.elapsed().unwrap();
    u32::try_from(now.as_secs()).unwrap()
}

/// When these tests began: the time of what is measured, so that a message of one number is the same whenever it is made.
fn begun() -> u32 {
    static BEGUN: OnceLock<u32> = OnceLock::new();
    *BEGUN.get_or_init(now)
}

/// A hub in a folder, with its API and its endpoint on free ports. What it says is collected.
pub async fn start(folder: &Path, config: &str) -> Result<(Hub, Said), StartError> {
    let mut config = HubConfig::parse(config, Path::new("hub.toml")).unwrap();
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    config.listen.web = any;
    config.listen.mqtt = config.listen.mqtt.map(|_| any);
    let said = Said::default();
    let taking = said.clone();
    let notices = Notices::new(move |notice| taking.0.lock().unwrap().push(notice));
    let hub = Hub::start(config, folder.into(), notices).await?;
    Ok((hub, said))
}

/// What a hub has said.
#[derive(Clone, Default)]
pub struct Said(Arc<Mutex<Vec<Notice>>>);

impl Said {
    pub fn texts(&self) -> Vec<String> {
        let notices = self.0.lock().unwrap();
        notices.iter().map(ToString::to_string).collect()
    }

    /// Ids of alerts with what happened to them.
    pub fn changes(&self) -> Vec<String> {
        let notices = self.0.lock().unwrap();
        let changes = notices.iter().filter_map(|notice| match notice {
            Notice::Alert(change) => Some(format!("{} {:?}", change.alert.id, change.event)),
            _ => None,
        });
        changes.collect()
    }
}

/// What the API answers, with its head.
pub fn raw(hub: &Hub, path: &str, host: &str) -> String {
    let mut stream = TcpStream::connect(hub.web_address()).unwrap();
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// A page, which must be one.
pub fn page(hub: &Hub, path: &str) -> String {
    let answer = raw(hub, path, "localhost");
    assert!(answer.starts_with("HTTP/1.1 200"), "{path}: {answer}");
    answer
}

/// Asks the API until the answer is as it is wanted.
pub async fn until_get(hub: &Hub, path: &str, is_so: impl Fn(&Value) -> bool) -> Value {
    let begun = Instant::now();
    loop {
        let answer = get(hub, path).await;
        if is_so(&answer) {
            return answer;
        }
        assert!(begun.elapsed() < SOON, "{path}: {answer:#}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Asks the API.
pub async fn get(hub: &Hub, path: &str) -> Value {
    let (url, path) = (format!("http://{}", hub.web_address()), path.to_owned());
    let asked = task::spawn_blocking(move || {
        let client = ApiClient::new(&url, None, None).unwrap();
        client.get(&path).unwrap()
    });
    asked.await.unwrap()
}

pub async fn post(hub: &Hub, path: &str, value: Value) -> Result<Value, String> {
    let (url, path) = (format!("http://{}", hub.web_address()), path.to_owned());
    let asked = task::spawn_blocking(move || {
        let client = ApiClient::new(&url, None, None).unwrap();
        client.post(&path, &value)
    });
    asked.await.unwrap().map_err(|error| error.to_string())
}

pub async fn delete(hub: &Hub, path: &str) -> Result<(), String> {
    let (url, path) = (format!("http://{}", hub.web_address()), path.to_owned());
    let asked = task::spawn_blocking(move || {
        let client = ApiClient::new(&url, None, None).unwrap();
        client.delete(&path)
    });
    asked.await.unwrap().map_err(|error| error.to_string())
}

/// Alerts of a query, once there are so many.
pub async fn alerts(hub: &Hub, query: &str, count: usize) -> Vec<Value> {
    let begun = Instant::now();
    loop {
        let answer = get(hub, &format!("/api/v1/alerts?{query}")).await;
        let alerts = answer["alerts"].as_array().unwrap().clone();
        if alerts.len() == count {
            return alerts;
        }
        assert!(
            begun.elapsed() < SOON,
            "{} alerts: {answer:#}",
            alerts.len()
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Waits for something.
pub async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < SOON, "{what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Puts something in; returns whether it was kept.
pub async fn put(intake: &Intake, what: What) -> bool {
    let (told, kept) = oneshot::channel();
    let delivery = Delivery {
        received: now(),
        what,
        kept: Some(told),
    };
    intake.put(delivery).await.is_ok() && kept.await.is_ok()
}

pub async fn report(hub: &Hub, device: &str, payload: Bytes) {
    let device = device.to_owned();
    assert!(put(hub.intake(), What::Report { device, payload }).await);
}

/// A message with an event of its own.
pub fn message(number: u128, payload: Payload) -> Bytes {
    message_at(number, begun(), payload)
}

fn message_at(number: u128, time: u32, payload: Payload) -> Bytes {
    let mut message = SecurityMessage::new("defender-iot-micro-agent", 1 << 24);
    message.events.push(Event {
        id: EventId((number + 1).to_be_bytes()),
        time,
        collection_interval: 10,
        payload,
    });
    message.to_bytes().unwrap().into()
}

/// A scan of ten ports of a host: one alert.
pub fn scan(number: u128) -> Bytes {
    message(number, scanned(0))
}

/// A scan that goes on, minute by minute: up to 100 of them.
pub fn scan_again(number: u32) -> Bytes {
    message_at(number.into(), begun() - 6000 + 60 * number, scanned(number))
}

/// Each time from other ports, as a scanner's are: a flow that is there already is nothing new.
fn scanned(number: u32) -> Payload {
    let first = 40_000 + 10 * u16::try_from(number % 1_000).unwrap_or(0);
    let flows = (1..=10)
        .map(|port| flow(first + port, [10, 1, 0, 9], port, 0, 40))
        .collect();
    Payload::NetworkActivity { flows }
}

/// A connection to a server that answers.
pub fn connection(number: u128, peer: [u8; 4]) -> Bytes {
    let flows = vec![flow(40_000, peer, 443, 2000, 1000)];
    message(number, Payload::NetworkActivity { flows })
}

/// Many connections to servers that answer, each another class of traffic.
pub fn connections(number: u128, ports: std::ops::RangeInclusive<u16>) -> Bytes {
    let flows = ports.map(|port| flow(40_000, [192, 0, 2, 7], port, 2000, 1000));
    let flows = flows.collect();
    message(number, Payload::NetworkActivity { flows })
}

fn flow(
    local_port: u16,
    peer: [u8; 4],
    remote_port: u16,
    bytes_in: u32,
    bytes_out: u32,
) -> Flow<IpAddr> {
    Flow {
        protocol: Protocol::Tcp,
        local_address: IpAddr::from([10, 0, 0, 2]),
        local_port,
        remote_address: IpAddr::from(peer),
        remote_port,
        bytes_in,
        bytes_out,
    }
}

/// The most memory that this process has had, in MiB.
#[cfg(target_os = "linux")]
pub fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM"));
    let kib = line.unwrap().split_whitespace().nth(1).unwrap();
    kib.parse::<u64>().unwrap() >> 10
}

#[cfg(not(target_os = "linux"))]
pub fn peak() -> u64 {
    0
}
