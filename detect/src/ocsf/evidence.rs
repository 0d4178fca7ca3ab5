//! Flows as evidence.

use core::net::IpAddr;

use defender_message::flow::{Flow, Protocol};
use serde_json::{Value, json};

use super::{IOT, metadata, milliseconds};
use crate::alert::{Alert, Side};

/// Which end of a flow opened it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Ends {
    /// The device, as far as is known.
    DeviceOpened,
    /// The peer: the service is the device's.
    PeerOpened,
    /// It is not known; then the device is the source.
    Unknown,
}

impl Ends {
    pub fn of(alert: &Alert) -> Self {
        match (
            alert.service.map(|service| service.at),
            alert.evidence.is_empty(),
        ) {
            (Some(Side::Peer), _) => Self::DeviceOpened,
            // Without flows it is a connection to the hub, whose source the peer is.
            (Some(Side::Device), _) | (None, true) => Self::PeerOpened,
            (None, false) => Self::Unknown,
        }
    }

    /// The end that the peer is.
    pub fn peer(self) -> &'static str {
        match self {
            Self::DeviceOpened | Self::Unknown => "dst_endpoint",
            Self::PeerOpened => "src_endpoint",
        }
    }

    fn direction(self) -> (u8, &'static str) {
        match self {
            Self::Unknown => (0, "Unknown"),
            Self::PeerOpened => (1, "Inbound"),
            Self::DeviceOpened => (2, "Outbound"),
        }
    }
}

/// What shows that an alert is right.
pub(super) fn of(alert: &Alert) -> Option<Value> {
    let ends = Ends::of(alert);
    if alert.evidence.is_empty() {
        let peer = alert.peer?;
        return Some(json!([{ ends.peer(): { "ip": peer } }]));
    }
    let flows = alert
        .evidence
        .iter()
        .map(|flow| evidence(alert, ends, flow));
    Some(flows.collect())
}

/// A flow as evidence: the ends where consoles show them, and all of it as an event of its own.
fn evidence(alert: &Alert, ends: Ends, flow: &Flow<IpAddr>) -> Value {
    let mut device = endpoint(flow.local_address, flow.local_port);
    if !alert.device.is_empty() {
        device["uid"] = alert.device.as_str().into();
    }
    device["type_id"] = IOT.into();
    let peer = endpoint(flow.remote_address, flow.remote_port);
    // Bytes out are those from the source to the destination.
    let (source, destination, sent, received) = match ends {
        Ends::PeerOpened => (peer, device, flow.bytes_in, flow.bytes_out),
        Ends::DeviceOpened | Ends::Unknown => (device, peer, flow.bytes_out, flow.bytes_in),
    };
    let connection = connection(ends, flow);
    json!({
        "src_endpoint": source,
        "dst_endpoint": destination,
        "connection_info": connection,
        "data": {
            "class_uid": 4001,
            "class_name": "Network Activity",
            "category_uid": 4,
            "category_name": "Network Activity",
            "activity_id": 6,
            "activity_name": "Traffic",
            "type_uid": 400_106,
            "severity_id": 1,
            "time": milliseconds(alert.last_seen),
            "metadata": metadata(None),
            "src_endpoint": source,
            "dst_endpoint": destination,
            "connection_info": connection,
            "traffic": {
                "bytes": u64::from(sent) + u64::from(received),
                "bytes_out": sent,
                "bytes_in": received,
            },
        },
    })
}

fn endpoint(address: IpAddr, port: u16) -> Value {
    let mut endpoint = json!({ "ip": address });
    // ICMP has none.
    if port > 0 {
        endpoint["port"] = port.into();
    }
    endpoint
}

fn connection(ends: Ends, flow: &Flow<IpAddr>) -> Value {
    let is_ipv6 = flow.remote_address.is_ipv6();
    let (direction_id, direction) = ends.direction();
    let (number, name) = match flow.protocol {
        Protocol::Tcp => (6, "tcp"),
        Protocol::Udp => (17, "udp"),
        Protocol::Icmp if is_ipv6 => (58, "ipv6-icmp"),
        Protocol::Icmp => (1, "icmp"),
    };
    json!({
        "protocol_name": name,
        "protocol_num": number,
        "protocol_ver_id": if is_ipv6 { 6 } else { 4 },
        "direction_id": direction_id,
        "direction": direction,
    })
}
