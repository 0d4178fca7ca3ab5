//! Bytes that nobody should trust: the decoder says no, or says something, but neither panics nor runs away.

#![cfg(feature = "std")]

mod support;

use defender_message::SecurityMessage;
use defender_message::decode::{
    DecodeError, EncodeError, Event, EventId, Payload, SecurityMessages,
};
use defender_message::flow::{Flow, Protocol};
use proptest::prelude::*;
use support::{config, message};

/// Changes to bytes: each sets one, and then the end is cut off.
fn damage() -> impl Strategy<Value = (Vec<(prop::sample::Index, u8)>, prop::sample::Index)> {
    (
        prop::collection::vec(any::<(prop::sample::Index, u8)>(), 0..8),
        any::<prop::sample::Index>(),
    )
}

fn apply(bytes: &mut [u8], changes: &[(prop::sample::Index, u8)]) {
    for (index, value) in changes {
        let index = index.index(bytes.len());
        bytes[index] = *value;
    }
}

/// Whatever is decoded from `bytes` has a size in proportion to theirs, and may be used.
fn check(bytes: &[u8]) {
    let Ok(message) = SecurityMessage::decode(bytes) else {
        return;
    };
    let content: usize = message
        .events
        .iter()
        .map(|event| match &event.payload {
            Payload::NetworkActivity { flows } => flows.len(),
            Payload::SystemInformation {
                os_info,
                kernel_info,
                hw_info,
                ..
            } => os_info.len() + kernel_info.len() + hw_info.len(),
            _ => 1,
        })
        .sum();
    assert!(content <= 16 * bytes.len() + 1024);
    if let Ok(bytes) = message.to_bytes() {
        assert_eq!(SecurityMessage::decode(&bytes).unwrap(), message);
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn arbitrary_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        check(&bytes);
    }

    #[test]
    fn damaged_messages(message in message(), (changes, end) in damage()) {
        let mut bytes = message.to_bytes().unwrap();
        apply(&mut bytes, &changes);
        check(&bytes);
        bytes.truncate(end.index(bytes.len()));
        check(&bytes);
    }
}

#[cfg(not(miri))]
mod damaged_originals {
    use super::*;
    use std::path::Path;

    fn originals() -> Vec<Vec<u8>> {
        let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data");
        let files = ["office", "exotic", "scan"]
            .into_iter()
            .flat_map(|folder| std::fs::read_dir(data.join(folder).join("messages")).unwrap());
        files
            .map(|file| std::fs::read(file.unwrap().path()).unwrap())
            .collect()
    }

    proptest! {
        #![proptest_config(config())]

        #[test]
        fn at_random((changes, end) in damage()) {
            for mut bytes in originals() {
                apply(&mut bytes, &changes);
                check(&bytes);
                bytes.truncate(end.index(bytes.len()));
                check(&bytes);
            }
        }
    }

    #[test]
    fn at_every_byte() {
        let mut smallest = originals().into_iter().min_by_key(Vec::len).unwrap();
        for index in 0..smallest.len() {
            let byte = smallest[index];
            for value in [0x00, 0x01, 0x7F, 0x80, 0xFF, byte ^ 4, byte.wrapping_add(1)] {
                smallest[index] = value;
                check(&smallest);
            }
            smallest[index] = byte;
            check(&smallest[..index]);
        }
        assert!(
            SecurityMessage::decode(&smallest).is_ok(),
            "all damage has been undone"
        );
    }
}

/// Messages that only a foreign writer would make, put together from the schema's numbers.
mod foreign {
    use super::*;
    use flatbuffers::{
        FlatBufferBuilder, TableFinishedWIPOffset, WIPOffset, field_index_to_field_offset as slot,
    };

    type Builder = FlatBufferBuilder<'static>;
    type Table = WIPOffset<TableFinishedWIPOffset>;

    /// A table of references, by field number.
    fn references(
        builder: &mut Builder,
        fields: &[(u16, WIPOffset<flatbuffers::UnionWIPOffset>)],
    ) -> Table {
        let table = builder.start_table();
        for (id, target) in fields {
            builder.push_slot_always(slot(*id), *target);
        }
        builder.end_table(table)
    }

    fn event(builder: &mut Builder, kind: u8, payload: Table) -> Table {
        let table = builder.start_table();
        builder.push_slot_always(slot(0), Bytes([7_u8; 16]));
        builder.push_slot_always(slot(3), kind);
        builder.push_slot_always(slot(4), payload);
        builder.end_table(table)
    }

    /// Finishes a message that lists these events.
    fn message(mut builder: Builder, events: &[Table]) -> Vec<u8> {
        let id = builder.create_string("id").as_union_value();
        let events = builder.create_vector(events).as_union_value();
        let root = references(&mut builder, &[(0, id), (3, events)]);
        builder.finish_minimal(root);
        builder.finished_data().to_vec()
    }

    fn flow_v4(builder: &mut Builder, protocol: i8) -> Table {
        let table = builder.start_table();
        builder.push_slot_always(slot(4), protocol);
        let common = builder.end_table(table);
        let table = builder.start_table();
        builder.push_slot_always(slot(0), Bytes([10, 0, 0, 1, 10, 0, 0, 2]));
        builder.push_slot_always(slot(1), common);
        builder.end_table(table)
    }

    fn activity(builder: &mut Builder, flows: &[Table]) -> Table {
        let flows = builder.create_vector(flows).as_union_value();
        references(builder, &[(0, flows)])
    }

    /// A struct of bytes, aligned the way the schema's are.
    #[derive(Clone, Copy)]
    struct Bytes<const N: usize>([u8; N]);

    impl<const N: usize> flatbuffers::Push for Bytes<N> {
        type Output = Self;
        unsafe fn push(&self, room: &mut [u8], _written: usize) {
            room[..N].copy_from_slice(&self.0);
        }
        fn alignment() -> flatbuffers::PushAlignment {
            flatbuffers::PushAlignment::new(4)
        }
    }

    /// Bytes that come in pieces.
    struct Pipe<'a>(&'a [u8], usize);

    impl std::io::Read for Pipe<'_> {
        fn read(&mut self, bytes: &mut [u8]) -> std::io::Result<usize> {
            let length = bytes.len().min(self.1);
            self.0.read(&mut bytes[..length])
        }
    }

    #[test]
    fn unknown_kinds_are_skipped() {
        for kind in [3, 5, 6, 7, 255] {
            let mut builder = Builder::new();
            let payload = references(&mut builder, &[]);
            let events = [
                event(&mut builder, kind, payload),
                event(&mut builder, 4, payload),
            ];
            let bytes = message(builder, &events);
            let message = SecurityMessage::decode(&bytes).unwrap();
            // Nothing says where a payload that is not known ends: at the next message, or at the end.
            let twice = [&bytes[..], &bytes].concat();
            for at_once in [usize::MAX, 7] {
                let sizes: Vec<_> = SecurityMessages::new(Pipe(&twice, at_once))
                    .map(|message| message.unwrap().1)
                    .collect();
                assert_eq!(sizes, [bytes.len(); 2]);
            }
            let payloads: Vec<_> = message
                .events
                .iter()
                .map(|event| event.payload.clone())
                .collect();
            assert_eq!(payloads, [Payload::Other { kind }, Payload::Heartbeat]);
            assert_eq!(
                message.to_bytes(),
                Err(EncodeError::UnknownPayload { kind })
            );
        }
    }

    #[test]
    #[cfg(feature = "serde")]
    fn unknown_kinds_show_in_json() {
        let mut builder = Builder::new();
        let payload = references(&mut builder, &[]);
        let events = [event(&mut builder, 5, payload)];
        let message = SecurityMessage::decode(&message(builder, &events)).unwrap();
        assert_eq!(
            serde_json::to_value(&message).unwrap()["events"],
            serde_json::json!([{
                "type": "Other", "event_id": "07070707-0707-0707-0707-070707070707",
                "kind": 5, "time": 0, "collection_interval": 0
            }])
        );
    }

    #[test]
    fn known_and_unknown_protocols() {
        for (number, protocol) in [
            (0, Some(Protocol::Tcp)),
            (2, Some(Protocol::Icmp)),
            (3, None),
            (-1, None),
        ] {
            let mut builder = Builder::new();
            let flow = flow_v4(&mut builder, number);
            let payload = activity(&mut builder, &[flow]);
            let events = [event(&mut builder, 1, payload)];
            let decoded = SecurityMessage::decode(&message(builder, &events));
            let Some(protocol) = protocol else {
                assert_eq!(decoded, Err(DecodeError::UnknownProtocol(number)));
                continue;
            };
            let Payload::NetworkActivity { flows } = &decoded.unwrap().events[0].payload else {
                panic!()
            };
            assert_eq!(flows.len(), 1);
            assert_eq!(flows[0].protocol, protocol);
            assert_eq!(flows[0].local_address, std::net::Ipv4Addr::new(10, 0, 0, 1));
            assert_eq!(
                flows[0].remote_address,
                std::net::Ipv4Addr::new(10, 0, 0, 2)
            );
        }
    }

    #[test]
    fn shared_parts_are_read() {
        let mut builder = Builder::new();
        let flow = flow_v4(&mut builder, 1);
        let payload = activity(&mut builder, &[flow; 3]);
        let events = [event(&mut builder, 1, payload); 2];
        let message = SecurityMessage::decode(&message(builder, &events)).unwrap();
        assert_eq!(message.events.len(), 2);
        assert_eq!(message.events[0], message.events[1]);
    }

    #[test]
    fn flows_that_multiply_are_refused() {
        let mut builder = Builder::new();
        let flow = flow_v4(&mut builder, 1);
        let payload = activity(&mut builder, &[flow; 1_000]);
        let events = [event(&mut builder, 1, payload); 1_000];
        let bytes = message(builder, &events);
        assert!(
            bytes.len() < 10_000,
            "{} bytes that stand for a million flows",
            bytes.len()
        );
        assert_eq!(
            SecurityMessage::decode(&bytes),
            Err(DecodeError::Inflated { size: bytes.len() })
        );
    }

    #[test]
    fn texts_that_multiply_are_refused() {
        let mut builder = Builder::new();
        let text = builder.create_string(&"x".repeat(5_000)).as_union_value();
        let payload = references(&mut builder, &[(0, text), (1, text), (2, text)]);
        let events = [event(&mut builder, 2, payload); 1_000];
        let bytes = message(builder, &events);
        assert_eq!(
            SecurityMessage::decode(&bytes),
            Err(DecodeError::Inflated { size: bytes.len() })
        );
    }
}

#[test]
fn errors_say_what_is_wrong() {
    let error = SecurityMessage::decode(b"{}").unwrap_err();
    assert!(
        error.to_string().starts_with("not a security message: "),
        "{error}"
    );
    assert!(!error.to_string().contains('\n'), "one line");

    let bytes = SecurityMessage::new("id", 1).to_bytes().unwrap();
    assert!(SecurityMessage::decode(&bytes).is_ok());
    assert!(matches!(
        SecurityMessage::decode(&bytes[..bytes.len() - 8]),
        Err(DecodeError::Malformed(_))
    ));
    assert!(matches!(
        SecurityMessage::decode(&[]),
        Err(DecodeError::Malformed(_))
    ));
}

#[test]
fn a_flow_between_ip_versions_is_not_encoded() {
    let mut message = SecurityMessage::new("id", 1);
    let flow = Flow {
        protocol: Protocol::Tcp,
        local_address: "10.0.0.1".parse().unwrap(),
        local_port: 1,
        remote_address: "fd00::1".parse().unwrap(),
        remote_port: 2,
        bytes_in: 3,
        bytes_out: 4,
    };
    let payload = Payload::NetworkActivity { flows: vec![flow] };
    message.events.push(Event {
        id: EventId([5; 16]),
        time: 1,
        collection_interval: 2,
        payload,
    });
    assert_eq!(message.to_bytes(), Err(EncodeError::MixedAddresses));
}
