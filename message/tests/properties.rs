//! What holds for every message. Runs under Miri, too: `cargo +nightly miri test -p defender-message --test properties`.

#![cfg(feature = "std")]

mod support;

use defender_message::decode::{Event, EventId, Payload};
use defender_message::encode::size::{self, MAX_EMPTY_EVENT, MAX_FLOW_V4, MAX_FLOW_V6};
use defender_message::flow::{Flow, SystemInformation};
use defender_message::{Encoder, SecurityMessage};
use proptest::prelude::*;
use std::net::IpAddr;
use support::{as_listed, config, finish, flow, has_room, header, message, most, push, stamp};

/// Adds an event or fails, having added the flows that fit.
fn add(encoder: &mut Encoder<'_>, event: &Event) -> Result<(), defender_message::encode::Full> {
    match &event.payload {
        Payload::NetworkActivity { flows } => {
            let event_stamp = stamp(event);
            let mut activity = encoder.network_activity(&event_stamp)?;
            flows.iter().try_for_each(|flow| push(&mut activity, flow))
        }
        Payload::SystemInformation {
            os_info,
            kernel_info,
            hw_info,
            ..
        } => encoder.system_information(
            &stamp(event),
            &SystemInformation {
                os_info,
                kernel_info,
                hw_info,
            },
        ),
        _ => encoder.heartbeat(&stamp(event)),
    }
}

/// The flows of all events, IPv4 before IPv6.
fn all_flows<'a>(messages: impl IntoIterator<Item = &'a SecurityMessage>) -> Vec<Flow<IpAddr>> {
    let events = messages.into_iter().flat_map(|message| &message.events);
    let mut flows: Vec<_> = events
        .flat_map(|event| match &event.payload {
            Payload::NetworkActivity { flows } => flows.as_slice(),
            _ => &[],
        })
        .copied()
        .collect();
    flows.sort_by_key(|flow| flow.local_address.is_ipv6());
    flows
}

/// Adds all events and flows to a buffer of `capacity` bytes: what fits is in the message, and what does not leaves no trace.
fn takes_what_fits(message: &SecurityMessage, capacity: usize) -> Result<(), TestCaseError> {
    let mut buffer = vec![0xAA; capacity];
    let Ok(mut encoder) = Encoder::new(&mut buffer, &header(message)) else {
        return Ok(());
    };
    // What a decoder is to find: every event and flow that was taken.
    let mut taken = message.clone();
    taken.events.clear();
    for event in &message.events {
        let before = encoder.len();
        let Payload::NetworkActivity { flows } = &event.payload else {
            match add(&mut encoder, event) {
                Ok(()) => taken.events.push(event.clone()),
                Err(full) => {
                    prop_assert!(full.needed > full.available);
                    prop_assert_eq!(encoder.len(), before);
                }
            }
            continue;
        };
        let event_stamp = stamp(event);
        let Ok(mut activity) = encoder.network_activity(&event_stamp) else {
            prop_assert_eq!(encoder.len(), before);
            continue;
        };
        let mut kept = Vec::new();
        for flow in flows {
            let (room, before) = (has_room(&activity, flow), activity.message_len());
            match push(&mut activity, flow) {
                Ok(()) => kept.push(*flow),
                Err(full) => {
                    prop_assert!(!room);
                    prop_assert!(full.needed > full.available);
                    prop_assert_eq!(activity.message_len(), before);
                }
            }
        }
        prop_assert_eq!(activity.flows(), kept.len());
        drop(activity);
        taken.events.push(Event {
            payload: Payload::NetworkActivity { flows: kept },
            ..event.clone()
        });
    }
    let size = finish(encoder);
    prop_assert_eq!(
        SecurityMessage::decode(&buffer[..size]).ok(),
        Some(as_listed(taken))
    );
    Ok(())
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn what_is_encoded_is_decoded(message in message()) {
        let bytes = message.to_bytes().unwrap();
        prop_assert_eq!(SecurityMessage::decode(&bytes).unwrap(), as_listed(message));
    }

    #[test]
    fn the_size_is_known_and_the_buffer_needs_no_more(message in message(), garbage: u8, shift in 0..4_usize) {
        let bytes = message.to_bytes().unwrap();
        prop_assert_eq!(bytes.len() % 4, 0);

        // A buffer of exactly that size will do, whatever was in it and however it is aligned.
        let mut exact = vec![garbage; shift + bytes.len()];
        let mut encoder = Encoder::new(&mut exact[shift..], &header(&message)).unwrap();
        for event in &message.events {
            add(&mut encoder, event).unwrap();
        }
        prop_assert_eq!(encoder.len(), bytes.len());
        prop_assert_eq!(encoder.free(), 0);
        prop_assert_eq!(encoder.is_empty(), message.events.is_empty());
        finish(encoder);
        prop_assert_eq!(&exact[shift..], &bytes[..]);

        // One that is smaller will not.
        let mut small = vec![0; bytes.len() - 1];
        prop_assert!(message.encode_into(&mut small).is_err());
    }

    #[test]
    fn sizes_announced_are_upper_bounds(message in message(), flow in flow()) {
        let (mut v4, mut v6) = (0, 0);
        let mut buffer = vec![0; 64 * 1024];
        let mut encoder = Encoder::new(&mut buffer, &header(&message)).unwrap();
        for event in &message.events {
            let before = encoder.len();
            match &event.payload {
                Payload::NetworkActivity { flows } => {
                    let event_stamp = stamp(event);
                    let mut activity = encoder.network_activity(&event_stamp).unwrap();
                    prop_assert!(activity.message_len() - before <= MAX_EMPTY_EVENT);
                    for flow in flows.iter().chain([&flow]) {
                        let before = activity.message_len();
                        push(&mut activity, flow).unwrap();
                        let max = if flow.local_address.is_ipv4() { MAX_FLOW_V4 } else { MAX_FLOW_V6 };
                        prop_assert!(activity.message_len() - before <= max);
                        *if flow.local_address.is_ipv4() { &mut v4 } else { &mut v6 } += 1;
                    }
                    let announced = activity.message_len();
                    activity.finish();
                    prop_assert_eq!(encoder.len(), announced);
                }
                Payload::Heartbeat => {
                    encoder.heartbeat(&stamp(event)).unwrap();
                    prop_assert!(encoder.len() - before <= MAX_EMPTY_EVENT);
                }
                _ => add(&mut encoder, event).unwrap(),
            }
        }
        let id = message.security_module_id.len();
        // An event of each kind is in the sum already, those beyond it are added; texts have at most 80 bytes.
        let further = message.events.len() * (size::buffer_for(0, 0, 0, 80, 80, 80) + 64);
        prop_assert!(finish(encoder) <= size::buffer_for(v4, v6, id, 0, 0, 0) + further);
    }

    #[test]
    fn a_buffer_for_n_flows_takes_them(
        flows in prop::collection::vec(flow(), 0..most(140)),
        id in ".{0,30}", os in ".{0,20}", kernel in ".{0,20}", hw in ".{0,20}",
    ) {
        let v4 = flows.iter().filter(|flow| flow.local_address.is_ipv4()).count();
        let bound = size::buffer_for(v4, flows.len() - v4, id.len(), os.len(), kernel.len(), hw.len());
        let mut message = SecurityMessage::new(id, 1);
        message.timezone = -1;
        message.events = [
            Payload::Heartbeat,
            Payload::SystemInformation { os_info: os, kernel_info: kernel, hw_info: hw },
            Payload::NetworkActivity { flows },
        ]
        .map(|payload| Event { id: EventId([9; 16]), time: 1, collection_interval: 2, payload })
        .into();
        prop_assert!(message.encode_into(&mut vec![0; bound]).is_ok());
    }

    #[test]
    fn full_changes_nothing(message in message(), capacity in 0..4096_usize) {
        takes_what_fits(&message, capacity)?;
    }

    /// Buffers that not even a first flow fits are few among those of any size.
    #[test]
    fn full_changes_nothing_at_any_capacity(message in message()) {
        let mut without = message.clone();
        without.events.clear();
        let empty = without.to_bytes().unwrap().len();
        for capacity in (empty..empty + most(240)).step_by(4) {
            takes_what_fits(&message, capacity)?;
        }
    }

    #[test]
    fn splitting_into_small_messages_loses_nothing(flows in prop::collection::vec(flow(), 0..most(200)), more in 0..600_usize) {
        let source = SecurityMessage::new("defender-iot-micro-agent", 7);
        let event = Event {
            id: EventId([3; 16]),
            time: 5,
            collection_interval: 10,
            payload: Payload::NetworkActivity { flows: Vec::new() },
        };
        let mut buffer = vec![0; size::minimum_buffer(source.security_module_id.len(), 0, 0, 0) + more];
        let (mut rest, mut messages) = (flows.iter().peekable(), Vec::new());
        while rest.peek().is_some() {
            let mut encoder = Encoder::new(&mut buffer, &header(&source)).unwrap();
            let event_stamp = stamp(&event);
            let mut activity = encoder.network_activity(&event_stamp).unwrap();
            // The way the agent does it: ask for room first, and only then take the flow out of its table.
            while let Some(flow) = rest.next_if(|flow| has_room(&activity, flow)) {
                push(&mut activity, flow).unwrap();
            }
            prop_assert!(activity.flows() > 0, "the smallest buffer of use takes a flow");
            activity.finish();
            let size = finish(encoder);
            messages.push(SecurityMessage::decode(&buffer[..size]).unwrap());
        }
        let mut sorted = flows;
        sorted.sort_by_key(|flow| flow.local_address.is_ipv6());
        prop_assert_eq!(all_flows(&messages), sorted);
    }
}

#[test]
fn an_event_that_is_forgotten_is_not_in_the_message() {
    let message = SecurityMessage::new("id", 1);
    let event = Event {
        id: EventId([1; 16]),
        time: 1,
        collection_interval: 1,
        payload: Payload::Heartbeat,
    };
    let mut buffer = [0; 512];
    let mut encoder = Encoder::new(&mut buffer, &header(&message)).unwrap();
    let event_stamp = stamp(&event);
    let mut activity = encoder.network_activity(&event_stamp).unwrap();
    let flow = Flow {
        protocol: defender_message::flow::Protocol::Udp,
        local_address: "10.0.0.1".parse().unwrap(),
        local_port: 1,
        remote_address: "10.0.0.2".parse().unwrap(),
        remote_port: 2,
        bytes_in: 3,
        bytes_out: 4,
    };
    activity.push_v4(&flow).unwrap();
    std::mem::forget(activity);
    encoder.heartbeat(&stamp(&event)).unwrap();
    let size = finish(encoder);
    let decoded = SecurityMessage::decode(&buffer[..size]).unwrap();
    assert_eq!(decoded.events, [event]);
}
