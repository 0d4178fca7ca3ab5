//! From the wire to the watcher: upstream's ThreadX and NetX Duo as a device on a TAP interface, Mosquitto with TLS as its
//! hub, `defender watch` there, and a capture beside it that says what really passed.
//!
//! Each test has a network of its own. That needs root, Mosquitto, and a C side that has a TCP/IP stack; without them the
//! tests say so and pass, except in CI, where a missing tool is a failure.
#![cfg(target_os = "linux")]

mod capture;
#[path = "../../../tests/support/certificates.rs"]
mod certificates;
mod device;
mod echo;
mod flows;
mod mosquitto;
mod network;
#[path = "../../../tests/support/resolver.rs"]
mod resolver;
mod watcher;

use std::net::{IpAddr, SocketAddr};

use capture::Capture;
use defender_message::flow::Protocol;
use device::Device;
use echo::ECHO_PORT;
use flows::{Totals, assert_same, captured, reported};
use mosquitto::{Credentials, Mosquitto};
use network::{DEVICE_V4, DEVICE_V6, HOST_V4, HOST_V6};
use serde_json::Value;
use tempfile::TempDir;
use watcher::Watcher;

/// What a device finds at the other end of its interface.
struct Host {
    // Before the directory, which holds its log.
    broker: Mosquitto,
    directory: TempDir,
    capture: Capture,
}

impl Host {
    fn start(credentials: Credentials) -> Self {
        let directory = TempDir::new().unwrap();
        let names = [mosquitto::NAME, "127.0.0.1"];
        certificates::write(directory.path(), &names, device::ID).unwrap();
        let broker = Mosquitto::start(directory.path(), credentials);
        resolver::serve(HOST_V4.into(), |name| {
            (name == mosquitto::NAME).then_some(HOST_V4)
        })
        .unwrap();
        echo::serve(HOST_V4);
        echo::serve(HOST_V6);
        Self {
            broker,
            directory,
            capture: Capture::start(),
        }
    }

    fn watch(&self, count: usize) -> Watcher {
        let ca = self.directory.path().join(certificates::CA_PEM);
        Watcher::start(&Mosquitto::url(), &ca, count)
    }
}

fn event_types(message: &Value) -> Vec<&str> {
    let events = message["events"].as_array().unwrap();
    events
        .iter()
        .map(|event| event["type"].as_str().unwrap())
        .collect()
}

/// The bytes of datagrams that came back.
fn echoed(sizes: &[usize]) -> (u64, u64) {
    const HEADER: usize = 8;
    let bytes = sizes.iter().map(|size| (HEADER + size) as u64).sum();
    (bytes, bytes)
}

/// Checks what the device does for a start against what is known of it.
fn assert_first_talk(totals: &Totals) {
    for (device, host, port) in [
        (
            IpAddr::from(DEVICE_V4),
            IpAddr::from(HOST_V4),
            device::UDP_PORT_V4,
        ),
        (DEVICE_V6.into(), HOST_V6.into(), device::UDP_PORT_V6),
    ] {
        let total = |protocol, local, remote| {
            let key = (protocol, (device, local).into(), (host, remote).into());
            *totals.get(&key).unwrap_or(&(0, 0))
        };
        let (bytes_in, bytes_out) = echoed(&device::DATAGRAMS);
        assert_eq!(total(Protocol::Udp, port, ECHO_PORT), (bytes_in, bytes_out));
        let (bytes_in, bytes_out) = total(Protocol::Icmp, 0, 0);
        let (pings, _) = echoed(&device::PINGS);
        // Neighbour discovery is ICMPv6, too.
        let extra = if device.is_ipv6() { 0..=1000 } else { 0..=0 };
        assert!(extra.contains(&(bytes_in - pings)), "{device}: {bytes_in}");
        assert!(
            extra.contains(&(bytes_out - pings)),
            "{device}: {bytes_out}"
        );

        let is_stream = |(protocol, local, remote): &(Protocol, SocketAddr, SocketAddr)| {
            *protocol == Protocol::Tcp
                && local.ip() == device
                && *remote == SocketAddr::from((host, ECHO_PORT))
        };
        let streams: Vec<_> = totals.iter().filter(|(key, _)| is_stream(key)).collect();
        let [(_, (bytes_in, bytes_out))] = streams[..] else {
            panic!("{device}: {streams:?}");
        };
        assert!(*bytes_in.min(bytes_out) > device::STREAM as u64);
    }
}

#[test]
fn a_device_reports_what_a_capture_beside_it_sees() {
    device::be_one();
    if !network::enter() {
        return;
    }
    const MESSAGES: usize = 3;
    let host = Host::start(Credentials::Token);
    let watcher = host.watch(MESSAGES);
    let test = "a_device_reports_what_a_capture_beside_it_sees";
    let _device = Device::start(test, host.directory.path(), Credentials::Token);
    let messages: Vec<_> = (0..MESSAGES).map(|_| watcher.next()).collect();
    watcher.finish();

    for message in &messages {
        assert_eq!(message["device"], device::ID);
        assert_eq!(event_types(message)[0], "NetworkActivity");
    }
    assert_eq!(
        event_types(&messages[0]),
        ["NetworkActivity", "SystemInformation", "Heartbeat"]
    );
    let reported = reported(&messages);
    assert_first_talk(&reported);
    let captured = captured(&host.capture, &messages[MESSAGES - 1]);
    assert_same(&reported, &captured);
    // The hub asked for a token.
    let log = host.broker.log();
    let user = format!("u'{}/{}/?api-version=", mosquitto::NAME, device::ID);
    assert!(log.contains(&user), "{log}");
}

#[test]
fn a_device_shows_its_certificate() {
    device::be_one();
    if !network::enter() {
        return;
    }
    let host = Host::start(Credentials::Certificate);
    let watcher = host.watch(1);
    let test = "a_device_shows_its_certificate";
    let device = Device::start(test, host.directory.path(), Credentials::Certificate);
    device.wait_for(device::CONNECTED);
    let message = watcher.next();
    watcher.finish();
    assert_eq!(message["device"], device::ID);
    assert_first_talk(&reported(&[message]));
    // Mosquitto took the name of the certificate for that of the user.
    let log = host.broker.log();
    assert!(log.contains(&format!("u'{}'", device::ID)), "{log}");
}

#[test]
fn what_a_device_does_while_its_hub_is_away_is_reported_later() {
    device::be_one();
    if !network::enter() {
        return;
    }
    let mut host = Host::start(Credentials::Token);
    // It is ended before.
    let watcher = host.watch(usize::MAX);
    let test = "what_a_device_does_while_its_hub_is_away_is_reported_later";
    let device = Device::start(test, host.directory.path(), Credentials::Token);
    let mut messages = vec![watcher.next()];

    let killed = host.broker.kill();
    device.wait_for(device::OFFLINE);
    host.broker = killed.start();
    watcher.wait_for(&format!("watching {} again", Mosquitto::url()));
    device.wait_for(device::CONNECTED);

    let local = SocketAddr::from((DEVICE_V4, device::OUTAGE_PORT));
    let remote = SocketAddr::from((HOST_V4, ECHO_PORT));
    let outage = (Protocol::Udp, local, remote);
    while !reported(&messages).contains_key(&outage) {
        messages.push(watcher.next());
    }
    // One more: that one may have gone out in the same second as the connection came about.
    let last = watcher.next();
    messages.push(last.clone());
    let reported = reported(&messages);
    assert_eq!(reported[&outage], echoed(&device::DATAGRAMS));
    assert_first_talk(&reported);
    assert_same(&reported, &captured(&host.capture, &last));
}
