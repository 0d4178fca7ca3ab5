//! What to do about a packet of a client that is let in: the protocol, without a socket.

use bytes::Bytes;

use super::{
    admission::{Access, Member},
    codec::{Packet, PubAck, Publish, QoS, SubAck, Subscribe, SubscribeReasonCode, UnsubAck},
    topic::{self, Filter, Target},
};
use crate::mqtt::MAX_MESSAGE;

/// How many filters a SUBSCRIBE or an UNSUBSCRIBE may have: more than there are.
const MAX_FILTERS: usize = 50;

/// What a packet asks for.
#[derive(Debug, PartialEq)]
pub(super) enum Step {
    /// An answer, and no more.
    Answer(Packet),
    /// A message of the device, to be acknowledged when it is kept, if it has an id.
    Telemetry {
        topic: Bytes,
        payload: Bytes,
        id: Option<u16>,
    },
    /// The client has got a message.
    Acknowledged(u16),
    /// The client is subscribed to these from now on, and is answered.
    Subscribe(Vec<(Filter, QoS)>, Packet),
    /// It is subscribed to these no longer, and is answered.
    Unsubscribe(Vec<Filter>, Packet),
    /// It asks for its twin.
    TwinGet { request: String, id: Option<u16> },
    /// It reports something in its twin.
    TwinReported {
        request: String,
        patch: Bytes,
        id: Option<u16>,
    },
    /// It answers a method.
    MethodAnswer {
        request: String,
        status: u16,
        payload: Bytes,
        id: Option<u16>,
    },
    /// A service sends a message to a device.
    CloudToDevice {
        device: String,
        properties: String,
        payload: Bytes,
        id: Option<u16>,
    },
    /// A farewell: no will is sent.
    Farewell,
}

/// What ends a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Violation {
    /// The packet is not one that a client sends, or not at this time.
    Protocol,
    /// QoS 2, which an IoT Hub does not have.
    ExactlyOnce,
    /// A message larger than an IoT Hub takes.
    TooLarge,
    /// A topic that is not the client's.
    Topic,
}

/// What `member` asks for with `packet`, or why its connection ends.
pub(super) fn step(member: &Member, packet: Packet) -> Result<Step, Violation> {
    Ok(match packet {
        Packet::Publish(publish) => return published(member, publish),
        Packet::PubAck(PubAck { pkid, .. }) => Step::Acknowledged(pkid),
        Packet::Subscribe(subscribe) => subscribed(member, subscribe)?,
        Packet::Unsubscribe(unsubscribe) => {
            if unsubscribe.topics.len() > MAX_FILTERS {
                return Err(Violation::Protocol);
            }
            let filters = unsubscribe.topics.iter();
            let filters = filters.filter_map(|topic| filter(member, topic)).collect();
            Step::Unsubscribe(filters, Packet::UnsubAck(UnsubAck::new(unsubscribe.pkid)))
        }
        Packet::PingReq => Step::Answer(Packet::PingResp),
        Packet::Disconnect => Step::Farewell,
        Packet::PubRec(_) | Packet::PubRel(_) | Packet::PubComp(_) => {
            return Err(Violation::ExactlyOnce);
        }
        _ => return Err(Violation::Protocol),
    })
}

/// The acknowledgement of a message that has an id.
pub(super) fn acknowledgement(id: u16) -> Packet {
    Packet::PubAck(PubAck::new(id))
}

fn published(member: &Member, publish: Publish) -> Result<Step, Violation> {
    if publish.qos == QoS::ExactlyOnce {
        return Err(Violation::ExactlyOnce);
    }
    if publish.payload.len() > MAX_MESSAGE {
        return Err(Violation::TooLarge);
    }
    let id = (publish.qos == QoS::AtLeastOnce).then_some(publish.pkid);
    let payload = publish.payload;
    // The library has checked it.
    let topic = std::str::from_utf8(&publish.topic).map_err(|_| Violation::Protocol)?;
    let of_device = || topic::target(topic, &member.id);
    let target = match member.access {
        Access::Device => of_device(),
        Access::Service => topic::service_target(topic),
        Access::Anybody => of_device().or_else(|| topic::service_target(topic)),
    };
    // Whatever is to be retained is a message like others: nothing is retained, as in an IoT Hub.
    Ok(match target.ok_or(Violation::Topic)? {
        Target::Telemetry => Step::Telemetry {
            topic: publish.topic,
            payload,
            id,
        },
        Target::MethodAnswer { status, request } => Step::MethodAnswer {
            request: request.to_owned(),
            status,
            payload,
            id,
        },
        Target::TwinGet { request } => Step::TwinGet {
            request: request.to_owned(),
            id,
        },
        Target::TwinReported { request } => Step::TwinReported {
            request: request.to_owned(),
            patch: payload,
            id,
        },
        Target::CloudToDevice { device, properties } if topic::are_properties(properties) => {
            Step::CloudToDevice {
                device: device.to_owned(),
                properties: properties.to_owned(),
                payload,
                id,
            }
        }
        Target::CloudToDevice { .. } => return Err(Violation::Topic),
    })
}

fn subscribed(member: &Member, subscribe: Subscribe) -> Result<Step, Violation> {
    if subscribe.filters.len() > MAX_FILTERS {
        return Err(Violation::Protocol);
    }
    let mut granted = Vec::new();
    let mut codes = Vec::new();
    for asked in subscribe.filters {
        codes.push(match filter(member, &asked.path) {
            Some(filter) => {
                let qos = match asked.qos {
                    QoS::AtMostOnce => QoS::AtMostOnce,
                    QoS::AtLeastOnce | QoS::ExactlyOnce => QoS::AtLeastOnce,
                };
                granted.push((filter, qos));
                SubscribeReasonCode::Success(qos)
            }
            None => SubscribeReasonCode::Failure,
        });
    }
    let answer = Packet::SubAck(SubAck::new(subscribe.pkid, codes));
    Ok(Step::Subscribe(granted, answer))
}

fn filter(member: &Member, filter: &str) -> Option<Filter> {
    let of_device = || Filter::of_device(filter, &member.id);
    match member.access {
        Access::Device => of_device(),
        Access::Service => Filter::of_service(filter),
        Access::Anybody => of_device().or_else(|| Filter::of_service(filter)),
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::codec::{ConnAck, Connect, ConnectReturnCode, Unsubscribe},
        *,
    };

    fn member(access: Access) -> Member {
        Member {
            id: "a".into(),
            access,
            until: None,
            enrolled: None,
        }
    }

    fn publish(topic: &str, qos: QoS, length: usize) -> Packet {
        let mut publish = Publish::new(topic, qos, vec![b'x'; length]);
        publish.pkid = 7;
        publish.retain = true;
        Packet::Publish(publish)
    }

    fn of_device(packet: Packet) -> Result<Step, Violation> {
        step(&member(Access::Device), packet)
    }

    #[test]
    fn a_message_is_acknowledged_if_it_has_an_id_and_nothing_is_retained() {
        let topic = "devices/a/messages/events/";
        for (qos, id) in [(QoS::AtMostOnce, None), (QoS::AtLeastOnce, Some(7))] {
            let expected = Step::Telemetry {
                topic: topic.into(),
                payload: "x".into(),
                id,
            };
            assert_eq!(of_device(publish(topic, qos, 1)), Ok(expected));
        }
        let twice = of_device(publish(topic, QoS::ExactlyOnce, 1));
        assert_eq!(twice, Err(Violation::ExactlyOnce));
        assert!(of_device(publish(topic, QoS::AtLeastOnce, MAX_MESSAGE)).is_ok());
        let large = of_device(publish(topic, QoS::AtLeastOnce, MAX_MESSAGE + 1));
        assert_eq!(large, Err(Violation::TooLarge));
    }

    #[test]
    fn nobody_publishes_to_topics_of_others() {
        let to_device = "devices/b/messages/devicebound/";
        let to = |access, topic| step(&member(access), publish(topic, QoS::AtLeastOnce, 1));
        assert_eq!(to(Access::Device, to_device), Err(Violation::Topic));
        assert!(matches!(
            to(Access::Service, to_device),
            Ok(Step::CloudToDevice { .. })
        ));
        assert!(matches!(
            to(Access::Anybody, to_device),
            Ok(Step::CloudToDevice { .. })
        ));
        for access in [Access::Device, Access::Service, Access::Anybody] {
            for topic in ["devices/b/messages/events/", "$SYS/x", "x"] {
                assert_eq!(to(access, topic), Err(Violation::Topic), "{topic}");
            }
        }
        // A service is no device.
        let own = to(Access::Service, "devices/a/messages/events/");
        assert_eq!(own, Err(Violation::Topic));
    }

    #[test]
    fn subscriptions_are_granted_one_by_one() {
        let mut subscribe = Subscribe::new("devices/a/messages/devicebound/#", QoS::ExactlyOnce);
        subscribe.add("devices/b/messages/devicebound/#".into(), QoS::AtLeastOnce);
        subscribe.add("devices/+/messages/events/#".into(), QoS::AtLeastOnce);
        subscribe.add("$iothub/methods/POST/#".into(), QoS::AtMostOnce);
        subscribe.pkid = 3;
        let (success, failure) = (SubscribeReasonCode::Success, SubscribeReasonCode::Failure);
        let codes = |third| {
            let first = success(QoS::AtLeastOnce);
            let codes = vec![first, failure, third, success(QoS::AtMostOnce)];
            Packet::SubAck(SubAck::new(3, codes))
        };
        let mut granted = vec![
            (Filter::CloudToDevice, QoS::AtLeastOnce),
            (Filter::Methods, QoS::AtMostOnce),
        ];
        let expected = Step::Subscribe(granted.clone(), codes(failure));
        assert_eq!(
            of_device(Packet::Subscribe(subscribe.clone())),
            Ok(expected)
        );
        granted.insert(1, (Filter::Telemetry, QoS::AtLeastOnce));
        let anybody = step(&member(Access::Anybody), Packet::Subscribe(subscribe));
        let expected = Step::Subscribe(granted, codes(success(QoS::AtLeastOnce)));
        assert_eq!(anybody, Ok(expected));
        let mut many = Subscribe::new("x", QoS::AtMostOnce);
        for _ in 0..MAX_FILTERS {
            many.add("x".into(), QoS::AtMostOnce);
        }
        let refused = of_device(Packet::Subscribe(many));
        assert_eq!(refused, Err(Violation::Protocol));
        let mut unsubscribe = Unsubscribe::new("$iothub/methods/POST/#");
        unsubscribe.pkid = 4;
        let answer = Packet::UnsubAck(UnsubAck::new(4));
        let expected = Step::Unsubscribe(vec![Filter::Methods], answer);
        assert_eq!(of_device(Packet::Unsubscribe(unsubscribe)), Ok(expected));
    }

    #[test]
    fn requests_of_a_device_are_told_apart() {
        let of = |topic| of_device(publish(topic, QoS::AtMostOnce, 1)).unwrap();
        let (request, id) = ("1".to_owned(), None);
        assert_eq!(
            of("$iothub/twin/GET/?$rid=1"),
            Step::TwinGet { request, id }
        );
        let reported = of("$iothub/twin/PATCH/properties/reported/?$rid=1");
        assert!(matches!(reported, Step::TwinReported { .. }));
        let answer = of("$iothub/methods/res/200/?$rid=1");
        assert!(matches!(answer, Step::MethodAnswer { status: 200, .. }));
        assert_eq!(
            of_device(Packet::PingReq),
            Ok(Step::Answer(Packet::PingResp))
        );
        assert_eq!(of_device(Packet::Disconnect), Ok(Step::Farewell));
        let acknowledged = of_device(Packet::PubAck(PubAck::new(9)));
        assert_eq!(acknowledged, Ok(Step::Acknowledged(9)));
    }

    #[test]
    fn what_a_client_does_not_send_ends_the_connection() {
        let again = of_device(Packet::Connect(Connect::new("a")));
        assert_eq!(again, Err(Violation::Protocol));
        let answer = Packet::ConnAck(ConnAck::new(ConnectReturnCode::Success, false));
        assert_eq!(of_device(answer), Err(Violation::Protocol));
    }
}
