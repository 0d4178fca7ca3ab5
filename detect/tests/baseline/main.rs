//! What is normal: learned from what devices show, judged by it, and never learned from what is hostile.

mod beacon;
mod file;
mod month;
mod novelty;
mod poison;
mod restart;
#[path = "../engine/support.rs"]
#[allow(dead_code, reason = "made for other tests, too")]
mod support;
mod volume;

use std::net::IpAddr;

use defender_detect::Kind;
use defender_message::flow::Flow;

use support::{Hub, ip, tcp, udp};

const HOUR: u32 = 60 * 60;
const DAY: u32 = 24 * HOUR;

/// How often devices report here, in seconds.
const INTERVAL: u32 = 600;

/// What every device does: its hub, names, time.
fn usual() -> Vec<Flow<IpAddr>> {
    vec![
        tcp(50_000, ip("203.0.113.10"), 8883),
        udp(50_001, ip("10.0.0.1"), 53, 200, 60),
        udp(123, ip("10.0.0.1"), 123, 48, 48),
    ]
}

/// Devices report side by side for a time, each its own flows.
fn live(hub: &mut Hub, devices: &[(&str, Vec<Flow<IpAddr>>)], seconds: u32) {
    for _ in 0..seconds / INTERVAL {
        hub.now += INTERVAL;
        for (device, flows) in devices {
            let event = hub.activity(hub.now, INTERVAL, flows);
            hub.send(device, Some(hub.now), vec![event]);
        }
    }
}

/// A hub with a device that has learned.
fn learned() -> Hub {
    let mut hub = Hub::new();
    live(&mut hub, &[("a", usual())], DAY + INTERVAL);
    assert!(hub.changes.is_empty(), "{:?}", hub.changes);
    hub
}

fn with(more: Flow<IpAddr>) -> Vec<Flow<IpAddr>> {
    let mut flows = usual();
    flows.push(more);
    flows
}

/// How many new classes were told of.
fn new_classes(hub: &Hub, device: &str) -> usize {
    let raised = hub.raised(Kind::NewTrafficClass).into_iter();
    raised.filter(|alert| alert.device == device).count()
}
