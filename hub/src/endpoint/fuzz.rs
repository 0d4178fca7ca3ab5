//! What the fuzz target `endpoint` and the benchmark `record` call. It is no part of the interface.

use bytes::BytesMut;

use super::{
    admission::{Access, Member},
    claim,
    codec::{self, Packet},
    conversation::{self, Step},
    tls::cbc::Keys,
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

/// Opens records of the cipher suite with AES in CBC mode, with keys that are fixed.
pub struct Opener(Keys);

impl Default for Opener {
    fn default() -> Self {
        Self(Keys::fixed())
    }
}

impl Opener {
    /// A record of a text, with as many bytes of padding as its last one says, and a code that is right or not.
    #[must_use]
    pub fn sealed(&self, text: &[u8], padding: u8, is_right: bool) -> Vec<u8> {
        self.0.sealed_with(text, padding, is_right)
    }

    /// How long the text of a record is, if it is right.
    pub fn open(&mut self, record: &mut [u8]) -> Option<usize> {
        self.0.opened(record)
    }
}
