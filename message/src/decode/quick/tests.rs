//! The quick way reads what devices send, and nothing otherwise than the way that verifies.

use super::super::wire;
use super::*;
use crate::decode::Payload;
use proptest::prelude::*;

fn message() -> impl Strategy<Value = SecurityMessage> {
    let address = || prop_oneof![Just([0_u8; 16]), any::<[u8; 16]>()];
    let number = || prop_oneof![Just(0), Just(u32::MAX), any::<u32>()];
    let flow = (
        any::<bool>(),
        0..3_usize,
        address(),
        address(),
        number(),
        number(),
        number(),
    )
        .prop_map(
            |(v4, protocol, local, remote, ports, bytes_in, bytes_out)| {
                let address = |bytes: [u8; 16]| match v4 {
                    true => IpAddr::from([bytes[0], bytes[1], bytes[2], bytes[3]]),
                    false => IpAddr::from(bytes),
                };
                Flow {
                    protocol: [Protocol::Tcp, Protocol::Udp, Protocol::Icmp][protocol],
                    local_address: address(local),
                    local_port: ports as u16,
                    remote_address: address(remote),
                    remote_port: (ports >> 16) as u16,
                    bytes_in,
                    bytes_out,
                }
            },
        );
    let payload = prop_oneof![
        prop::collection::vec(flow, 0..8).prop_map(|flows| Payload::NetworkActivity { flows }),
        Just(Payload::Heartbeat),
        ("[a-z]{0,4}", "ü{0,2}").prop_map(|(os_info, hw_info)| Payload::SystemInformation {
            os_info,
            kernel_info: String::new(),
            hw_info,
        }),
    ];
    let event = (any::<[u8; 16]>(), number(), number(), payload).prop_map(
        |(id, time, collection_interval, payload)| Event {
            id: EventId(id),
            time,
            collection_interval,
            payload,
        },
    );
    (
        "[a-z]{0,9}",
        any::<u32>(),
        any::<i8>(),
        prop::collection::vec(event, 0..4),
    )
        .prop_map(|(id, version, timezone, events)| SecurityMessage {
            timezone,
            events,
            ..SecurityMessage::new(id, version)
        })
}

fn quick(bytes: &[u8]) -> Option<SecurityMessage> {
    decode(bytes, wire::limits(bytes))
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: if cfg!(miri) { 4 } else { 512 },
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn what_devices_send_is_read_the_quick_way(message in message()) {
        let bytes = message.to_bytes().unwrap();
        prop_assert_eq!(quick(&bytes).map(Ok), Some(wire::thorough(&bytes)));
    }

    #[test]
    fn whatever_is_read_the_quick_way_is_read_alike_by_the_way_that_verifies(
        message in message(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        end in any::<prop::sample::Index>(),
    ) {
        let mut bytes = message.to_bytes().unwrap();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        for bytes in [&bytes[..], &bytes[..end.index(bytes.len())]] {
            if let Some(message) = quick(bytes) {
                prop_assert_eq!(Ok(message), wire::thorough(bytes));
            }
        }
    }
}

#[test]
fn every_byte_of_a_message_may_be_any_other() {
    let mut message = SecurityMessage::new("module", 7);
    let flow = |address: IpAddr| Flow {
        protocol: Protocol::Udp,
        local_address: address,
        local_port: 1,
        remote_address: address,
        remote_port: 2,
        bytes_in: 3,
        bytes_out: 4,
    };
    let flows = vec![
        flow(IpAddr::from([10, 0, 0, 1])),
        flow(IpAddr::from([7; 16])),
    ];
    message.events.push(Event {
        id: EventId([9; 16]),
        time: 5,
        collection_interval: 6,
        payload: Payload::NetworkActivity { flows },
    });
    let mut bytes = message.to_bytes().unwrap();
    let step = if cfg!(miri) { 97 } else { 1 };
    for at in (0..bytes.len()).step_by(step) {
        let right = bytes[at];
        for byte in (0..=u8::MAX).step_by(step) {
            bytes[at] = byte;
            if let Some(message) = quick(&bytes) {
                assert_eq!(Ok(message), wire::thorough(&bytes), "byte {at} is {byte}");
            }
        }
        bytes[at] = right;
    }
}
