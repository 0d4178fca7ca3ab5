//! From the bytes to the owned message.

use super::message_generated::azure_io_tsecurity as wire;
use super::quick::{self, Limits};
use super::{DecodeError, Event, EventId, Payload, SecurityMessage};
use crate::flow::{Flow, Protocol};
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use flatbuffers::VerifierOptions;

/// How many times the message's size its parts may add up to, each counted as often as it is referred to.
///
/// A table is counted with its vtable, which many small tables share; that makes about three. The rest is for writers
/// that also share equal strings or tables.
const MAX_INFLATION: usize = 16;

pub(super) fn decode(bytes: &[u8]) -> Result<SecurityMessage, DecodeError> {
    match quick::decode(bytes, limits(bytes)) {
        Some(message) => Ok(message),
        None => thorough(bytes),
    }
}

/// Verifies all of the message before anything of it is used.
pub(super) fn thorough(bytes: &[u8]) -> Result<SecurityMessage, DecodeError> {
    read(verify(bytes)?)
}

/// How much of a message may be looked at, in proportion to its size.
pub(super) fn limits(bytes: &[u8]) -> Limits {
    Limits {
        // A reference of 4 bytes leads to a flow and from there to one more table.
        tables: bytes.len() / 2 + 16,
        size: bytes
            .len()
            .saturating_mul(MAX_INFLATION)
            .saturating_add(1024),
    }
}

/// The message that `bytes` begin with, of which every part is where it should be.
pub(super) fn verify(bytes: &[u8]) -> Result<wire::Message<'_>, DecodeError> {
    let limits = limits(bytes);
    let options = VerifierOptions {
        // Deeper than the schema goes: message, event, payload, flow, what the IP versions have in common.
        max_depth: 8,
        max_tables: limits.tables,
        max_apparent_size: limits.size,
        ignore_missing_null_terminator: false,
    };
    wire::root_as_message_with_opts(&options, bytes)
        .map_err(|error| DecodeError::new(error, bytes.len()))
}

/// What a verified message says.
pub(super) fn read(message: wire::Message<'_>) -> Result<SecurityMessage, DecodeError> {
    Ok(SecurityMessage {
        security_module_id: message.security_module_id().to_owned(),
        security_module_version: message.security_module_version(),
        timezone: message.timezone(),
        events: message
            .events()
            .iter()
            .map(event)
            .collect::<Result<_, _>>()?,
    })
}

fn event(event: wire::Event<'_>) -> Result<Event, DecodeError> {
    Ok(Event {
        id: EventId(event.id().0),
        time: event.time(),
        collection_interval: event.collection_interval(),
        payload: payload(&event)?,
    })
}

fn payload(event: &wire::Event<'_>) -> Result<Payload, DecodeError> {
    if let Some(activity) = event.payload_as_network_activity() {
        return Ok(Payload::NetworkActivity {
            flows: flows(&activity)?,
        });
    }
    if let Some(information) = event.payload_as_system_information() {
        let owned = |text: Option<&str>| text.unwrap_or_default().to_owned();
        return Ok(Payload::SystemInformation {
            os_info: owned(information.os_info()),
            kernel_info: owned(information.kernel_info()),
            hw_info: owned(information.hw_info()),
        });
    }
    match event.payload_type() {
        wire::Payload::Heartbeat => Ok(Payload::Heartbeat),
        kind => Ok(Payload::Other { kind: kind.0 }),
    }
}

fn flows(activity: &wire::NetworkActivity<'_>) -> Result<Vec<Flow<IpAddr>>, DecodeError> {
    let v4 = activity.ipv4_activity().into_iter().flatten().map(|table| {
        let (local, remote) = halves::<8, 4>(table.addresses().0);
        flow(
            Ipv4Addr::from(local).into(),
            Ipv4Addr::from(remote).into(),
            table.common(),
        )
    });
    let v6 = activity.ipv6_activity().into_iter().flatten().map(|table| {
        let (local, remote) = halves::<32, 16>(table.addresses().0);
        flow(
            Ipv6Addr::from(local).into(),
            Ipv6Addr::from(remote).into(),
            table.common(),
        )
    });
    v4.chain(v6).collect()
}

fn flow(
    local_address: IpAddr,
    remote_address: IpAddr,
    common: wire::NetworkActivityCommon<'_>,
) -> Result<Flow<IpAddr>, DecodeError> {
    Ok(Flow {
        protocol: protocol(common.protocol())?,
        local_address,
        local_port: common.local_port(),
        remote_address,
        remote_port: common.remote_port(),
        bytes_in: common.bytes_in(),
        bytes_out: common.bytes_out(),
    })
}

fn protocol(protocol: wire::Protocol) -> Result<Protocol, DecodeError> {
    match protocol {
        wire::Protocol::TCP => Ok(Protocol::Tcp),
        wire::Protocol::UDP => Ok(Protocol::Udp),
        wire::Protocol::ICMP => Ok(Protocol::Icmp),
        wire::Protocol(unknown) => Err(DecodeError::UnknownProtocol(unknown)),
    }
}

/// The local and the remote half of a pair of addresses, in network order as they are stored.
fn halves<const PAIR: usize, const HALF: usize>(pair: [u8; PAIR]) -> ([u8; HALF], [u8; HALF]) {
    const { assert!(PAIR == 2 * HALF) };
    (
        core::array::from_fn(|index| pair[index]),
        core::array::from_fn(|index| pair[HALF + index]),
    )
}
