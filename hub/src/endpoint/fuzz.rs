//! What the fuzz target `endpoint` calls. It is no part of the interface.

use bytes::BytesMut;

use super::{
    admission::{Access, Member},
    claim,
    codec::{self, Packet},
    conversation::{self, Step},
};

/// What a client sends, up to what would end the connection: whatever it is, no device speaks for another.
pub fn converse(data: &[u8]) {
    let mut input = BytesMut::from(data);
    while let Ok(Some(packet)) = codec::read(&mut input, codec::MAX_PACKET) {
        if let Packet::Connect(connect) = packet {
            let _ = claim::claim(connect);
            continue;
        }
        for access in [Access::Device, Access::Service, Access::Anybody] {
            let member = Member {
                id: "a".to_owned(),
                access,
                until: None,
                enrolled: None,
            };
            let mut output = BytesMut::new();
            match conversation::step(&member, packet.clone()) {
                Ok(Step::Telemetry { topic, .. }) => {
                    assert!(topic.starts_with(b"devices/a/messages/events"));
                    assert_ne!(access, Access::Service);
                }
                Ok(Step::CloudToDevice { .. }) => assert_ne!(access, Access::Device),
                Ok(Step::Answer(answer) | Step::Subscribe(_, answer)) => {
                    codec::write(&answer, &mut output);
                    assert!(!output.is_empty());
                }
                _ => {}
            }
        }
    }
}
