//! Packets of MQTT 3.1.1: with `mqtt/client.rs` the only file that knows the library that reads and writes them.

use bytes::BytesMut;
#[cfg(test)]
pub(super) use rumqttc::Unsubscribe;
pub(super) use rumqttc::{
    ConnAck, Connect, ConnectAuth, ConnectReturnCode, Packet, PubAck, Publish, QoS, SubAck,
    Subscribe, SubscribeReasonCode, UnsubAck,
};

/// The largest message, as IoT Hub counts it, and the longest topic, with what is between them.
pub(super) const MAX_PACKET: usize = crate::mqtt::MAX_MESSAGE + u16::MAX as usize + 4;

/// The largest CONNECT: names, a token and a will message of the usual size.
pub(super) const MAX_CONNECT: usize = 16 << 10;

/// What is no packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Malformed {
    /// CONNECT of another version of the protocol.
    Version,
    /// Anything else.
    Packet,
}

/// Takes the next packet out of what came in; `None` while it is not all there.
pub(super) fn read(input: &mut BytesMut, largest: usize) -> Result<Option<Packet>, Malformed> {
    match Packet::read(input, largest) {
        Ok(packet) => Ok(Some(packet)),
        Err(rumqttc::Error::InsufficientBytes(_)) => Ok(None),
        Err(rumqttc::Error::InvalidProtocol | rumqttc::Error::InvalidProtocolLevel(_)) => {
            Err(Malformed::Version)
        }
        Err(_) => Err(Malformed::Packet),
    }
}

/// Puts a packet behind what goes out. What the library does not write is left out: none of ours is such.
pub(super) fn write(packet: &Packet, output: &mut BytesMut) {
    let length = output.len();
    if packet.write(output, usize::MAX).is_err() {
        output.truncate(length);
    }
}
