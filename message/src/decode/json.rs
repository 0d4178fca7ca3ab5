//! How events look in JSON: one object each, told apart by its `type`.

use super::{EventId, Payload};
use crate::flow::{Flow, report_order};
use core::net::IpAddr;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;

/// An event as it is serialized.
#[derive(Serialize, Deserialize)]
#[serde(tag = "type")]
enum Event<'a> {
    NetworkActivity {
        #[serde(flatten)]
        stamp: Stamp,
        flows: Cow<'a, [Flow<IpAddr>]>,
    },
    SystemInformation {
        #[serde(flatten)]
        stamp: Stamp,
        #[serde(default, skip_serializing_if = "str::is_empty")]
        os_info: Cow<'a, str>,
        #[serde(default, skip_serializing_if = "str::is_empty")]
        kernel_info: Cow<'a, str>,
        #[serde(default, skip_serializing_if = "str::is_empty")]
        hw_info: Cow<'a, str>,
    },
    Heartbeat {
        #[serde(flatten)]
        stamp: Stamp,
    },
    Other {
        kind: u8,
        #[serde(flatten)]
        stamp: Stamp,
    },
}

/// What every event carries beside its payload.
#[derive(Serialize, Deserialize)]
struct Stamp {
    // What was written by hand, or before events had ids in JSON, has none.
    #[serde(default, skip_serializing_if = "EventId::is_nil")]
    event_id: EventId,
    time: u32,
    collection_interval: u32,
}

impl Serialize for super::Event {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let stamp = Stamp {
            event_id: self.id,
            time: self.time,
            collection_interval: self.collection_interval,
        };
        let event = match &self.payload {
            Payload::NetworkActivity { flows } => Event::NetworkActivity {
                stamp,
                flows: in_report_order(flows),
            },
            Payload::SystemInformation {
                os_info,
                kernel_info,
                hw_info,
            } => Event::SystemInformation {
                stamp,
                os_info: os_info.into(),
                kernel_info: kernel_info.into(),
                hw_info: hw_info.into(),
            },
            Payload::Heartbeat => Event::Heartbeat { stamp },
            Payload::Other { kind } => Event::Other { stamp, kind: *kind },
        };
        event.serialize(serializer)
    }
}

fn in_report_order(flows: &[Flow<IpAddr>]) -> Cow<'_, [Flow<IpAddr>]> {
    if flows.is_sorted_by(|a, b| report_order(a, b).is_le()) {
        return flows.into();
    }
    let mut sorted = flows.to_vec();
    sorted.sort_by(report_order);
    sorted.into()
}

impl<'de> Deserialize<'de> for super::Event {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (stamp, payload) = match Event::deserialize(deserializer)? {
            Event::NetworkActivity { stamp, flows } => {
                let flows = flows.into_owned();
                (stamp, Payload::NetworkActivity { flows })
            }
            Event::SystemInformation {
                stamp,
                os_info,
                kernel_info,
                hw_info,
            } => {
                let payload = Payload::SystemInformation {
                    os_info: os_info.into_owned(),
                    kernel_info: kernel_info.into_owned(),
                    hw_info: hw_info.into_owned(),
                };
                (stamp, payload)
            }
            Event::Heartbeat { stamp } => (stamp, Payload::Heartbeat),
            Event::Other { stamp, kind } => (stamp, Payload::Other { kind }),
        };
        Ok(Self {
            id: stamp.event_id,
            time: stamp.time,
            collection_interval: stamp.collection_interval,
            payload,
        })
    }
}
