//! Arbitrary messages, and encoding them the way a device does.

#![allow(dead_code, reason = "not every test file uses all of it")]

use defender_message::decode::{Event, EventId, Payload};
use defender_message::flow::{EventStamp, Flow, Header, Protocol};
use defender_message::{Encoder, NetworkActivityEncoder, SecurityMessage};
use proptest::prelude::*;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Fewer cases under Miri, and no file of regressions, which it could not open.
pub fn config() -> ProptestConfig {
    ProptestConfig {
        cases: if cfg!(miri) { 4 } else { 256 },
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// The upper limit of a collection, lower under Miri.
pub const fn most(usual: usize) -> usize {
    if cfg!(miri) {
        if usual < 6 { usual } else { 6 }
    } else {
        usual
    }
}

/// Numbers among which 0 is frequent, because the encoder treats it differently.
fn number(max: u32) -> impl Strategy<Value = u32> {
    prop_oneof![2 => Just(0), 1 => Just(max), 3 => 0..=max]
}

fn address() -> impl Strategy<Value = (IpAddr, IpAddr)> {
    prop_oneof![
        any::<(Ipv4Addr, Ipv4Addr)>().prop_map(|(local, remote)| (local.into(), remote.into())),
        any::<(Ipv6Addr, Ipv6Addr)>().prop_map(|(local, remote)| (local.into(), remote.into())),
    ]
}

/// A flow of either IP version.
pub fn flow() -> impl Strategy<Value = Flow<IpAddr>> {
    let protocol = prop_oneof![
        Just(Protocol::Tcp),
        Just(Protocol::Udp),
        Just(Protocol::Icmp)
    ];
    let port = || number(0xFFFF).prop_map(|port| port as u16);
    (
        protocol,
        address(),
        port(),
        port(),
        number(u32::MAX),
        number(u32::MAX),
    )
        .prop_map(
            |(
                protocol,
                (local_address, remote_address),
                local_port,
                remote_port,
                bytes_in,
                bytes_out,
            )| Flow {
                protocol,
                local_address,
                local_port,
                remote_address,
                remote_port,
                bytes_in,
                bytes_out,
            },
        )
}

fn payload() -> impl Strategy<Value = Payload> {
    let text = || prop_oneof![Just(String::new()), ".{0,20}"];
    prop_oneof![
        4 => prop::collection::vec(flow(), 0..most(40)).prop_map(|flows| Payload::NetworkActivity { flows }),
        1 => (text(), text(), text()).prop_map(|(os_info, kernel_info, hw_info)| {
            Payload::SystemInformation { os_info, kernel_info, hw_info }
        }),
        1 => Just(Payload::Heartbeat),
    ]
}

fn event() -> impl Strategy<Value = Event> {
    (
        any::<[u8; 16]>(),
        number(u32::MAX),
        number(u32::MAX),
        payload(),
    )
        .prop_map(|(id, time, collection_interval, payload)| Event {
            id: EventId(id),
            time,
            collection_interval,
            payload,
        })
}

/// A message, its flows in arbitrary order.
pub fn message() -> impl Strategy<Value = SecurityMessage> {
    (
        ".{0,30}",
        any::<u32>(),
        prop_oneof![Just(0), any::<i8>()],
        prop::collection::vec(event(), 0..most(8)),
    )
        .prop_map(|(id, version, timezone, events)| {
            let mut message = SecurityMessage::new(id, version);
            message.timezone = timezone;
            message.events = events;
            message
        })
}

/// The same message as a decoder sees it: in each event IPv4 before IPv6.
pub fn as_listed(mut message: SecurityMessage) -> SecurityMessage {
    for event in &mut message.events {
        if let Payload::NetworkActivity { flows } = &mut event.payload {
            // Stable, so within a version the order remains.
            flows.sort_by_key(|flow| flow.local_address.is_ipv6());
        }
    }
    message
}

/// The header of a message.
pub fn header(message: &SecurityMessage) -> Header<'_> {
    Header {
        security_module_id: &message.security_module_id,
        security_module_version: message.security_module_version,
        timezone: message.timezone,
    }
}

/// The stamp of an event.
pub fn stamp(event: &Event) -> EventStamp {
    EventStamp {
        id: event.id.0,
        time: event.time,
        collection_interval: event.collection_interval,
    }
}

/// Adds a flow of whichever IP version.
pub fn push(
    activity: &mut NetworkActivityEncoder<'_, '_>,
    flow: &Flow<IpAddr>,
) -> Result<(), defender_message::encode::Full> {
    match (flow.local_address, flow.remote_address) {
        (IpAddr::V4(local), IpAddr::V4(remote)) => {
            activity.push_v4(&flow.with_addresses(local, remote))
        }
        (IpAddr::V6(local), IpAddr::V6(remote)) => {
            activity.push_v6(&flow.with_addresses(local, remote))
        }
        _ => unreachable!("strategies make both addresses of one version"),
    }
}

/// Whether any flow of this flow's IP version is certain to fit.
pub fn has_room(activity: &NetworkActivityEncoder<'_, '_>, flow: &Flow<IpAddr>) -> bool {
    if flow.local_address.is_ipv4() {
        activity.has_room_for_v4()
    } else {
        activity.has_room_for_v6()
    }
}

/// Ends the message and checks that its size is what the encoder had announced.
pub fn finish(encoder: Encoder<'_>) -> usize {
    let announced = encoder.len();
    let size = encoder.finish();
    assert_eq!(size, announced, "len() before finish()");
    size
}
