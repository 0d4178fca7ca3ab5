//! How events look in JSON: one object each, told apart by its `type`.

use super::{EventId, Payload};
use crate::flow::{Flow, report_order};
use core::net::IpAddr;
use serde::{Deserialize, Serialize};

/// An event as it is serialized.
#[derive(Serialize, Deserialize)]
#[serde(tag = "type")]
pub(super) enum Event {
    NetworkActivity {
        time: u32,
        collection_interval: u32,
        flows: Vec<Flow<IpAddr>>,
    },
    SystemInformation {
        time: u32,
        collection_interval: u32,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        os_info: String,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        kernel_info: String,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        hw_info: String,
    },
    Heartbeat {
        time: u32,
        collection_interval: u32,
    },
    Other {
        kind: u8,
        time: u32,
        collection_interval: u32,
    },
}

impl From<super::Event> for Event {
    fn from(event: super::Event) -> Self {
        let super::Event {
            time,
            collection_interval,
            payload,
            ..
        } = event;
        match payload {
            Payload::NetworkActivity { mut flows } => {
                flows.sort_by(report_order);
                Self::NetworkActivity {
                    time,
                    collection_interval,
                    flows,
                }
            }
            Payload::SystemInformation {
                os_info,
                kernel_info,
                hw_info,
            } => Self::SystemInformation {
                time,
                collection_interval,
                os_info,
                kernel_info,
                hw_info,
            },
            Payload::Heartbeat => Self::Heartbeat {
                time,
                collection_interval,
            },
            Payload::Other { kind } => Self::Other {
                kind,
                time,
                collection_interval,
            },
        }
    }
}

impl From<Event> for super::Event {
    fn from(event: Event) -> Self {
        let (time, collection_interval, payload) = match event {
            Event::NetworkActivity {
                time,
                collection_interval,
                flows,
            } => (
                time,
                collection_interval,
                Payload::NetworkActivity { flows },
            ),
            Event::SystemInformation {
                time,
                collection_interval,
                os_info,
                kernel_info,
                hw_info,
            } => (
                time,
                collection_interval,
                Payload::SystemInformation {
                    os_info,
                    kernel_info,
                    hw_info,
                },
            ),
            Event::Heartbeat {
                time,
                collection_interval,
            } => (time, collection_interval, Payload::Heartbeat),
            Event::Other {
                kind,
                time,
                collection_interval,
            } => (time, collection_interval, Payload::Other { kind }),
        };
        Self {
            id: EventId::default(),
            time,
            collection_interval,
            payload,
        }
    }
}
