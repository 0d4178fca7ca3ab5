//! A million devices, one in a hundred of them busy, fit 4 GB.
//!
//! In a process of its own: it counts what is allocated.

use std::alloc::System;
use std::net::IpAddr;

use defender_detect::{Detector, Input, Policy, Report};
use defender_message::SecurityMessage;
use defender_message::decode::{Event, EventId, Payload};
use defender_message::flow::{Flow, Protocol};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const DEVICES: usize = 500;
const REPORTS: u32 = 50;
const START: u32 = 1_795_000_000;
const BUDGET: usize = 4_000_000_000;

fn flow(
    protocol: Protocol,
    local_port: u16,
    peer: IpAddr,
    remote_port: u16,
    bytes_in: u32,
) -> Flow<IpAddr> {
    Flow {
        protocol,
        local_address: IpAddr::from([10, 0, 0, 2]),
        local_port,
        remote_address: peer,
        remote_port,
        bytes_in,
        bytes_out: 900,
    }
}

/// A connection to its hub, and names that are asked for.
fn idle(step: u32) -> Vec<Flow<IpAddr>> {
    let port = 40_000 + step as u16;
    vec![
        flow(
            Protocol::Tcp,
            50_000,
            IpAddr::from([93, 184, 216, 34]),
            8883,
            4000,
        ),
        flow(Protocol::Udp, port, IpAddr::from([10, 0, 0, 1]), 53, 200),
    ]
}

/// Scans, guesses and tunnels with ever new peers, half of them answering.
fn busy(step: u32) -> Vec<Flow<IpAddr>> {
    (0..200)
        .map(|n: u16| {
            let peer = IpAddr::from([0x2001, 0xdb8, step as u16, n, 0, 0, 0, 1]);
            let protocol = [Protocol::Tcp, Protocol::Udp, Protocol::Icmp][usize::from(n % 3)];
            flow(
                protocol,
                40_000 + n,
                peer,
                [22, 53, 80, 7000][usize::from(n % 4)],
                30_000 * u32::from(n % 2),
            )
        })
        .collect()
}

#[test]
fn a_million_devices_fit_four_gigabytes() {
    let region = Region::new(ALLOCATOR);
    let mut detector = Detector::new(Policy::default());
    for step in 0..REPORTS {
        let time = START + 60 * step;
        for device in 0..DEVICES {
            let event = |number: u8, payload| Event {
                id: EventId([number; 16]),
                time,
                collection_interval: 60,
                payload,
            };
            let flows = if device % 100 == 0 {
                busy(step)
            } else {
                idle(step)
            };
            let mut message = SecurityMessage::new("defender-iot-micro-agent", 1 << 24);
            message.events = vec![
                event(1, Payload::NetworkActivity { flows }),
                event(2, Payload::Heartbeat),
            ];
            let name = format!("device-{device:06}");
            detector.feed(Input::Report(Report {
                device: &name,
                received: Some(time),
                message: &message,
            }));
        }
    }
    let stats = region.change();
    let each = (stats.bytes_allocated - stats.bytes_deallocated) / DEVICES;
    assert!(each * 1_000_000 <= BUDGET, "{each} bytes a device");
    // That there is something to measure.
    assert!(detector.alerts().len() > DEVICES / 100 && each > 500);
}
