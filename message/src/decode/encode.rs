//! From the owned message back to bytes, through the encoder that devices use.

use super::{EncodeError, Event, Payload, SecurityMessage};
use crate::encode::{Encoder, NetworkActivityEncoder, size};
use crate::flow::{EventStamp, Flow, Header, SystemInformation};
use core::net::IpAddr;

pub(super) fn encode_into(
    message: &SecurityMessage,
    buffer: &mut [u8],
) -> Result<usize, EncodeError> {
    let header = Header {
        security_module_id: &message.security_module_id,
        security_module_version: message.security_module_version,
        timezone: message.timezone,
    };
    let mut encoder = Encoder::new(buffer, &header)?;
    for event in &message.events {
        add_event(&mut encoder, event)?;
    }
    Ok(encoder.finish())
}

pub(super) fn to_bytes(message: &SecurityMessage) -> Result<Vec<u8>, EncodeError> {
    let header = size::buffer_for(0, 0, message.security_module_id.len(), 0, 0, 0);
    let events = message
        .events
        .iter()
        .map(|event| upper_bound(&event.payload));
    let mut bytes = vec![0; events.fold(header, usize::saturating_add)];
    let size = encode_into(message, &mut bytes)?;
    bytes.truncate(size);
    Ok(bytes)
}

/// More bytes than an event with this payload can add to a message.
fn upper_bound(payload: &Payload) -> usize {
    match payload {
        Payload::NetworkActivity { flows } => {
            size::buffer_for(flows.len(), flows.len(), 0, 0, 0, 0)
        }
        Payload::SystemInformation {
            os_info,
            kernel_info,
            hw_info,
        } => size::buffer_for(0, 0, 0, os_info.len(), kernel_info.len(), hw_info.len()),
        Payload::Heartbeat | Payload::Other { .. } => size::MAX_EMPTY_EVENT,
    }
}

fn add_event(encoder: &mut Encoder<'_>, event: &Event) -> Result<(), EncodeError> {
    let stamp = EventStamp {
        id: event.id.0,
        time: event.time,
        collection_interval: event.collection_interval,
    };
    match &event.payload {
        Payload::NetworkActivity { flows } => {
            let mut activity = encoder.network_activity(&stamp)?;
            flows
                .iter()
                .try_for_each(|flow| add_flow(&mut activity, flow))?;
        }
        Payload::SystemInformation {
            os_info,
            kernel_info,
            hw_info,
        } => {
            encoder.system_information(
                &stamp,
                &SystemInformation {
                    os_info,
                    kernel_info,
                    hw_info,
                },
            )?;
        }
        Payload::Heartbeat => encoder.heartbeat(&stamp)?,
        Payload::Other { kind } => return Err(EncodeError::UnknownPayload { kind: *kind }),
    }
    Ok(())
}

fn add_flow(
    activity: &mut NetworkActivityEncoder<'_, '_>,
    flow: &Flow<IpAddr>,
) -> Result<(), EncodeError> {
    match (flow.local_address, flow.remote_address) {
        (IpAddr::V4(local), IpAddr::V4(remote)) => {
            activity.push_v4(&flow.with_addresses(local, remote))?
        }
        (IpAddr::V6(local), IpAddr::V6(remote)) => {
            activity.push_v6(&flow.with_addresses(local, remote))?
        }
        _ => return Err(EncodeError::MixedAddresses),
    }
    Ok(())
}
